//! Scanning what a text says once it is decoded.

use std::cmp::{Ordering, Reverse};
use std::ops::Range;

use leaksieve_detectors::relate::{Budget, Context, cluster};
use leaksieve_detectors::{Leak, Part, Passage, Role, Verdict};

use super::Coding;
use super::unfold::{self, Unfolded};
use super::view::View;
use crate::scanner::{Relating, Scanner, Scratch};

/// A leak, and how it was encoded, the outermost layer first; nothing if it stands
/// plainly.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) leak: Leak,
    pub(crate) codings: Vec<Coding>,
}

impl From<Leak> for Read {
    fn from(leak: Leak) -> Self {
        Self { leak, codings: Vec::new() }
    }
}

/// The leaks of a text that show only when it is decoded, in its own offsets. `depth`
/// layers were undone to come to it.
pub(crate) fn read(
    scanner: &Scanner,
    text: &Passage<'_>,
    context: &Context,
    budget: &Budget,
    depth: usize,
) -> Vec<Read> {
    if depth >= scanner.decode_depth() {
        return Vec::new();
    }
    let Some(Unfolded { all, escapes, urls }) = unfold::unfold(scanner, text.bytes, depth) else {
        return Vec::new();
    };
    let found = found_in(scanner, text, &all, context, budget, depth);
    let last = scanner.decode_depth() - 1;
    let also = |found, view: Option<View>, depth| match view {
        Some(view) => join(text, found_in(scanner, text, &view, context, budget, depth), found),
        None => found,
    };
    // Of what is encoded further, the first knows; an escape that was cut shows in the next
    // layer of the last.
    let found = also(found, escapes, last);
    also(found, urls, last.saturating_sub(1).max(depth))
}

/// The leaks of a view that show only in it, where they stand in the text.
fn found_in(
    scanner: &Scanner,
    text: &Passage<'_>,
    view: &View,
    context: &Context,
    budget: &Budget,
    depth: usize,
) -> Vec<Read> {
    let passage = Passage { base: 0, bytes: view.text() };
    let mut scratch = Scratch::new();
    scanner.extract_at(&passage, 0..view.text().len(), depth + 1, &mut scratch);
    let mut pending = scratch.candidates;
    cluster::order(&mut pending);
    let mut relating = Relating::new(scanner, context, budget, depth + 1);
    let (mut found, mut beside) = (Vec::new(), Vec::new());
    while let Some(related) = relating.next(&passage, u64::MAX, &mut pending) {
        for mut read in related.leaks {
            // What stands beside it counts, too: it may have told where a value begins.
            let Range { start, end } = here(&read.leak.span);
            let layer = view.codings(&(start.saturating_sub(1)..end + 1));
            let detector = &scanner.detectors()[usize::from(read.leak.detector)];
            if detector.opt_in && read.codings.is_empty() && is_plain_url(view, start..end) {
                continue;
            }
            read.leak = led_back(read.leak, view, text.base);
            match layer {
                Some((coding, then)) => {
                    read.codings.splice(0..0, std::iter::once(coding).chain(then));
                    found.push(read);
                }
                // It stands so in the text itself, and was left because something that
                // had to be undone first touches what it is encoded in, or what tells
                // that it is one.
                None if !read.codings.is_empty() || view.is_amid(&(start..end)) => {
                    beside.push(read);
                }
                None => {}
            }
        }
    }
    beside.retain(|read: &Read| {
        let same = |known: &Read| {
            known.leak.detector == read.leak.detector && known.leak.value == read.leak.value
        };
        !found.iter().any(same)
    });
    found.append(&mut beside);
    found
}

