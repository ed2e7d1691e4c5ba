//! Connection URIs that hold what another family reads give one leak, and it is the
//! other family's.
#![allow(missing_docs)]

use leaksieve_detectors::relate::Context;
use leaksieve_detectors::{Role, Severity, Timestamp, builtin, reference};

/// Identifier, severity and roles of every leak, at the time of the examples.
fn leaks(text: &str) -> Vec<(String, Severity, Vec<Role>)> {
    let detectors = builtin();
    let context = Context::at(Timestamp(1_750_000_000));
    reference::scan(&detectors, text.as_bytes(), &context)
        .into_iter()
        .map(|l| {
            let roles = l.parts.iter().map(|p| p.role).collect();
            (detectors[usize::from(l.detector)].id.to_string(), l.severity, roles)
        })
        .collect()
}

fn ids(text: &str) -> Vec<String> {
    leaks(text).into_iter().map(|l| l.0).collect()
}

#[test]
fn credentials_of_aws_are_read_by_their_family() {
    let secret = "a%2Fb7Zk1Xq9Rw3%2BLmT5vYc8NfJd2GhPs6UeQo0iVt";
    let tail = "cluster0.ab1cd.mongodb.net/?authSource=%24external&authMechanism=MONGODB-AWS";
    let long_term = format!("mongodb+srv://AKIAVX4KZTQ2HJWNCO5M:{secret}@{tail}");
    assert_eq!(ids(&long_term), ["aws-access-key"]);
    let temporary = format!("mongodb+srv://ASIAVX4KZTQ2HJWNCO5M:{secret}@{tail}");
    assert_eq!(ids(&temporary), ["aws-temporary-key"]);
    // The token of the STS examples, percent-encoded.
    let token = include_str!("../src/aws/examples/session-token-33.txt");
    let token =
        token.trim().rsplit_once("TOKEN=").unwrap().1.replace('/', "%2F").replace('+', "%2B");
    let token = token.trim_matches('"').replace('=', "%3D");
    let own = temporary.replace("ASIAVX4KZTQ2HJWNCO5M", "ASIAVXTIGEV3WVNMHEL6");
    let with_token =
        format!("{own}&authMechanismProperties=AWS_SESSION_TOKEN:{token}&retryWrites=true");
    let found = leaks(&with_token);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "aws-temporary-key");
    assert!(found[0].2.contains(&Role::SessionToken), "{found:?}");
    let raw = "mongodb://AKIAVX4KZTQ2HJWNCO5M:q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ@db.acme-shop.io/?authMechanism=MONGODB-AWS";
    assert_eq!(ids(raw), ["aws-access-key"]);
    let iam = include_str!("../src/aws/examples/rds_token_dsn.txt");
    assert_eq!(ids(iam), ["aws-rds-iam-token"]);
}

#[test]
fn a_password_is_reported_once() {
    for (text, id) in [
        ("postgres://app:npg_a8Kd02LmQx7Z@ep-x-1.aws.neon.tech/app", "database-uri"),
        ("db+mysql+pymysql://app:vT7qmKx2Lp@db.acme-shop.io/app", "database-uri"),
        ("http://elastic:hQ7xLm2vKp9z@search.acme-shop.io:9200/", "database-uri"),
        ("https://app:vT7qmKx2Lp@acme-shop.io/", "url-password"),
        ("http://search.acme-shop.io:9200/", "open-database"),
    ] {
        assert_eq!(ids(text), [id], "{text}");
    }
}

#[test]
fn the_host_bounds_the_severity() {
    for (uri, severity) in [
        ("postgres://app:vT7qmKx2Lp@db.acme-shop.io/app", Severity::Critical),
        ("postgres://app:vT7qmKx2Lp@db.acme-shop.io/app_staging", Severity::High),
        ("postgres://app:vT7qmKx2Lp@10.0.0.5/app", Severity::Medium),
        ("postgres://app:vT7qmKx2Lp@db/app", Severity::Low),
        ("postgres://app:vT7qmKx2Lp@localhost/app", Severity::Low),
        ("postgres://app:maria7@localhost/app", Severity::Info),
        ("https://app:vT7qmKx2Lp@acme-shop.io/", Severity::High),
        ("redis://cache.acme-shop.io:6379/0", Severity::Medium),
    ] {
        assert_eq!(leaks(uri)[0].1, severity, "{uri}");
    }
}
