//! Names of files, refs and tags may hold a secret themselves: a dump that is called
//! after the connection string that made it, a branch that is called after a key. They
//! are searched where they are shown, and only there.

use std::collections::HashMap;
use std::ops::Range;
#[cfg(feature = "git")]
use std::path::PathBuf;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use leaksieve_detectors::Verdict;

use crate::finding::Finding;
#[cfg(feature = "git")]
use crate::input::git::{GitPlace, Holder};
use crate::input::{Member, Origin};
use crate::{Scanner, Scratch, mask};

/// The shortest known secret that is looked for in names: a shorter one may be an
/// ordinary word, such as the name of a database that is its password too.
const KNOWN: usize = 16;

/// Hides secrets in names. Each is searched once.
pub(crate) struct Names {
    /// That of the default options, whatever else is reported.
    scanner: Scanner,
    /// What was found elsewhere.
    known: Option<AhoCorasick>,
    scratch: Scratch,
    searched: HashMap<Box<[u8]>, Option<Arc<[u8]>>>,
}

impl Names {
    /// Hides these secrets, and what a scan of a name finds. `scanner` is one of the
    /// default options; without, one is made, which takes some milliseconds.
    pub(crate) fn new(secrets: &[&[u8]], scanner: Option<Scanner>) -> Self {
        let known: Vec<&[u8]> = secrets.iter().copied().filter(|s| s.len() >= KNOWN).collect();
        Self {
            scanner: scanner.unwrap_or_default(),
            // Building fails only on more than offsets can count.
            known: if known.is_empty() { None } else { AhoCorasick::new(known).ok() },
            scratch: Scratch::new(),
            searched: HashMap::new(),
        }
    }

    /// A name with every secret masked; `None` if it shows none.
    pub(crate) fn masked(&mut self, name: &[u8]) -> Option<Arc<[u8]>> {
        if let Some(masked) = self.searched.get(name) {
            return masked.clone();
        }
        let mut hidden: Vec<Range<usize>> = Vec::new();
        if let Some(known) = &self.known {
            hidden.extend(known.find_overlapping_iter(name).map(|m| m.range()));
        }
        let mut findings: Vec<Finding> = Vec::new();
        // A vector never ends a scan.
        let _ = self.scanner.scan(name, &mut self.scratch, &mut findings);
        findings.retain(|finding| !matches!(finding.verdict(), Verdict::Refuted(_)));
        hidden.extend(findings.iter().flat_map(secrets));
        let masked = without(name, hidden).map(Into::into);
        self.searched.insert(name.into(), masked.clone());
        masked
    }

    /// The same for text.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let masked = self.masked(name.as_bytes())?;
        Some(String::from_utf8_lossy(&masked).into_owned())
    }

    /// The origin with every secret in its names masked; `None` if they show none.
    #[cfg_attr(not(feature = "report"), allow(dead_code))]
    pub(crate) fn origin(&mut self, origin: &Origin) -> Option<Origin> {
        match origin {
            Origin::File(path) => {
                self.text(&path.to_string_lossy()).map(|p| Origin::File(p.into()))
            }
            Origin::Stream(name) => self.text(name).map(Origin::Stream),
            Origin::Member(member) => {
                let (outer, path) = (self.origin(&member.outer), self.text(&member.path));
                (outer.is_some() || path.is_some()).then(|| {
                    Origin::Member(Box::new(Member {
                        outer: outer.unwrap_or_else(|| member.outer.clone()),
                        path: path.map_or_else(|| member.path.clone(), Into::into),
                    }))
                })
            }
            #[cfg(feature = "git")]
            Origin::Git(place) => self.place(place).map(|place| Origin::Git(Box::new(place))),
        }
    }

    /// Whether a name of a place shows a secret.
    #[cfg(feature = "git")]
    pub(crate) fn is_secret(&mut self, place: &GitPlace) -> bool {
        self.place(place).is_some()
    }

    #[cfg(feature = "git")]
    fn place(&mut self, place: &GitPlace) -> Option<GitPlace> {
        let repository = self.text(&place.repository.to_string_lossy());
        let holder = match &place.holder {
            Holder::File(path) => self.masked(path).map(|path| Holder::File((&*path).into())),
            Holder::Tag(name) => self.text(name).map(|name| Holder::Tag(name.into())),
            Holder::Note(_) | Holder::Commit | Holder::Unreachable | Holder::Object => None,
        };
        let head_path = place.head_path.as_deref().and_then(|path| self.masked(path));
        let refs: Vec<Option<String>> = place.refs.iter().map(|name| self.text(name)).collect();
        if repository.is_none()
            && holder.is_none()
            && head_path.is_none()
            && refs.iter().all(Option::is_none)
        {
            return None;
        }
        let mut masked = place.clone();
        masked.repository = repository.map_or(masked.repository, PathBuf::from);
        masked.holder = holder.unwrap_or(masked.holder);
        masked.head_path = head_path.map(|path| (&*path).into()).or(masked.head_path);
        for (name, hidden) in masked.refs.iter_mut().zip(refs) {
            if let Some(hidden) = hidden {
                *name = hidden.into();
            }
        }
        Some(masked)
    }
}

