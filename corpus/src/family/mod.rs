//! The families of plants: for each detector the values, the names they are
//! given and the containers they are found in.

mod azure_key;
mod cloud_url;
mod credential;
mod database_command;
mod database_config;
mod database_string;
mod database_uri;
mod key_pair;
mod lone;
mod password_file;
mod private_key;
mod seller_lwa;
mod seller_mws;
mod service;
mod ses;
mod signed;
mod signed_form;
mod signed_url;

use std::sync::LazyLock;

use time::OffsetDateTime;

use crate::{
    draw::Draw,
    host::Host,
    template::Slots,
    value::{aws_key, pem::KeyRing, sts_token::Grant},
    vocabulary,
    wrap::Wrap,
};

/// The text of one container.
pub(crate) struct Template {
    pub(crate) host: Host,
    pub(crate) name: &'static str,
    /// The name of its file, where the name belongs to the format.
    pub(crate) path: Option<&'static str>,
    pub(crate) text: &'static str,
}

/// A container in any file of a kind.
pub(crate) const fn t(host: Host, name: &'static str, text: &'static str) -> Template {
    Template { host, name, path: None, text }
}

/// A container in files of a certain name.
pub(crate) const fn file(
    host: Host,
    name: &'static str,
    path: &'static str,
    text: &'static str,
) -> Template {
    Template { host, name, path: Some(path), text }
}

/// Which other families may stand in the same file, so that a person can tell
/// what belongs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mixing {
    /// Holds a key id or something that could be half of a pair: only its own
    /// kind beside it.
    Alone,
    /// Goes with anything.
    Free,
}

/// Names and the slots that they are given, in order.
pub(crate) type Names = &'static [(&'static str, &'static str)];

/// One detector's plants.
pub(crate) struct Family {
    pub(crate) detector: &'static str,
    pub(crate) mixing: Mixing,
    /// The values are blocks of lines, which not every file can hold.
    pub(crate) multiline: bool,
    /// Wraps that it asks for beside those that every family gets.
    pub(crate) wraps: &'static [Wrap],
    pub(crate) templates: &'static [Template],
    pub(crate) names: &'static [Names],
    /// Binds new values.
    pub(crate) bind: fn(&mut Maker, &mut Slots),
}

/// All families, one a detector, in the order of their groups.
pub(crate) static FAMILIES: LazyLock<Vec<&'static Family>> = LazyLock::new(|| GROUPS.concat());

/// The families of each module, a line a group: a module of new families has a
/// `FAMILIES` of its own, so that those who add to different modules do not
/// meet here.
const GROUPS: &[&[&Family]] = &[
    // This comment makes the formatter keep one a line.
    AWS_AND_KEYS,
    seller_mws::FAMILIES,
    seller_lwa::FAMILIES,
    cloud_url::FAMILIES,
    database_uri::FAMILIES,
    database_string::FAMILIES,
    azure_key::FAMILIES,
    database_config::FAMILIES,
    signed_url::FAMILIES,
    signed_form::FAMILIES,
    password_file::FAMILIES,
    database_command::FAMILIES,
];

/// The first families. They stand here and not in their modules because their
/// order goes across these.
const AWS_AND_KEYS: &[&Family] = &[
    &key_pair::ACCESS_KEY,
    &key_pair::TEMPORARY_KEY,
    &lone::ACCESS_KEY_ID,
    &lone::TEMPORARY_KEY_ID,
    &lone::SECRET_KEY,
    &lone::SESSION_TOKEN,
    &service::SERVICE_TOKEN,
    &service::BEDROCK_KEY,
    &signed::BEDROCK_TOKEN,
    &ses::SMTP_PASSWORD,
    &service::APPSYNC_KEY,
    &service::COGNITO_CLIENT_SECRET,
    &credential::CODECOMMIT,
    &credential::KEYSPACES,
    &credential::ECR_TOKEN,
    &signed::RDS_TOKEN,
    &signed::EKS_TOKEN,
    &credential::CODEARTIFACT_TOKEN,
    &credential::SSO_TOKEN,
    &credential::CONSOLE_PASSWORD,
    &signed::FEDERATION_TOKEN,
    &private_key::PEM,
    &private_key::OPENSSH,
    &private_key::PUTTY,
    &private_key::PGP,
    &private_key::SSH2,
];

/// What values are made with.
#[derive(Debug)]
pub(crate) struct Maker {
    pub(crate) draw: Draw,
    pub(crate) ring: KeyRing,
    pub(crate) now: OffsetDateTime,
}

/// A session longer than this has ended (§1.5).
const LONGEST_SESSION: i64 = 36 * 3600;

impl Maker {
    /// A moment before the corpus' clock, and whether a session begun then has
    /// certainly ended.
    fn begun(&mut self) -> (OffsetDateTime, bool) {
        let age = if self.draw.chance(0.5) {
            self.draw.within(60..=11 * 3600) as i64
        } else {
            self.draw.within(37 * 3600..=900 * 86_400) as i64
        };
        (self.now - time::Duration::seconds(age), age > LONGEST_SESSION)
    }

    fn region(&mut self) -> &'static str {
        self.draw.text(vocabulary::REGIONS)
    }

    /// A session of a new account: the account, its temporary key id, a grant.
    fn session(&mut self, created: OffsetDateTime) -> (String, Grant<'static>) {
        let account = aws_key::account(&mut self.draw);
        let id = aws_key::key_id(&mut self.draw, "ASIA", account);
        let created = created.unix_timestamp().unsigned_abs();
        (id, Grant { region: self.region(), account, created })
    }
}

/// The hint for what has expired.
fn expiry_hint(expired: bool) -> Option<&'static str> {
    expired.then_some("info")
}
