use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::input::git::{Holder, ObjectFormat};

const DIGEST: [u8; 32] = [7; 32];
const REFS: [u8; 32] = [9; 32];

fn oid(number: u32) -> Oid {
    // Spread over all heads, as hashes are.
    let hash = blake3::hash(&number.to_le_bytes());
    let format = if number.is_multiple_of(5) { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    Oid::from_bytes(&hash.as_bytes()[..format.id_len()]).unwrap()
}

fn finding(number: u32) -> KnownFinding {
    KnownFinding {
        object: oid(number),
        detector: "database-uri".into(),
        offset: u64::from(number) << 20,
        length: 12,
    }
}

fn fingerprint(number: u32) -> String {
    format!("a2:{number:032x}")
}

fn commit(id: Oid) -> Arc<CommitInfo> {
    let [author, email, subject] = ["a", "b", "c"].map(Into::into);
    Arc::new(CommitInfo { id, author, email, subject, time: 1, offset: 2 })
}

fn places() -> Vec<KnownPlace> {
    let refs: Vec<Arc<str>> = vec!["refs/heads/main".into(), "refs/tags/v1".into()];
    let place = GitPlace {
        holder: Holder::File(b"a\xff/b"[..].into()),
        commit: Some(commit(oid(90))),
        at_head: true,
        head_path: Some(b"b\xff"[..].into()),
        refs,
        ref_count: 300,
        versions: 3,
        ..GitPlace::of_object("lib".into(), finding(1).object)
    };
    let elsewhere = |holder| GitPlace { holder, commit: None, refs: Vec::new(), ..place.clone() };
    let all = [
        place.clone(),
        elsewhere(Holder::Tag("v1".into())),
        elsewhere(Holder::Note("x".into())),
        elsewhere(Holder::Commit),
        elsewhere(Holder::Unreachable),
        GitPlace { commit: Some(commit(oid(91))), at_head: false, ..place },
    ];
    all.into_iter().map(|place| KnownPlace { finding: finding(1), place }).collect()
}

/// A state file in a directory of its own.
struct Kept {
    _directory: TempDir,
    path: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        Self { path: directory.path().join("state"), _directory: directory }
    }

    fn open(&self) -> Result<State, StateError> {
        State::open(&self.path, &DIGEST)
    }

    /// What two runs leave behind.
    fn filled() -> Self {
        let kept = Self::new();
        let state = kept.open().unwrap();
        state.mark_leaky([&oid(1), &oid(2)]);
        state.mark_objects([&oid(1), &oid(2), &oid(3), &oid(5)]);
        state.flush().unwrap();
        state.mark_fingerprint(finding(1), &fingerprint(1));
        state.mark_pack(&[4; 20]);
        state.mark_places(&REFS, &places(), &[3]);
        state.finish().unwrap();
        let state = kept.open().unwrap();
        state.mark_leaky([&oid(6)]);
        state.mark_objects([&oid(6), &oid(7)]);
        state.mark_pack(&[5; 32]);
        state.finish().unwrap();
        kept
    }
}

/// Holds that everything known is true, and that nothing leaky hides; tells how much
/// is known.
fn truths(state: &State) -> usize {
    let scanned = [1, 2, 3, 5, 6, 7];
    let leaky: Vec<Oid> = state.leaky().copied().collect();
    for number in 0..100 {
        let object = oid(number);
        if state.contains(&object) {
            assert!(scanned.contains(&number));
            assert!(![1, 2, 6].contains(&number) || leaky.contains(&object), "{number}");
        }
    }
    assert!(leaky.iter().all(|o| [oid(1), oid(2), oid(6)].contains(o)));
    assert!(state.packs_known().all(|id| [&[4; 20][..], &[5; 32]].contains(&id)));
    for (known, print) in state.fingerprints() {
        assert_eq!((known, print), (&finding(1), fingerprint(1).as_str()));
    }
    let read = state.places(&REFS, |id| Some(commit(*id)));
    assert!(read.as_ref().is_none_or(|read| *read == (places(), vec![3])));
    state.len()
        + leaky.len()
        + state.packs_known().count()
        + state.fingerprints().len()
        + usize::from(read.is_some())
}

impl State {
    fn packs_known(&self) -> impl Iterator<Item = &[u8]> {
        self.earlier.packs.iter().map(|id| &**id)
    }
}

