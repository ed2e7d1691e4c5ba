//! Armoured OpenPGP secret keys (RFC 4880 §5.5.3, §6).

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

use super::{
    pem,
    rsa::{RsaKey, RsaPool, RsaSize},
};
use crate::draw::Draw;

/// A new secret key block, from BEGIN to END, for a user id.
pub(crate) fn private_key(draw: &mut Draw, pool: &mut RsaPool, user: &str, created: u32) -> String {
    let key = pool.key(RsaSize::Usual);
    let mut packets = Vec::new();
    packet(&mut packets, 5, &secret_packet(draw, &key, created));
    packet(&mut packets, 13, user.as_bytes());
    packet(&mut packets, 2, &certification(draw, created));

    let mut out = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n".to_owned();
    if draw.chance(0.4) {
        out.push_str(draw.text(&[
            "Version: GnuPG v1\n",
            "Version: GnuPG v2\n",
            "Comment: GPGTools\n",
        ]));
    }
    out.push('\n');
    pem::wrap(&mut out, &STANDARD.encode(&packets), 64);
    let sum = crc24(&packets).to_be_bytes();
    out + &format!("={}\n-----END PGP PRIVATE KEY BLOCK-----", STANDARD.encode(&sum[1..]))
}

fn secret_packet(draw: &mut Draw, key: &RsaKey, created: u32) -> Vec<u8> {
    let mut out = vec![4];
    out.extend_from_slice(&created.to_be_bytes());
    out.push(1);
    mpi(&mut out, &key.modulus);
    mpi(&mut out, &key.exponent);
    // OpenPGP wants the first prime to be the smaller one.
    let swapped = key.prime1 > key.prime2;
    let (first, second, inverse) = if swapped {
        (&key.prime2, &key.prime1, &key.coefficient)
    } else {
        (&key.prime1, &key.prime2, &key.pgp_coefficient)
    };
    let mut secret = Vec::new();
    for number in [&key.private, first, second, inverse] {
        mpi(&mut secret, number);
    }
    if draw.chance(0.5) {
        out.push(0);
        let sum = secret.iter().fold(0_u16, |sum, &byte| sum.wrapping_add(u16::from(byte)));
        out.extend_from_slice(&secret);
        out.extend_from_slice(&sum.to_be_bytes());
    } else {
        // Checked by SHA-1, AES-256 or AES-128, iterated and salted SHA-256.
        out.extend_from_slice(&[254, *draw.pick(&[7, 9]), 3, 8]);
        out.extend(draw.array::<8>());
        out.push(*draw.pick(&[0x60, 0xe0, 0xff]));
        out.extend(draw.array::<16>());
        out.extend(draw.bytes(secret.len() + Sha1::output_size()));
    }
    out
}

/// A certification of the user id in its shape, with a random signature.
fn certification(draw: &mut Draw, created: u32) -> Vec<u8> {
    let mut out = vec![4, 0x13, 1, 8];
    let mut hashed = vec![5, 2];
    hashed.extend_from_slice(&created.to_be_bytes());
    hashed.extend_from_slice(&[2, 27, 3]);
    out.extend_from_slice(&(hashed.len() as u16).to_be_bytes());
    out.extend(hashed);
    let mut unhashed = vec![9, 16];
    unhashed.extend(draw.array::<8>());
    out.extend_from_slice(&(unhashed.len() as u16).to_be_bytes());
    out.extend(unhashed);
    out.extend(draw.array::<2>());
    let mut signature = draw.bytes(256);
    signature[0] |= 0x80;
    mpi(&mut out, &signature);
    out
}

/// A multiple-precision integer: its bits, then its bytes.
fn mpi(out: &mut Vec<u8>, big_endian: &[u8]) {
    let stripped = &big_endian[big_endian.iter().take_while(|&&byte| byte == 0).count()..];
    let bits =
        stripped.len() * 8 - stripped.first().map_or(0, |byte| byte.leading_zeros() as usize);
    out.extend_from_slice(&(bits as u16).to_be_bytes());
    out.extend_from_slice(stripped);
}

/// A packet with an old-format header of a two-byte length, as GnuPG writes it.
fn packet(out: &mut Vec<u8>, tag: u8, body: &[u8]) {
    out.push(0x80 | (tag << 2) | 1);
    out.extend_from_slice(&(body.len() as u16).to_be_bytes());
    out.extend_from_slice(body);
}

/// The checksum of the armour (RFC 4880 §6.1).
pub(crate) fn crc24(bytes: &[u8]) -> u32 {
    let mut crc = 0x00b7_04ce_u32;
    for &byte in bytes {
        crc ^= u32::from(byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    crc & 0x00ff_ffff
}
