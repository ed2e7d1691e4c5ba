//! Archives: tar and zip by the crates of these names, cpio and ar by the formats' own
//! descriptions (Linux's `buffer-format.rst`, ar(5) of FreeBSD).

use std::io::{self, Cursor, Write};

use super::Member;

/// 2026-01-01T00:00:00Z, the time of every member, in seconds.
pub(super) const TIME: u64 = 1_767_225_600;

pub(super) fn tar(members: &[Member]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(member.bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(TIME);
        builder.append_data(&mut header, &member.name, &member.bytes[..])?;
    }
    builder.into_inner()
}

pub(super) fn zip(members: &[Member], method: zip::CompressionMethod) -> io::Result<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let time = zip::DateTime::default();
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(time);
    for member in members {
        writer.start_file(member.name.as_str(), options)?;
        writer.write_all(&member.bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

pub(super) fn cpio(members: &[Member]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut entry = |number: usize, mode: u32, name: &str, bytes: &[u8]| -> io::Result<()> {
        let size = number_of_32_bits(bytes.len())?;
        let name_size = number_of_32_bits(name.len() + 1)?;
        let number = number_of_32_bits(number)?;
        // Inode, mode, owner, group, links, time, size, four numbers of devices, the size
        // of the name, and a sum that this kind does not have.
        let fields = [number, mode, 0, 0, 1, TIME as u32, size, 0, 0, 0, 0, name_size, 0];
        out.extend(b"070701");
        fields.iter().for_each(|field| out.extend(format!("{field:08x}").bytes()));
        for part in [&[name.as_bytes(), b"\0"].concat()[..], bytes] {
            out.extend(part);
            out.resize(out.len().next_multiple_of(4), 0);
        }
        Ok(())
    };
    for (index, member) in members.iter().enumerate() {
        entry(index + 1, 0o100_644, &member.name, &member.bytes)?;
    }
    entry(0, 0, "TRAILER!!!", b"")?;
    out.resize(out.len().next_multiple_of(512), 0);
    Ok(out)
}

fn number_of_32_bits(number: usize) -> io::Result<u32> {
    u32::try_from(number).map_err(io::Error::other)
}

pub(super) fn ar(members: &[Member]) -> io::Result<Vec<u8>> {
    let mut out = b"!<arch>\n".to_vec();
    let mut table = String::new();
    let mut names = Vec::new();
    for member in members {
        if member.name.len() < 16 {
            names.push(format!("{}/", member.name));
        } else {
            names.push(format!("/{}", table.len()));
            table += &member.name;
            table.push_str("/\n");
        }
    }
    let mut entry = |name: &str, bytes: &[u8]| {
        let (len, mode) = (bytes.len(), "100644");
        let header = format!("{name:<16}{TIME:<12}{:<6}{:<6}{mode:<8}{len:<10}`\n", 0, 0);
        out.extend(header.bytes());
        out.extend(bytes);
        if len % 2 == 1 {
            out.push(b'\n');
        }
    };
    if !table.is_empty() {
        entry("//", table.as_bytes());
    }
    for (name, member) in names.iter().zip(members) {
        entry(name, &member.bytes);
    }
    Ok(out)
}