/// All that [`Kept::filled`] marked.
const ALL: usize = 6 + 3 + 2 + 1 + 1;

#[test]
fn what_was_marked_is_known_to_the_next_run() {
    let kept = Kept::filled();
    let state = kept.open().unwrap();
    assert_eq!(truths(&state), ALL);
    assert!(state.is_pack_done(&[4; 20]) && !state.is_pack_done(&[4; 32]));
    assert_eq!(state.fingerprint(&finding(1)), Some(fingerprint(1).as_str()));
    assert_eq!(state.fingerprint(&finding(2)), None);
    assert_eq!(state.places(&[0; 32], |id| Some(commit(*id))), None);
    // A commit that is gone: history was rewritten.
    assert_eq!(state.places(&REFS, |_| None), None);
    // Later places are the ones that count.
    state.mark_places(&[1; 32], &places()[..1], &[]);
    state.finish().unwrap();
    let state = kept.open().unwrap();
    assert_eq!(state.places(&REFS, |id| Some(commit(*id))), None);
    assert_eq!(state.places(&[1; 32], |id| Some(commit(*id))).unwrap().0.len(), 1);
}

#[test]
fn marks_that_are_not_flushed_are_lost_and_no_more() {
    let kept = Kept::filled();
    let state = kept.open().unwrap();
    state.mark_objects([&oid(50)]);
    drop(state);
    assert_eq!(truths(&kept.open().unwrap()), ALL);
}

#[test]
fn a_file_that_is_cut_anywhere_is_read_up_to_there_and_goes_on() {
    let kept = Kept::filled();
    let whole = fs::read(&kept.path).unwrap();
    let mut before = 0;
    for length in 0..=whole.len() {
        fs::write(&kept.path, &whole[..length]).unwrap();
        let state = kept.open().unwrap();
        let known = truths(&state);
        assert!(known >= before, "{length}");
        before = known;
        state.mark_objects([&oid(7)]);
        state.finish().unwrap();
        let state = kept.open().unwrap();
        assert!(state.contains(&oid(7)), "{length}");
        assert!(truths(&state) >= known, "{length}");
    }
    assert_eq!(before, ALL);
}

#[test]
fn a_flipped_bit_makes_nothing_known_that_is_not_so() {
    let kept = Kept::filled();
    let whole = fs::read(&kept.path).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&kept.path, &damaged).unwrap();
        match kept.open() {
            Ok(state) => assert!(truths(&state) < ALL, "{bit}"),
            Err(StateError::NotState { .. }) => assert!(bit / 8 < 16, "{bit}"),
            Err(error) => panic!("{bit}: {error}"),
        }
        // Nothing is written until something is marked.
        assert!(fs::read(&kept.path).unwrap() == damaged, "{bit}");
    }
}

#[test]
fn another_digest_knows_nothing_and_begins_anew() {
    let kept = Kept::filled();
    let other = [8; 32];
    let state = State::open(&kept.path, &other).unwrap();
    assert_eq!(truths(&state), 0);
    assert!(state.is_empty());
    drop(state);
    assert_eq!(truths(&kept.open().unwrap()), ALL);
    let state = State::open(&kept.path, &other).unwrap();
    state.mark_objects([&oid(3)]);
    state.finish().unwrap();
    assert_eq!(truths(&State::open(&kept.path, &other).unwrap()), 1);
    assert_eq!(truths(&kept.open().unwrap()), 0);

    // What one digest left behind what another began is not believed either.
    let kept = Kept::filled();
    let old = fs::read(&kept.path).unwrap();
    let state = State::open(&kept.path, &other).unwrap();
    state.mark_objects([&oid(3)]);
    state.finish().unwrap();
    let mut new = fs::read(&kept.path).unwrap();
    let begins = 17 + 5 + 32 + 8;
    new.truncate(begins);
    new.extend_from_slice(&old[begins..]);
    fs::write(&kept.path, &new).unwrap();
    assert_eq!(truths(&State::open(&kept.path, &other).unwrap()), 0);
}

#[test]
fn what_is_no_state_file_is_left_alone() {
    let kept = Kept::new();
    for text in [&b"# notes of mine\n"[..], b"x", &[0; 4096]] {
        fs::write(&kept.path, text).unwrap();
        let error = kept.open().unwrap_err();
        assert!(error.to_string().contains("is not a state file"), "{error}");
        assert_eq!(fs::read(&kept.path).unwrap(), text);
    }
    let error = State::open(kept.path.parent().unwrap(), &DIGEST).unwrap_err();
    assert!(matches!(error, StateError::NotState { .. }));
    let nowhere = kept.path.with_file_name("no").join("state");
    let error = State::open(&nowhere, &DIGEST).unwrap_err();
    assert!(error.to_string().starts_with("cannot open the state file "), "{error}");
}

