//! The little of DER that private keys need (X.690 §8).

/// One element with its tag.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        length @ 0..=0x7f => out.push(length as u8),
        length @ 0x80..=0xff => out.extend([0x81, length as u8]),
        length => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend_from_slice(content);
    out
}

/// A sequence of elements.
pub(crate) fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &elements.concat())
}

/// A positive integer from its big-endian bytes.
pub(crate) fn integer(big_endian: &[u8]) -> Vec<u8> {
    let zeros = big_endian.iter().take_while(|&&byte| byte == 0).count();
    let mut content = big_endian[zeros.min(big_endian.len().saturating_sub(1))..].to_vec();
    if content.first().is_none_or(|&byte| byte >= 0x80) {
        content.insert(0, 0);
    }
    element(2, &content)
}

/// A small positive integer.
pub(crate) fn small(value: u32) -> Vec<u8> {
    integer(&value.to_be_bytes())
}

/// A string of bytes.
pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    element(4, content)
}

/// A string of whole bytes as bits.
pub(crate) fn bits(content: &[u8]) -> Vec<u8> {
    let mut whole = vec![0];
    whole.extend_from_slice(content);
    element(3, &whole)
}

/// Nothing.
pub(crate) fn null() -> Vec<u8> {
    element(5, &[])
}

/// An object identifier from its arcs.
pub(crate) fn oid(arcs: &[u32]) -> Vec<u8> {
    let mut content = vec![(arcs[0] * 40 + arcs[1]) as u8];
    for &arc in &arcs[2..] {
        let groups: Vec<u8> = (0..5).rev().map(|index| (arc >> (7 * index)) as u8 & 0x7f).collect();
        let first = groups.iter().position(|&group| group != 0).unwrap_or(4);
        content.extend(groups[first..4].iter().map(|group| group | 0x80));
        content.push(groups[4]);
    }
    element(6, &content)
}
