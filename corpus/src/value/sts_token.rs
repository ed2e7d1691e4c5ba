//! STS session tokens (§1.5): a version byte and a protobuf message.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::wire;
use crate::draw::Draw;

/// The layouts seen in the wild, by their first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// 0x21, current.
    Current,
    /// 0x02, of 2019; laid out as the current one.
    Second,
    /// 0x17, of 2020 and some endpoints.
    TwentyThree,
    /// 0x15, 2016 to 2019.
    TwentyOne,
}

/// What a token is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant<'a> {
    pub(crate) region: &'a str,
    pub(crate) account: u64,
    /// Creation, unix seconds.
    pub(crate) created: u64,
}

/// Makes a token. Only the current layout and that of 2019 name the account
/// and region.
pub(crate) fn session_token(draw: &mut Draw, layout: Layout, grant: Grant<'_>) -> String {
    let bytes = match layout {
        Layout::Current => origin(draw, 0x21, grant, 480),
        Layout::Second => origin(draw, 0x02, grant, 660),
        Layout::TwentyThree => envelope(draw, 0x17, "er/aws", grant, 122),
        Layout::TwentyOne => envelope(draw, 0x15, "aws", grant, 172),
    };
    STANDARD.encode(bytes)
}

/// Signing-key ids are signed numbers; the negative ones take ten bytes.
fn key_number(draw: &mut Draw) -> u64 {
    if draw.chance(0.6) {
        draw.within(1..=120)
    } else {
        (draw.within(1..=1 << 30) as i64).wrapping_neg() as u64
    }
}

fn origin(draw: &mut Draw, version: u8, grant: Grant<'_>, size: usize) -> Vec<u8> {
    let mut inner = Vec::new();
    let key = key_number(draw);
    wire::number(&mut inner, 1, key);
    wire::number(&mut inner, 2, draw.within(0..=4));
    wire::bytes(&mut inner, 3, format!("{:012}", grant.account).as_bytes());
    wire::bytes(&mut inner, 4, &draw.bytes(12));
    let ciphertext = size + draw.below(24);
    wire::bytes(&mut inner, 5, &draw.bytes(ciphertext));

    let mut out = vec![version];
    wire::bytes(&mut out, 1, b"origin_ec");
    wire::number(&mut out, 2, key);
    wire::bytes(&mut out, 3, grant.region.as_bytes());
    let signature = wire::ecdsa_signature(draw, 32);
    wire::bytes(&mut out, 4, &signature);
    wire::bytes(&mut out, 5, &inner);
    wire::number(&mut out, 6, grant.created);
    let auxiliary = 165 + draw.below(16);
    wire::bytes(&mut out, 7, &draw.bytes(auxiliary));
    out
}

fn envelope(draw: &mut Draw, version: u8, name: &str, grant: Grant<'_>, size: usize) -> Vec<u8> {
    let mut out = vec![version];
    wire::bytes(&mut out, 1, name.as_bytes());
    wire::number(&mut out, 2, (draw.within(1..=1 << 30) as i64).wrapping_neg() as u64);
    wire::bytes(&mut out, 3, &draw.bytes(12));
    let ciphertext = size + draw.below(8);
    wire::bytes(&mut out, 4, &draw.bytes(ciphertext));
    wire::number(&mut out, 5, grant.created);
    if version == 0x17 {
        wire::bytes(&mut out, 6, &draw.bytes(40));
    }
    out
}
