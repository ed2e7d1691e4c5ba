//! URLs and tokens that are a presigned request of Signature Version 4 (§3.1):
//! RDS and EKS tokens, the short-lived Bedrock key.
//!
//! The signatures are random: nothing offline can tell, as the secret that
//! would make them does not exist.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use crate::{draw::Draw, escape::percent_encoded};

/// Who signs, where and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) region: &'a str,
    /// `20250102T030405Z`
    pub(crate) at: &'a str,
}

impl Signer<'_> {
    /// The query of a presigned request, in the order that SDKs write it.
    fn query(&self, draw: &mut Draw, service: &str, expires: u32, headers: &str) -> String {
        let Self { key_id, token, region, at } = *self;
        let date = &at[..8];
        let credential =
            percent_encoded(&format!("{key_id}/{date}/{region}/{service}/aws4_request"));
        let mut query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={at}\
             &X-Amz-Expires={expires}"
        );
        if let Some(token) = token {
            query += &format!("&X-Amz-Security-Token={}", percent_encoded(token));
        }
        query += &format!("&X-Amz-SignedHeaders={}", percent_encoded(headers));
        query += &format!("&X-Amz-Signature={}", draw.hex(64));
        query
    }
}

/// An RDS IAM token (§1.8): a presigned URL without its scheme.
pub(crate) fn rds_token(draw: &mut Draw, signer: Signer<'_>, name: &str, user: &str) -> String {
    let port = draw.pick(&[5432, 3306, 5432, 3306, 1433]).to_string();
    let middle = draw.word(b"abcdefghijklmnopqrstuvwxyz0123456789", 12);
    let host = format!("{name}.{middle}.{}.rds.amazonaws.com", signer.region);
    let query = signer.query(draw, "rds-db", 900, "host");
    format!("{host}:{port}/?Action=connect&DBUser={user}&{query}")
}

/// An EKS token (§1.8).
pub(crate) fn eks_token(draw: &mut Draw, signer: Signer<'_>) -> String {
    let query = signer.query(draw, "sts", 60, "host;x-k8s-aws-id");
    let url = format!(
        "https://sts.{}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&{query}",
        signer.region
    );
    format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url))
}

/// A short-lived Bedrock key (§1.6).
pub(crate) fn bedrock_token(draw: &mut Draw, signer: Signer<'_>) -> String {
    let query = signer.query(draw, "bedrock", 43_200, "host");
    let url = format!("bedrock.amazonaws.com/?Action=CallWithBearerToken&{query}&Version=1");
    format!("bedrock-api-key-{}", STANDARD.encode(url))
}
