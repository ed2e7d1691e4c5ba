//! Small archives to begin with.

use libdeflater::{CompressionLvl, Compressor};

/// What the archives hold.
const CONTENT: &[u8] = b"one two one two one two one two";

/// Zip archives of one member, stored and deflated, listed and not.
pub fn zips() -> Vec<Vec<u8>> {
    let mut packed = vec![0; 100];
    let mut compressor = Compressor::new(CompressionLvl::default());
    let len = compressor.deflate_compress(CONTENT, &mut packed).unwrap_or_default();
    packed.truncate(len);
    let stored = CONTENT.to_vec();
    let cases = [(0_u16, &stored, 1), (8, &packed, 1), (8, &packed, 0)];
    cases.map(|(method, packed, listed)| zip(method, packed, listed)).into()
}

fn zip(method: u16, packed: &[u8], listed: u16) -> Vec<u8> {
    let sizes = [packed.len() as u32, CONTENT.len() as u32].map(u32::to_le_bytes).concat();
    // Flags before the method, a time and a checksum behind it, the length of a name and
    // of extra fields.
    let fields = [&[0, 0][..], &method.to_le_bytes(), &[0; 8], &sizes, &[1, 0, 0, 0]].concat();
    let data = [&b"PK\x03\x04\x14\0"[..], &fields, b"a", packed].concat();
    let entry = [&b"PK\x01\x02\x14\0\x14\0"[..], &fields, &[0; 14], b"a"].concat();
    let directory = entry.repeat(listed.into());
    let counts = listed.to_le_bytes().repeat(2);
    let places = [directory.len() as u32, data.len() as u32].map(u32::to_le_bytes).concat();
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &counts, &places, &[1, 0], b"c"].concat();
    [data, directory, end].concat()
}

/// What the target `archive_7z` makes archives of: one file in a block, copied or said to
/// be LZMA2.
pub fn seven_zips() -> Vec<Vec<u8>> {
    let methods: [&[u8]; 2] = [&[0x01, 0x00], &[0x21, 0x21, 1, 24]];
    methods.map(seven_zip).into()
}

fn seven_zip(method: &[u8]) -> Vec<u8> {
    let len = CONTENT.len() as u8;
    let directory = [
        &[1, 4, 6, 0, 1, 9, len, 0, 7, 0x0b, 1, 0, 1][..],
        method,
        &[0x0c, len, 0, 8, 0x0d, 1, 0, 0, 5, 1, 0x11, 5, 0, b'a', 0, 0, 0, 0, 0],
    ]
    .concat();
    let start = [0; 32];
    [&start[..], CONTENT, &directory, &(directory.len() as u16).to_le_bytes()].concat()
}
