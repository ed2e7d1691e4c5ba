//! The plan of a tree: which values stand in which files, among what.
//!
//! Every file is a function of the seed and of the files before it, so a
//! corpus can be made again byte for byte from its options.

use std::collections::{BTreeMap, HashSet};

use time::OffsetDateTime;

use crate::{
    decoy,
    draw::Draw,
    encoding::{self, Encoding},
    escape::Escape,
    family::{FAMILIES, Maker, Mixing},
    host::Host,
    label::{Label, Role},
    marked::Marked,
    planting::{Choice, Piece, Rotation, bound},
    template::{self, Slots},
    value::pem::KeyRing,
    wrap::Wrap,
};

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The number that everything follows from.
    pub seed: u64,
    /// Plants wanted of each detector; the containers that hold two kinds make
    /// some detectors get a few more.
    pub plants: usize,
    /// Decoys for each plant.
    pub decoys_per_plant: usize,
    /// The clock of the corpus: everything was created before it.
    pub now: OffsetDateTime,
    /// Whether values are planted in base64 too, as Kubernetes manifests hold
    /// them; their labels have the whole encoded run as range.
    pub encoded: bool,
}

impl Options {
    /// 2026-01-01T00:00:00Z, the clock where none is asked for.
    pub const DEFAULT_NOW: OffsetDateTime = time::macros::datetime!(2026-01-01 00:00 UTC);

    /// The options of a seed: 100 plants of each detector and three decoys for
    /// each of them.
    pub fn new(seed: u64) -> Self {
        Self { seed, plants: 100, decoys_per_plant: 3, now: Self::DEFAULT_NOW, encoded: false }
    }
}

/// A generated file with its labels.
#[derive(Clone, Debug)]
pub struct File {
    /// The path below the tree, with forward slashes.
    pub path: String,
    /// The content as stored.
    pub bytes: Vec<u8>,
    /// What stands in it, by offset.
    pub labels: Vec<Label>,
    /// For the tests: the labelled values and how they were escaped.
    #[cfg(test)]
    pub(crate) proofs: Vec<Proof>,
}

/// What a label's range must decode to.
#[cfg(test)]
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) value: String,
    pub(crate) escapes: Vec<Escape>,
    pub(crate) encoding: Encoding,
}

/// How often a value is planted in its file once more: one leak in two places.
const SAME_VALUE_AGAIN: f64 = 0.03;

/// The files of a corpus, one after the other.
#[derive(Debug)]
pub struct Tree {
    options: Options,
    maker: Maker,
    choices: Vec<Rotation>,
    counts: BTreeMap<&'static str, usize>,
    decoys: usize,
    decoy_files: usize,
    paths: HashSet<String>,
    files: usize,
}

impl Tree {
    /// Plans the tree of the options.
    pub fn new(options: Options) -> Self {
        let mut draw = Draw::new(options.seed, 0);
        let ring = KeyRing::new(Draw::new(options.seed, 1));
        let choices = FAMILIES
            .iter()
            .map(|family| Rotation::new(&mut draw, family, options.encoded))
            .collect();
        Self {
            options,
            maker: Maker { draw, ring, now: options.now },
            choices,
            counts: FAMILIES.iter().map(|family| (family.detector, 0)).collect(),
            decoys: 0,
            decoy_files: 0,
            paths: HashSet::new(),
            files: 0,
        }
    }

