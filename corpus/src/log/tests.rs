use std::collections::BTreeSet;

use super::*;

fn log(seed: u64, bytes: u64, leak_every: u64) -> (Vec<u8>, Vec<LogLabel>, LogCount) {
    let (mut text, mut labels) = (Vec::new(), Vec::new());
    let options = LogOptions { seed, bytes, leak_every };
    let count = write_log(&mut text, &options, &mut |label| {
        labels.push(label);
        Ok(())
    });
    (text, labels, count.expect("vectors take all"))
}

#[test]
fn leaks_stand_where_their_labels_say() {
    let (text, labels, count) = log(7, 400_000, 25);
    assert_eq!(count.bytes, text.len() as u64);
    assert_eq!(count.lines, lines(&text));
    assert_eq!(text.last(), Some(&b'\n'));
    assert!(!text.contains(&1), "every stand-in is written over");
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1))
        .collect();
    for label in &labels {
        let at = label.offset as usize;
        assert!(text[at..].starts_with(label.secret.as_bytes()), "{label:?}");
        assert_eq!(starts.partition_point(|start| *start <= at) as u64, label.line);
    }
    assert!(labels.is_sorted_by_key(|label| label.offset));
    let planted: BTreeSet<_> = labels
        .iter()
        .filter(|label| label.role == Role::Plant)
        .map(|label| label.detector.as_str())
        .collect();
    let missing: Vec<_> = crate::family::FAMILIES
        .iter()
        .map(|family| family.detector)
        .filter(|detector| !planted.contains(detector))
        .collect();
    // One stands in files of its own only, and one is reported only where it is asked for.
    assert_eq!(missing, ["aws-console-password", "public-object-url"]);
}

#[test]
fn leaks_are_as_rare_as_asked() {
    let (_, labels, count) = log(1, 2_000_000, 1000);
    let expected = count.lines / 1000;
    assert!(count.leaks.abs_diff(expected) <= 1, "{} of {}", count.leaks, count.lines);
    assert!(labels.len() as u64 >= count.leaks);
    let (_, labels, count) = log(1, 100_000, LogOptions::new(1, 0).leak_every);
    assert_eq!((labels.len(), count.leaks), (0, 0));
}

#[test]
fn the_same_options_write_the_same() {
    let (text, labels, _) = log(3, 1_500_000, 500);
    let (again, labels_again, _) = log(3, 1_500_000, 500);
    assert!(text == again && labels == labels_again);
    assert!(log(4, 1_500_000, 500).0 != text);
    // A longer log begins with the shorter one.
    assert!(log(3, 1_600_000, 500).0.starts_with(&text));
    for bytes in [0, 10, 1000] {
        let (text, ..) = log(3, bytes, 500);
        assert!(text.len() as u64 <= bytes);
    }
}

#[test]
fn all_kinds_of_entries_are_there_and_time_goes_on() {
    let (text, ..) = log(5, 1_000_000, u64::MAX);
    let text = String::from_utf8(text).expect("UTF-8");
    for part in
        ["\tat com.", "Traceback (most", "HTTP/1.1\" ", "{\"time\":\"20", "level=", " systemd[1]: "]
    {
        assert!(text.contains(part), "{part}");
    }
    let times: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("{\"time\":\""))
        .map(|line| &line[..24])
        .collect();
    assert!(times.len() > 100 && times.is_sorted() && times[0] < times[times.len() - 1]);
}
