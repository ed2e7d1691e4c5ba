//! Finding the other half.
//!
//! A lead (a key id) and its companions (the secret, the session token) are
//! paired nearest first and one to one. Near means few bytes, but a boundary in
//! the text counts for more: a blank line, the way out of one object and into
//! the next. An INI section is never left. Names decide where they can:
//! `DEV_SECRET` goes with `DEV_KEY_ID`, whatever stands between them.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::candidate::{Candidate, Passage};
use crate::detector::Companion;
use crate::placeholder::contains_ignore_case;
use crate::relate::cluster::NEAR;
use crate::relate::gap;

/// The most lines between two halves. Terraform state and CloudFormation
/// outputs put a dozen; peers use 3 to 5 and miss those.
const MAX_LINES: u32 = 40;

/// How many companions on each side of a lead are looked at. They are tried
/// nearest first, so that the sixth is wanted only where the five before it went
/// to other leads or were not accepted; a choice, which bounds the work for a
/// lead, and not measured.
const SIDE: usize = 6;

/// A companion before its lead is unusual; it counts as so many bytes further.
/// A choice: more than two halves with their names are apart on neighbouring
/// lines (some 100 bytes), so that in a list without boundaries a lead takes
/// what follows it, and far less than [`NEAR`], so that a companion which stands
/// alone before its lead is still found.
const WRONG_SIDE: u64 = 256;

/// Across how many boundaries, as [`cost`] counts them, a shared companion still
/// tells whose a lead is: a blank line, but not the way from one object into the
/// next (unless the lead's own parts lie as far apart, as in a list of objects
/// with a name and a value each), and not to a lead whose name has other
/// qualifiers.
const SHARED_BOUNDARIES: u8 = 2;

/// What names with other qualifiers count for; more than all boundaries.
const OTHER_NAMES: u8 = 8;

/// How far a shared companion may stand from a lead. A choice: a screen of
/// settings, or a mail.
const BESIDE: u64 = 1536;

/// What lies between the starts of two neighbouring candidates.
#[derive(Debug, Clone, Copy, Default)]
struct Between {
    lines: u32,
    blank_lines: u32,
    headers: u32,
    closed: u32,
    opened: u32,
}

impl Between {
    fn of(text: &[u8]) -> Self {
        let mut between = Self::default();
        let mut lines = Lines { rest: Some(text), escaped: false }.enumerate().peekable();
        while let Some((i, Line { text: line, escaped })) = lines.next() {
            let whole = i > 0 && lines.peek().is_some();
            // A string that holds a file is one line of its own file.
            between.lines += u32::from(i > 0 && !escaped);
            if whole {
                let line = line.trim_ascii();
                if line.is_empty() {
                    between.blank_lines += u32::from(!escaped);
                } else if is_header(line) {
                    between.headers += 1;
                    continue;
                }
            }
            for byte in line {
                match byte {
                    b'{' | b'[' => between.opened += 1,
                    b'}' | b']' if between.opened > 0 => between.opened -= 1,
                    b'}' | b']' => between.closed += 1,
                    _ => {}
                }
            }
        }
        between
    }

    fn then(self, next: Self) -> Self {
        let matched = self.opened.min(next.closed);
        Self {
            lines: self.lines + next.lines,
            blank_lines: self.blank_lines + next.blank_lines,
            headers: self.headers + next.headers,
            closed: self.closed + next.closed - matched,
            opened: self.opened + next.opened - matched,
        }
    }

    fn leaves_object(self) -> bool {
        self.closed > 0 && self.opened > 0
    }
}

/// The lines of a text, however their ends are written: `\n`, `\r\n`, `\r`, or
/// the escapes of these in a string (a backslash or several, then the letter),
/// as where a file stands in JSON.
struct Lines<'t> {
    rest: Option<&'t [u8]>,
    /// Whether the rest stands behind an escaped line end.
    escaped: bool,
}

struct Line<'t> {
    text: &'t [u8],
    /// Whether the line end before it is an escape.
    escaped: bool,
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let text = self.rest?;
        let mut from = 0;
        while let Some(at) = memchr::memchr3(b'\n', b'\r', b'\\', &text[from..]) {
            let at = from + at;
            let len = line_end(&text[at..]);
            if len > 0 {
                let line = Line { text: &text[..at], escaped: self.escaped };
                self.rest = Some(&text[at + len..]);
                self.escaped = text[at] == b'\\';
                return Some(line);
            }
            from = at + 1;
        }
        self.rest = None;
        Some(Line { text, escaped: self.escaped })
    }
}

