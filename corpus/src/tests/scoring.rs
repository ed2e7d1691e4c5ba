//! The arithmetic of the scorer, on a report made by hand.

use crate::{Claim, Label, Origin, Ratio, Role, Scores, loss, read_labels, read_report, score};

fn label(path: &str, detector: &str, role: Role, offset: u64) -> Label {
    Label {
        path: path.into(),
        detector: detector.into(),
        container: "hand/made".into(),
        role,
        offset,
        length: 40,
        line: 1,
        severity_hint: None,
        origin: None,
    }
}

const REPORT: &str = r#"
{"schema":1,"detector":"pair","path":"/tmp/c/tree/a.env","offset":100,"length":40,"line":3,"parts":[]}
{"schema":1,"detector":"pair","path":"tree/b.env","offset":5,"length":10,"places":[{"path":"/tmp/c/tree/a.env","offset":230,"length":4}]}
{"schema":1,"detector":"pair","path":"/tmp/c/tree/b.env","offset":900,"length":40,"line":77}
{"schema":1,"detector":"id","path":"/tmp/c/tree/a.env","offset":300,"length":20}
{"schema":1,"detector":"id","path":"/tmp/c/tree/a.env","offset":100,"length":20,"line":3}
{"schema":1,"detector":"other","path":"/tmp/c/tree/a.env","offset":0,"length":1}
{"schema":1,"summary":{"files":2}}
"#;

#[test]
fn claims_are_counted_once() {
    let labels = [
        label("a.env", "pair", Role::Plant, 100),
        label("a.env", "pair", Role::Plant, 200),
        label("b.env", "pair", Role::Plant, 100),
        label("b.env", "pair", Role::Plant, 300),
        label("a.env", "id", Role::Permitted, 300),
    ];
    let records = read_report(REPORT).expect("a report");
    assert_eq!(records.len(), 6);
    let scores = score(&labels, &records, "/tmp/c/tree/");
    let pair = scores.detectors["pair"];
    assert_eq!(pair.recall, Ratio { hits: 2, total: 4 });
    assert_eq!(pair.precision, Ratio { hits: 2, total: 3 });
    let id = scores.detectors["id"];
    assert_eq!((id.recall.total, id.labelled), (0, false));
    assert_eq!(id.precision, Ratio { hits: 1, total: 2 });
    assert!(!scores.detectors["other"].labelled);
    assert_eq!(scores.missed.len(), 2);
    assert_eq!(scores.wrong.len(), 3);
    assert_eq!((scores.wrong[0].path.as_str(), scores.wrong[0].line), ("b.env", 77));
    assert_eq!(scores.wrong[1].container, "pair hand/made");
    assert!(scores.reach(0.5) && !scores.reach(0.67));
}

#[test]
fn ranges_that_only_touch_claim_nothing() {
    let labels = [label("a", "pair", Role::Plant, 100)];
    let report = r#"{"detector":"pair","path":"a","offset":60,"length":40}
{"detector":"pair","path":"a","offset":140,"length":40}"#;
    let scores = score(&labels, &read_report(report).expect("a report"), "tree");
    assert_eq!(scores.detectors["pair"].precision.hits, 0);
}

#[test]
fn members_are_those_of_the_file_around() {
    let labels = [
        label("a.eml", "pair", Role::Plant, 100),
        label("a.eml", "pair", Role::Plant, 900),
        label("a.eml", "id", Role::Plant, 500),
    ];
    let report = r#"{"detector":"pair","path":"a.eml","offset":900,"length":40,"places":[{"path":"a.eml!part 1","offset":0,"length":40}]}
{"detector":"pair","path":"a.eml!part 1!x","offset":7,"length":40}
{"detector":"other","path":"a.eml!part 1","offset":500,"length":40}
{"detector":"pair","path":"b.eml!part 1","offset":100,"length":40}"#;
    let scores = score(&labels, &read_report(report).expect("a report"), "tree");
    assert_eq!(scores.detectors["pair"].recall, Ratio { hits: 2, total: 2 });
    assert_eq!(scores.detectors["pair"].precision, Ratio { hits: 2, total: 3 });
    assert_eq!(scores.detectors["id"].recall, Ratio { hits: 0, total: 1 });
    assert_eq!(scores.detectors["other"].precision.hits, 0);
}

#[test]
fn one_leak_in_two_places_of_a_member_claims_two_labels() {
    let labels = [
        label("x.db", "pair", Role::Plant, 0),
        label("x.db", "pair", Role::Plant, 0),
        label("x.db", "pair", Role::Plant, 7),
        label("y.tar!in.eml", "pair", Role::Plant, 0),
        label("y.tar", "pair", Role::Permitted, 0),
    ];
    // The places in other files change nothing in what is claimed here.
    let report = r#"{"detector":"pair","path":"y.tar!in.eml!part 1","offset":900,"length":40,"places":[{"path":"x.db!t","offset":500,"length":40},{"path":"x.db!t","offset":700,"length":40}]}"#;
    let scores = score(&labels, &read_report(report).expect("a report"), "tree");
    use Claim::{None, Within};
    assert_eq!(scores.claimed, [Within, Within, None, Within, None]);
    assert_eq!(scores.detectors["pair"].precision, Ratio { hits: 1, total: 1 });
}

