//! Other crates read the same bytes: where both accept them the values are the same, and what we refuse they refuse too,
//! but for the differences in each file's table.
//!
//! A table explains each difference, and holds bytes that show it. A target reads them before it starts: a difference
//! that is gone must leave the table.

use std::cell::Cell;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

pub mod net;
pub mod rtcp;
pub mod rtp;
pub mod stun;

/// The field of a difference: the other crate reads what we refuse.
pub const REFUSED: &str = "refused";
/// The field of a difference: the other crate panics.
pub const PANICS: &str = "panics";

/// Where another crate is known to differ.
pub struct Difference {
    /// The crate.
    pub other: &'static str,
    /// What is compared, by the name that the comparison gives it; or [`REFUSED`], or [`PANICS`]. None: any but that.
    pub fields: &'static [&'static str],
    /// What it does otherwise, and the section that says what is right.
    pub why: &'static str,
    /// The bytes for which it may.
    pub when: fn(&[u8]) -> bool,
    /// Bytes for which it does.
    pub example: &'static [u8],
}

impl Difference {
    fn is_in(&self, field: &str) -> bool {
        if self.fields.is_empty() { field != PANICS } else { self.fields.contains(&field) }
    }
}

/// Compares what one other crate makes of the bytes with what we do.
pub type Compare = fn(&[u8], &mut Found);

/// The crates that read a protocol, and where they differ.
pub struct Others {
    pub compare: &'static [(&'static str, Compare)],
    pub known: &'static [Difference],
}

impl Others {
    /// Panics at a difference that the table does not explain.
    pub fn check(&self, bytes: &[u8]) {
        for &(other, compare) in self.compare {
            for (field, values) in self.found(compare, bytes) {
                let known = |known: &Difference| {
                    known.other == other && known.is_in(field) && (known.when)(bytes)
                };
                assert!(self.known.iter().any(known), "{other}, {field}: {values}\n{bytes:02x?}");
            }
        }
    }

    /// Panics unless the example of each known difference still shows it.
    pub fn check_known(&self) {
        for known in self.known {
            let other = self.compare.iter().find(|(other, _)| *other == known.other);
            let &(_, compare) = other.expect("a crate that is compared");
            assert!((known.when)(known.example), "not its own example: {}", known.why);
            let found = self.found(compare, known.example);
            let differs = found.iter().any(|(field, _)| known.is_in(field));
            assert!(differs, "no longer differs: {}\n{found:?}", known.why);
            self.check(known.example);
        }
    }

    fn found(&self, compare: Compare, bytes: &[u8]) -> Vec<(&'static str, String)> {
        let mut found = Found(Vec::new());
        compare(bytes, &mut found);
        found.0
    }
}

/// The differences in one message.
pub struct Found(Vec<(&'static str, String)>);

impl Found {
    /// Notes a difference unless the values are the same.
    pub fn same<T: PartialEq<U> + Debug, U: Debug>(
        &mut self,
        field: &'static str,
        ours: T,
        theirs: U,
    ) {
        if ours != theirs {
            self.0.push((field, format!("{ours:?} here, {theirs:?} there")));
        }
    }

    /// As [`same`](Self::same), for lists.
    pub fn list<T: PartialEq + Debug>(
        &mut self,
        field: &'static str,
        ours: impl IntoIterator<Item = T>,
        theirs: impl IntoIterator<Item = T>,
    ) {
        let (ours, theirs): (Vec<_>, Vec<_>) =
            (ours.into_iter().collect(), theirs.into_iter().collect());
        self.same(field, ours, theirs);
    }

    /// What both read; notes, as the field `refused`, where only the other crate does. What only we read is no matter here.
    pub fn both<T, U, E: Debug, F>(
        &mut self,
        refused: &'static str,
        ours: Result<T, E>,
        theirs: Option<Result<U, F>>,
    ) -> Option<(T, U)> {
        match (ours, theirs?) {
            (Ok(ours), Ok(theirs)) => Some((ours, theirs)),
            (Err(error), Ok(_)) => {
                self.0.push((refused, format!("{error:?}")));
                None
            }
            (_, Err(_)) => None,
        }
    }

    /// Calls the other crate, and notes it if it panics.
    pub fn call<T>(&mut self, other: impl FnOnce() -> T) -> Option<T> {
        static HOOK: Once = Once::new();
        thread_local!(static THEIRS: Cell<bool> = const { Cell::new(false) });
        // libFuzzer's hook ends the process; it must not see the panics that are caught here.
        HOOK.call_once(|| {
            let hook = take_hook();
            set_hook(Box::new(move |panic| {
                if !THEIRS.get() {
                    hook(panic);
                }
            }));
        });
        THEIRS.set(true);
        let result = catch_unwind(AssertUnwindSafe(other));
        THEIRS.set(false);
        if result.is_err() {
            self.0.push((PANICS, String::new()));
        }
        result.ok()
    }
}
