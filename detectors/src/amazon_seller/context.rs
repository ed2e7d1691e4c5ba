//! What tells that credentials are an Amazon seller's: names of MWS and of the
//! Selling Partner API, their hosts, seller ids and marketplaces.
//!
//! None of it is secret and nothing of it is reported. An AWS key pair beside it
//! is the seller's ([`super::mws_key`]). The letters `mws` alone are no evidence:
//! a name must go on as client libraries name their settings do, a host must be
//! Amazon's, an id must have its form.
//!
//! Sources: Amazon MWS Developer Guide (hosts, parameters); the settings of the
//! PHP, Java, C# and Python client libraries of MWS and SP-API.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::marketplace;
use crate::assignment::{name_around, name_before, value_after};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, List};
use crate::encoding::escaped::ends_with_escape;
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::placeholder::contains_ignore_case;
use crate::relate::cluster;
use crate::relate::{Leak, Neighbours, gap};

/// Name of the service behind MWS keys and tokens.
pub(super) const MWS: &str = "amazon-mws";
/// Name of the service behind the Selling Partner API.
pub(super) const SP_API: &str = "amazon-sp-api";

/// Where to look. The order is that of the `match` in [`read`].
pub(super) const ANCHORS: List<Anchor> = Borrowed(&[
    Anchor::exact("amzn"),
    Anchor::any_case("mws_"),
    Anchor::any_case("mws."),
    Anchor::any_case("mws-"),
    Anchor::any_case("mws "),
    Anchor::any_case("mwsa"),
    Anchor::any_case("mwss"),
    Anchor::any_case("mwsm"),
    Anchor::any_case("mwsk"),
    Anchor::any_case("seller"),
    Anchor::any_case("merchant"),
    Anchor::any_case("marketplace"),
    Anchor::any_case("selling"),
    Anchor::any_case("sp_api"),
    Anchor::any_case("sp-api"),
    Anchor::any_case("spapi"),
    Anchor::any_case("sp.api"),
]);

/// Reads what stands at one of the [`ANCHORS`] but the first.
pub(super) fn read(window: &Window<'_>, out: &mut Extraction<'_>) {
    match window.anchor {
        0 => {}
        1..=8 => read_mws(window, out),
        9 | 10 => read_seller(window, out),
        11 => read_marketplace(window, out),
        12 => read_selling_partner(window, out),
        _ => {
            if begins_word(window) && names_keys(window, &window.hit()) {
                push(window, window.hit(), Fact::Service(SP_API.into()), out);
            }
        }
    }
}

/// Whether a candidate tells that what stands beside it is a seller's.
pub(super) fn is_sellers(candidate: &Candidate) -> bool {
    candidate.facts.iter().any(|fact| match fact {
        Fact::SellerId(_) | Fact::Marketplace(_) => true,
        Fact::Service(name) => &**name == MWS || &**name == SP_API,
        _ => false,
    })
}

/// How far from a leak its seller id may stand.
const FACTS_WITHIN: u64 = 768;

/// Adds the nearest seller id and marketplace, and the role that is assumed with
/// the keys.
pub(super) fn describe(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    let near = neighbours.nearest(Role::Context, &leak.value);
    for candidate in near.iter().filter(|c| gap(&c.value, &leak.value) <= FACTS_WITHIN) {
        for fact in candidate.facts.iter() {
            if matches!(fact, Fact::SellerId(_) | Fact::Marketplace(_)) {
                leak.facts.add(fact.clone());
            }
        }
    }
    let all = cluster::span(neighbours.candidates);
    let near = leak.span.start.saturating_sub(FACTS_WITHIN).max(all.start)
        ..leak.span.end.saturating_add(FACTS_WITHIN).min(all.end);
    if let Some(role) = role(neighbours.passage.slice(near)) {
        leak.facts.add(Fact::Resource(role));
    }
}

/// The first role in a text: `arn:aws:iam::<account>:role/<name>`.
fn role(text: &[u8]) -> Option<Box<str>> {
    let finder = memchr::memmem::Finder::new(b"arn:aws");
    let in_arn = |b: &u8| b.is_ascii_alphanumeric() || b":-_/+=,.@".contains(b);
    finder.find_iter(text).find_map(|at| {
        let len = text[at..].iter().take(256).take_while(|b| in_arn(b)).count();
        let arn = std::str::from_utf8(&text[at..at + len]).ok()?;
        let mut fields = arn.splitn(6, ':').skip(2);
        let (service, _region) = (fields.next()?, fields.next()?);
        let (account, rest) = (fields.next()?, fields.next()?);
        let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let role = service == "iam" && digits && rest.starts_with("role/");
        role.then(|| arn.trim_end_matches(['.', ',', '/']).into())
    })
}

/// Words for keys, in names and in prose.
const KEY_WORDS: &[&[u8]] = &[b"access", b"secret", b"key", b"credential", b"aws", b"role"];