fn here(range: &Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// A leak of a view, where it stands in the view's source.
fn led_back(mut leak: Leak, view: &View, base: u64) -> Leak {
    let passage = Passage { base: 0, bytes: view.text() };
    let source = |range: &Range<u64>| -> Range<u64> {
        let at = view.source(&here(range));
        base + at.start as u64..base + at.end as u64
    };
    leak.decoded = Some(leak.value_in(&passage).into());
    for part in &mut leak.parts {
        part.decoded = Some(part.value_in(&passage).into());
        part.range = source(&part.range);
    }
    leak.value = source(&leak.value);
    leak.span = source(&leak.span);
    leak.overlapped = leak.overlapped.into_iter().map(|l| led_back(l, view, base)).collect();
    leak
}

/// Joins what stands plainly, or more so, with what was decoded: of two leaks of the same
/// bytes, the one that is believed more.
pub(crate) fn join(text: &Passage<'_>, mut all: Vec<Read>, decoded: Vec<Read>) -> Vec<Read> {
    let mut won = Vec::new();
    for read in decoded {
        let stays = |known: &Read| rival(text, known, &read);
        if !all.iter().any(|known| stays(known) == Some(true)) {
            all.retain(|known| stays(known).is_none());
            won.push(read);
        }
    }
    all.append(&mut won);
    all.sort_by_key(|read| (read.leak.value.start, Reverse(read.leak.value.end)));
    all
}

/// Whether a URL stands in the source with parts of it percent-encoded, as URLs are. It is
/// read there with what signs it; decoded, it may end before that and seem to be open.
fn is_plain_url(view: &View, range: Range<usize>) -> bool {
    /// Bytes that tell how a URL begins.
    const SCHEME: usize = 8;
    let scheme = range.start.saturating_sub(SCHEME)..(range.start + SCHEME).min(range.end);
    // A space that was written so ends it.
    view.holds(&(range.start..range.end + 1), Coding::Percent)
        && !view.holds(&scheme, Coding::Percent)
}

/// Whether a leak that is known stays beside one that was decoded from the same bytes;
/// `None` if they do not concern each other.
fn rival(text: &Passage<'_>, known: &Read, read: &Read) -> Option<bool> {
    let (a, b) = (&known.leak, &read.leak);
    let overlap = |x: &Range<u64>, y: &Range<u64>| x.start < y.end && y.start < x.end;
    // A half that was alone, and has found its other half in something decoded.
    let completed = b.detector != a.detector || b.parts.len() > a.parts.len();
    if completed && b.parts.iter().any(|part| part.role == a.role && part.range == a.value) {
        return Some(a.verdict.rank() > b.verdict.rank() && !is_sure(b));
    }
    // A URL that is signed is no open one.
    let is_within = b.span.start <= a.value.start && a.value.end <= b.span.end;
    if !a.role.is_secret() && b.role.is_secret() && is_within && is_sure(b) {
        return Some(false);
    }
    // Whose it is, told again.
    let tells_again = |part: &Part| part.role == b.role && part.value_in(text) == b.value_in(text);
    if !b.role.is_secret() && a.parts.iter().any(tells_again) {
        return Some(true);
    }
    let is_written = read.codings.first().is_none_or(|coding| is_written(*coding));
    if !overlap(&a.value, &b.value) {
        // A URL that is signed is no open one, however its parameters are written.
        let holds = a.span.start <= b.value.start && b.value.end <= a.span.end;
        let on_one_line = || memchr::memchr(b'\n', text.slice(a.span.clone())).is_none();
        let is_part = is_written && !b.role.is_secret() && holds;
        return (is_part && rank(a) >= rank(b) && on_one_line()).then_some(true);
    }
    if a.detector == b.detector {
        let same = a.value_in(text) == b.value_in(text);
        // Nobody writes a password that happens to be the base64 of a text.
        let is_proven = a.verdict == Verdict::Proven;
        return Some(match rank(a).cmp(&rank(b)) {
            Ordering::Equal => same || is_proven || is_written,
            order => order.is_gt(),
        });
    }
    // What is a part of another, as a session token of a signed URL, or the first piece of a
    // value that is put together of several.
    let encloses = b.value.start <= a.value.start && a.value.end <= b.value.end;
    let is_part = matches!(a.role, Role::SessionToken | Role::Signature)
        || read.codings.first() == Some(&Coding::Joined)
            && is_put_together(text.slice(b.value.clone()));
    if is_written && encloses && b.value != a.value && is_part && is_sure(b) {
        return Some(false);
    }
    // What the credential itself is made of is no other leak, and what an escape writes is
    // what was read. Only of digits that say text it is doubtful that they are a value.
    if a.verdict == Verdict::Proven || (is_written && rank(a) >= rank(b)) {
        return Some(true);
    }
    (matches!(a.verdict, Verdict::Refuted(_)) || (!is_sure(a) && is_sure(b))).then_some(false)
}

/// Whether a leak is more than possible.
fn is_sure(leak: &Leak) -> bool {
    leak.verdict.rank() >= Verdict::Supported.rank()
}

/// Whether a sign puts the pieces of a value together; between quotes that only follow one
/// another there may be two values.
fn is_put_together(value: &[u8]) -> bool {
    memchr::memchr3_iter(b'"', b'\'', b'`', value).any(|quote| {
        let next = value[quote + 1..].trim_ascii_start().first();
        next.is_some_and(|byte| matches!(byte, b'+' | b'.' | b'&' | b'\\'))
    })
}

/// Whether text stays readable in a coding, and with it what a detector makes of it.
fn is_written(coding: Coding) -> bool {
    !matches!(coding, Coding::Base64 | Coding::Hex)
}

/// The more a leak is believed, the more it is.
fn rank(leak: &Leak) -> (u8, bool) {
    (leak.verdict.rank(), leak.complete)
}
