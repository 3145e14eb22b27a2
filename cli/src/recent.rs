//! A table that forgets what has not been used in a long time.

use std::collections::HashMap;
use std::hash::Hash;

/// A map that remembers at least the last `capacity` keys that were used, and at most twice as many.
///
/// Two generations: what is used is in the young one; when that is full it becomes the old one, and what the old one
/// still held is forgotten. So a use costs a lookup or two, and there is no list to keep in order.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    capacity: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq + Copy, V> Recent<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, young: HashMap::new(), old: HashMap::new() }
    }

    /// The value of a key, if it is remembered. This does not count as a use.
    #[inline]
    pub(crate) fn peek(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// All that are remembered.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.young.values().chain(self.old.values())
    }

    /// The value of a key, a new one if it is not remembered.
    #[inline]
    pub(crate) fn get(&mut self, key: K, new: impl FnOnce() -> V) -> &mut V {
        if self.young.len() >= self.capacity && !self.young.contains_key(&key) {
            self.turn(key);
        }
        let old = &mut self.old;
        self.young.entry(key).or_insert_with(|| old.remove(&key).unwrap_or_else(new))
    }

    /// The young generation becomes the old one, which loses all but `key`.
    #[cold]
    fn turn(&mut self, key: K) {
        let kept = self.old.remove(&key);
        self.old = std::mem::take(&mut self.young);
        self.young.extend(kept.map(|value| (key, value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_remembered_and_the_rest_forgotten() {
        let mut recent = Recent::new(4);
        for n in 0..1000 {
            *recent.get(-1, || 0) += 1;
            *recent.get(n, || 0) += 1;
            assert!(recent.young.len() + recent.old.len() <= 8);
            for last in (n - 2).max(0)..=n {
                assert_eq!(recent.peek(&last), Some(&1));
            }
        }
        assert_eq!(recent.peek(&-1), Some(&1000));
        assert_eq!(recent.peek(&990), None);
    }

    #[test]
    fn a_key_of_the_old_generation_outlives_the_turn() {
        let mut recent = Recent::new(2);
        for key in [1, 2, 3, 4] {
            recent.get(key, || key);
        }
        // 3 and 4 are young and fill it; 1 is old.
        assert_eq!(*recent.get(1, || 99), 1);
        assert_eq!(recent.peek(&2), None);
        assert_eq!((recent.peek(&3), recent.peek(&4)), (Some(&3), Some(&4)));
    }
}
