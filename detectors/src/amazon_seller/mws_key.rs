//! AWS keys that are a seller's: the pair that signs requests to Marketplace Web
//! Service or to the Selling Partner API, and its secret alone.
//!
//! The keys are AWS keys like any other and are read as such
//! (`crate::aws::access_key`, `crate::aws::secret_key`). What tells them apart is
//! what stands beside them ([`context`]): a seller's id, a marketplace, an MWS
//! token or host, a client of the Selling Partner API, or names that client
//! libraries give them. Without it a pair stays an ordinary one.

use std::borrow::Cow::Borrowed;

use super::{context, mws_request};
use crate::candidate::{Candidate, Role};
use crate::detector::{Companion, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::grade::Severity;
use crate::relate::{Leak, Neighbours};
use crate::signed_url::proof;

/// A seller's context, which may stand beside several keys.
const BESIDE: Companion = Companion {
    role: Role::Context,
    required: true,
    shared: true,
    accepts: |_, context| context::is_sellers(context),
};

const ROTATE: &str = "Find the AWS account of the developer who registered the keys (the account id \
     in the key, or `aws sts get-access-key-info --access-key-id ID`), deactivate the key there \
     (`aws iam update-access-key --access-key-id ID --status Inactive`), then delete it. The Selling \
     Partner API needs no AWS keys since 2023, so there is seldom a reason to make new ones.";

/// A pair beside what tells that it is a seller's.
pub(super) static PAIR: Detector = Detector {
    id: text("amazon-mws-key"),
    title: text("Amazon seller's AWS key pair (MWS or SP-API)"),
    provider: text("Amazon Marketplace Web Service"),
    tags: Borrowed(&[text("amazon"), text("seller"), text("aws"), text("key"), text("pair")]),
    trigger: Trigger::Parts,
    reach: Reach::new(0, 0),
    shape: Shape::None,
    companions: Borrowed(&[
        Companion { role: Role::KeyId, required: true, shared: false, accepts: |_, _| true },
        Companion { role: Role::SecretKey, required: true, shared: false, accepts: |_, _| true },
        BESIDE,
    ]),
    relate: Some(judge_pair),
    severity: Severity::Critical,
    remedy: text(ROTATE),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "MWS_ACCESS_KEY=AKIAVX4KZTQ2HJWNCO5M\nMWS_SECRET_KEY=q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ\n",
            ),
            text(
                "define('AWS_ACCESS_KEY_ID', 'AKIAVX4KZTQ2HJWNCO5M');\ndefine('AWS_SECRET_ACCESS_KEY', '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');\ndefine('MERCHANT_ID', 'A2K9PX4QW7MZ3T');\ndefine('MARKETPLACE_ID', 'A1PA6795UKMFR9');\n",
            ),
            text(
                "Here are our MWS keys.\n\nSeller ID: A2K9PX4QW7MZ3T\nAccess Key: AKIAVX4KZTQ2HJWNCO5M\nSecret Key: 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\n",
            ),
            text(
                "MWS_ACCESS_KEY_ID: 1QZ8X7C6V5B4N3M2L1K0\nMWS_SECRET_ACCESS_KEY: mC5xT0vQz8/rJh2WkPn6YbLd+E3sGf9uAa1oV7Ki\n",
            ),
        ]),
        refuted: Borrowed(&[(
            text(
                "MWS_ACCESS_KEY=AKIAIOSFODNN7EXAMPLE\nMWS_SECRET_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
            ),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            // The letters alone are no evidence.
            text(
                "# see the mws wiki\naws_access_key_id = AKIAVX4KZTQ2HJWNCO5M\naws_secret_access_key = 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\n",
            ),
            text(
                "[s3]\naws_access_key_id = AKIAVX4KZTQ2HJWNCO5M\naws_secret_access_key = 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\n[mws]\nseller_id = A2K9PX4QW7MZ3T\nmarketplace_id = A1PA6795UKMFR9\n",
            ),
        ]),
    },
};

/// A secret beside the same, without its id.
pub(super) static SECRET: Detector = Detector {
    id: text("amazon-mws-secret-key"),
    title: text("Amazon seller's AWS secret key (MWS or SP-API)"),
    provider: text("Amazon Marketplace Web Service"),
    tags: Borrowed(&[text("amazon"), text("seller"), text("aws"), text("key")]),
    trigger: Trigger::Parts,
    reach: Reach::new(0, 0),
    shape: Shape::None,
    companions: Borrowed(&[
        Companion { role: Role::SecretKey, required: true, shared: false, accepts: |_, _| true },
        Companion {
            accepts: |secret, beside| is_named(secret) && context::is_sellers(beside),
            ..BESIDE
        },
    ]),
    relate: Some(context::describe),
    severity: Severity::Medium,
    remedy: text(ROTATE),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("MWS_SECRET_KEY=q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ"),
            text(
                "MarketplaceWebServiceOrdersConfig config;\nconfig.setSecretKey(\"hW2/nZ6bRq9LxV0cKd4TmPj7+Ys1GfUe8aAo3iQt\");\n",
            ),
            text(
                "Seller ID: A2K9PX4QW7MZ3T\nSecret Key: mC5xT0vQz8/rJh2WkPn6YbLd+E3sGf9uAa1oV7Ki\n",
            ),
        ]),
        refuted: Borrowed(&[(
            text("MWS_SECRET_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            text("AWS_SECRET_KEY=q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ # not for mws"),
            text("MWS_SECRET_KEY=${MWS_SECRET_KEY}"),
        ]),
    },
};

/// Whether a name says that this is a secret key. What was only found near an id
/// is nothing without it.
fn is_named(secret: &Candidate) -> bool {
    secret.evidence.contains(&Evidence::KeyName)
}

/// A pair is as sure as its better half; a request or URL nearby that it signed
/// proves it.
fn judge_pair(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    context::describe(leak, neighbours);
    if leak.evidence.contains(&Evidence::OtherAccountNearby) {
        leak.verdict = leak.verdict.min(Verdict::Neutral);
    }
    if mws_request::was_signed_by(leak, neighbours) || proof::proves_pair(leak, neighbours) {
        leak.verdict = Verdict::Proven;
        leak.note(Evidence::Recomputed);
    }
}