/// Where a finding's secrets stand in the text that it was found in.
pub(crate) fn secrets(finding: &Finding) -> impl Iterator<Item = Range<usize>> + '_ {
    let leaks = std::iter::once(&finding.leak).chain(&finding.leak.overlapped);
    let ranges = leaks.flat_map(leaksieve_detectors::Leak::secrets);
    ranges.map(|range| range.start as usize..range.end as usize)
}

/// The text with stars for these ranges; `None` if there are none.
pub(crate) fn without(text: &[u8], mut hidden: Vec<Range<usize>>) -> Option<Vec<u8>> {
    if hidden.is_empty() {
        return None;
    }
    hidden.sort_unstable_by_key(|r| (r.start, r.end));
    let (mut masked, mut shown) = (Vec::new(), 0);
    for range in hidden {
        if range.start >= shown {
            masked.extend_from_slice(&text[shown..range.start]);
            masked.extend_from_slice(mask::STARS.as_bytes());
        }
        shown = shown.max(range.end);
    }
    masked.extend_from_slice(&text[shown..]);
    Some(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A generated key id, of no account, and its secret without a slash.
    fn pair() -> [String; 2] {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let bits = 1_u128 << 79 | 609_629_065_308 << 39 | u128::from(next() >> 25);
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let body = (0..16).rev().map(|i| char::from(letters[(bits >> (5 * i)) as usize & 31]));
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let secret = (0..40).map(|_| char::from(letters[next() as usize % letters.len()]));
        ["AKIA".chars().chain(body).collect(), secret.collect()]
    }

    #[test]
    fn names_without_secrets_stay() {
        let mut names = Names::new(&[b"postgres", b"hunter2-hunter2-hunter2"], None);
        for name in [
            "src/postgres/main.rs",
            "logs/123456789012/us-east-1/4b825dc642cb6eb9a060e54bf8d69288fbee4904.json",
            &format!("refs/heads/fix/{}", pair()[0]),
            "node_modules/@types/node/index.d.ts",
            "a b\u{fc}/\u{1f600}",
            "",
        ] {
            assert_eq!(names.text(name), None, "{name}");
        }
        for _ in 0..2 {
            let masked = names.text("x/hunter2-hunter2-hunter2.txt");
            assert_eq!(masked.as_deref(), Some("x/********.txt"));
        }
    }

    #[test]
    fn all_names_of_a_place_are_masked() {
        let mut names = Names::new(&[], None);
        let [id, secret] = pair();
        let name = format!("AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}");
        let hidden = format!("AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY=********");
        assert_eq!(names.text(&name).as_ref(), Some(&hidden));
        let file = Origin::File(format!("a/{name}").into());
        assert_eq!(names.origin(&file), Some(Origin::File(format!("a/{hidden}").into())));
        let stream = Origin::Stream(name.clone());
        assert_eq!(names.origin(&stream), Some(Origin::Stream(hidden.clone())));
        #[cfg(feature = "git")]
        {
            let object = crate::input::git::Oid::from_bytes(&[1; 20]).unwrap();
            let place = |name: &str| {
                Origin::Git(Box::new(GitPlace {
                    holder: Holder::File([b"\xff/", name.as_bytes()].concat().into()),
                    head_path: Some(name.as_bytes().into()),
                    refs: vec!["refs/heads/main".into(), name.into()],
                    ..GitPlace::of_object(name.into(), object)
                }))
            };
            assert_eq!(names.origin(&place(&name)), Some(place(&hidden)));
            assert_eq!(names.origin(&place(&hidden)), None);
            let tag = |name: &str| {
                let holder = Holder::Tag(name.into());
                let place = GitPlace { holder, ..GitPlace::of_object("".into(), object) };
                Origin::Git(Box::new(place))
            };
            assert_eq!(names.origin(&tag(&name)), Some(tag(&hidden)));
        }
    }
}
