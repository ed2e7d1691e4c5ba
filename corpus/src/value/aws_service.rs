//! The credentials of single AWS services (§1.6, §1.8).

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use crate::draw::{ALNUM, Draw, LOWER_ALNUM, URL_SAFE};

/// A long-lived Bedrock key: the name of its user, an account and 44 bytes.
pub(crate) fn bedrock_key(draw: &mut Draw, user: Option<&str>, account: u64) -> String {
    let user = match user {
        Some(user) => user.to_owned(),
        None => format!("BedrockAPIKey-{}", draw.word(LOWER_ALNUM, 4)),
    };
    let secret = STANDARD.encode(draw.array::<44>());
    format!("ABSK{}", STANDARD.encode(format!("{user}-at-{account:012}:{secret}")))
}

/// An AppSync API key.
pub(crate) fn appsync_key(draw: &mut Draw) -> String {
    format!("da2-{}", draw.word(LOWER_ALNUM, 26))
}

/// The client secret of a Cognito app.
pub(crate) fn cognito_client_secret(draw: &mut Draw) -> String {
    let length = 51 + draw.below(2);
    draw.word(LOWER_ALNUM, length)
}

/// The password of a service-specific credential (CodeCommit, Keyspaces): 32
/// bytes in padded base64.
pub(crate) fn service_password(draw: &mut Draw) -> String {
    STANDARD.encode(draw.array::<32>())
}

/// The user name of a service-specific credential.
pub(crate) fn service_user(draw: &mut Draw, name: &str, account: u64) -> String {
    let ordinal = if draw.chance(0.3) { format!("+{}", draw.within(1..=3)) } else { String::new() };
    format!("{name}{ordinal}-at-{account:012}")
}

/// An ECR password: JSON in base64. The whole token has `AWS:` before it and
/// is encoded once more.
pub(crate) fn ecr_password(draw: &mut Draw, expiration: u64) -> String {
    let payload = 900 + draw.below(300);
    let payload = STANDARD.encode(draw.bytes(payload));
    let key = STANDARD.encode(draw.bytes(184));
    STANDARD.encode(format!(
        "{{\"payload\":\"{payload}\",\"datakey\":\"{key}\",\"version\":\"2\",\
         \"type\":\"DATA_KEY\",\"expiration\":{expiration}}}"
    ))
}

/// The `auth` of a Docker configuration for an ECR password.
pub(crate) fn ecr_auth(password: &str) -> String {
    STANDARD.encode(format!("AWS:{password}"))
}

/// A CodeArtifact token: an encrypted JWT whose header bears the times.
pub(crate) fn codeartifact_token(draw: &mut Draw, issued: u64, expires: u64) -> String {
    let tag = URL_SAFE_NO_PAD.encode(draw.array::<16>());
    let iv = URL_SAFE_NO_PAD.encode(draw.array::<12>());
    let header = format!(
        "{{\"ver\":1,\"isu\":{issued},\"enc\":\"A128GCM\",\"tag\":\"{tag}\",\
         \"exp\":{expires},\"alg\":\"A128GCMKW\",\"iv\":\"{iv}\"}}"
    );
    let body = 350 + draw.below(250);
    [
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(draw.array::<16>()),
        URL_SAFE_NO_PAD.encode(draw.array::<12>()),
        URL_SAFE_NO_PAD.encode(draw.bytes(body)),
        URL_SAFE_NO_PAD.encode(draw.array::<16>()),
    ]
    .join(".")
}

/// The tokens of an IAM Identity Center cache: `aoa` for access, `aor` for
/// refresh, then base64url, a colon and a signature over P-384.
pub(crate) fn sso_token(draw: &mut Draw, prefix: &str) -> String {
    let body = 180 + draw.below(60);
    let signature = super::wire::ecdsa_signature(draw, 48);
    format!("{prefix}al-{}:{}", draw.word(URL_SAFE, body), STANDARD.encode(signature))
}

/// A signed JWT with the given claims, as JSON.
pub(crate) fn jwt(draw: &mut Draw, claims: &str) -> String {
    let algorithm = *draw.pick(&["HS256", "ES384", "RS256"]);
    let size = match algorithm {
        "HS256" => 32,
        "ES384" => 96,
        _ => 256,
    };
    let header = format!("{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}");
    [
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims),
        URL_SAFE_NO_PAD.encode(draw.bytes(size)),
    ]
    .join(".")
}

/// A generated console password: all four classes, as IAM makes them.
pub(crate) fn console_password(draw: &mut Draw) -> String {
    const SYMBOLS: &[u8] = b"!@#$%^&*()_+-=[]{}|'";
    let mut password = vec![
        *draw.pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        *draw.pick(b"abcdefghijklmnopqrstuvwxyz"),
        *draw.pick(b"0123456789"),
        *draw.pick(SYMBOLS),
    ];
    let length = 12 + draw.below(9);
    while password.len() < length {
        let class = if draw.chance(0.2) { SYMBOLS } else { ALNUM };
        password.push(*draw.pick(class));
    }
    draw.shuffle(&mut password);
    password.into_iter().map(char::from).collect()
}

/// The sign-in token of a console federation link.
pub(crate) fn signin_token(draw: &mut Draw) -> String {
    let length = 300 + draw.below(900);
    draw.word(URL_SAFE, length)
}
