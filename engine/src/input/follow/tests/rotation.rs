//! Rotations of all kinds, while they are looked at and while they are not.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::time::Duration;

use super::super::{End, Start};
use super::harness::{Scene, options};
use crate::ledger::SkipKind;

fn followed(pattern: &str) -> Scene {
    let mut scene = Scene::empty();
    scene.append("app.log", "one\n");
    scene.follow(&[pattern], options().start(Start::Beginning));
    scene.until_text("one\n");
    scene
}

#[test]
fn a_renamed_file_is_read_to_its_end() {
    for pattern in ["app.log", "*"] {
        let mut scene = followed(pattern);
        let mut writer = File::options().append(true).open(scene.path("app.log")).unwrap();
        writer.write_all(b"two\n").unwrap();
        scene.rename("app.log", "app.log.1");
        writer.write_all(b"three\n").unwrap();
        scene.turns();
        // It is not let go before another begins.
        assert_eq!(scene.told.ends(), [None]);
        scene.append("app.log", "five\n");
        scene.until(|told| told.text().contains("five\n"));
        writer.write_all(b"four\n").unwrap();
        scene.until(|told| told.ends() == [Some(End::Rotated), None]);
        let contents: Vec<_> =
            scene.told.records.iter().map(|r| String::from_utf8_lossy(&r.content)).collect();
        assert_eq!(contents, ["one\ntwo\nthree\nfour\n", "five\n"]);
        let paths: Vec<_> = scene.told.records.iter().map(|r| r.path.clone()).collect();
        assert_eq!(paths, [scene.path("app.log"), scene.path("app.log")]);
    }
}

#[test]
fn a_truncated_file_begins_anew() {
    let mut scene = followed("app.log");
    scene.write("app.log", b"2\n");
    scene.until_text("one\n2\n");
    assert_eq!(scene.told.ends(), [Some(End::Truncated), None]);
    // To a greater size than what was read, between two looks.
    scene.write("app.log", b"three is longer\n");
    scene.until_text("one\n2\nthree is longer\n");
    assert_eq!(scene.told.ends(), [Some(End::Truncated), Some(End::Truncated), None]);
    // To the same size.
    scene.write("app.log", b"four is\nlonger.\n");
    scene.until(|told| told.text().ends_with("four is\nlonger.\n"));
}

#[test]
fn of_a_copied_and_truncated_file_nothing_is_lost_or_read_twice() {
    for pattern in ["app.log", "*"] {
        let mut scene = followed(pattern);
        for round in 0..3 {
            let unread = format!("unread {round}\n").repeat(200);
            scene.append("app.log", &unread);
            if scene.path("app.log.1").exists() {
                scene.rename("app.log.1", "app.log.2");
            }
            fs::copy(scene.path("app.log"), scene.path("app.log.1")).unwrap();
            File::options().write(true).open(scene.path("app.log")).unwrap().set_len(0).unwrap();
            scene.append("app.log", &format!("new {round}\n"));
            let line = format!("new {round}\n");
            scene.until(|told| told.text().contains(&line));
            scene.turns();
            assert_eq!(scene.text().matches(&unread).count(), 1, "{}", scene.text());
        }
        assert_eq!(scene.text().lines().count(), 1 + 3 * 201);
    }
}

#[test]
fn an_empty_file_may_be_written_and_copied_between_two_looks() {
    let mut scene = Scene::empty();
    scene.append("app.log", "");
    scene.follow(&["app.log"], options());
    scene.turns();
    scene.append("app.log", "missed\n");
    fs::copy(scene.path("app.log"), scene.path("app.log.1")).unwrap();
    File::options().write(true).open(scene.path("app.log")).unwrap().set_len(0).unwrap();
    scene.until_text("missed\n");
    scene.append("app.log", "next\n");
    scene.until_text("missed\nnext\n");
}