#[test]
fn one_run_at_a_time() {
    let kept = Kept::filled();
    let state = kept.open().unwrap();
    let error = kept.open().unwrap_err();
    assert!(matches!(error, StateError::InUse { .. }), "{error}");
    // Also where the file was written anew while it was open.
    drop(state);
    let state = State::open(&kept.path, &[8; 32]).unwrap();
    state.mark_objects([&oid(3)]);
    state.flush().unwrap();
    assert!(matches!(kept.open(), Err(StateError::InUse { .. })));
    drop(state);
    assert!(kept.open().is_ok());
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let kept = Kept::filled();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&kept.path), 0o600);
    // Unless he said otherwise; a link to it stays a link.
    fs::set_permissions(&kept.path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = kept.path.with_file_name("link");
    std::os::unix::fs::symlink(&kept.path, &link).unwrap();
    let state = State::open(&link, &[8; 32]).unwrap();
    state.mark_objects([&oid(3)]);
    state.finish().unwrap();
    assert_eq!(mode(&kept.path), 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(State::open(&kept.path, &[8; 32]).unwrap().contains(&oid(3)));

    // Root may write to anything.
    fs::set_permissions(&kept.path, fs::Permissions::from_mode(0o440)).unwrap();
    if fs::OpenOptions::new().append(true).open(&kept.path).is_err() {
        let error = kept.open().unwrap_err().to_string();
        assert!(error.starts_with("cannot open the state file "), "{error}");
    }
}

#[test]
fn many_runs_are_gathered_and_a_killed_one_leaves_nothing_in_the_way() {
    let kept = Kept::new();
    let beside = kept.path.with_file_name("state.new");
    let mut longest = 0;
    for run in 0..60 {
        fs::write(&beside, "half").unwrap();
        let state = kept.open().unwrap();
        state.mark_leaky([&oid(run)]);
        state.mark_objects([&oid(run), &oid(run + 1000)]);
        state.mark_places(&REFS, &places(), &[3]);
        state.finish().unwrap();
        longest = longest.max(fs::metadata(&kept.path).unwrap().len());
    }
    let state = kept.open().unwrap();
    assert_eq!((state.len(), state.leaky().len()), (120, 60));
    assert!((0..60).all(|n| state.contains(&oid(n)) && state.contains(&oid(n + 1000))));
    assert!(longest < 10_000, "{longest}");
    drop(state);
    // Where nothing can be put beside the file it is appended to.
    fs::remove_file(&beside).unwrap_or_default();
    fs::create_dir(&beside).unwrap();
    let state = State::open(&kept.path, &[8; 32]).unwrap();
    state.mark_objects([&oid(3)]);
    state.finish().unwrap();
    let state = State::open(&kept.path, &[8; 32]).unwrap();
    assert_eq!((state.len(), state.contains(&oid(3))), (1, true));
}

#[test]
fn no_commit_s_words_are_kept() {
    let kept = Kept::filled();
    let state = kept.open().unwrap();
    let mut place = places().remove(0);
    let mut info = CommitInfo::clone(place.place.commit.as_deref().unwrap());
    info.subject = "a secret in a subject".into();
    place.place.commit = Some(Arc::new(info));
    state.mark_places(&REFS, &[place], &[]);
    state.finish().unwrap();
    let bytes = fs::read(&kept.path).unwrap();
    assert_eq!(memchr::memmem::find(&bytes, b"a secret in"), None);
}

#[test]
fn hostile_counts_allocate_nothing() {
    for payload in [&[0xff; 9][..], &[0xff; 40], &[0x80, 0x80, 0x01], b"\xff\xff\xff\xff\x0fab"] {
        let mut earlier = Earlier::default();
        for kind in 0..=u8::MAX {
            earlier.take(Frame { kind, payload });
        }
        assert!(earlier.leaky.is_empty() && earlier.known.is_empty() && earlier.packs.is_empty());
        assert_eq!(encode::read_places(payload, &mut |id| Some(commit(*id))), None);
    }
}
