//! What Amazon sellers and their developers hold: tokens and signed requests of
//! Marketplace Web Service (§2.1), clients and tokens of Login with Amazon (§2.2).

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::Sha256;

use crate::{
    draw::{Draw, URL_SAFE},
    escape::percent_encoded,
};

const UPPER_ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Identifiers of marketplaces.
pub(crate) const MARKETPLACES: &[&str] = &[
    "ATVPDKIKX0DER",
    "A2EUQ1WTGCTBG2",
    "A1AM78C64UM0Y8",
    "A2Q3Y263D00KWC",
    "A1F83G8C2ARO7P",
    "A1PA6795UKMFR9",
    "A13V1IB3VIYZZH",
    "APJ6JRA9NG5V4",
    "A1RKKUPIHCS9HS",
    "A1805IZSGTT6HS",
    "A2NODRKZP88ZB9",
    "A1C3SOZRARQ6R3",
    "A39IBJ37TRP1C6",
    "A1VC38T7YXB528",
    "A21TJRUUN4KGV",
];

/// Hosts of Marketplace Web Service.
pub(crate) const HOSTS: &[&str] = &[
    "mws.amazonservices.com",
    "mws-eu.amazonservices.com",
    "mws.amazonservices.jp",
    "mws.amazonservices.in",
    "mws.amazonservices.com.au",
    "mws.amazonservices.ca",
];

/// A seller's identifier, which looks like a marketplace's.
pub(crate) fn seller_id(draw: &mut Draw) -> String {
    let length = *draw.pick(&[12, 13, 13, 13, 14]);
    // Most of them have a digit in the second place.
    format!("A{}{}", draw.within(1..=3), draw.word(UPPER_ALNUM, length - 1))
}

/// An auth token: hexadecimal in the groups of a UUID, without its version.
pub(crate) fn auth_token(draw: &mut Draw) -> String {
    let groups = [8, 4, 4, 4, 12].map(|length| draw.hex(length));
    format!("amzn.mws.{}", groups.join("-"))
}

/// An access key id of the years before prefixes.
pub(crate) fn early_key_id(draw: &mut Draw) -> String {
    loop {
        let id = format!("{}{}", draw.pick(&["0P", "1", "02"]), draw.word(UPPER_ALNUM, 20));
        let id = &id[..20];
        if id.bytes().filter(u8::is_ascii_digit).count() >= 4
            && id.bytes().filter(u8::is_ascii_uppercase).count() >= 6
        {
            return id.to_owned();
        }
    }
}

/// Who asks for what in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) seller: &'a str,
    pub(crate) marketplace: &'a str,
    pub(crate) token: Option<&'a str>,
    /// `2025-01-02T03:04:05Z`
    pub(crate) at: &'a str,
}

/// A signed request: the whole URL, or only the body that is sent to it.
pub(crate) fn signed_request(draw: &mut Draw, request: Request<'_>, body_only: bool) -> String {
    let (path, version, action) = *draw.pick(&[
        ("/Orders/2013-09-01", "2013-09-01", "ListOrders"),
        ("/Orders/2013-09-01", "2013-09-01", "GetOrder"),
        ("/Products/2011-10-01", "2011-10-01", "GetMatchingProductForId"),
        ("/Products/2011-10-01", "2011-10-01", "GetCompetitivePricingForSKU"),
        ("/FulfillmentInventory/2010-10-01", "2010-10-01", "ListInventorySupply"),
        ("/", "2009-01-01", "SubmitFeed"),
        ("/", "2009-01-01", "GetReport"),
    ]);
    let sha1 = draw.chance(0.2);
    let seller = if path == "/" { "Merchant" } else { "SellerId" };
    let marketplace = if draw.chance(0.5) { "MarketplaceId.Id.1" } else { "MarketplaceId" };
    let mut parameters = vec![
        ("AWSAccessKeyId", request.key_id),
        ("Action", action),
        (seller, request.seller),
        (marketplace, request.marketplace),
        ("SignatureMethod", if sha1 { "HmacSHA1" } else { "HmacSHA256" }),
        ("SignatureVersion", "2"),
        ("Timestamp", request.at),
        ("Version", version),
    ];
    if let Some(token) = request.token {
        parameters.push(("MWSAuthToken", token));
    }
    parameters.sort_unstable();
    let query: Vec<String> =
        parameters.iter().map(|(n, v)| format!("{n}={}", percent_encoded(v))).collect();
    let query = query.join("&");
    let host = *draw.pick(HOSTS);
    let verb = if body_only { "POST" } else { "GET" };
    let text = format!("{verb}\n{host}\n{path}\n{query}");
    let signature = if sha1 {
        let mac = Hmac::<Sha1>::new_from_slice(request.secret.as_bytes());
        mac.map(|m| m.chain_update(&text).finalize().into_bytes().to_vec())
    } else {
        let mac = Hmac::<Sha256>::new_from_slice(request.secret.as_bytes());
        mac.map(|m| m.chain_update(&text).finalize().into_bytes().to_vec())
    };
    let signature = percent_encoded(&STANDARD.encode(signature.unwrap_or_default()));
    // Clients put the signature last, or sort it among the others.
    let query = if draw.chance(0.5) {
        format!("{query}&Signature={signature}")
    } else {
        query.replacen("&SignatureMethod=", &format!("&Signature={signature}&SignatureMethod="), 1)
    };
    if body_only { query } else { format!("https://{host}{path}?{query}") }
}

/// The id of a client of Login with Amazon.
pub(crate) fn client_id(draw: &mut Draw) -> String {
    format!("amzn1.application-oa2-client.{}", draw.hex(32))
}

/// A client secret of the form that is given out since 2023.
pub(crate) fn client_secret(draw: &mut Draw) -> String {
    format!("amzn1.oa2-cs.v1.{}", draw.hex(64))
}

/// A client secret of the old form, which any SHA-256 has too.
pub(crate) fn old_client_secret(draw: &mut Draw) -> String {
    draw.hex(64)
}

/// A token of Login with Amazon: `Atzr` to refresh, `Atza` for access.
pub(crate) fn token(draw: &mut Draw, prefix: &str) -> String {
    let mut bytes = if draw.chance(0.75) {
        let mut bytes = vec![0x23, 1, 1, 0x20];
        bytes.extend(draw.bytes(32));
        bytes
    } else {
        let signature = dsa_signature(draw);
        let mut bytes = vec![0x21, 1, 1, signature.len() as u8];
        bytes.extend(signature);
        bytes
    };
    let length = draw.within(240..=520) as usize;
    bytes.extend(draw.bytes(length));
    format!("{prefix}|{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Two numbers of 160 bits in DER.
fn dsa_signature(draw: &mut Draw) -> Vec<u8> {
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let mut number = draw.bytes(20);
        if number[0] >= 0x80 {
            number.insert(0, 0);
        } else if number[0] == 0 {
            number[0] = 1;
        }
        numbers.extend([2, number.len() as u8]);
        numbers.extend(number);
    }
    let mut out = vec![0x30, numbers.len() as u8];
    out.extend(numbers);
    out
}

/// A restricted data token.
pub(crate) fn restricted_token(draw: &mut Draw) -> String {
    let length = draw.within(240..=600) as usize;
    format!("Atz.sprdt|{}", draw.word(URL_SAFE, length))
}
