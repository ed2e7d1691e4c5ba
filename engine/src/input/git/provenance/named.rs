//! Which objects trees name, to tell whether all of them are there.

/// Ids that trees name, each [`folded`](crate::input::git::oid::folded).
///
/// To look each id up as it is met would be a random access to the index for each; to
/// sort them and go through the index once is a fraction of that.
#[derive(Debug)]
pub(super) struct Named {
    ids: Vec<u128>,
    /// How many they may be before repeated ones are dropped.
    most: usize,
    /// Ids that were met last, each where its first bits say: most are met again soon,
    /// by a tree that stands beside the last one in the pack.
    recent: Box<[u128]>,
}

/// So many ids are kept, repeated or not.
const MANY: usize = 1 << 16;

const RECENT_BITS: u32 = 12;

impl Default for Named {
    fn default() -> Self {
        Self { ids: Vec::new(), most: MANY, recent: vec![0; 1 << RECENT_BITS].into() }
    }
}

impl Named {
    #[inline]
    pub(super) fn add(&mut self, id: u128) {
        let recent = &mut self.recent[(id >> (128 - RECENT_BITS)) as usize];
        if *recent == id && id != 0 {
            return;
        }
        *recent = id;
        self.ids.push(id);
        if self.ids.len() >= self.most {
            self.once();
            self.most = (2 * self.ids.len()).max(MANY);
        }
    }

    /// Keeps each id once. Trees that are not made from others name the same blobs over
    /// and over.
    fn once(&mut self) {
        self.ids.sort_unstable();
        self.ids.dedup();
    }

    /// The ids in their order, each once.
    pub(super) fn take(&mut self) -> Vec<u128> {
        self.once();
        std::mem::take(&mut self.ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_once_and_in_order() {
        let mut named = Named::default();
        let ids = || (0..3 * MANY as u128).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) << 60);
        for id in ids().chain(ids()).chain([0, 0, u128::MAX]) {
            named.add(id);
        }
        assert!(named.ids.len() <= 8 * MANY, "repeated ones are dropped on the way");
        let mut expected: Vec<u128> = ids().chain([u128::MAX]).collect();
        expected.sort_unstable();
        assert_eq!(named.take(), expected);
    }
}
