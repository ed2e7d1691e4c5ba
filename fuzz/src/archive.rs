//! Small containers for the fuzzer to begin with.

use libdeflater::{CompressionLvl, Compressor};

/// Names of targets, and a container for each.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![
        ("archive_cpio", cpio()),
        (
            "archive_cpio",
            b"\xc7\x71\0\0\0\0\xa4\x81\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\x03\0a\0abc\0".into(),
        ),
        ("archive_ar", ar()),
        ("archive_rpm", rpm()),
        ("archive_mail", MESSAGE.into()),
        ("archive_mail", format!("From - Fri Jul  8 12:08:34 2011\n{MESSAGE}").into()),
        ("archive_sqlite", sqlite()),
        ("archive_tar", tar()),
        ("archive_bundle", bundle()),
        ("archive_pdf", pdf()),
    ];
    all.extend(streams().into_iter().map(|stream| ("archive_compressed", stream)));
    all.extend(zips().into_iter().map(|zip| ("archive_zip", zip)));
    all.extend(seven_zips().into_iter().map(|archive| ("archive_7z", archive)));
    all
}

const MESSAGE: &str = "Received: from a\nContent-Type: multipart/mixed; boundary=\"b\"\n\n\
    --b\nContent-Transfer-Encoding: quoted-printable\n\na=3Db=\nc\n--b\n\
    Content-Type: text/plain; name*0*=utf-8''%41; name*1=b\n\
    Content-Disposition: attachment; filename=\"=?utf-8?q?a=41?=\"\n\
    Content-Transfer-Encoding: base64\n\nQUJD\nRA==\n--b\n\
    Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n--c--\n--b--\n";

fn cpio() -> Vec<u8> {
    let mut archive = String::new();
    for (name, mode, data) in [("a\0", 0o100_644, "text"), ("TRAILER!!!\0", 0, "")] {
        let fields = [1, mode, 0, 0, 1, 0, data.len(), 0, 0, 0, 0, name.len(), 0];
        archive += "070701";
        archive.extend(fields.iter().map(|field| format!("{field:08x}")));
        archive += name;
        archive += &"\0".repeat((archive.len().wrapping_neg()) % 4);
        archive += data;
    }
    let octal = format!("070707{:012o}{:06o}{:017o}1{:022o}2{:011o}a\0abc", 0, 0o100_644, 0, 0, 3);
    (archive + &octal).into()
}