#[test]
fn more_compressed_files_are_read_than_there_are_decoders() {
    let mut scene = Scene::empty();
    let text = "compressed\n".repeat(1000);
    for i in 0..6 {
        scene.append(&format!("{i}.log"), &format!("{i}\n{text}"));
        scene.gzip(&format!("{i}.log"), &format!("{i}.log.gz"));
    }
    scene.follow(&["*.gz"], options().start(Start::Beginning).read_at_once(100));
    scene.until(|told| told.ends() == [Some(End::Rotated); 6]);
    assert_eq!(scene.text().len(), 6 * (text.len() + 2));
    assert_eq!(scene.follower().decoders, 0);
    assert_eq!(scene.follower().handles, 0);
}

#[test]
fn several_rotations_between_two_looks_lose_nothing() {
    let mut scene = followed("app.log");
    for i in 2..6 {
        scene.append("app.log", &format!("{i}\n"));
        scene.rename("app.log", &format!("app.log-{i}"));
        scene.append("app.log", &format!("begin {i}\n"));
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = "one\n2\nbegin 2\n3\nbegin 3\n4\nbegin 4\n5\nbegin 5\n";
    scene.until_text(text);
    scene.turns();
    scene.append("app.log", "end\n");
    scene.until_text(&format!("{text}end\n"));
    scene.until(|told| told.ends().iter().filter(|end| end.is_none()).count() == 1);
}

#[test]
fn what_is_compressed_after_it_was_read_is_not_read_again() {
    for pattern in ["app.log", "*"] {
        let mut scene = followed(pattern);
        scene.append("app.log", "two\n");
        scene.rename("app.log", "app.log.1");
        scene.append("app.log", "three\n");
        scene.until_text("one\ntwo\nthree\n");
        scene.gzip("app.log.1", "app.log.1.gz");
        scene.turns();
        scene.rename("app.log.1.gz", "app.log.2.gz");
        scene.rename("app.log", "app.log.1");
        scene.append("app.log", "four\n");
        scene.until_text("one\ntwo\nthree\nfour\n");
        scene.gzip("app.log.1", "app.log.1.gz");
        scene.turns();
        assert_eq!(scene.text(), "one\ntwo\nthree\nfour\n");
        assert_eq!(scene.told.skipped, []);
    }
}

#[test]
fn what_is_compressed_between_two_looks_at_it_is_not_read_again() {
    let mut scene = followed("app.log");
    scene.rename("app.log", "app.log.1");
    scene.append("app.log", "two\n");
    scene.gzip("app.log.1", "app.log.1.gz");
    // The name is not looked at again before its siblings are.
    scene.look_at_siblings_only("app.log");
    scene.until_text("one\ntwo\n");
    scene.turns();
    assert_eq!(scene.text(), "one\ntwo\n");
}

#[test]
fn what_is_compressed_where_a_link_leads_is_not_read_again() {
    for (link, to, name) in
        [("x.log", "data/app.log", "x.log"), ("linked", "data", "linked/app.log")]
    {
        let mut scene = Scene::empty();
        fs::create_dir(scene.path("data")).unwrap();
        scene.append("data/app.log", "one\n");
        symlink(scene.path(to), scene.path(link)).unwrap();
        scene.follow(&[name], options().start(Start::Beginning));
        scene.until_text("one\n");
        scene.rename("data/app.log", "data/app.log.1");
        scene.append("data/app.log", "two\n");
        scene.until_text("one\ntwo\n");
        // Once while it is still open, once after it was closed.
        scene.gzip("data/app.log.1", "data/app.log.2.gz");
        scene.turns();
        scene.until(|told| told.ends() == [Some(End::Rotated), None]);
        scene.rename("data/app.log", "data/app.log.1");
        scene.append("data/app.log", "three\n");
        scene.until(|told| told.ends() == [Some(End::Rotated), Some(End::Rotated), None]);
        scene.gzip("data/app.log.1", "data/app.log.1.gz");
        scene.turns();
        assert_eq!(scene.text(), "one\ntwo\nthree\n", "{name}");
        assert_eq!(scene.told.skipped, []);
    }
}

#[test]
fn what_was_rotated_and_compressed_unseen_is_read() {
    let mut scene = followed("app.log");
    scene.rename("app.log", "app.log.2");
    scene.append("app.log", &"missed\n".repeat(1000));
    scene.gzip("app.log", "app.log.1.gz");
    scene.append("app.log", "now\n");
    scene.until_text(&format!("one\n{}now\n", "missed\n".repeat(1000)));
    scene.until(|told| told.ends() == [Some(End::Rotated), Some(End::Rotated), None]);
}

#[test]
fn every_compression_is_undone() {
    let text = b"compressed\n".repeat(1000);
    let mut scene = Scene::empty();
    scene.follow(&["*"], options());
    scene.turns();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&text).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(&text).unwrap();
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(&text).unwrap();
    for (name, packed) in [
        ("a", zstd::encode_all(&text[..], 1).unwrap()),
        ("b", bzip2.finish().unwrap()),
        ("c", xz.finish().unwrap()),
        ("d", lz4.finish().unwrap()),
    ] {
        let before = scene.text().len();
        scene.write(name, &packed);
        scene.until(|told| told.text().len() == before + text.len());
        scene.until(|told| told.ends().last() == Some(&Some(End::Rotated)));
    }
    assert_eq!(scene.told.skipped, []);
}

