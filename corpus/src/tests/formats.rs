//! The planted values, taken apart again by readers of their own and compared
//! with published vectors.

use std::collections::BTreeMap;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use num_bigint_dig::BigUint;

use super::TREE;
use crate::{
    Role,
    draw::Draw,
    value::{
        aws_key, pgp,
        rsa::{RsaPool, RsaSize},
        ses,
        sts_token::{self, Grant, Layout},
    },
};

/// The values planted for each detector in a small tree.
fn values() -> BTreeMap<String, Vec<String>> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in TREE.iter() {
        for (label, proof) in file.labels.iter().zip(&file.proofs) {
            if label.role == Role::Plant {
                values.entry(label.detector.clone()).or_default().push(proof.value.clone());
            }
        }
    }
    values
}

/// The account of a new-generation id, by the published algorithm: the first
/// six bytes, masked and shifted.
fn account(id: &str) -> Option<u64> {
    let mut bits = 0_u128;
    for character in id[4..].chars() {
        let five = match character {
            'A'..='Z' => character as u8 - b'A',
            '2'..='7' => character as u8 - b'2' + 26,
            _ => panic!("{id} is not base32"),
        };
        bits = (bits << 5) | u128::from(five);
    }
    let six = (bits >> 32) as u64;
    (six >> 47 == 1).then_some((six & 0x7fff_ffff_ff80) >> 7)
}

#[test]
fn the_reader_of_accounts_agrees_with_published_ids() {
    assert_eq!(account("ASIAY34FZKBOKMUTVV7A"), Some(609_629_065_308));
    assert_eq!(account("ASIAQNZGKIQY56JQ7WML"), Some(29_608_264_753));
    assert_eq!(account("AKIA6RVFFB77RE7OLMKI"), Some(999_999_999_999));
    assert_eq!(account("AKIAIOSFODNN7EXAMPLE"), None);
}

#[test]
fn key_ids_hold_their_account() {
    let mut draw = Draw::new(1, 9);
    for _ in 0..500 {
        let expected = aws_key::account(&mut draw);
        assert_eq!(account(&aws_key::key_id(&mut draw, "AKIA", expected)), Some(expected));
        assert_eq!(account(&aws_key::old_key_id(&mut draw, "AKIA")), None);
        let impossible = aws_key::impossible_key_id(&mut draw, "AKIA");
        assert!(account(&impossible).is_some_and(|account| account > 999_999_999_999));
    }
    // The range of a known account, from the fact sheet.
    let id = aws_key::key_id(&mut draw, "AKIA", 123_456_789_012);
    assert!(id.starts_with("AKIARZPUZDIK") && matches!(id.as_bytes()[12], b'A'..=b'P'));
}

#[test]
fn ses_passwords_equal_the_published_ones() {
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let v4 = "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9";
    assert_eq!(ses::password(secret, "us-east-1"), v4);
    assert_eq!(ses::old_password(secret), "An60U4ZD3sd4fg+FvXUjayOipTt8LO4rUUmhpdX6ctDy");
}