#[test]
fn places_in_a_member_leave_labels_to_those_that_are_at_them() {
    let labels =
        [label("a.eml", "pair", Role::Plant, 100), label("a.eml", "pair", Role::Plant, 900)];
    let member = r#"{"detector":"pair","path":"a.eml!part 1","offset":0,"length":40}"#;
    let at = r#"{"detector":"pair","path":"a.eml","offset":100,"length":40}"#;
    for report in [format!("{member}\n{at}"), format!("{at}\n{member}")] {
        let scores = score(&labels, &read_report(&report).expect("a report"), "tree");
        assert_eq!(scores.claimed, [Claim::Exact, Claim::Within]);
    }
}

/// Three values in one run, the first and the last the same secret.
#[test]
fn a_place_claims_one_of_the_labels_that_share_a_range() {
    let plain: Vec<Label> =
        (0..3).map(|number| label("a", "pair", Role::Plant, 100 * number)).collect();
    let secret = r#"{"detector":"pair","path":"a","offset":0,"length":40,"places":[{"path":"a","offset":200,"length":40}]}"#;
    let other = r#"{"detector":"pair","path":"a","offset":100,"length":40}"#;
    let report = read_report(&format!("{secret}\n{other}")).expect("a report");
    let before = score(&plain, &report, "tree");
    assert_eq!(before.claimed_by, [Some(0), Some(1), Some(0)]);
    let run: Vec<Label> = plain
        .iter()
        .map(|old| {
            let origin = Origin {
                path: "a".into(),
                offset: old.offset,
                length: old.length,
                encoding: vec!["base64".into(), "gzip".into()],
                lines: None,
                format: None,
            };
            Label { origin: Some(Box::new(origin)), ..label("b", "pair", Role::Plant, 9) }
        })
        .collect();
    let record = r#"{"detector":"pair","path":"b","offset":9,"length":40}"#;
    let mut lost = Vec::new();
    for count in 0..4 {
        let report = read_report(&[record].repeat(count).join("\n")).expect("a report");
        let now = score(&run, &report, "tree");
        assert_eq!(now.detectors["pair"].recall.hits, count.min(3));
        assert_eq!(now.detectors["pair"].precision.hits, count);
        lost.push(loss((&plain, &before), (&run, &now)).all.lost.hits);
    }
    assert_eq!(lost, [3, 1, 0, 0]);
}

#[test]
fn losses_are_counted_by_what_was_around() {
    let plain: Vec<Label> =
        (0..4).map(|number| label("a", "pair", Role::Plant, 100 * number)).collect();
    let wrapped = |number: u64, encoding: &[&str], format: Option<&str>| {
        let origin = Origin {
            path: "a".into(),
            offset: 100 * number,
            length: 40,
            encoding: encoding.iter().map(|name| (*name).into()).collect(),
            lines: None,
            format: format.map(Into::into),
        };
        Label {
            container: "hand/made@x!y".into(),
            origin: Some(Box::new(origin)),
            ..label("b", "pair", Role::Plant, 7 + number)
        }
    };
    let mut all = vec![
        wrapped(0, &["base64", "gzip"], Some("tar")),
        wrapped(1, &["base64", "gzip"], Some("tar")),
        wrapped(2, &["hex"], None),
        wrapped(3, &[], Some("zip")),
        wrapped(9, &[], Some("zip")),
    ];
    all.push(Label { role: Role::Permitted, ..all[0].clone() });
    let scores = |claimed: &[Claim]| Scores {
        claimed: claimed.to_vec(),
        claimed_by: (0..claimed.len()).map(Some).collect(),
        ..Scores::default()
    };
    let before = scores(&[Claim::Exact, Claim::Exact, Claim::None, Claim::Within]);
    let now = [Claim::None, Claim::Overlap, Claim::None, Claim::Exact, Claim::Exact, Claim::None];
    let loss = loss((&plain, &before), (&all, &scores(&now)));
    assert_eq!(loss.strangers, 1);
    assert_eq!(loss.all.recall, Ratio { hits: 2, total: 4 });
    assert_eq!((loss.all.lost, loss.all.moved), (Ratio { hits: 1, total: 3 }, 1));
    assert_eq!(loss.wrappings["base64+gzip tar"].lost, Ratio { hits: 1, total: 2 });
    assert_eq!(loss.wrappings["hex"].lost, Ratio { hits: 0, total: 0 });
    assert_eq!(loss.wrappings["zip"].lost, Ratio { hits: 0, total: 1 });
    assert_eq!(loss.containers["hand/made"].recall.total, 4);
    assert_eq!((loss.lost.len(), loss.lost[0].offset), (1, 7));
}

#[test]
fn intervals_are_those_of_wilson() {
    // Worked by hand from the formula with z = 1.959964.
    let (low, high) = Ratio { hits: 995, total: 1000 }.interval();
    assert!((low - 0.988_34).abs() < 1e-4, "{low}");
    assert!((high - 0.997_86).abs() < 1e-4, "{high}");
    let (low, high) = Ratio { hits: 10, total: 10 }.interval();
    assert!((low - 0.722_47).abs() < 1e-4 && (high - 1.0).abs() < 1e-9, "{low} {high}");
    assert_eq!(Ratio::default().interval(), (0.0, 1.0));
}

#[test]
fn labels_are_read_as_they_are_written() {
    let one = label("dir/a.env", "pair", Role::Permitted, 7);
    let line = serde_json::to_string(&one).expect("a label");
    assert_eq!(read_labels(&format!("{line}\n\n")).expect("a label"), [one]);
    let error = read_labels("{\"path\":3}").expect_err("not a label").to_string();
    assert!(error.starts_with("line 1 of the labels"), "{error}");
}