/// How long the line end is that `text` begins with; 0 if it begins with none.
fn line_end(text: &[u8]) -> usize {
    let one = |text: &[u8], letter: u8, plain: u8| match text.first() {
        Some(byte) if *byte == plain => 1,
        Some(b'\\') => {
            let slashes = text.iter().take_while(|b| **b == b'\\').count();
            if text.get(slashes) == Some(&letter) { slashes + 1 } else { 0 }
        }
        _ => 0,
    };
    let cr = one(text, b'r', b'\r');
    cr + one(&text[cr..], b'n', b'\n')
}

/// Whether a trimmed line begins a section: `[profile x]`, `[[x]]` or
/// `[profile "x"] ; comment`, or is a document marker.
///
/// An array or an index (`["a"]`, `[a, b],`, `[0].x`) is none: it begins with a
/// quote, or what stands in it or after it is not of a name or a comment.
fn is_header(line: &[u8]) -> bool {
    if line == b"---" {
        return true;
    }
    let depth = if line.starts_with(b"[[") { 2 } else { 1 };
    if !line.starts_with(b"[") {
        return false;
    }
    let name = |b: &u8| b.is_ascii_alphanumeric() || b" _-.:/@\\\"'".contains(b);
    let body = &line[depth..];
    let len = body.iter().take_while(|b| name(b)).count();
    let Some(rest) = body[len..].strip_prefix(&b"]]"[..depth]) else { return false };
    let rest = rest.trim_ascii_start();
    let quoted = matches!(body.trim_ascii_start().first(), Some(b'"' | b'\'' | b'\\'));
    len > 0 && !quoted && (rest.is_empty() || matches!(rest[0], b';' | b'#'))
}

/// A possible pair and what it costs; ordered, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    boundaries: u8,
    distance: u64,
    lead: usize,
    companion: usize,
}

/// The candidates of one leak, by their indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assembly {
    /// Its parts, the lead first.
    pub(super) members: Vec<usize>,
    /// What tells whose it is: [`Companion::shared`].
    pub(super) beside: Vec<usize>,
}

/// The leaks that the companions' roles make up.
///
/// A companion that is [shared](Companion::shared) is not taken by one lead: it
/// serves every lead that it is closest to, going by boundaries alone.
pub(super) fn assemble(
    companions: &[Companion],
    candidates: &[Candidate],
    used: &[bool],
    passage: &Passage<'_>,
) -> Vec<Assembly> {
    let Some((lead_part, others)) = companions.split_first() else { return Vec::new() };
    let free = |i: usize, part: &Companion| {
        !used[i] && candidates[i].role == part.role && !candidates[i].is_refuted()
    };
    let leads: Vec<usize> = (0..candidates.len()).filter(|i| free(*i, lead_part)).collect();
    if leads.is_empty() {
        return Vec::new();
    }
    let steps: Vec<Between> = candidates
        .windows(2)
        .map(|two| {
            Between::of(
                passage.slice(two[0].value.start..two[1].value.start.max(two[0].value.start)),
            )
        })
        .collect();

    let mut assembled: Vec<Option<Assembly>> =
        leads.iter().map(|l| Some(Assembly { members: vec![*l], beside: Vec::new() })).collect();
    // Across how many boundaries the parts of each lead were found.
    let mut widest = vec![0; leads.len()];
    for part in others {
        let free: Vec<usize> = (0..candidates.len()).filter(|i| free(*i, part)).collect();
        // Where a companion comes first and a lead last, companions stand
        // before their leads.
        let reversed = match (free.first(), free.last(), leads.first(), leads.last()) {
            (Some(c0), Some(c1), Some(l0), Some(l1)) => c0 < l0 && c1 < l1,
            _ => false,
        };
        let mut edges = Vec::new();
        for (slot, lead) in leads.iter().enumerate() {
            if assembled[slot].is_none() {
                continue;
            }
            let after = free.partition_point(|i| i < lead);
            for companion in &free[after.saturating_sub(SIDE)..(after + SIDE).min(free.len())] {
                if (part.accepts)(&candidates[*lead], &candidates[*companion])
                    && let Some((boundaries, distance)) =
                        cost(candidates, *lead, *companion, part.shared, &steps, reversed, passage)
                    && (!part.shared
                        || (boundaries <= widest[slot].max(SHARED_BOUNDARIES)
                            && distance <= BESIDE))
                {
                    edges.push(Edge { boundaries, distance, lead: slot, companion: *companion });
                }
            }
        }
        edges.sort_unstable();
        // By how many boundaries a shared companion is from its closest lead. Leads
        // much farther off than the nearest have no say.
        let mut nearest: HashMap<usize, u64> = HashMap::new();
        let mut least: HashMap<usize, u8> = HashMap::new();
        if part.shared {
            for edge in &edges {
                let known = nearest.entry(edge.companion).or_insert(edge.distance);
                *known = edge.distance.min(*known);
            }
            for edge in &edges {
                if edge.distance <= 4 * nearest[&edge.companion] + WRONG_SIDE {
                    least.entry(edge.companion).or_insert(edge.boundaries);
                }
            }
        }
        let mut taken = vec![false; candidates.len()];
        let mut served = vec![false; leads.len()];
        for edge in edges {
            let own = least.get(&edge.companion).is_none_or(|least| edge.boundaries <= *least);
            if served[edge.lead] || (!part.shared && taken[edge.companion]) || (part.shared && !own)
            {
                continue;
            }
            served[edge.lead] = true;
            if !part.shared && edge.boundaries < OTHER_NAMES {
                widest[edge.lead] = widest[edge.lead].max(edge.boundaries);
            }
            taken[edge.companion] = true;
            if let Some(assembly) = &mut assembled[edge.lead] {
                let list = if part.shared { &mut assembly.beside } else { &mut assembly.members };
                list.push(edge.companion);
            }
        }
        if part.required {
            for (assembly, served) in assembled.iter_mut().zip(served) {
                if !served {
                    *assembly = None;
                }
            }
        }
    }
    assembled.into_iter().flatten().collect()
}

