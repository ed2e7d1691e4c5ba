//! PuTTY private keys, versions 2 and 3 (appendix C of the PuTTY manual).

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::{
    openssh, pem,
    rsa::RsaPool,
    wire::{ssh_integer, ssh_string},
};
use crate::draw::Draw;

/// A new key file, from the first header to the MAC. The MAC of a key without
/// a passphrase is right; a protected one has a random body and MAC.
pub(crate) fn private_key(draw: &mut Draw, pool: &mut RsaPool, comment: &str) -> String {
    let version = *draw.pick(&[2, 3]);
    let encrypted = draw.chance(0.4);
    let (algorithm, public, mut private) = if draw.chance(0.5) {
        let key = openssh::ed25519(draw);
        let mut private = Vec::new();
        // An integer, least byte first: the bytes of the seed as they are.
        ssh_string(&mut private, &key.seed.unwrap_or_default());
        (key.algorithm, key.public, private)
    } else {
        let key = pool.key(super::rsa::RsaSize::Usual);
        let mut public = Vec::new();
        ssh_string(&mut public, b"ssh-rsa");
        ssh_integer(&mut public, &key.exponent);
        ssh_integer(&mut public, &key.modulus);
        let mut private = Vec::new();
        for number in [&key.private, &key.prime1, &key.prime2, &key.coefficient] {
            ssh_integer(&mut private, number);
        }
        ("ssh-rsa", public, private)
    };
    let cipher = if encrypted { "aes256-cbc" } else { "none" };
    let mut mac_input = Vec::new();
    for part in [algorithm.as_bytes(), cipher.as_bytes(), comment.as_bytes(), &public, &private] {
        ssh_string(&mut mac_input, part);
    }
    let mac = match (encrypted, version) {
        (true, 2) => draw.hex(40),
        (true, _) => draw.hex(64),
        (false, 2) => hex(&mac_2(&mac_input)),
        (false, _) => hex(&mac_3(&mac_input)),
    };
    if encrypted {
        private = draw.bytes(private.len().next_multiple_of(16));
    }

    let mut out = format!(
        "PuTTY-User-Key-File-{version}: {algorithm}\nEncryption: {cipher}\nComment: {comment}\n"
    );
    section(&mut out, "Public-Lines", &public);
    if encrypted && version == 3 {
        out += &format!(
            "Key-Derivation: Argon2id\nArgon2-Memory: 8192\nArgon2-Passes: {}\n\
             Argon2-Parallelism: 1\nArgon2-Salt: {}\n",
            draw.within(8..=34),
            draw.hex(32)
        );
    }
    section(&mut out, "Private-Lines", &private);
    out + &format!("Private-MAC: {mac}")
}

fn section(out: &mut String, name: &str, bytes: &[u8]) {
    let body = STANDARD.encode(bytes);
    out.push_str(&format!("{name}: {}\n", body.len().div_ceil(64)));
    pem::wrap(out, &body, 64);
}

fn mac_2(input: &[u8]) -> Vec<u8> {
    let key = Sha1::digest(b"putty-private-key-file-mac-key");
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("HMAC takes a key of any length");
    mac.update(input);
    mac.finalize().into_bytes().to_vec()
}

fn mac_3(input: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&[]).expect("HMAC takes a key of any length");
    mac.update(input);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