    /// The plants so far, by detector.
    pub fn counts(&self) -> &BTreeMap<&'static str, usize> {
        &self.counts
    }

    /// The decoys so far.
    pub fn decoys(&self) -> usize {
        self.decoys
    }

    /// A detector that still wants plants; the choice is random, so that the
    /// kinds are spread over the tree.
    fn wanting(&mut self) -> Option<usize> {
        let open: Vec<usize> = (0..FAMILIES.len())
            .filter(|&index| self.counts[FAMILIES[index].detector] < self.options.plants)
            .collect();
        (!open.is_empty()).then(|| *self.maker.draw.pick(&open))
    }

    fn planted_file(&mut self, index: usize) -> File {
        let family = FAMILIES[index];
        let choice = self.choices[index].turn();
        let slots = bound(&mut self.maker, family);
        let Piece { text, host, path } = choice.planted(&mut self.maker.draw, family, &slots);
        if host == Host::Bare {
            return self.store(host, path, text);
        }
        let mut plants = vec![text];
        if self.maker.draw.chance(0.5) {
            for _ in 0..1 + self.maker.draw.below(3) {
                plants.extend(self.beside(index, choice));
            }
        }
        if self.maker.draw.chance(SAME_VALUE_AGAIN)
            && let Some(choice) = self.choices[index].turn_for(family, host)
        {
            plants.push(choice.planted(&mut self.maker.draw, family, &slots).text);
        }
        let free = family.mixing == Mixing::Free;
        let decoys = plants.len() * self.options.decoys_per_plant;
        let text = self.assemble(host, plants, decoys, free);
        self.store(host, path, text)
    }

    /// Another plant for a file: of the same family, or of one that goes with
    /// anything.
    fn beside(&mut self, index: usize, choice: Choice) -> Option<Marked> {
        let family = FAMILIES[index];
        if choice.is_named(family) {
            // Another profile of the same file.
            let slots = bound(&mut self.maker, family);
            return Some(choice.planted(&mut self.maker.draw, family, &slots).text);
        }
        let index = if self.maker.draw.chance(0.7) {
            index
        } else {
            let free: Vec<usize> = (0..FAMILIES.len())
                .filter(|&other| FAMILIES[other].mixing == Mixing::Free)
                .filter(|&other| self.counts[FAMILIES[other].detector] < self.options.plants)
                .collect();
            if free.is_empty() { index } else { *self.maker.draw.pick(&free) }
        };
        let host = choice.wrap.map_or(choice.host, Wrap::host);
        let choice = self.choices[index].turn_for(FAMILIES[index], host)?;
        let slots = bound(&mut self.maker, FAMILIES[index]);
        Some(choice.planted(&mut self.maker.draw, FAMILIES[index], &slots).text)
    }

    /// A file that holds nothing to be found.
    fn decoy_file(&mut self) -> File {
        self.decoy_files += 1;
        if self.maker.draw.chance(0.4) {
            let templates: Vec<_> = decoy::file_templates().collect();
            let template = *self.maker.draw.pick(&templates);
            let mut text = Marked::default();
            for _ in 0..decoy::repetitions(&mut self.maker.draw, template.name) {
                text.append(decoy::rendered(&mut self.maker, template.text));
                text.trim_end();
                text.push("\n");
                self.decoys += 1;
            }
            let path = template.path.map(|path| {
                template::render(&mut self.maker.draw, path, &Slots::default(), "").text
            });
            return self.store(Host::Bare, path, text);
        }
        let hosts = &Host::ALL[..Host::ALL.len() - 1];
        let host = *self.maker.draw.pick(hosts);
        let decoys = 6 + self.maker.draw.below(12);
        let text = self.assemble(host, Vec::new(), decoys, true);
        self.store(host, None, text)
    }

    /// Puts plants and decoys between ordinary content.
    fn assemble(&mut self, host: Host, plants: Vec<Marked>, decoys: usize, opaque: bool) -> Marked {
        let style = host.style();
        let mut pieces = plants;
        for _ in 0..decoys {
            let piece = decoy::piece(&mut self.maker, host, opaque);
            self.decoys += usize::from(piece.is_some());
            pieces.extend(piece);
        }
        let draw = &mut self.maker.draw;
        draw.shuffle(&mut pieces);
        let none = Slots::default();
        let mut out = template::render(draw, style.head, &none, "");
        let lines = 50 + draw.below(350).min(draw.below(350));
        let gap = lines / (pieces.len() + 1);
        for piece in pieces.into_iter().map(Some).chain([None]) {
            let wanted = gap / 2 + draw.below(gap + 1);
            let mut filled = 0;
            while filled <= wanted {
                let filler = host.filler(draw);
                filled += filler.lines() + 1;
                add(&mut out, host, filler);
            }
            if let Some(piece) = piece {
                add(&mut out, host, piece);
            }
        }
        out.append(template::render(draw, style.tail, &none, ""));
        out
    }

    fn store(&mut self, host: Host, path: Option<String>, text: Marked) -> File {
        let mut encoding = Encoding::any(&mut self.maker.draw);
        let draw = &mut self.maker.draw;
        let crlf = encoding != Encoding::Binary && draw.chance(0.08);
        // Nobody draws boxes in Latin-1.
        if encoding == Encoding::Latin1 && text.text.contains('\u{2502}') {
            encoding = Encoding::Utf8;
        }
        // Scripts and bundles do not live in binary files; a memory image of
        // anything else does exist.
        if encoding == Encoding::Binary && host == Host::Notebook {
            encoding = Encoding::Utf8;
        }
        let path = path.unwrap_or_else(|| {
            let path = *draw.pick(host.style().paths);
            template::render(draw, path, &Slots::default(), "").text
        });
        let path = self.unique(&path);
        let stored = encoding::store(&mut self.maker.draw, text, encoding, crlf);
        self.file(path, stored, encoding)
    }

    fn file(&mut self, path: String, stored: encoding::Stored, encoding: Encoding) -> File {
        let mut labels = Vec::with_capacity(stored.marks.len());
        #[cfg(test)]
        let mut proofs = Vec::new();
        for (mark, line) in stored.marks {
            if mark.role == Role::Plant {
                *self.counts.entry(mark.detector).or_default() += 1;
            }
            let suffix = encoding.name().map(|name| format!("@{name}")).unwrap_or_default();
            let crlf = if mark.escapes.last() == Some(&Escape::Crlf) { "@crlf" } else { "" };
            labels.push(Label {
                path: path.clone(),
                detector: mark.detector.into(),
                container: format!("{}{suffix}{crlf}", mark.container),
                role: mark.role,
                offset: mark.range.start as u64,
                length: mark.range.len() as u64,
                line,
                severity_hint: mark.severity_hint.map(Into::into),
                origin: None,
            });
            #[cfg(test)]
            proofs.push(Proof { value: mark.value, escapes: mark.escapes, encoding });
        }
        self.files += 1;
        File {
            path,
            bytes: stored.bytes,
            labels,
            #[cfg(test)]
            proofs,
        }
    }

    /// Places a path in one of the tree's projects, beside no file of its name.
    fn unique(&mut self, path: &str) -> String {
        let project = self.files / 40;
        let mut unique = format!("project-{project:03}/{path}");
        let mut copy = 1;
        // Names of directories may not be names of files, whatever the case of
        // the letters means to the file system.
        while !self.paths.insert(unique.to_lowercase()) {
            copy += 1;
            unique = format!("project-{project:03}/copy-{copy}/{path}");
        }
        unique
    }
}

impl Iterator for Tree {
    type Item = File;

    fn next(&mut self) -> Option<File> {
        let due = self.options.decoys_per_plant * self.counts.values().sum::<usize>();
        if self.decoys < due && self.decoy_files * 8 < self.files {
            return Some(self.decoy_file());
        }
        match self.wanting() {
            Some(index) => Some(self.planted_file(index)),
            None => (self.decoys < due).then(|| self.decoy_file()),
        }
    }
}

/// Adds a piece to a file, indented and separated as its kind asks.
fn add(out: &mut Marked, host: Host, piece: Marked) {
    let style = host.style();
    if style.indent > 0 {
        let indent = " ".repeat(style.indent);
        out.push(&indent);
        out.append(piece.escaped(&Escape::Prefix(indent)));
    } else {
        out.append(piece);
    }
    out.push("\n");
    out.push(style.separator);
}