/// Whether `text` goes on with one of these words, behind what joins the words
/// of a name.
fn starts_with(text: &[u8], words: &[&[u8]]) -> bool {
    let skip = text.iter().take(2).take_while(|b| b"_.- ".contains(b)).count();
    words
        .iter()
        .any(|w| text.get(skip..skip + w.len()).is_some_and(|head| head.eq_ignore_ascii_case(w)))
}

/// Whether what stands at `hit` names a seller's keys. In prose it is followed by
/// a word for keys ("our MWS keys"). A name must be one of keys and have something
/// like a key behind it: `MWS_SECRET_KEY=${SECRET}` says nothing of a pair nearby.
fn names_keys(window: &Window<'_>, hit: &Range<usize>) -> bool {
    let text = window.bytes;
    if text.get(hit.end) == Some(&b' ') {
        return starts_with(&text[hit.end..], KEY_WORDS);
    }
    let name = name_around(text, hit.clone());
    let rest = &text[hit.end..name.end];
    KEY_WORDS.iter().any(|w| contains_ignore_case(rest, w)) && has_key_behind(&text[name.end..])
}

/// How far behind a name its value may stand, markup included.
const KEY_WITHIN: usize = 96;

/// Whether a text goes on with something like a key: a run of twenty characters of
/// base64, escapes included, with capitals and digits; or an ARN.
fn has_key_behind(text: &[u8]) -> bool {
    let text = &text[..text.len().min(KEY_WITHIN + 40)];
    let reference = memchr::memchr(b'$', text).unwrap_or(text.len());
    let mut rest = &text[..reference];
    while !rest.is_empty() {
        let member = |b: &&u8| b.is_ascii_alphanumeric() || b"+/%\\".contains(b);
        let len = rest.iter().take_while(member).count();
        let run = &rest[..len];
        // One secret in nine hundred has no digit.
        let key = len >= 20
            && run.iter().any(u8::is_ascii_uppercase)
            && (len >= 40 || run.iter().any(u8::is_ascii_digit));
        if key || rest.starts_with(b"arn:aws") {
            return true;
        }
        rest = &rest[len.max(1)..];
    }
    false
}

/// Whether a word begins at the anchor: behind no letter or digit, or at the
/// capital letter of `amazonMwsKey`.
fn begins_word(window: &Window<'_>) -> bool {
    let Some(before) = window.byte_before(window.hit_start) else { return true };
    let first = window.bytes[window.hit_start];
    !before.is_ascii_alphanumeric()
        || (before.is_ascii_lowercase() && first.is_ascii_uppercase())
        || window.before().to_ascii_lowercase().ends_with(b"amazon")
        || ends_with_escape(window.before())
}

fn push(window: &Window<'_>, value: Range<usize>, fact: Fact, out: &mut Extraction<'_>) {
    let mut found = Candidate::new(Role::Context, window.range(value.clone()));
    found.stands_alone = false;
    found.facts.add(fact);
    let own = name_around(window.bytes, value.clone());
    // A name of its own, or the one that it is assigned to.
    let name =
        if own.len() > value.len() { Some(own) } else { name_before(window.bytes, value.start) };
    found.name = name.map(|n| window.range(n));
    out.push(found);
}

/// `MWS_SECRET_KEY`, `mwsAccessKey`, `mws.amazonservices.com`, "MWS access key".
fn read_mws(window: &Window<'_>, out: &mut Extraction<'_>) {
    let value = window.hit_start..window.hit_start + 3;
    let rest = &window.bytes[value.end..];
    let is_host =
        [&b".amazonservices"[..], b"-eu.amazonservices"].iter().any(|h| rest.starts_with(h));
    if !begins_word(window) || !(is_host || names_keys(window, &value)) {
        return;
    }
    if is_host {
        return push_unnamed(window, value, MWS, out);
    }
    push(window, value, Fact::Service(MWS.into()), out);
    read_early_id(window, out);
}

/// The most bytes between a name and the id behind it.
const NAME_TO_VALUE: usize = 64;

