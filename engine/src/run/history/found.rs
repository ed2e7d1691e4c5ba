//! In which objects which secrets were found.
//!
//! A list of secrets that is in five thousand versions of a file is a million finds.
//! Versions mostly hold the same secrets, so sets of secrets are kept once: a find in
//! such a file costs a fraction of a byte, and four where each version has another
//! set. Nothing is left out.

use std::collections::HashMap;
use std::sync::Arc;

use super::objects::SecretKey;
use crate::input::git::{Kind, Oid};

/// An object in which something was found. What it is is read again once it is known
/// where the object stood: a secret that is in a thousand versions of a file is kept in
/// none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FoundIn {
    pub(crate) object: Oid,
    pub(crate) kind: Kind,
    /// The number of its set.
    set: u32,
}

/// Sets of secrets, by the numbers of these.
type Set = Arc<[u32]>;

/// Finds, by object.
#[derive(Debug, Default)]
pub(crate) struct Finds {
    objects: Vec<FoundIn>,
    sets: Vec<Set>,
    set_numbers: HashMap<Set, u32>,
    keys: Vec<SecretKey>,
    key_numbers: HashMap<SecretKey, u32>,
}

impl Finds {
    /// Adds what was found in an object; empties `keys`, which may name a secret more
    /// than once.
    pub(crate) fn add(&mut self, object: Oid, kind: Kind, keys: &mut Vec<SecretKey>) {
        if keys.is_empty() {
            return;
        }
        let mut set: Vec<u32> = keys.drain(..).map(|key| self.number(key)).collect();
        set.sort_unstable();
        set.dedup();
        let set = self.set(set);
        self.objects.push(FoundIn { object, kind, set });
    }

    /// Adds other finds to these.
    pub(crate) fn merge(&mut self, other: Self) {
        if self.objects.is_empty() {
            *self = other;
            return;
        }
        let keys: Vec<u32> = other.keys.iter().map(|key| self.number(*key)).collect();
        let sets: Vec<u32> = other
            .sets
            .iter()
            .map(|set| {
                let mut set: Vec<u32> = set.iter().map(|key| keys[*key as usize]).collect();
                set.sort_unstable();
                self.set(set)
            })
            .collect();
        let renumbered = |found: FoundIn| FoundIn { set: sets[found.set as usize], ..found };
        self.objects.extend(other.objects.into_iter().map(renumbered));
    }

    /// Puts the objects in order, each once, with what was found in it at any time.
    pub(crate) fn settle(&mut self) {
        let mut objects = std::mem::take(&mut self.objects);
        objects.sort_unstable();
        objects.dedup();
        // An object that was scanned twice holds the same; a scan that was stopped may
        // have seen a part of it.
        let mut settled: Vec<FoundIn> = Vec::with_capacity(objects.len());
        for found in objects {
            match settled.last_mut() {
                Some(last) if last.object == found.object => {
                    let sets = [last.set, found.set].map(|set| self.sets[set as usize].clone());
                    let mut set = sets.concat();
                    set.sort_unstable();
                    set.dedup();
                    last.set = self.set(set);
                }
                _ => settled.push(found),
            }
        }
        self.objects = settled;
    }

    /// The objects, as they came or in order.
    pub(crate) fn objects(&self) -> &[FoundIn] {
        &self.objects
    }

    /// What was found in an object.
    pub(crate) fn secrets(&self, found: &FoundIn) -> impl Iterator<Item = SecretKey> + '_ {
        self.sets[found.set as usize].iter().map(|key| self.keys[*key as usize])
    }

    fn number(&mut self, key: SecretKey) -> u32 {
        *self.key_numbers.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.keys.len() as u32 - 1
        })
    }

    fn set(&mut self, set: Vec<u32>) -> u32 {
        if let Some(number) = self.set_numbers.get(&*set) {
            return *number;
        }
        let set: Set = set.into();
        let number = self.sets.len() as u32;
        self.sets.push(set.clone());
        self.set_numbers.insert(set, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn oid(number: u64) -> Oid {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        Oid::from_bytes(&bytes).unwrap()
    }

    /// Divided in any way and merged, they are what a plain table holds.
    #[test]
    fn finds_are_those_that_came() {
        let mut threads: Vec<Finds> = (0..4).map(|_| Finds::default()).collect();
        let mut expected: BTreeMap<Oid, BTreeSet<SecretKey>> = BTreeMap::new();
        let mut state = 1_u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        for _ in 0..500 {
            let object = oid(draw(200));
            let mut keys: Vec<SecretKey> =
                (0..draw(5)).map(|_| SecretKey::of_number(draw(12).into())).collect();
            if !keys.is_empty() {
                expected.entry(object).or_default().extend(&keys);
            }
            threads[draw(4) as usize].add(object, Kind::Blob, &mut keys);
            assert!(keys.is_empty());
        }
        let mut all = Finds::default();
        for finds in threads {
            all.merge(finds);
        }
        all.settle();
        let found: BTreeMap<Oid, BTreeSet<SecretKey>> =
            all.objects().iter().map(|f| (f.object, all.secrets(f).collect())).collect();
        assert_eq!(found, expected);
        assert_eq!(all.objects().len(), expected.len());
        assert!(all.objects().is_sorted());
        assert!(all.objects().iter().all(|f| all.secrets(f).count() == expected[&f.object].len()));
    }

    #[test]
    fn versions_with_the_same_secrets_share_them() {
        let mut finds = Finds::default();
        for version in 0..1000 {
            let mut keys: Vec<SecretKey> = (0..200).map(SecretKey::of_number).collect();
            keys.rotate_left(version as usize % 200);
            finds.add(oid(version), Kind::Blob, &mut keys);
        }
        assert_eq!((finds.sets.len(), finds.keys.len()), (1, 200));
    }
}
