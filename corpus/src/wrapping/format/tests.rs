//! Formats, read again by other means than those that wrote them.

use std::io::{Cursor, Read};

use super::*;

fn members() -> Vec<Member> {
    let member = |name: &str, bytes: Vec<u8>| Member { name: name.into(), bytes };
    vec![
        member("project/a.env", b"KEY=1\n".to_vec()),
        member("project/src/Main.java", b"\0\xff binary".to_vec()),
        member(&format!("project/{}/long.txt", "directory/".repeat(15)), b"x".repeat(9000)),
        member("project/empty", Vec::new()),
    ]
}

fn packed(name: &str, members: &[Member]) -> Packed {
    let format: Format = name.parse().expect("a format");
    format.pack("out/project", members, &mut Draw::new(1, 9)).expect("it is packed")
}

fn read(mut reader: impl Read) -> Vec<u8> {
    let mut out = Vec::new();
    reader.read_to_end(&mut out).expect("it is whole");
    out
}

fn untarred(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(bytes);
    let entries = archive.entries().expect("a tar archive").map(|entry| {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a name").to_str().expect("text").to_owned();
        (name, read(&mut entry))
    });
    entries.collect()
}

fn unzipped(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip archive");
    let len = archive.len();
    let mut entry = |index| {
        let mut entry = archive.by_index(index).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        (name, read(&mut entry))
    };
    (0..len).map(&mut entry).collect()
}

fn decompressed(suffix: &str, bytes: &[u8]) -> Vec<u8> {
    match suffix {
        "gz" => read(flate2::read::GzDecoder::new(bytes)),
        "zlib" => read(flate2::read::ZlibDecoder::new(bytes)),
        "zst" => zstd::decode_all(bytes).expect("zstd"),
        "bz2" => read(bzip2::read::BzDecoder::new(bytes)),
        "xz" => read(liblzma::read::XzDecoder::new(bytes)),
        "lz4" => read(lz4_flex::frame::FrameDecoder::new(bytes)),
        "sz" => read(snap::read::FrameDecoder::new(bytes)),
        "br" => read(brotli::Decompressor::new(bytes, 4096)),
        _ => panic!("no reader of {suffix}"),
    }
}

fn expected(members: &[Member]) -> Vec<(String, Vec<u8>)> {
    members.iter().map(|member| (member.name.clone(), member.bytes.clone())).collect()
}

/// Paths and content of what the packed file says to hold.
fn held(packed: &Packed, members: &[Member]) -> Vec<(String, Vec<u8>)> {
    let held = packed.held.iter().zip(members);
    held.map(|(held, member)| (held.path.clone(), member.bytes.clone())).collect()
}

/// Paths as they are within a file.
fn within(path: &str, members: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    members.into_iter().map(|(name, bytes)| (format!("{path}!{name}"), bytes)).collect()
}

#[test]
fn archives_hold_their_members() {
    let members = members();
    for suffix in ["", "gz", "zst", "bz2", "xz", "lz4", "br"] {
        let name = if suffix.is_empty() { "tar".into() } else { format!("tar.{suffix}") };
        let packed = packed(&name, &members);
        assert_eq!(packed.path, format!("out/project.{name}"));
        let bytes = match suffix {
            "" => packed.bytes.clone(),
            suffix => decompressed(suffix, &packed.bytes),
        };
        assert_eq!(within(&packed.path, untarred(&bytes)), held(&packed, &members), "{name}");
    }
    for name in ["zip", "stored.zip"] {
        let packed = packed(name, &members);
        assert_eq!(
            within(&packed.path, unzipped(&packed.bytes)),
            held(&packed, &members),
            "{name}"
        );
        let is_stored = packed.bytes.windows(9000).any(|window| window.iter().all(|b| *b == b'x'));
        assert_eq!(is_stored, name == "stored.zip");
    }
}

