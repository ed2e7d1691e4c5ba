//! Files with a history of their own: each tries one way in which a value can
//! come, move and go between versions.

use super::text::{Churn, Lines, filler};
use crate::draw::Draw;
use crate::secret::{self, Secret};

/// A file's versions, and what is planted in it.
pub(super) struct Track {
    /// What it tries.
    pub(super) name: &'static str,
    /// The path.
    pub(super) path: Vec<u8>,
    /// The content, version by version; `None` where it does not exist.
    pub(super) versions: Vec<Option<Vec<u8>>>,
    /// The planted values, each with the first version that holds it and the one
    /// that does no more.
    pub(super) plants: Vec<(Secret, usize, Option<usize>)>,
}

impl Track {
    fn new(name: &'static str, path: impl AsRef<[u8]>) -> Self {
        let path = path.as_ref().to_vec();
        Self { name, path, versions: Vec::new(), plants: Vec::new() }
    }

    fn version(&mut self, content: impl Into<Vec<u8>>) {
        self.versions.push(Some(content.into()));
    }

    /// Plants a value from the next version on.
    fn plant(&mut self, secret: &Secret) {
        self.plants.push((secret.clone(), self.versions.len(), None));
    }

    /// The next version does not hold the value any more that was planted last.
    fn uproot(&mut self) {
        self.plants.last_mut().unwrap().2 = Some(self.versions.len());
    }
}

/// All tracks of a seed.
pub(super) fn all(draw: &mut Draw) -> Vec<Track> {
    let mut tracks = vec![
        pair_completed(draw),
        shifted(draw),
        cut_through(draw),
        removed(draw),
        moved_block(draw),
        line_ends(draw),
        binary(draw),
        emptied(draw),
        large(draw),
        key_changed(draw),
        context_changed(draw),
    ];
    for _ in 0..3 {
        tracks.push(split_and_joined(draw));
    }
    tracks.extend(edges(draw));
    tracks.extend(wide(draw));
    tracks.extend(odd_names(draw));
    tracks.extend(edited(draw));
    tracks.extend((0..8).map(|number| churned(draw, number)));
    tracks
}

/// The second half of a pair is edited in.
fn pair_completed(draw: &mut Draw) -> Track {
    let mut track = Track::new("half of a pair comes later", "config/pair.ini");
    let mut lines = Lines::new(draw, 6000);
    let pair = secret::aws_pair(draw);
    let (id, half) = pair.text.split_once('\n').unwrap();
    track.version(lines.bytes());
    track.version(lines.with(id));
    lines.edit(draw);
    track.version(lines.with(id));
    track.plant(&pair);
    track.version(lines.with(&pair.text));
    track.version(lines.with(&format!("{id}\nregion = eu-west-1\n{half}")));
    track.uproot();
    track.version(lines.with("region = eu-west-1"));
    track
}

/// A text between the halves of a value goes and comes, at any place.
fn split_and_joined(draw: &mut Draw) -> Track {
    let path = format!("split/{:x}.txt", draw.bits());
    let mut track = Track::new("a value is split and joined", path);
    let planted = secret::any(draw);
    let (lines, between) = (Lines::new(draw, 5000), Lines::new(draw, 900).bytes());
    let between = String::from_utf8(between).unwrap();
    track.version(lines.bytes());
    track.plant(&planted);
    track.version(lines.with(&planted.text));
    for round in 0..14 {
        let text = &planted.text;
        let cut = 1 + (text.len() - 2) * round / 14;
        let (head, tail) = text.split_at(cut);
        let split = format!("# {round}\n{head}\n{between}\n{tail}");
        track.version(lines.with(&split));
        track.version(lines.with(&format!("# {round}\n{text}")));
    }
    track
}

/// Every version has one byte more before the value.
fn shifted(draw: &mut Draw) -> Track {
    let mut track = Track::new("a value is shifted byte by byte", "shifted.py");
    let planted = secret::database_uri(draw);
    let lines = Lines::new(draw, 4000);
    let pad = filler(draw, 64).iter().map(|b| b.max(&b' ') & 0x7f).collect::<Vec<u8>>();
    let pad = String::from_utf8(pad).unwrap();
    track.version(lines.with("url = ''"));
    track.plant(&planted);
    for bytes in 0..=64 {
        track.version(lines.with(&format!("{}\nurl = '{}'", &pad[..bytes], planted.text)));
    }
    track
}

