//! Private keys of ssh.com's SSH2 (the format that `puttygen` exports as such).

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{pem, wire::ssh_string};
use crate::draw::Draw;

/// The number that every key begins with.
const MAGIC: u32 = 0x3f6f_f9eb;

/// A new key file, from BEGIN to END; its encrypted part is random.
pub(crate) fn private_key(draw: &mut Draw, comment: &str) -> String {
    let kind = *draw.pick(&[
        "if-modn{sign{rsa-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}",
        "dl-modp{sign{dsa-nist-sha1},dh{plain}}",
    ]);
    let mut rest = Vec::new();
    ssh_string(&mut rest, kind.as_bytes());
    ssh_string(&mut rest, b"3des-cbc");
    let size = *draw.pick(&[496, 824, 952]);
    ssh_string(&mut rest, &draw.bytes(size));
    let mut bytes = MAGIC.to_be_bytes().to_vec();
    bytes.extend_from_slice(&(rest.len() as u32 + 8).to_be_bytes());
    bytes.extend(rest);

    let mut out = format!("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"{comment}\"\n");
    pem::wrap(&mut out, &STANDARD.encode(bytes), 70);
    out + "---- END SSH2 ENCRYPTED PRIVATE KEY ----"
}
