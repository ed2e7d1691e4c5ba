//! The ways of planting a family's values: its own templates, the forms of assignment that a
//! kind of file has, and either of them inside another kind of file.
//!
//! Which value is planted when, and among what, is decided by who asks
//! ([`tree`](crate::tree), [`log`](crate::log)).

use crate::{
    draw::Draw,
    family::{Family, Maker},
    host::{ENCODED, Host},
    marked::Marked,
    template::{self, Slots},
    wrap::Wrap,
};

/// One way of planting a family's value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) host: Host,
    source: Source,
    pub(crate) wrap: Option<Wrap>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// The template of this number.
    Template(usize),
    /// The host's form of assignment of this number.
    Assignment(usize),
    /// The form of this number of those that encode their values.
    Encoded(usize),
}

/// A family's choices in an order that uses all before any again.
#[derive(Debug)]
pub(crate) struct Rotation {
    choices: Vec<Choice>,
    next: usize,
}

/// Something planted, on its way into a file.
pub(crate) struct Piece {
    pub(crate) text: Marked,
    pub(crate) host: Host,
    pub(crate) path: Option<String>,
}

/// A family's new values.
pub(crate) fn bound(maker: &mut Maker, family: &Family) -> Slots {
    let mut slots = Slots::default();
    (family.bind)(maker, &mut slots);
    slots
}

impl Choice {
    /// Whether it belongs into files of a certain name.
    pub(crate) fn is_named(self, family: &Family) -> bool {
        matches!(self.source, Source::Template(number) if family.templates[number].path.is_some())
    }

    /// The text of a family's values, planted so.
    pub(crate) fn planted(self, draw: &mut Draw, family: &Family, slots: &Slots) -> Piece {
        let style = self.host.style();
        let (text, name, path) = match self.source {
            Source::Template(number) => {
                let template = &family.templates[number];
                let path = template.path.map(|path| template::render(draw, path, slots, "").text);
                (template.text.to_owned(), template.name, path)
            }
            Source::Assignment(number) => {
                let names = *draw.pick(family.names);
                (style.assignments[number].template(names), "assignment", None)
            }
            Source::Encoded(number) => {
                let names = *draw.pick(family.names);
                (ENCODED[number].1.template(names), "base64", None)
            }
        };
        let container = format!("{}/{name}", style.name);
        let mut text = template::render(draw, &text, slots, &container);
        text.trim_end();
        let Some(wrap) = self.wrap else {
            return Piece { text, host: self.host, path };
        };
        let path = wrap.path().map(|path| template::render(draw, path, slots, "").text);
        let mut text = wrap.around(draw, text);
        text.trim_end();
        Piece { text, host: wrap.host(), path }
    }
}

impl Rotation {
    /// The choices of a family.
    pub(crate) fn new(draw: &mut Draw, family: &Family, encoded: bool) -> Self {
        let mut choices = Vec::new();
        for (number, template) in family.templates.iter().enumerate() {
            let plain =
                Choice { host: template.host, source: Source::Template(number), wrap: None };
            // Plain text is commoner than text in text.
            choices.extend([plain; 3]);
            if template.path.is_none() {
                let wraps = Wrap::of(template.host, family.multiline, family.wraps);
                choices.extend(wraps.into_iter().map(|wrap| Choice { wrap: Some(wrap), ..plain }));
            }
        }
        if !family.names.is_empty() {
            for host in Host::ALL {
                for (number, assignment) in host.style().assignments.iter().enumerate() {
                    if family.multiline && !assignment.holds_lines() {
                        continue;
                    }
                    let source = Source::Assignment(number);
                    choices.push(Choice { host, source, wrap: None });
                    let wraps = Wrap::of(host, family.multiline, family.wraps);
                    if draw.chance(0.3) && !wraps.is_empty() {
                        let wrap = Some(*draw.pick(&wraps));
                        choices.push(Choice { host, source, wrap });
                    }
                }
            }
        }
        if encoded && !family.names.is_empty() {
            choices.extend(ENCODED.iter().enumerate().map(|(number, (host, _))| Choice {
                host: *host,
                source: Source::Encoded(number),
                wrap: None,
            }));
        }
        draw.shuffle(&mut choices);
        Self { choices, next: 0 }
    }

    /// The next choice.
    pub(crate) fn turn(&mut self) -> Choice {
        let choice = self.choices[self.next % self.choices.len()];
        self.next += 1;
        choice
    }

    /// The next choice whose text belongs into files of this kind.
    pub(crate) fn turn_for(&mut self, family: &Family, host: Host) -> Option<Choice> {
        let fits = |choice: &Choice| {
            !choice.is_named(family) && choice.wrap.map_or(choice.host, Wrap::host) == host
        };
        for _ in 0..self.choices.len() {
            let choice = self.turn();
            if fits(&choice) {
                return Some(choice);
            }
        }
        None
    }
}
