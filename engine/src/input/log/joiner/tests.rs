use proptest::prelude::*;

use super::*;

/// Pushes a log in pieces of these lengths, the last as often as needed.
fn joined(raw: &[u8], start: (u64, u64), lengths: &[usize]) -> (Vec<u8>, Joiner) {
    let mut joiner = Joiner::starting_at(start.0, start.1);
    let mut text = Vec::new();
    let mut rest = raw;
    let mut lengths = lengths.iter().copied();
    let mut length = raw.len();
    while !rest.is_empty() {
        length = lengths.next().unwrap_or(length).clamp(1, rest.len());
        let (piece, next) = rest.split_at(length);
        joiner.push(piece, &mut text);
        rest = next;
    }
    joiner.finish(&mut text);
    (text, joiner)
}

/// The places of all bytes of a text, by its own count.
fn places_of(text: &[u8]) -> Vec<Place> {
    let (mut line, mut column) = (1, 1);
    let place = |(offset, byte): (usize, &u8)| {
        let place = Place { offset: offset as u64, line, column };
        (line, column) = if *byte == b'\n' { (line + 1, 1) } else { (line, column + 1) };
        place
    };
    text.iter().enumerate().map(place).collect()
}

/// The text of a log, after it has been checked that every byte is led back to where it
/// stood, and that it makes no difference how the log arrives.
fn checked(raw: &[u8], lengths: &[&[usize]]) -> Vec<u8> {
    let (text, joiner) = joined(raw, (0, 1), &[]);
    let (standing, given) = (places_of(raw), places_of(&text));
    for place in &given {
        let found = joiner.place(place);
        let at = found.offset as usize;
        assert_eq!(raw[at], text[place.offset as usize], "{place:?} {found:?}");
        assert_eq!(found, standing[at], "{place:?}");
    }
    for lengths in lengths {
        let (again, other) = joined(raw, (0, 1), lengths);
        assert!(again == text, "{lengths:?}\n{}", String::from_utf8_lossy(&again));
        assert_eq!(other.is_plain(), joiner.is_plain(), "{lengths:?}");
        for place in &given {
            assert_eq!(other.place(place), joiner.place(place), "{lengths:?}");
        }
    }
    text
}

/// The same, cut at every offset.
fn cut_everywhere(raw: &[u8]) -> String {
    let cuts: Vec<[usize; 2]> = (1..raw.len()).map(|cut| [cut, raw.len()]).collect();
    let mut lengths: Vec<&[usize]> = cuts.iter().map(|cut| &cut[..]).collect();
    lengths.extend([&[1][..], &[3], &[7, 2]]);
    String::from_utf8_lossy(&checked(raw, &lengths)).into_owned()
}

const T: &str = "2026-11-23T08:00:00.123456789Z";

#[test]
fn pieces_of_cri_are_joined_by_stream() {
    let raw = format!(
        "{T} stdout F whole\n{T} stdout P one \n{T} stderr P a\n{T} stdout P two \n\
         {T} stderr F b\n{T} stdout F three\n{T} stdout F next\n"
    );
    let expected = format!(
        "{T} stdout F whole\n{T} stderr P ab\n{T} stdout P one two three\n{T} stdout F next\n"
    );
    assert_eq!(cut_everywhere(raw.as_bytes()), expected);
}

#[test]
fn pieces_of_docker_are_joined_by_stream() {
    let raw = concat!(
        r#"{"log":"whole\n","stream":"stdout","time":"1"}"#,
        "\n",
        r#"{"log":"one \\n","stream":"stdout","time":"2"}"#,
        "\n",
        r#"{"log":"error\n","stream":"stderr","time":"3"}"#,
        "\n",
        r#"{"log":"two\n","stream":"stdout","attrs":{"a":"b"},"time":"4"}"#,
        "\n",
    );
    let expected = concat!(
        r#"{"log":"whole\n","stream":"stdout","time":"1"}"#,
        "\n",
        r#"{"log":"error\n","stream":"stderr","time":"3"}"#,
        "\n",
        r#"{"log":"one \\ntwo\n","stream":"stdout","attrs":{"a":"b"},"time":"4"}"#,
        "\n",
    );
    assert_eq!(cut_everywhere(raw.as_bytes()), expected);
}

