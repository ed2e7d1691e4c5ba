//! The leaks of a log: values of all families, in turn, as logs show them.

use crate::{
    draw::Draw,
    family::{FAMILIES, Maker},
    host::Host,
    marked::Marked,
    planting::{Rotation, bound},
    tree::Options,
    value::pem::KeyRing,
};

use super::{
    LogLabel,
    clock::{Clock, Form},
    lines,
};

/// The kinds of file that text of a log is made for.
const HOSTS: [Host; 2] = [Host::Log, Host::JsonLog];

/// What is reported only where it is asked for would look like a miss.
const NOT_REPORTED: &str = "public-object-url";

/// What plants leaks.
pub(super) struct Leaks {
    maker: Maker,
    /// The families in an order that uses all before any again.
    order: Vec<usize>,
    choices: Vec<Rotation>,
    next: usize,
}

/// A planted entry.
pub(super) struct Leak(Marked);

impl Leaks {
    pub(super) fn new(seed: u64) -> Self {
        let mut draw = Draw::new(seed, 4);
        let ring = KeyRing::new(Draw::new(seed, 1));
        let choices = FAMILIES.iter().map(|family| Rotation::new(&mut draw, family, false));
        let choices = choices.collect();
        let reported = |index: &usize| FAMILIES[*index].detector != NOT_REPORTED;
        let mut order: Vec<usize> = (0..FAMILIES.len()).filter(reported).collect();
        draw.shuffle(&mut order);
        let maker = Maker { draw, ring, now: Options::DEFAULT_NOW };
        Self { maker, order, choices, next: 0 }
    }

    /// The next entry, written now.
    pub(super) fn next(&mut self, clock: &Clock) -> Leak {
        loop {
            let index = self.order[self.next % self.order.len()];
            self.next += 1;
            let family = FAMILIES[index];
            let first = usize::from(self.maker.draw.chance(0.5));
            let hosts = [HOSTS[first], HOSTS[1 - first]];
            let rotation = &mut self.choices[index];
            let Some(choice) = hosts.into_iter().find_map(|host| rotation.turn_for(family, host))
            else {
                // Its values appear in no log.
                continue;
            };
            let mut slots = bound(&mut self.maker, family);
            let now = String::from_utf8_lossy(clock.shown(Form::Iso)).into_owned();
            slots.set("date", &now[..10]);
            slots.set("time", &now[11..19]);
            slots.set("iso", now);
            return Leak(choice.planted(&mut self.maker.draw, family, &slots).text);
        }
    }
}

impl Leak {
    /// The entry without its last line end.
    pub(super) fn text(&self) -> &str {
        &self.0.text
    }

    /// The labels of an entry that stands behind so many lines and bytes.
    pub(super) fn labels(self, behind: u64, offset: u64) -> impl Iterator<Item = LogLabel> {
        let Marked { text, mut marks } = self.0;
        marks.sort_by_key(|mark| (mark.range.start, mark.range.end));
        marks.into_iter().map(move |mark| LogLabel {
            line: behind + 1 + lines(&text.as_bytes()[..mark.range.start]),
            detector: mark.detector.into(),
            role: mark.role,
            secret: text[mark.range.clone()].into(),
            offset: offset + mark.range.start as u64,
        })
    }
}
