//! Every back end reports what a naive search reports.

use proptest::prelude::*;

use super::*;

fn naive(anchors: &[Anchor], text: &[u8], range: Range<usize>) -> Vec<Hit> {
    range
        .flat_map(|at| {
            anchors
                .iter()
                .enumerate()
                .filter(move |(_, a)| a.is_prefix_of(&text[at..]))
                .map(move |(i, _)| Hit { at, anchor: i as u32 })
        })
        .collect()
}

fn every_backend(anchors: &[Anchor]) -> Vec<Prefilter> {
    Backend::available().map(|b| Prefilter::with_backend(anchors, b).unwrap()).collect()
}

fn check(anchors: &[Anchor], text: &[u8], range: Range<usize>) {
    check_all(&every_backend(anchors), anchors, text, range);
}

fn check_all(prefilters: &[Prefilter], anchors: &[Anchor], text: &[u8], range: Range<usize>) {
    let expected = naive(anchors, text, range.clone());
    for prefilter in prefilters {
        let mut hits = Vec::new();
        prefilter.find(text, range.clone(), &mut hits);
        let backend = prefilter.backend();
        assert_eq!(hits, expected, "{backend} in {range:?} of {} bytes", text.len());
    }
}

const ANCHORS: &[Anchor] = &[
    Anchor::exact("AKIA"),
    Anchor::exact("ASIA"),
    Anchor::any_case("secret"),
    Anchor::any_case("akia"),
    Anchor::exact("-----BEGIN "),
    Anchor::exact("aaaa"),
    Anchor::exact("aaaaaaaaaa"),
    Anchor::exact("@@@@"),
    Anchor::any_case("`[{x"),
];

#[test]
fn every_anchor_at_every_alignment_and_at_both_ends() {
    let prefilters = every_backend(ANCHORS);
    for anchor in ANCHORS {
        for before in 0..140 {
            for after in [0, 1, 2, 3, 7, 64, 65, 130] {
                let mut text = vec![b'.'; before];
                text.extend_from_slice(&anchor.literal);
                text.extend(std::iter::repeat_n(b'.', after));
                check_all(&prefilters, ANCHORS, &text, 0..text.len());
                check_all(&prefilters, ANCHORS, &text, before..text.len());
                check_all(&prefilters, ANCHORS, &text, before.min(1)..before + 1);
            }
        }
    }
}

#[test]
fn ranges_divide_the_hits() {
    let text = b"AKIA aaaaaaaaaaaaaa SeCrEt akia ASIA -----BEGIN RSA".repeat(9);
    let prefilter = Prefilter::new(ANCHORS);
    let mut whole = Vec::new();
    prefilter.find(&text, 0..text.len(), &mut whole);
    for cut in 0..text.len() {
        let mut parts = Vec::new();
        prefilter.find(&text, 0..cut, &mut parts);
        prefilter.find(&text, cut..text.len(), &mut parts);
        assert_eq!(parts, whole, "cut at {cut}");
    }
}

#[test]
fn texts_shorter_than_a_window_hold_nothing() {
    for len in 0..4 {
        check(ANCHORS, &b"aaaa"[..len], 0..len);
    }
}

#[test]
fn anchors_may_hold_any_byte() {
    let anchors = [
        Anchor { literal: b"\xbf\xbf3\xbf\n8".as_slice().into(), ignore_case: true },
        Anchor { literal: "clé secrète".as_bytes().into(), ignore_case: false },
    ];
    for before in 0..140 {
        for anchor in &anchors {
            let mut text = vec![b'?'; before];
            text.extend_from_slice(&anchor.literal);
            check(&anchors, &text, 0..text.len());
            text.extend(std::iter::repeat_n(0x8a, 70));
            check(&anchors, &text, 0..text.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn back_ends_agree_with_the_naive_search(
        text in proptest::collection::vec(
            prop_oneof![
                8 => proptest::sample::select(b"aAkKiIsSeEcCrRtT-BGN @`[{x\xc1\x80\xff.".to_vec()),
                1 => any::<u8>(),
            ],
            0..400,
        ),
        literals in proptest::collection::vec(
            ("[aAkKsSeEi@`{ é-]{4,9}", any::<bool>()), 1..40,
        ),
        ends in (0usize..400, 0usize..400),
    ) {
        let anchors: Vec<Anchor> = literals
            .into_iter()
            .map(|(literal, ignore_case)| Anchor {
                literal: (if ignore_case { literal.to_ascii_lowercase() } else { literal })
                    .into_bytes()
                    .into(),
                ignore_case,
            })
            .collect();
        let (a, b) = (ends.0.min(text.len()), ends.1.min(text.len()));
        check(&anchors, &text, a.min(b)..a.max(b));
        check(&anchors, &text, 0..text.len());
    }
}