#[test]
fn messages_that_are_said_to_be_partial_are_joined() {
    let raw = concat!(
        r#"{"container_id":"c1","source":"stdout","log":"one","partial_message":"true","partial_last":"false"}"#,
        "\n",
        r#"{"container_id":"c2","source":"stdout","log":"other"}"#,
        "\n",
        r#"{"container_id":"c1","source":"stdout","log":" two","partial_message":"true","partial_last":"true"}"#,
        "\n",
        r#"{"MESSAGE":"x","__REALTIME_TIMESTAMP":"1","CONTAINER_ID_FULL":"c1","CONTAINER_PARTIAL_MESSAGE":"true"}"#,
        "\n",
        r#"{"MESSAGE":[1,2],"__REALTIME_TIMESTAMP":"1","_PID":"7"}"#,
        "\n",
        r#"{"MESSAGE":"y","__REALTIME_TIMESTAMP":"2","CONTAINER_ID_FULL":"c1"}"#,
        "\n",
    );
    let expected = concat!(
        r#"{"container_id":"c2","source":"stdout","log":"other"}"#,
        "\n",
        r#"{"container_id":"c1","source":"stdout","log":"one two","partial_message":"true","partial_last":"true"}"#,
        "\n",
        r#"{"MESSAGE":[1,2],"__REALTIME_TIMESTAMP":"1","_PID":"7"}"#,
        "\n",
        r#"{"MESSAGE":"xy","__REALTIME_TIMESTAMP":"2","CONTAINER_ID_FULL":"c1"}"#,
        "\n",
    );
    assert_eq!(cut_everywhere(raw.as_bytes()), expected);
}

#[test]
fn entries_of_the_journal_are_joined() {
    let raw = "__CURSOR=1\nCONTAINER_ID_FULL=c\nMESSAGE=one\nCONTAINER_PARTIAL_MESSAGE=true\n\n\
               __CURSOR=2\nMESSAGE=other\n\n\
               __CURSOR=3\nCONTAINER_ID_FULL=c\nMESSAGE\n\x05\0\0\0\0\0\0\0 t\nwo\n_PID=7\n\n\
               __CURSOR=4\nCONTAINER_ID_FULL=c\nMESSAGE=next\n\n";
    let expected = "__CURSOR=2\nMESSAGE=other\n\n\
                    __CURSOR=1\nCONTAINER_ID_FULL=c\nMESSAGE=one t\nwo\n_PID=7\n\n\
                    __CURSOR=4\nCONTAINER_ID_FULL=c\nMESSAGE=next\n\n";
    assert_eq!(cut_everywhere(raw.as_bytes()), expected);
}

#[test]
fn what_is_no_log_of_a_container_stays_and_is_soon_plain() {
    let mut long = b"{\"msg\":\"".to_vec();
    long.resize(3 << 20, b'x');
    for raw in [
        "a\nb\n".repeat(20).into_bytes(),
        br#"{"log":"no line end","level":"info"}"#.repeat(3),
        "{\"log\":\"a\",\"stream\":\"stdout\"}\n".repeat(40).into_bytes(),
        format!("{T} INFO stdout P\n").repeat(40).into_bytes(),
        vec![b'1'; 3 << 20],
        b"\n".repeat(100),
        long,
        b"__CURSOR=\xff\nno field\n".repeat(30),
    ] {
        let (text, joiner) = joined(&raw, (0, 1), &[1 << 16]);
        assert!(text == raw);
        let soon = lines(&raw) >= PLAIN_LINES.into() || raw.len() >= PLAIN_BYTES;
        assert_eq!(joiner.is_plain(), soon, "{}", String::from_utf8_lossy(&raw[..20]));
        assert_eq!(joiner.places.len(), 1);
        checked(&raw[..raw.len().min(2000)], &[&[1], &[13]]);
    }
    // Once it is plain, nothing is joined.
    let pieces = format!("{T} stdout P a\n{T} stdout F b\n");
    let raw = "x\n".repeat(PLAIN_LINES as usize) + &pieces;
    assert_eq!(cut_everywhere(raw.as_bytes()), raw);
    let raw = "x\n".repeat(PLAIN_LINES as usize - 1) + &pieces + &raw;
    assert!(cut_everywhere(raw.as_bytes()).contains("stdout P ab\n"));
}