#[test]
fn a_compressed_file_that_is_still_written_is_waited_for() {
    let text = (0..20_000).map(|i| format!("line {}\n", i * 7919)).collect::<String>();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let mut scene = Scene::empty();
    scene.follow(&["*.gz"], options());
    scene.turns();
    let mut file = File::create(scene.path("app.log.1.gz")).unwrap();
    for piece in packed.chunks(packed.len() / 10 + 1) {
        file.write_all(piece).unwrap();
        scene.turn(Duration::from_millis(10));
    }
    scene.until(|told| told.text().len() >= text.len());
    assert_eq!(scene.text(), text);
    assert_eq!(scene.told.skipped, []);
    // One that stays as it is is damaged.
    scene.write("b.gz", &packed[..packed.len() / 2]);
    scene.until(|told| told.ends().last() == Some(&Some(End::Failed)));
    assert_eq!(scene.told.skipped, [(scene.path("b.gz"), SkipKind::DamagedArchive)]);
    assert!(text.starts_with(&scene.text()[text.len()..]));
}

#[test]
fn a_bomb_is_left() {
    let bomb = zstd::encode_all(std::io::repeat(0).take(4 << 20), 1).unwrap();
    let mut scene = Scene::empty();
    scene.write("bomb.zst", &bomb);
    scene.follow(&["*.zst"], options().start(Start::Beginning).unpacked(1 << 20));
    scene.until(|told| told.ends() == [Some(End::Failed)]);
    assert_eq!(scene.told.records[0].content.len(), 1 << 20);
    assert_eq!(scene.told.skipped, [(scene.path("bomb.zst"), SkipKind::ArchiveLimit)]);
    scene.turns();
    assert_eq!(scene.told.records.len(), 1);
}

#[test]
fn many_rotations_in_a_row() {
    // Only a few rotations are kept, so every turn has to look.
    let options = options().start(Start::Beginning).poll(Duration::ZERO);
    let mut scene = Scene::empty();
    scene.append("app.log", "one\n");
    scene.follow(&["app.log"], options);
    scene.until_text("one\n");
    let mut text = "one\n".to_owned();
    for i in 0..300 {
        for at in (1..4).rev() {
            let from = format!("app.log.{at}");
            if scene.path(&from).exists() {
                scene.rename(&from, &format!("app.log.{}", at + 1));
            }
        }
        scene.rename("app.log", "app.log.1");
        let line = format!("line {i}\n");
        scene.append("app.log", &line);
        text.push_str(&line);
        scene.turn(Duration::ZERO);
    }
    scene.until(|told| told.text().len() >= text.len());
    let mut lines: Vec<String> = scene.text().lines().map(str::to_owned).collect();
    let mut expected: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
}