/// The fields of a protobuf message; numbers as their bytes.
fn fields(mut rest: &[u8]) -> Vec<(u64, Vec<u8>)> {
    fn varint(rest: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = rest[0];
            *rest = &rest[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }
    let mut out = Vec::new();
    while !rest.is_empty() {
        let tag = varint(&mut rest);
        let value = varint(&mut rest);
        if tag & 7 == 2 {
            let (bytes, after) = rest.split_at(value as usize);
            out.push((tag >> 3, bytes.to_vec()));
            rest = after;
        } else {
            out.push((tag >> 3, value.to_be_bytes().to_vec()));
        }
    }
    out
}

#[test]
fn session_tokens_walk_as_the_fact_sheet_says() {
    let mut draw = Draw::new(2, 9);
    let grant = Grant { region: "eu-west-1", account: 314_159_265_358, created: 1_750_000_000 };
    let time = 1_750_000_000_u64.to_be_bytes().to_vec();
    for (layout, prefix) in [
        (Layout::Current, "IQoJb3JpZ2luX2Vj"),
        (Layout::Second, "AgoJb3JpZ2luX2Vj"),
        (Layout::TwentyThree, "FwoGZXIvYXdz"),
        (Layout::TwentyOne, "FQoDYXdz"),
    ] {
        let token = sts_token::session_token(&mut draw, layout, grant);
        assert!(token.starts_with(prefix), "{token}");
        let bytes = STANDARD.decode(&token).expect("base64");
        let found = fields(&bytes[1..]);
        let get = |number: u64| &found.iter().find(|field| field.0 == number).expect("a field").1;
        if matches!(layout, Layout::Current | Layout::Second) {
            assert_eq!(get(3), b"eu-west-1");
            assert_eq!(fields(get(5))[2], (3, b"314159265358".to_vec()));
            assert_eq!(*get(6), time);
            assert!((70..=72).contains(&get(4).len()) && get(4)[0] == 0x30);
        } else {
            assert_eq!(*get(5), time);
            assert!((270..=292).contains(&token.len()), "{}", token.len());
        }
    }
}

#[test]
fn planted_strings_have_their_shapes() {
    let values = values();
    let each = |detector: &str, test: &dyn Fn(&str) -> bool| {
        for value in &values[detector] {
            assert!(test(value), "{detector}: {value}");
        }
    };
    let bytes = |value: &str| STANDARD.decode(value).ok();
    let lower = |value: &str| value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    for detector in ["aws-access-key", "aws-temporary-key", "aws-secret-key"] {
        each(detector, &|value| {
            value.len() == 40 && bytes(value).is_some_and(|bytes| bytes.len() == 30)
        });
    }
    each("aws-service-token", &|value| {
        value.len() == 20 && account(value).is_some_and(|account| account < 1_000_000_000_000)
    });
    each("aws-bedrock-key", &|value| {
        let decoded =
            value.strip_prefix("ABSK").and_then(bytes).and_then(|b| String::from_utf8(b).ok());
        decoded.is_some_and(|text| {
            let (user, secret) = text.split_once(':').expect("a colon");
            let (_, account) = user.rsplit_once("-at-").expect("an account");
            account.len() == 12 && bytes(secret).is_some_and(|bytes| bytes.len() == 44)
        })
    });
    each("aws-ses-smtp-password", &|value| {
        value.len() == 44 && bytes(value).is_some_and(|b| b.len() == 33 && matches!(b[0], 2 | 4))
    });
    each("aws-appsync-key", &|value| value.len() == 30 && lower(&value[4..]));
    each("aws-cognito-client-secret", &|value| matches!(value.len(), 51 | 52) && lower(value));
    for detector in ["aws-codecommit-credential", "aws-keyspaces-credential"] {
        each(detector, &|value| {
            value.len() == 44 && bytes(value).is_some_and(|bytes| bytes.len() == 32)
        });
    }
    each("aws-ecr-token", &|value| {
        value.starts_with("QVdTOmV5SndZWGxzYjJGa0lqb2") || value.starts_with("eyJwYXlsb2FkIjoi")
    });
    each("aws-rds-iam-token", &|value| {
        value.contains(".rds.amazonaws.com:") && value.contains("X-Amz-Expires=900")
    });
    each("aws-eks-token", &|value| value.starts_with("k8s-aws-v1.aHR0cHM6Ly9zdHMu"));
    each("aws-bedrock-token", &|value| {
        value.starts_with("bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t")
    });
    each("aws-codeartifact-token", &|value| {
        let header = value.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        value.starts_with("eyJ2ZXIiOjEsImlzdSI6")
            && header.is_some_and(|header| {
                serde_json::from_slice::<serde_json::Value>(&header)
                    .is_ok_and(|h| h["exp"].is_u64())
            })
    });
    each("aws-sso-token", &|value| {
        value.starts_with("aoa")
            && value.split_once(':').is_some_and(|(_, der)| bytes(der).is_some())
    });
}

/// The content of the first DER element, and what follows it.
fn element(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (length, start) = match der[1] {
        0x81 => (usize::from(der[2]), 3),
        0x82 => (usize::from(der[2]) * 256 + usize::from(der[3]), 4),
        short => (usize::from(short), 2),
    };
    (der[0], &der[start..start + length], &der[start + length..])
}

fn pem_body(block: &str) -> Vec<u8> {
    let body: String = block.lines().filter(|line| !line.contains("-----")).collect();
    STANDARD.decode(body).expect("a body in base64")
}

#[test]
fn rsa_keys_are_right_in_every_number() {
    let mut pool = RsaPool::new(Draw::new(3, 9));
    for size in [RsaSize::Small, RsaSize::Small, RsaSize::Small, RsaSize::Usual] {
        let der = pool.key(size).pkcs1();
        let (tag, mut rest, after) = element(&der);
        assert_eq!((tag, after), (0x30, &[][..]));
        let mut numbers = Vec::new();
        while !rest.is_empty() {
            let (tag, content, after) = element(rest);
            assert_eq!(tag, 2);
            numbers.push(BigUint::from_bytes_be(content));
            rest = after;
        }
        let [_, n, e, d, p, q, dp, dq, qi] = &numbers[..] else { panic!("nine numbers") };
        let one = BigUint::from(1_u32);
        assert_eq!(p * q, *n);
        assert!(n.bits() == 1024 || n.bits() == 2048);
        assert_eq!(e * d % ((p - &one) * (q - &one)), one);
        assert_eq!((d % (p - &one), d % (q - &one)), (dp.clone(), dq.clone()));
        assert_eq!(q * qi % p, one);
    }
}

#[test]
fn key_files_have_their_structure() {
    let values = values();
    for block in &values["openssh-private-key"] {
        assert!(pem_body(block).starts_with(b"openssh-key-v1\0"));
    }
    for block in &values["putty-private-key"] {
        let private = block.split("Private-Lines: ").nth(1).expect("private lines");
        let (count, rest) = private.split_once('\n').expect("a count");
        let lines: Vec<&str> = rest.lines().collect();
        assert_eq!(lines.len(), count.parse::<usize>().expect("a number") + 1);
        assert!(lines.last().is_some_and(|line| line.starts_with("Private-MAC: ")));
    }
    for block in &values["pgp-private-key"] {
        let body = block.split("\n\n").nth(1).expect("a body");
        let (data, end) = body.split_once("\n=").expect("a checksum");
        let bytes = STANDARD.decode(data.replace('\n', "")).expect("base64");
        let sum = STANDARD.decode(&end[..4]).expect("base64");
        assert_eq!(&pgp::crc24(&bytes).to_be_bytes()[1..], sum);
        assert_eq!(bytes[0] >> 2 & 0xf, 5);
    }
    for block in &values["ssh2-private-key"] {
        let body: String = block.lines().skip(2).filter(|line| !line.starts_with("----")).collect();
        let bytes = STANDARD.decode(body).expect("base64");
        assert_eq!(bytes[..4], [0x3f, 0x6f, 0xf9, 0xeb]);
        assert_eq!(bytes[4..8], (bytes.len() as u32).to_be_bytes());
    }
}

#[test]
fn the_checksum_of_armour_equals_the_published_one() {
    // The check value of CRC-24/OPENPGP in the RevEng catalogue.
    assert_eq!(pgp::crc24(b"123456789"), 0x0021_cf02);
}