#[test]
fn reading_may_begin_in_the_middle() {
    let raw = format!("ut P half a line\n{T} stdout P a\n{T} stdout F b\n");
    let expected = format!("ut P half a line\n{T} stdout P ab\n");
    assert_eq!(cut_everywhere(raw.as_bytes()), expected);
    let (text, joiner) = joined(raw.as_bytes(), (1000, 7), &[]);
    let b = text.len() as u64 - 2;
    let place = Place { offset: b, line: 2, column: b - 17 + 1 };
    let raw_b = raw.len() as u64 - 2;
    let column = "2026-11-23T08:00:00.123456789Z stdout F b".len() as u64;
    assert_eq!(joiner.place(&place), Place { offset: 1000 + raw_b, line: 9, column });
    Joiner::starting_at(u64::MAX, 0).push(b"x\n", &mut Vec::new());
}

#[test]
fn what_is_held_back_is_told_and_given_at_the_end() {
    let first = format!("{T} stdout F whole\n");
    let mut joiner = Joiner::new();
    let mut text = Vec::new();
    joiner.push(first.as_bytes(), &mut text);
    assert_eq!(joiner.given_up_to(), Some(first.len() as u64));
    let piece = format!("{T} stderr P piece\n{T} stdout F x\n{T} std");
    joiner.push(piece.as_bytes(), &mut text);
    assert_eq!(joiner.given_up_to(), Some(first.len() as u64));
    joiner.finish(&mut text);
    assert_eq!(joiner.given_up_to(), Some((first.len() + piece.len()) as u64));
    let expected = format!("{first}{T} stdout F x\n{T} stderr P piece\n{T} std");
    assert_eq!(String::from_utf8_lossy(&text), expected);
    // The rest of a line that was given stays beside it.
    joiner.push(b"out F y\n", &mut text);
    assert!(text.ends_with(b"Z stdout F y\n"));
    joiner.push(format!("{T} stdout P a\n{T} stdout F b").as_bytes(), &mut text);
    joiner.finish(&mut text);
    joiner.push(b"c\n", &mut text);
    assert!(text.ends_with(b"Z stdout P abc\n"));
    let c = places_of(&text)[text.len() - 2];
    let found = joiner.place(&c);
    assert_eq!((found.line, found.column), (6, (T.len() + " stdout F bc".len()) as u64));
}

#[test]
fn an_endless_chain_is_given_in_parts() {
    let piece = format!("{T} stdout P {}\n", "x".repeat(16 << 10));
    let raw = piece.repeat(200);
    let text = checked(raw.as_bytes(), &[&[5000], &[1 << 20]]);
    let mut lines = text.split(|b| *b == b'\n');
    assert!(lines.all(|line| line.len() <= LONGEST_LINE));
    assert_eq!(text.iter().filter(|b| **b == b'x').count(), 200 << 14);
    assert!(text.iter().filter(|b| **b == b'\n').count() < 6);
}

const LONGEST_LINE: usize = super::super::chain::LONGEST;

#[test]
fn a_chain_that_nothing_continues_is_given_after_a_while() {
    let other = format!("{T} stderr F {}\n", "x".repeat(1000));
    let raw = format!("{T} stdout P lost\n{}", other.repeat(3000));
    let mut joiner = Joiner::new();
    let mut text = Vec::new();
    joiner.push(raw.as_bytes(), &mut text);
    assert_eq!(joiner.given_up_to(), Some(raw.len() as u64));
    assert_eq!(text.len(), raw.len());
    assert!(checked(raw.as_bytes(), &[&[100_000]]) == text);
}