#[test]
fn archives_stand_in_archives() {
    let members = members();
    let outer = packed("zip.tar.gz", &members);
    let [(name, inner)] = &untarred(&decompressed("gz", &outer.bytes))[..] else {
        panic!("one member")
    };
    assert_eq!(name, "inner/project.zip");
    let path = format!("{}!{name}", outer.path);
    assert_eq!(within(&path, unzipped(inner)), held(&outer, &members));
    let outer = packed("tar.zip", &members);
    let [(name, inner)] = &unzipped(&outer.bytes)[..] else { panic!("one member") };
    let path = format!("{}!{name}", outer.path);
    assert_eq!(within(&path, untarred(inner)), held(&outer, &members));
}

#[test]
fn cpio_and_ar_have_their_layout() {
    let members = members();
    let cpio = packed("cpio", &members).bytes;
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let header = std::str::from_utf8(&cpio[at..at + 110]).expect("a header");
        assert!(header.starts_with("070701"));
        let field = |number: usize| {
            usize::from_str_radix(&header[6 + 8 * number..14 + 8 * number], 16).expect("digits")
        };
        let (size, name_size) = (field(6), field(11));
        let name =
            String::from_utf8(cpio[at + 110..at + 109 + name_size].to_vec()).expect("a name");
        let start = (at + 110 + name_size).next_multiple_of(4);
        if name == "TRAILER!!!" {
            break;
        }
        assert_eq!(field(1), 0o100_644);
        found.push((name, cpio[start..start + size].to_vec()));
        at = (start + size).next_multiple_of(4);
    }
    assert_eq!(found, expected(&members));

    let ar = packed("a", &members).bytes;
    let mut rest = ar.strip_prefix(b"!<arch>\n").expect("its magic");
    let (mut table, mut found) = (String::new(), Vec::new());
    while !rest.is_empty() {
        let header = std::str::from_utf8(&rest[..60]).expect("a header");
        assert!(header.ends_with("`\n"));
        let size: usize = header[48..58].trim_end().parse().expect("a size");
        let data = rest[60..60 + size].to_vec();
        rest = &rest[(60 + size).next_multiple_of(2)..];
        match header[..16].trim_end() {
            "//" => table = String::from_utf8(data).expect("names"),
            name => {
                let long = name.strip_prefix('/').map(|at| {
                    let at: usize = at.parse().expect("a place");
                    table[at..].split("/\n").next().expect("a name")
                });
                let short = || name.strip_suffix('/').expect("its end");
                found.push((long.unwrap_or_else(short).to_owned(), data));
            }
        }
    }
    assert_eq!(found, expected(&members));
}

#[test]
fn images_name_their_layers() {
    let members = members();
    let image = packed("image.tar", &members);
    let files = untarred(&image.bytes);
    let file = |name: &str| &files.iter().find(|(other, _)| other == name).expect(name).1;
    let manifest: serde_json::Value = serde_json::from_slice(file("manifest.json")).expect("JSON");
    let config = manifest[0]["Config"].as_str().expect("a name");
    let config: serde_json::Value = serde_json::from_slice(file(config)).expect("JSON");
    let layers = manifest[0]["Layers"].as_array().expect("layers");
    assert!(
        layers.len() > 1
            && config["rootfs"]["diff_ids"].as_array().map(Vec::len) == Some(layers.len())
    );
    let found = layers.iter().flat_map(|layer| {
        let layer = layer.as_str().expect("a name");
        within(&format!("{}!{layer}", image.path), untarred(file(layer)))
    });
    assert_eq!(found.collect::<Vec<_>>(), held(&image, &members));
}

#[test]
fn single_files_are_compressed_under_their_own_name() {
    for suffix in ["gz", "zst", "xz", "bz2", "lz4", "zlib", "sz", "br"] {
        for member in members() {
            let packed = packed(suffix, std::slice::from_ref(&member));
            assert_eq!(
                packed.held,
                [Held { path: format!("out/project.{suffix}"), is_whole: true }]
            );
            assert_eq!(decompressed(suffix, &packed.bytes), member.bytes, "{suffix}");
        }
    }
    let format: Format = "gz".parse().expect("a format");
    assert!(format.pack("x", &members(), &mut Draw::new(1, 9)).is_err(), "one file is one file");
}