/// Reads an access key id of the years before prefixes behind a name of MWS:
/// `MWS_ACCESS_KEY=0P…`.
fn read_early_id(window: &Window<'_>, out: &mut Extraction<'_>) {
    const LEN: usize = 20;
    let text = window.bytes;
    let name = name_around(text, window.hit_start..window.hit_start + 3);
    let holds = |word| contains_ignore_case(&text[name.clone()], word);
    if !holds(b"access") && !holds(b"key") || holds(b"secret") {
        return;
    }
    let Some(at) = value_after(text, name.end, NAME_TO_VALUE, |b| b.is_ascii_alphanumeric()) else {
        return;
    };
    let len = text[at..].iter().take(LEN + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
    let id = &text[at..at + len];
    let shaped = len == LEN
        && id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && id[0].is_ascii_digit()
        && id.iter().filter(|b| b.is_ascii_uppercase()).count() >= 4
        && crate::placeholder::refusal(id).is_none();
    if shaped {
        let mut found = Candidate::new(Role::KeyId, window.range(at..at + len));
        found.stands_alone = false;
        found.name = Some(window.range(name));
        found.evidence.push(crate::evidence::Evidence::KeyName);
        found.facts.add(Fact::KeyId(String::from_utf8_lossy(id).into()));
        out.push(found);
    }
}

/// A seller's id behind `seller` or `merchant` and `id` or `token`.
fn read_seller(window: &Window<'_>, out: &mut Extraction<'_>) {
    let after = window.after();
    let skip = after.iter().take(2).take_while(|b| b"_.- ".contains(b)).count();
    let word = [&b"id"[..], b"token", b"account"]
        .into_iter()
        .find(|w| after.get(skip..skip + w.len()).is_some_and(|head| head.eq_ignore_ascii_case(w)));
    // `Merchant` alone is the parameter of old requests.
    let bare = after.first() == Some(&b'=');
    let Some(len) = word.map(<[u8]>::len).or(bare.then_some(0)) else { return };
    let name_end = name_around(
        window.bytes,
        window.hit_start..window.hit_end + skip * usize::from(!bare) + len,
    )
    .end;
    if let Some(id) = id_after(window.bytes, name_end)
        && marketplace::is_seller(&window.bytes[id.clone()])
    {
        let text = String::from_utf8_lossy(&window.bytes[id.clone()]).into();
        push(window, id, Fact::SellerId(text), out);
    }
}

/// A marketplace's id behind its name; the client library of that name.
fn read_marketplace(window: &Window<'_>, out: &mut Extraction<'_>) {
    let after = window.after();
    if after.get(..10).is_some_and(|w| w.eq_ignore_ascii_case(b"webservice")) {
        return push_unnamed(window, window.hit(), MWS, out);
    }
    let name = name_around(window.bytes, window.hit());
    if let Some(id) = id_after(window.bytes, name.end)
        && let Some(country) = marketplace::country(&window.bytes[id.clone()])
    {
        push(window, id, Fact::Marketplace(country.into()), out);
    }
}

/// The run of letters and digits behind a name, if it may be a seller's or a
/// marketplace's id.
fn id_after(text: &[u8], name_end: usize) -> Option<Range<usize>> {
    let mut from = name_end;
    // "Seller ID / Merchant token: A2…", `MarketplaceId.Id.1=A1…`
    for _ in 0..4 {
        let left = (name_end + NAME_TO_VALUE).checked_sub(from)?;
        let at = value_after(text, from, left, |b| b.is_ascii_alphanumeric())?;
        let len = text[at..].iter().take(24).take_while(|b| b.is_ascii_alphanumeric()).count();
        if (13..=15).contains(&len) && text[at] == b'A' {
            return Some(at..at + len);
        }
        if len > 12 || len == 0 {
            // `=3DA2…`, `%3DA2…`
            let id = text[at..].strip_prefix(b"3D")?;
            let len = id.iter().take(24).take_while(|b| b.is_ascii_alphanumeric()).count();
            return ((13..=15).contains(&len) && id[0] == b'A').then_some(at + 2..at + 2 + len);
        }
        from = at + len;
    }
    None
}

/// `sellingpartnerapi-eu.amazon.com`, `SELLING_PARTNER_APP_CLIENT_ID`, "Selling
/// Partner API".
fn read_selling_partner(window: &Window<'_>, out: &mut Extraction<'_>) {
    if starts_with(window.after(), &[b"partner"]) && begins_word(window) {
        // A host, or the name of a class or setting.
        if window.after().first() == Some(&b'_') {
            push(window, window.hit(), Fact::Service(SP_API.into()), out);
        } else {
            push_unnamed(window, window.hit(), SP_API, out);
        }
    }
}

/// Pushes what has no name that could be compared with others: a host, a class.
fn push_unnamed(
    window: &Window<'_>,
    value: Range<usize>,
    service: &'static str,
    out: &mut Extraction<'_>,
) {
    let mut found = Candidate::new(Role::Context, window.range(value));
    found.stands_alone = false;
    found.facts.add(Fact::Service(service.into()));
    out.push(found);
}

/// Pushes what an identifier or token at `value` tells about its neighbours.
pub(super) fn push_service(
    window: &Window<'_>,
    value: Range<usize>,
    service: &'static str,
    out: &mut Extraction<'_>,
) {
    push(window, value, Fact::Service(service.into()), out);
}

/// Whether these facts are of Login with Amazon.
pub(super) fn has_service(facts: &Facts, service: &str) -> bool {
    facts.iter().any(|f| matches!(f, Fact::Service(name) if &**name == service))
}