/// What a pair costs: boundaries first, then distance; `None` if the two cannot
/// belong together.
fn cost(
    candidates: &[Candidate],
    lead: usize,
    companion: usize,
    shared: bool,
    steps: &[Between],
    reversed: bool,
    passage: &Passage<'_>,
) -> Option<(u8, u64)> {
    let (low, high) = (lead.min(companion), lead.max(companion));
    let distance = gap(&candidates[lead].value, &candidates[companion].value);
    if distance > NEAR {
        return None;
    }
    let mut between = Between::default();
    for step in &steps[low..high] {
        between = between.then(*step);
        // Both only grow, so the rest need not be added up.
        if between.lines > MAX_LINES || between.headers > 0 {
            return None;
        }
    }
    let names = names_agree(&candidates[lead], &candidates[companion], shared, passage);
    let listed = |c: &Candidate| {
        let before = passage.slice(c.value.start.saturating_sub(16)..c.value.start);
        contains_ignore_case(before, b"value") || contains_ignore_case(before, b"default")
    };
    // `{"name": …, "value": …}` is one setting of a list, not a thing of its own.
    let leaves = between.leaves_object()
        && !(shared && listed(&candidates[lead]) && listed(&candidates[companion]));
    let boundaries = match names {
        Some(true) => 0,
        Some(false) => OTHER_NAMES,
        None => 1 + u8::from(between.blank_lines > 0) + 2 * u8::from(leaves),
    };
    // What tells whose a lead is stands on either side.
    let wrong_side = !shared && (companion < lead) != reversed;
    Some((boundaries, distance + if wrong_side { WRONG_SIDE } else { 0 }))
}

/// Whether the names of two values have the same qualifiers (`PROD`, `backup`);
/// `None` if one has no name or no qualifier.
///
/// The names of what is shared are those of other things (`MWS_SELLER_ID` beside
/// `MWS_ACCESS_KEY`), so that they agree if one qualifier is the same.
fn names_agree(a: &Candidate, b: &Candidate, shared: bool, passage: &Passage<'_>) -> Option<bool> {
    let qualifiers = |c: &Candidate| {
        let name = passage.slice(c.name.clone()?);
        let mut words = name_words(name);
        words.retain(|w| !GENERIC.contains(&w.as_slice()));
        words.sort_unstable_by_key(|w| Reverse(w.len()));
        (!words.is_empty()).then_some(words)
    };
    let (a, b) = (qualifiers(a)?, qualifiers(b)?);
    Some(if shared { a.iter().any(|word| b.contains(word)) } else { a == b })
}

