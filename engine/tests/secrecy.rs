//! What is shown beside a finding holds no secret in the clear.
#![allow(missing_docs)]

use leaksieve::Scanner;
use leaksieve::detectors::{FactValue, Verdict};

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// SplitMix64.
struct Random(u64);

impl Random {
    fn draw(&mut self, alphabet: &[u8], len: usize) -> String {
        let mut next = || {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        (0..len).map(|_| char::from(alphabet[(next() % alphabet.len() as u64) as usize])).collect()
    }

    fn id(&mut self) -> String {
        format!("AKIAV{}", self.draw(BASE32, 15))
    }

    fn secret(&mut self) -> String {
        self.draw(ALPHABET, 40)
    }
}

fn shows_none(text: &str, secrets: &[String]) {
    for finding in Scanner::new().find_all(text.as_bytes()) {
        let line = finding.excerpt().masked().text;
        for secret in secrets {
            assert!(!line.contains(&secret[8..24]), "{} in the clear", finding.detector().id);
        }
    }
}

/// A cluster that overgrows is cut; the secrets on both sides of the cut stand
/// on one line.
#[test]
fn a_neighbour_in_another_cluster_is_masked() {
    let mut random = Random(1);
    let secrets: Vec<String> = (0..1500).map(|_| random.secret()).collect();
    let pairs: Vec<String> = secrets
        .iter()
        .map(|s| format!("{{\"accessKeyId\":\"{}\",\"secretAccessKey\":\"{s}\"}}", random.id()))
        .collect();
    shows_none(&format!("[{}]", pairs.join(",")), &secrets);
}

/// A secret that found no partner is not reported, but it is a secret.
#[test]
fn a_secret_without_its_partner_is_masked() {
    let mut random = Random(2);
    let secrets: Vec<String> = (0..3).map(|_| random.secret()).collect();
    let text =
        format!("{}:{};{}:{}:{}\n", random.id(), secrets[0], random.id(), secrets[1], secrets[2]);
    shows_none(&text, &secrets);
}

fn facts_of(text: &str) -> String {
    let mut all = String::new();
    for finding in Scanner::new().find_all(text.as_bytes()) {
        assert!(!matches!(finding.verdict(), Verdict::Refuted(_)));
        for fact in finding.facts().iter() {
            if let FactValue::Text(text) = fact.value() {
                all.push_str(&text);
                all.push('\n');
            }
        }
    }
    assert!(!all.is_empty());
    all
}

#[test]
fn a_url_is_shown_without_its_password() {
    let cache = include_str!("../../detectors/src/aws/examples/sso_cache.txt");
    let text = cache.replace("https://acme-corp", "https://bob:hunter2pw@acme-corp");
    assert!(!facts_of(&text).contains("hunter2pw"));
}

#[test]
fn a_region_is_one() {
    let cache = include_str!("../../detectors/src/aws/examples/sso_cache.txt");
    let secret = Random(3).secret();
    let text = cache.replace("\"eu-west-1\"", &format!("\"{secret}\""));
    assert!(!facts_of(&text).contains(&secret));
}

#[test]
fn a_comment_with_a_secret_in_it_is_masked() {
    let key = include_str!("../../detectors/src/private_key/examples/ssh_ed_enc.3.ppk");
    let comment = key.lines().find(|l| l.starts_with("Comment: ")).unwrap();
    let secret = Random(4).secret();
    let text = key.replace(comment, &format!("Comment: aws_secret_access_key={secret}"));
    assert!(!facts_of(&text).contains(&secret));
}