#[test]
fn more_sources_than_can_be_held_are_given_as_they_are() {
    let line = |container: usize, last: bool| {
        format!(
            "{{\"container_id\":\"c{container}\",\"source\":\"stdout\",\"log\":\"x\",\
             \"partial_message\":\"true\",\"partial_last\":\"{last}\"}}\n"
        )
    };
    let mut raw: String = (0..10).map(|container| line(container, false)).collect();
    raw.extend((0..10).map(|container| line(container, true)));
    let text = cut_everywhere(raw.as_bytes());
    assert_eq!(text.matches("\"xx\"").count(), 8);
    assert_eq!(text.matches('\n').count(), 12);
}

#[test]
fn a_record_that_is_too_long_passes_through() {
    let long = "x".repeat(LONGEST);
    let raw = format!(
        "{T} stdout P a\n{T} stdout F {long}\n{T} stdout P b\n{T} stdout F c\n__CURSOR=1\n\
         MESSAGE={long}\n_PID=7\n\n{T} stdout P d\n{T} stdout F e\n"
    );
    let text = checked(raw.as_bytes(), &[&[1 << 16], &[4095], &[100, LONGEST, 1, LONGEST]]);
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with(&format!("{T} stdout P a\n{T} stdout F xxx")));
    assert!(text.contains(&format!("\n{T} stdout P bc\n")));
    assert!(text.ends_with(&format!("_PID=7\n\n{T} stdout P de\n")));
    // However long its lines are, a log of records does not become plain.
    let raw = format!("{T} stdout F {long}{long}\n").repeat(20);
    assert!(!joined(raw.as_bytes(), (0, 1), &[]).1.is_plain());
}