/// The second half of a value is overwritten by another one's.
fn cut_through(draw: &mut Draw) -> Track {
    let mut track = Track::new("half of a value changes", "cut.env");
    let lines = Lines::new(draw, 5000);
    let mut planted = secret::aws_pair(draw);
    for round in 0..12 {
        track.plant(&planted);
        track.version(lines.with(&planted.text));
        track.uproot();
        let other = secret::aws_pair(draw).value;
        let cut = 4 + 3 * round;
        let (head, tail) =
            if round % 2 == 0 { (&planted.value, &other) } else { (&other, &planted.value) };
        let value = [&head[..cut], &tail[cut..]].concat();
        let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
        planted.text = planted.text.replace(&text(&planted.value), &text(&value));
        planted.value = value;
    }
    track.version(lines.bytes());
    track
}

/// Comes, goes, and comes again.
fn removed(draw: &mut Draw) -> Track {
    let mut track = Track::new("added and removed again", "src/removed.rb");
    let mut lines = Lines::new(draw, 3000);
    let planted = secret::database_uri(draw);
    track.version(lines.bytes());
    track.plant(&planted);
    track.version(lines.with(&planted.text));
    lines.edit(draw);
    track.uproot();
    track.version(lines.bytes());
    track.versions.push(None);
    track
}

/// The block with the value goes from the end of the file to its head and back.
fn moved_block(draw: &mut Draw) -> Track {
    let mut track = Track::new("the block around a value moves", "src/moved.go");
    let planted = secret::presigned_url(draw);
    let (one, two) = (filler(draw, 3000), filler(draw, 3000));
    let block = Lines::new(draw, 500).with(&planted.text);
    track.version([&one[..], &two].concat());
    track.plant(&planted);
    track.version([&one[..], b"\n", &two, b"\n", &block].concat());
    track.version([&block[..], b"\n", &two, b"\n", &one].concat());
    track.version([&one[..], b"\n", &block, b"\n", &two].concat());
    track.version([&two[..], b"\n", &block, b"\n", &one, b"\n", &block].concat());
    track
}

/// LF becomes CRLF, then CR alone is lost again.
fn line_ends(draw: &mut Draw) -> Track {
    let mut track = Track::new("line ends change", "windows.ini");
    let planted = secret::aws_pair(draw);
    let mut lines = Lines::new(draw, 3000);
    let ended = |lines: &Lines, text: &str| {
        let text = String::from_utf8(lines.with(text)).unwrap();
        text.replace('\n', "\r\n").into_bytes()
    };
    track.version(lines.bytes());
    track.plant(&planted);
    track.version(lines.with(&planted.text));
    track.version(ended(&lines, &planted.text));
    lines.edit(draw);
    track.version(ended(&lines, &planted.text));
    track.version(lines.with(&planted.text));
    track
}

/// Among bytes that are no text.
fn binary(draw: &mut Draw) -> Track {
    let mut track = Track::new("in a binary file", "bin/dump.bin");
    let planted = secret::database_uri(draw);
    let (head, tail) = (draw.bytes(9000), draw.bytes(9000));
    let with =
        |pad: usize| [&head[..], &vec![0; pad], planted.text.as_bytes(), b"\0", &tail].concat();
    track.version(head.clone());
    track.plant(&planted);
    for pad in [1, 2, 40, 300] {
        track.version(with(pad));
    }
    track
}

/// An empty file gets a value and is emptied again.
fn emptied(draw: &mut Draw) -> Track {
    let mut track = Track::new("in a file that was and becomes empty", "empty");
    let planted = secret::private_key(draw);
    track.version("");
    track.plant(&planted);
    track.version(planted.text.clone());
    track.uproot();
    track.version("");
    track
}

/// Megabytes, with values at several places.
fn large(draw: &mut Draw) -> Track {
    let mut track = Track::new("in a file of megabytes", "data/large.log");
    let mut text = filler(draw, 2_400_000);
    track.version(text.clone());
    for at in [1_200_000, 10, 2_300_000] {
        let planted = secret::aws_pair(draw);
        track.plant(&planted);
        text.splice(at..at, format!("\n{}\n", planted.text).into_bytes());
        track.version(text.clone());
    }
    track
}

/// One line in the body of a key is another one's.
fn key_changed(draw: &mut Draw) -> Track {
    let mut track = Track::new("a key is exchanged", "deploy/id");
    let lines = Lines::new(draw, 2500);
    for _ in 0..4 {
        let planted = secret::private_key(draw);
        track.plant(&planted);
        track.version(lines.with(&planted.text));
        track.uproot();
    }
    track.version(lines.bytes());
    track
}

