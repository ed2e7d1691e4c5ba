//! The small binary encodings that tokens and keys are made of: protobuf
//! fields, SSH strings and DER-shaped signatures.

use crate::draw::Draw;

/// Appends a protobuf varint.
pub(crate) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a protobuf field of wire type 0.
pub(crate) fn number(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(field << 3);
    varint(out, value);
}

/// Appends a protobuf field of wire type 2.
pub(crate) fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    out.push((field << 3) | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Appends a string of the SSH wire format (RFC 4251 §5).
pub(crate) fn ssh_string(out: &mut Vec<u8>, value: &[u8]) {
    out.extend_from_slice(&(value.len() as u32).to_be_bytes());
    out.extend_from_slice(value);
}

/// Appends a positive multiple-precision integer of the SSH wire format.
pub(crate) fn ssh_integer(out: &mut Vec<u8>, big_endian: &[u8]) {
    let stripped = &big_endian[big_endian.iter().take_while(|&&byte| byte == 0).count()..];
    if stripped.first().is_some_and(|&byte| byte >= 0x80) {
        out.extend_from_slice(&(stripped.len() as u32 + 1).to_be_bytes());
        out.push(0);
        out.extend_from_slice(stripped);
    } else {
        ssh_string(out, stripped);
    }
}

/// A DER sequence of two random integers, the shape of an ECDSA signature
/// over a curve of `size` bytes.
pub(crate) fn ecdsa_signature(draw: &mut Draw, size: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for _ in 0..2 {
        let mut integer = draw.bytes(size);
        integer[0] |= 1;
        if integer[0] >= 0x80 {
            integer.insert(0, 0);
        }
        body.push(2);
        body.push(integer.len() as u8);
        body.extend(integer);
    }
    let mut out = vec![0x30, body.len() as u8];
    out.extend(body);
    out
}