#[test]
fn limits_do_not_depend_on_how_a_log_arrives() {
    let limits = [96, 4096, LONGEST];
    for length in limits.into_iter().flat_map(|limit| limit - 3..limit + 3) {
        let fill = |head: &str, tail: &str| {
            let fill = "x".repeat((length - 1).saturating_sub(head.len() + tail.len()));
            format!("{head}{fill}{tail}\n")
        };
        let docker = r#"","stream":"stdout","time":"1"}"#;
        for line in [
            fill("{\"log\":\"", docker),
            fill("{\"time\":\"", r#"","stream":"stdout","log":"y"}"#),
            fill(&format!("{T} stdout P "), ""),
            fill(&format!("{T} stdout P:"), " y"),
            fill("__CURSOR=1\nMESSAGE=", "\n"),
        ] {
            let raw = format!("{line}{T} stdout F z\n{{\"log\":\"z{docker}\n");
            let cuts = [length - 2, length - 1, length, length + 1];
            let cuts = cuts.map(|cut| [cut, 1, 1, raw.len()]);
            let mut lengths: Vec<&[usize]> = cuts.iter().map(|cut| &cut[..]).collect();
            if length < LONGEST / 2 {
                lengths.extend([&[1][..], &[7]]);
            }
            checked(raw.as_bytes(), &lengths);
        }
    }
}

#[test]
fn places_take_memory_for_joined_lines_that_are_not_forgotten() {
    let whole = format!("{T} stdout F whole\n").repeat(1000);
    let (text, joiner) = joined(whole.as_bytes(), (0, 1), &[4096]);
    assert_eq!((text.len(), joiner.places.len()), (whole.len(), 1));
    let raw = format!("{T} stdout P a\n{T} stdout F b\n").repeat(1000);
    let (text, mut joiner) = joined(raw.as_bytes(), (0, 1), &[4096]);
    assert_eq!(joiner.places.len(), 1001);
    let last = places_of(&text)[text.len() - 1];
    let place = joiner.place(&last);
    assert_eq!(place.line, 2000);
    joiner.forget(last.offset);
    assert_eq!(joiner.places.len(), 1);
    assert_eq!(joiner.place(&last), place);
}

#[test]
fn nothing_that_is_held_is_shown() {
    let mut joiner = Joiner::new();
    joiner.push(format!("{T} stdout P hunter2\n{T} stdout P hunter2").as_bytes(), &mut Vec::new());
    let shown = format!("{joiner:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("104, 117, 110"), "{shown}");
}

#[test]
fn a_secret_on_the_cut_is_found_and_led_back() {
    const LEAK: &str = "id AKIAVX4KZTQ2HJWNCO5M secret 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";
    let scanner = crate::Scanner::default();
    let mut scratch = crate::Scratch::new();
    let secret = LEAK.find("q7tG").unwrap();
    for cut in (1..LEAK.len()).step_by(3) {
        let (head, tail) = LEAK.split_at(cut);
        let cri = format!("{T} stdout F x\n{T} stdout P {head}\n{T} stdout F {tail}\n");
        let docker = format!(
            "{{\"log\":\"{head}\",\"stream\":\"stdout\",\"time\":\"1\"}}\n\
             {{\"log\":\"{tail}\\n\",\"stream\":\"stdout\",\"time\":\"2\"}}\n"
        );
        for raw in [cri, docker] {
            let (text, joiner) = joined(raw.as_bytes(), (0, 1), &[]);
            let mut findings: Vec<crate::Finding> = Vec::new();
            let _ = scanner.scan(&text, &mut scratch, &mut findings);
            let [finding] = &findings[..] else { panic!("{raw}") };
            assert_eq!(finding.detector().id, "aws-access-key");
            let place = joiner.place(&finding.location().into());
            let expected = match cut {
                cut if cut > secret => raw.find(&head[secret..]).unwrap(),
                cut => raw.rfind(tail).unwrap() + secret - cut,
            };
            assert_eq!(place, places_of(raw.as_bytes())[expected]);
        }
    }
}

/// Lines of every format, whole and broken.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let cri = ("std(out|err)", "[PF]", "[a-c\" ]{0,5}")
        .prop_map(|(stream, tag, text)| format!("2026-11-23T08:00:00Z {stream} {tag} {text}\n"));
    let docker = ("[a-c]{0,3}(\\\\\\\\)?(\\\\n)?", "std(out|err)").prop_map(|(log, stream)| {
        format!("{{\"log\":\"{log}\",\"stream\":\"{stream}\",\"time\":\"t\"}}\n")
    });
    let fluentd = ("[a-c]{0,3}", "c[12]", proptest::bool::ANY).prop_map(|(log, id, more)| {
        let partial = if more { ",\"partial_message\":\"true\"" } else { "" };
        format!("{{\"container_id\":\"{id}\",\"log\":\"{log}\"{partial}}}\n")
    });
    let entry = ("[a-c]{0,3}", "c[12]", proptest::bool::ANY).prop_map(|(text, id, more)| {
        let partial = if more { "CONTAINER_PARTIAL_MESSAGE=true\n" } else { "" };
        format!("__CURSOR=1\nCONTAINER_ID_FULL={id}\nMESSAGE={text}\n{partial}_PID=1\n\n")
    });
    let binary = ("c[12]", proptest::bool::ANY).prop_map(|(id, more)| {
        let partial = if more { "CONTAINER_PARTIAL_MESSAGE=true\n" } else { "" };
        let head = format!("__CURSOR=1\nCONTAINER_ID_FULL={id}\nMESSAGE\n");
        format!("{head}\x04\0\0\0\0\0\0\0a\n\nb\n{partial}\n")
    });
    let other = proptest::sample::select(vec![
        "\n",
        "plain\n",
        "{}\n",
        "{\"log\":\"a\n",
        "__CURSOR=1\n\n",
        "__CUR",
        "2026-11-23T08:00:00Z std",
        "{\"log",
        "\r\n",
        "NAME\n",
    ])
    .prop_map(str::to_owned);
    prop_oneof![6 => cri, 6 => docker, 3 => fluentd, 3 => entry, 1 => binary, 1 => other]
        .prop_map(String::into_bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_a_log_is_cut_its_text_and_places_are_the_same(
        lines in proptest::collection::vec(line(), 0..24),
        cuts in proptest::collection::vec(1_usize..60, 1..12),
    ) {
        checked(&lines.concat(), &[&cuts, &[1], &[17, 64]]);
    }

    #[test]
    fn any_bytes_that_are_no_log_stay(
        raw in proptest::collection::vec(proptest::sample::select(b"\nab{\"}:,_=12".to_vec()), 0..400),
        cuts in proptest::collection::vec(1_usize..60, 1..12),
    ) {
        let text = checked(&raw, &[&cuts, &[1]]);
        prop_assert!(text == raw);
    }
}