#[test]
fn mail_holds_the_file_as_an_attachment() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    for (seed, member) in (0..).zip(members()) {
        let format: Format = "eml".parse().expect("a format");
        let mail = format
            .pack("x", std::slice::from_ref(&member), &mut Draw::new(seed, 9))
            .expect("a mail");
        let text = String::from_utf8(mail.bytes).expect("text").replace("\r\n", "\n");
        let (header, body) =
            text.rsplit_once("\n--=_next\n").expect("a part").1.split_once("\n\n").expect("a body");
        let name = member.name.rsplit('/').next().expect("a name");
        assert_eq!(mail.held[0].path, format!("x.eml!{name}"));
        assert!(
            header.contains(&format!("filename=\"{name}\"")) && header.contains("Encoding: base64")
        );
        let body = body.strip_suffix("\n--=_next--\n").expect("its end");
        assert!(body.lines().all(|line| line.len() <= 76));
        assert_eq!(STANDARD.decode(body.replace('\n', "")).expect("base64"), member.bytes);
    }
}

/// The content of the only row of a database, by the description of the format.
fn value(file: &[u8]) -> Vec<u8> {
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().expect("four bytes"));
    let varint = |at: &mut usize| {
        let mut out = 0;
        loop {
            let byte = file[*at];
            *at += 1;
            out = out << 7 | usize::from(byte & 0x7f);
            if byte < 0x80 {
                return out;
            }
        }
    };
    assert_eq!(&file[..16], b"SQLite format 3\0");
    assert_eq!(number(28) as usize * 4096, file.len());
    let page = 4096;
    assert_eq!(file[page..page + 5], [13, 0, 0, 0, 1]);
    let mut at = page + usize::from(u16::from_be_bytes([file[page + 8], file[page + 9]]));
    let size = varint(&mut at);
    assert_eq!(varint(&mut at), 1);
    let local = if size <= 4061 { size } else { 2 * page - 4 - at };
    let mut row = file[at..at + local].to_vec();
    let mut next = if local < size { number(at + local) as usize } else { 0 };
    while next != 0 {
        let start = (next - 1) * 4096;
        let take = (size - row.len()).min(4092);
        row.extend(&file[start + 4..start + 4 + take]);
        next = number(start) as usize;
    }
    assert_eq!(row.len(), size);
    let body = usize::from(row[0]);
    let (mut lengths, mut at) = (Vec::new(), 1);
    while at < body {
        let mut kind = 0;
        loop {
            kind = kind << 7 | usize::from(row[at] & 0x7f);
            at += 1;
            if row[at - 1] < 0x80 {
                break;
            }
        }
        lengths.push(if kind < 12 { 0 } else { (kind - 12) / 2 });
    }
    let [0, name, content] = lengths[..] else { panic!("three columns") };
    assert_eq!(body + name + content, size);
    row[body + name..].to_vec()
}

#[test]
fn databases_hold_the_file_as_a_value() {
    let lengths = [0, 1, 480, 489, 490, 4000, 4030, 4061, 4062, 4100, 8000, 8192, 40_000];
    for length in lengths.into_iter().flat_map(|length| length..length + 20) {
        let bytes: Vec<u8> = (0..length).map(|at| b'a' + (at % 23) as u8).collect();
        let member = Member { name: "project/a.txt".into(), bytes };
        let database = packed("sqlite", std::slice::from_ref(&member));
        assert_eq!(value(&database.bytes), member.bytes, "{length}");
        assert_eq!(database.held, [Held { path: "out/project.sqlite".into(), is_whole: false }]);
    }
}

#[test]
fn names_of_formats_are_read_as_they_are_written() {
    for format in Format::all() {
        assert_eq!(format.to_string().parse::<Format>().expect("a format"), format);
    }
    let error = "tgz".parse::<Format>().expect_err("no format").to_string();
    assert!(error.contains("`tgz`") && error.contains("tar.gz"), "{error}");
}
