//! Whole trees wrapped: that labels say what they come from and where they went.

use super::*;
use crate::{File, Role, tests::TREE};

fn plain(file: &File) -> Plain {
    let File { path, bytes, labels, .. } = file.clone();
    Plain { path, bytes, labels }
}

/// Some files with labels, of all encodings.
fn files() -> Vec<Plain> {
    TREE.iter().map(plain).filter(|file| !file.labels.is_empty()).take(60).collect()
}

fn wrapping(chain: Option<&str>, format: Option<&str>) -> Wrapping {
    Wrapping {
        chain: chain.map(|name| name.parse().expect("a chain")),
        lines: None,
        format: format.map(|name| name.parse().expect("a format")),
    }
}

fn origin(label: &Label) -> &Origin {
    label.origin.as_ref().expect("an origin")
}

#[test]
fn every_label_goes_into_every_format() {
    let files = files();
    let count: usize = files.iter().map(|file| file.labels.len()).sum();
    for format in Format::all() {
        let wrapped = Wrapping { chain: None, lines: None, format: Some(format) };
        let wrapped = wrapped.wrap(3, &files).expect("it is packed");
        assert_eq!((wrapped.labels.len(), wrapped.left_out), (count, (0, 0)), "{format}");
        assert_eq!(wrapped.files.len() < files.len(), format.is_together(), "{format}");
        let old = files.iter().flat_map(|file| &file.labels);
        for (new, old) in wrapped.labels.iter().zip(old) {
            let outer = new.path.split('!').next().unwrap_or_default();
            let (path, bytes) = wrapped.files.iter().find(|(path, _)| path == outer).expect(outer);
            assert!(
                path.starts_with(&format!("{format}/")) && path.ends_with(&format!(".{format}"))
            );
            assert_eq!(new.container, format!("{}!{format}", old.container));
            assert_eq!(origin(new).format.as_deref(), Some(format.to_string().as_str()));
            assert_eq!((&origin(new).path, origin(new).offset), (&old.path, old.offset));
            let is_somewhere = format.to_string() == "sqlite";
            let range =
                if is_somewhere { (0, bytes.len() as u64) } else { (old.offset, old.length) };
            assert_eq!((new.offset, new.length), range, "{format}");
            if format.is_together() {
                assert!(new.path.ends_with(&format!("!{}", old.path)), "{}", new.path);
            }
        }
    }
}

#[test]
fn encoded_labels_hold_their_values() {
    let files = files();
    let wrapped = wrapping(Some("hex"), None).wrap(3, &files).expect("it is encoded");
    let is_text = |file: &Plain| !file.bytes.contains(&0);
    let (left, kept): (Vec<_>, Vec<_>) = files.iter().partition(|file| !is_text(file));
    let labels = |files: &[&Plain]| files.iter().map(|file| file.labels.len()).sum::<usize>();
    assert!(!left.is_empty() && left.len() < kept.len());
    assert_eq!(wrapped.left_out, (left.len(), labels(&left)));
    assert_eq!((wrapped.files.len(), wrapped.labels.len()), (kept.len(), labels(&kept)));
    for label in &wrapped.labels {
        let (_, bytes) =
            wrapped.files.iter().find(|(path, _)| *path == label.path).expect("a file");
        let range = label.offset as usize..(label.offset + label.length) as usize;
        let before = &bytes[..range.start];
        assert_eq!(label.line, 1 + before.iter().filter(|&&b| b == b'\n').count() as u64);
        let old = files.iter().find(|file| file.path == origin(label).path).expect("a file");
        let start = origin(label).offset as usize;
        let value = &old.bytes[start..start + origin(label).length as usize];
        let digits: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(&bytes[range], digits.as_bytes());
        assert!(label.container.ends_with("@hex") && label.path == format!("hex/{}", old.path));
        assert_eq!(origin(label).encoding, ["hex"]);
    }
}

#[test]
fn what_is_encoded_can_be_packed() {
    let files = files();
    let encoded = wrapping(Some("base64+gzip"), None).wrap(3, &files).expect("it is encoded");
    let both = wrapping(Some("base64+gzip"), Some("stored.zip")).wrap(3, &files).expect("packed");
    assert_eq!(both.left_out, encoded.left_out);
    let [label, ..] = &both.labels[..] else { panic!("labels") };
    assert!(label.path.starts_with("base64+gzip/stored.zip/project-000.stored.zip!project-000/"));
    assert!(label.container.ends_with("@base64@gzip!stored.zip"), "{}", label.container);
    assert_eq!(origin(label).encoding, ["base64", "gzip"]);
}

#[test]
fn a_file_is_wrapped_the_same_whatever_is_beside_it() {
    let files = files();
    for name in ["base64", "ansi", "percent+base64"] {
        let all = wrapping(Some(name), None).wrap(3, &files).expect("it is encoded").files;
        let half = wrapping(Some(name), None).wrap(3, &files[20..]).expect("it is encoded").files;
        let other = wrapping(Some(name), None).wrap(4, &files).expect("it is encoded").files;
        assert_eq!(all[all.len() - half.len()..], half, "{name}");
        assert_ne!(all, other, "{name}");
    }
    let paths = |wrapped: Wrapped| -> Vec<String> {
        wrapped.files.into_iter().map(|(path, _)| path).collect()
    };
    assert_eq!(
        paths(wrapping(None, None).wrap(3, &files[..1]).expect("nothing to do")),
        [format!("plain/{}", files[0].path)]
    );
}

#[test]
fn what_is_in_no_directory_and_what_is_large_is_packed_too() {
    let file =
        |path: &str, size| Plain { path: path.into(), bytes: vec![b'x'; size], labels: vec![] };
    let half = TOGETHER / 2 + 1;
    let files =
        [file("a/1", half), file("a/2", half), file("b/1", 1), file("b/2", 1), file("top", 1)];
    let wrapped = wrapping(None, Some("tar")).wrap(1, &files).expect("it is packed");
    let paths: Vec<_> = wrapped.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["tar/a.tar", "tar/a-2.tar", "tar/b.tar", "tar/files.tar"]);
}

#[test]
fn values_that_nothing_was_put_into_are_told() {
    let files = files();
    let wrapped = wrapping(Some("split"), None).wrap(3, &files).expect("it is encoded");
    let (split, whole): (Vec<_>, Vec<_>) =
        wrapped.labels.iter().partition(|label| label.container.ends_with("@split"));
    assert!(!split.is_empty());
    assert!(split.iter().all(|label| origin(label).encoding == ["split"]));
    assert!(split.iter().any(|label| label.role == Role::Plant));
    assert!(whole.iter().all(|label| origin(label).encoding.is_empty()));
    assert!(split.iter().all(|label| label.length > origin(label).length));
}

#[test]
fn lines_are_named_where_they_count() {
    let files = files();
    for (name, directory) in [("hex", "hex@lines-2"), ("zero-width", "zero-width")] {
        let wrapping = Wrapping { lines: Some(2), ..wrapping(Some(name), None) };
        assert_eq!(wrapping.name(), directory);
        let wrapped = wrapping.wrap(3, &files).expect("it is encoded");
        let [label, ..] = &wrapped.labels[..] else { panic!("labels") };
        assert!(label.path.starts_with(&format!("{directory}/")), "{}", label.path);
        assert_eq!(origin(label).lines, directory.ends_with('2').then_some(2));
    }
}