/// Words that say what a value is and not whose, or how it is marked up.
const GENERIC: &[&[u8]] = &[
    b"access",
    b"accesskey",
    b"accesskeyid",
    b"amazon",
    b"api",
    b"app",
    b"auth",
    b"aws",
    b"awsaccesskey",
    b"awsaccesskeyid",
    b"awssecretkey",
    b"client",
    b"clientid",
    b"clientsecret",
    b"code",
    b"const",
    b"credential",
    b"credentials",
    b"dd",
    b"default",
    b"dt",
    b"env",
    b"fs",
    b"iam",
    b"id",
    b"key",
    b"keyid",
    b"li",
    b"lwa",
    b"new",
    b"pre",
    b"refresh",
    b"refreshtoken",
    b"s3",
    b"s3a",
    b"s3n",
    b"secret",
    b"secretaccesskey",
    b"secretkey",
    b"security",
    b"self",
    b"session",
    b"set",
    b"span",
    b"static",
    b"str",
    b"string",
    b"strong",
    b"td",
    b"token",
    b"value",
    b"var",
    b"with",
];

/// Splits `PROD_S3SecretKey` into lower-case words.
fn name_words(name: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut open = false;
    let mut previous = 0u8;
    for byte in name {
        let camel = byte.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if !byte.is_ascii_alphanumeric() {
            open = false;
        } else {
            if !open || camel {
                words.push(Vec::new());
                open = true;
            }
            if let Some(word) = words.last_mut() {
                word.push(byte.to_ascii_lowercase());
            }
        }
        previous = *byte;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Role;

    const PARTS: &[Companion] = &[
        Companion { role: Role::KeyId, required: true, shared: false, accepts: |_, _| true },
        Companion { role: Role::SecretKey, required: true, shared: false, accepts: |_, _| true },
    ];

    /// Pairs the words `I…` and `S…` of a text; the value is the word, the name
    /// what stands before its `=`.
    fn pairs(text: &str) -> Vec<(String, String)> {
        let mut candidates = Vec::new();
        let mut at = 0;
        for word in text.split_inclusive(|c: char| c.is_whitespace() || "{},\"".contains(c)) {
            let trimmed = word.trim_end_matches(|c: char| c.is_whitespace() || "{},\"".contains(c));
            let value = at + trimmed.find('=').map_or(0, |i| i + 1);
            let end = at + trimmed.len();
            let role = match text.as_bytes().get(value) {
                Some(b'I') => Some(Role::KeyId),
                Some(b'S') => Some(Role::SecretKey),
                _ => None,
            };
            if let Some(role) = role
                && end > value
            {
                let mut c = Candidate::new(role, value as u64..end as u64);
                if value > at {
                    c.name = Some(at as u64..value as u64 - 1);
                }
                candidates.push(c);
            }
            at += word.len();
        }
        let used = vec![false; candidates.len()];
        let passage = Passage { base: 0, bytes: text.as_bytes() };
        let text_of = |i: usize| {
            let r = candidates[i].value.clone();
            text[r.start as usize..r.end as usize].to_owned()
        };
        assemble(PARTS, &candidates, &used, &passage)
            .into_iter()
            .map(|a| (text_of(a.members[0]), text_of(a.members[1])))
            .collect()
    }

    fn expect(text: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> =
            expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(pairs(text), expected, "{text}");
    }

    #[test]
    fn a_secret_follows_its_id() {
        expect("I1 S1\nI2 S2\n", &[("I1", "S1"), ("I2", "S2")]);
        expect("I1\nS1\nI2\nS2\n", &[("I1", "S1"), ("I2", "S2")]);
    }

    #[test]
    fn secrets_may_all_come_first() {
        expect("S1\nI1\nS2\nI2\n", &[("I1", "S1"), ("I2", "S2")]);
    }

    #[test]
    fn a_section_is_never_left() {
        expect("[a]\nI1\n[b]\nS1\n", &[]);
        expect("[a]\nI1\n[b]\nI2\nS2\n", &[("I2", "S2")]);
    }

    #[test]
    fn a_section_is_known_however_its_header_is_written() {
        for header in ["[b]", "[b] ; c", "[b] # c", "[profile \"b\"]", "[[b]]", "[ b ]", "---"] {
            for end in ["\n", "\r", "\r\n", "\\n", "\\r\\n", "\\\\n"] {
                assert!(is_header(header.as_bytes()), "{header}");
                // The words of `pairs` end at white space.
                expect(&format!("I1 {end}{header}{end} S1 "), &[]);
            }
        }
        for other in
            ["[]", "[0].x", "[a, b]", "[a](b)", "[a", "x[a]", "[[a]", "[b] = 1", "[a],", "[\"a\"]"]
        {
            assert!(!is_header(other.as_bytes()), "{other}");
            expect(&format!("I1\n{other}\nS1\n"), &[("I1", "S1")]);
        }
    }

    #[test]
    fn objects_and_blank_lines_bound_pairs() {
        expect("{ S1 , I1 } , { S2 , I2 }", &[("I1", "S1"), ("I2", "S2")]);
        expect("{ S1 , I1 } , { I2 , S2 }", &[("I1", "S1"), ("I2", "S2")]);
        expect("I1\n\nI2\nS2\n", &[("I2", "S2")]);
    }

    #[test]
    fn names_decide() {
        expect(
            "DEV_ID=I1\nPROD_ID=I2\nDEV_SECRET=S1\nPROD_SECRET=S2\n",
            &[("I1", "S1"), ("I2", "S2")],
        );
    }

    /// Whom the word `C…` of a text serves: leads `I…`, through [`pairs`]' names.
    fn served(text: &str) -> Vec<String> {
        const SHARED: &[Companion] = &[
            Companion { role: Role::KeyId, required: true, shared: false, accepts: |_, _| true },
            Companion { role: Role::Context, required: true, shared: true, accepts: |_, _| true },
        ];
        let mut candidates = Vec::new();
        for (at, _) in text.match_indices('=') {
            let start =
                text[..at].rfind(|c: char| c.is_whitespace() || c == '{').map_or(0, |i| i + 1);
            let len = text[at + 1..].find(|c: char| !c.is_alphanumeric()).unwrap_or(0);
            let role = if text[at + 1..].starts_with('I') { Role::KeyId } else { Role::Context };
            let mut c = Candidate::new(role, at as u64 + 1..(at + 1 + len) as u64);
            c.name = Some(start as u64..at as u64);
            candidates.push(c);
        }
        let passage = Passage { base: 0, bytes: text.as_bytes() };
        let used = vec![false; candidates.len()];
        assemble(SHARED, &candidates, &used, &passage)
            .into_iter()
            .map(|a| {
                assert_eq!((a.members.len(), a.beside.len()), (1, 1));
                let r = candidates[a.members[0]].value.clone();
                text[r.start as usize..r.end as usize].to_owned()
            })
            .collect()
    }

    #[test]
    fn what_is_shared_serves_all_that_it_is_close_to() {
        assert_eq!(served("ID=I1\nID=I2\nx_seller=C\n"), ["I1", "I2"]);
        assert_eq!(served("x_seller=C\n\nID=I1\n"), ["I1"]);
        // Not what lies behind a blank line, if something lies before it.
        assert_eq!(served("ID=I1\nx_seller=C\n\nID=I2\n"), ["I1"]);
        // A qualifier of both names is closest.
        assert_eq!(served("x_id=I1\nID=I2\nx_seller=C\n"), ["I1"]);
        assert_eq!(served("ID=I2\nx_id=I1\nx_seller=C\ny_id=I3\n"), ["I1"]);
        // Other qualifiers, sections and objects are others' affairs.
        assert!(served("y_id=I1\nx_seller=C\n").is_empty());
        assert!(served("ID=I1\n[x]\nx_seller=C\n").is_empty());
        assert!(served("{ID=I1 },{x_seller=C }").is_empty());
        assert!(served(&format!("ID=I1 {} x_seller=C\n", ".".repeat(2000))).is_empty());
    }

    #[test]
    fn qualifiers_of_an_application_decide() {
        expect(
            "m.sellingPartnerAppClientId=I1\nm.sellingPartnerAppClientSecret=S1\n\
             AMAZON_CLIENT_ID: I2\nAMAZON_CLIENT_SECRET=S2\n",
            &[("I1", "S1"), ("I2", "S2")],
        );
    }

    #[test]
    fn too_far_is_no_pair() {
        let far = format!("I1 {} S1", ".".repeat(NEAR as usize));
        assert!(pairs(&far).is_empty());
    }
}