/// What stands around a value changes, the value does not.
fn context_changed(draw: &mut Draw) -> Track {
    let mut track = Track::new("the context of a value changes", "docs/setup.md");
    let planted = secret::aws_pair(draw);
    let other = secret::aws_pair(draw);
    let other_id = other.text.split_once('\n').unwrap().0.to_owned();
    let lines = Lines::new(draw, 4000);
    track.plant(&planted);
    for around in ["", "# example, not real", "// test", &other_id, "password = changeme"] {
        for gap in [0, 1, 40, 700, 5000] {
            let gap = String::from_utf8(filler(draw, gap)).unwrap();
            track.version(lines.with(&format!("{around}\n{gap}\n{}", planted.text)));
        }
    }
    track
}

/// At the first and at the last byte.
fn edges(draw: &mut Draw) -> Vec<Track> {
    let mut tracks = Vec::new();
    for (name, path) in [("at the start of a file", "edge/start"), ("at its end", "edge/end")] {
        let mut track = Track::new(name, path);
        let planted = secret::any(draw);
        let mut lines = Lines::new(draw, 3000);
        track.version(lines.bytes());
        track.plant(&planted);
        for _ in 0..5 {
            let text = lines.bytes();
            track.version(match path {
                "edge/start" => [planted.text.as_bytes(), b"\n", &text].concat(),
                _ => [&text, "\n".as_bytes(), planted.text.as_bytes()].concat(),
            });
            lines.edit(draw);
        }
        tracks.push(track);
    }
    tracks
}

/// UTF-16 with a byte-order mark, both ways round.
fn wide(draw: &mut Draw) -> Vec<Track> {
    let mut tracks = Vec::new();
    for (name, big) in [("in UTF-16LE", false), ("in UTF-16BE", true)] {
        let mut track = Track::new(name, format!("wide/{}.reg", u8::from(big)));
        let planted = secret::aws_pair(draw);
        let mut lines = Lines::new(draw, 2500);
        let encoded = |text: Vec<u8>| -> Vec<u8> {
            let text = format!("\u{feff}{}", String::from_utf8(text).unwrap());
            let units = text.encode_utf16();
            units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        track.version(encoded(lines.bytes()));
        track.plant(&planted);
        for _ in 0..5 {
            track.version(encoded(lines.with(&planted.text)));
            lines.edit(draw);
        }
        tracks.push(track);
    }
    tracks
}

/// Paths that need care.
fn odd_names(draw: &mut Draw) -> Vec<Track> {
    let deep = format!("{}/end", vec!["deep"; 40].join("/"));
    let names: [&[u8]; 10] = [
        b"odd/caf\xe9.txt",
        b"odd/new\nline",
        b"odd/\"quoted\"",
        b"-rf",
        b"odd/tab\there",
        b"odd/ space ",
        b"odd/back\\slash",
        b"odd/\x1b[31mred",
        "odd/naïve/größe.txt".as_bytes(),
        deep.as_bytes(),
    ];
    let tracks = names.into_iter().map(|path| {
        let mut track = Track::new("under an odd name", path);
        let planted = secret::database_uri(draw);
        track.plant(&planted);
        track.version(Lines::new(draw, 300).with(&planted.text));
        track
    });
    tracks.collect()
}

/// Ordinary files that hold a value from some version on.
fn edited(draw: &mut Draw) -> Vec<Track> {
    let tracks = (0..6).map(|number| {
        let path = format!("app/models/m{number}.rb");
        let mut track = Track::new("in a file that is edited", path);
        let bytes = 2000 + draw.below(20_000);
        let mut lines = Lines::new(draw, bytes);
        let planted = secret::any(draw);
        for version in 0..16 {
            if version == 3 {
                track.plant(&planted);
            }
            track.version(if version < 3 { lines.bytes() } else { lines.with(&planted.text) });
            lines.edit(draw);
        }
        track
    });
    tracks.collect()
}

/// No plants, but everything that detectors look at.
fn churned(draw: &mut Draw, number: usize) -> Track {
    let mut track = Track::new("churn", format!("churn/{number}.txt"));
    let mut churn = Churn::new(draw, 3000 + 1500 * number);
    for _ in 0..20 {
        track.version(churn.bytes());
        churn.edit(draw);
    }
    track
}
