//! Key pairs end to end: sections bound them, and one secret is one finding.
#![allow(missing_docs)]

use leaksieve::Scanner;

const ID: &str = "AKIAVX4KZTQ2HJWNCO5M";
const SECRET: &str = "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";

fn ids(text: &str) -> Vec<String> {
    Scanner::new().find_all(text.as_bytes()).iter().map(|f| f.detector().id.to_string()).collect()
}

#[test]
fn a_section_is_never_left_however_its_header_is_written() {
    for (first, second, end) in [
        ("[a]", "[b]", "\n"),
        ("[a] ; one", "[b] # two", "\n"),
        ("[profile \"a\"]", "[profile \"b\"]", "\n"),
        ("[a]", "[b]", "\r"),
        ("[a]", "[b]", "\\n"),
        ("[a]", "[[b]]", "\n"),
    ] {
        let text = format!(
            "{first}{end}aws_access_key_id={ID}{end}{second}{end}aws_secret_access_key={SECRET}{end}"
        );
        assert_eq!(ids(&text), ["aws-access-key-id", "aws-secret-key"], "{text}");
    }
}

#[test]
fn a_pair_whose_secret_is_repeated_is_one_leak() {
    let text = format!(
        "aws_access_key_id={ID}\naws_secret_access_key={SECRET}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
    );
    assert_eq!(ids(&text), ["aws-access-key"]);
}

/// A key pair in the comment of a private key takes nothing from the key.
#[test]
fn a_pair_in_a_comment_does_not_hide_the_key() {
    let key = include_str!("../../detectors/src/private_key/examples/ssh_ed_enc.3.ppk");
    let comment = key.lines().find(|l| l.starts_with("Comment: ")).unwrap();
    let text = key.replace(comment, &format!("Comment: {ID} {SECRET}"));
    assert!(ids(&text).contains(&"putty-private-key".to_owned()), "{:?}", ids(&text));
}