/// A long name, pax's headers, a file, and a sparse one.
fn tar() -> Vec<u8> {
    let mut archive = Vec::new();
    let members: [(u8, &[u8]); 4] =
        [(b'L', b"a/long/name\0"), (b'x', b"12 path=b/c\n"), (b'0', b"text"), (b'S', b"data")];
    for (kind, data) in members {
        let mut header = [0u8; 512];
        let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
        put(0, b"a");
        put(124, format!("{:011o}", data.len()).as_bytes());
        put(148, b"        ");
        put(156, &[kind]);
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend(data);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut packed = vec![0; compressor.zlib_compress_bound(data.len())];
    let len = compressor.zlib_compress(data, &mut packed).unwrap_or(0);
    packed.truncate(len);
    packed
}

/// A blob, a delta against it, and a tree that names none of them.
fn bundle() -> Vec<u8> {
    let mut bundle = format!("# v2 git bundle\n{} refs/heads/a\n\n", "0".repeat(40)).into_bytes();
    bundle.extend(b"PACK\0\0\0\x02\0\0\0\x03");
    let blob = zlib(b"some text");
    bundle.push(0x39);
    bundle.extend(&blob);
    bundle.push(0x67);
    bundle.push(1 + blob.len() as u8);
    bundle.extend(zlib(b"\x09\x06\x90\x04\x02AB"));
    bundle.extend([0xad, 0x01]);
    bundle.extend(zlib(b"100644 a\0aaaaaaaaaaaaaaaaaaaa"));
    bundle.extend([0; 20]);
    bundle
}

fn pdf() -> Vec<u8> {
    let mut document = b"%PDF-1.4\n1 0 obj\n<</Filter/FlateDecode>>stream\n".to_vec();
    document.extend(zlib(b"BT [(te)-9(xt)] TJ <4142> ' (\\101) Tj BI ID x EI ET"));
    document.extend(b"\nendstream endobj 2 0 obj <</Length 4/Filter[/AHx/A85]>> stream\r\n");
    document.extend(b"3837>\nendstream\ntrailer<</Size 1>>");
    document
}

/// A stream of each format, and the byte that chooses it.
fn streams() -> Vec<Vec<u8>> {
    let all: [&[u8]; 6] = [
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x04\0\x43\xbe\xb7\xe8\x01\0\0\0\0",
        b"\x78\x9c\x4b\x04\0\0\x62\0\x62\x01",
        b"\x28\xb5\x2f\xfd\x20\x01\x09\0\0a\x02",
        b"BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0\x03",
        b"\x04\x22\x4d\x18\x60\x40\x82\x01\0\0\x80a\0\0\0\0\x05",
        b"\xff\x06\0\0sNaPpY\x01\x05\0\0\0\0\0\0a\x06",
    ];
    all.map(<[u8]>::to_vec).into()
}

fn ar() -> Vec<u8> {
    let mut archive = "!<arch>\n".to_owned();
    for (name, data) in
        [("//", "a long name.o/\n"), ("/0", "odd"), ("#1/4", "nametext"), ("b/", "2")]
    {
        archive += &format!("{name:<48}{:<10}`\n{data}", data.len());
        archive += &"\n".repeat(data.len() % 2);
    }
    archive.into()
}

fn rpm() -> Vec<u8> {
    let mut package = b"\xed\xab\xee\xdb\x03\0".to_vec();
    package.resize(79, 0);
    package.push(5);
    package.resize(96, 0);
    package.extend(b"\x8e\xad\xe8\x01\0\0\0\0\0\0\0\0\0\0\0\0");
    package.extend(b"\x8e\xad\xe8\x01\0\0\0\0\0\0\0\x02\0\0\0\x08");
    package.extend([0, 0, 3, 0xff, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1]);
    package.extend([0, 0, 3, 0xf1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1]);
    package.extend(b"sh\0\0\0\0\0\x01payload");
    package
}

/// Two pages of rows, one that goes on with one of them, and a free one.
fn sqlite() -> Vec<u8> {
    let mut pages = vec![vec![0; 512]; 4];
    pages[0][..16].copy_from_slice(b"SQLite format 3\0");
    pages[0][16..24].copy_from_slice(&[2, 0, 1, 1, 0, 64, 32, 32]);
    pages[0][59] = 1;
    leaf(&mut pages[0], 100, b"\x0f\x01\x06\x17\x0f\x0f\x01\x0ftablett\x02s");
    // A column of 606 bytes, of which 98 stand here.
    let mut row = b"\x84\x63\x01\x04\x01\x89\x49\x07".to_vec();
    row.resize(3 + 103, b'x');
    row.extend([0, 0, 0, 3]);
    leaf(&mut pages[1], 0, &row);
    pages[2][4..].fill(b'y');
    pages[3][100..108].copy_from_slice(b"released");
    pages.concat()
}

/// Writes a page with one row.
fn leaf(page: &mut [u8], at: usize, row: &[u8]) {
    let end = page.len();
    let start = end - row.len();
    page[start..].copy_from_slice(row);
    page[at] = 13;
    page[at + 4] = 1;
    for place in [at + 5, at + 8] {
        page[place..place + 2].copy_from_slice(&(start as u16).to_be_bytes());
    }
}

/// What the archives hold.
const CONTENT: &[u8] = b"one two one two one two one two";

/// Zip archives of one member, stored and deflated, listed and not.
fn zips() -> Vec<Vec<u8>> {
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
fn seven_zips() -> Vec<Vec<u8>> {
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
