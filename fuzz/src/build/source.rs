//! Random values to build messages of, mostly such as the standards allow; the source knows whether all of them are.

use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use bumpalo::Bump;
use mediawire::ntp::{NtpShort, NtpTime};
use mediawire::{BuildError, Encode};

/// Where the values come from. At the end of the input there are zeros, without end.
pub struct Source<'a> {
    input: Unstructured<'a>,
    arena: &'a Bump,
    forbidden: bool,
    /// The last SDES packet has a CNAME.
    pub cname: bool,
}

/// A value of any kind, all of whose bits mean something.
pub trait Random: Sized {
    fn random(s: &mut Source<'_>) -> Self;
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Random for $number {
            fn random(s: &mut Source<'_>) -> Self {
                Self::arbitrary(&mut s.input).unwrap_or_default()
            }
        }
    )*};
}

numbers!(bool u8 u16 u32 u64 i8 i16 i32 i64 u128);

impl<const N: usize> Random for [u8; N] {
    fn random(s: &mut Source<'_>) -> Self {
        std::array::from_fn(|_| s.any())
    }
}

impl<T: Random> Random for Option<T> {
    fn random(s: &mut Source<'_>) -> Self {
        s.any::<bool>().then(|| s.any())
    }
}

/// Newtypes around a number.
#[macro_export]
macro_rules! random_newtypes {
    ($($name:path),* $(,)?) => {$(
        impl $crate::build::source::Random for $name {
            fn random(s: &mut $crate::build::source::Source<'_>) -> Self {
                $name(s.any())
            }
        }
    )*};
}

random_newtypes!(NtpTime, NtpShort);

/// A builder that has been tried.
#[derive(Clone, Copy)]
pub struct Made<'a> {
    pub builder: &'a dyn Encode,
    /// What it writes; `None` if it holds what the standard forbids.
    pub bytes: Option<&'a [u8]>,
}

impl<'a> Source<'a> {
    pub fn new(input: &'a [u8], arena: &'a Bump) -> Self {
        Self { input: Unstructured::new(input), arena, forbidden: false, cname: false }
    }

    pub fn is_empty(&self) -> bool {
        self.input.is_empty()
    }

    pub fn any<T: Random>(&mut self) -> T {
        T::random(self)
    }

    pub fn of<T>(&mut self, value: T) -> T {
        value
    }

    /// Once in 32 times; not at the end of the input.
    pub fn rarely(&mut self) -> bool {
        self.any::<u8>() >= 248
    }

    pub fn forbid(&mut self, yes: bool) {
        self.forbidden |= yes;
    }

    /// Whether something was forbidden, which is then forgotten.
    pub fn was_forbidden(&mut self) -> bool {
        std::mem::take(&mut self.forbidden)
    }

    /// 0 to `max`; rarely more, which is forbidden.
    pub fn up_to<N: Random + Copy + Into<u64> + TryFrom<u64>>(&mut self, max: N) -> N {
        let value: N = self.any();
        let (wide, top) = (value.into(), max.into());
        if wide <= top {
            return value;
        }
        if self.rarely() {
            self.forbidden = true;
            return value;
        }
        N::try_from(wide % (top + 1)).unwrap_or(max)
    }

    /// A number below `count`, which is small.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.any::<u8>()) % count
    }

    pub fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// At most `most` bytes.
    pub fn bytes(&mut self, most: usize) -> &'a [u8] {
        let len = self.below(most + 1).min(self.input.len());
        self.input.bytes(len).unwrap_or_default()
    }

    pub fn exactly(&mut self, len: usize) -> &'a [u8] {
        let bytes: Vec<u8> = (0..len).map(|_| self.any()).collect();
        self.keep_list(&bytes)
    }

    /// At most `most` whole words.
    pub fn words(&mut self, most: usize) -> &'a [u8] {
        self.chunks::<4>(most).as_flattened()
    }

    pub fn chunks<const N: usize>(&mut self, most: usize) -> &'a [[u8; N]] {
        let len = self.below(most + 1).min(self.input.len() / N) * N;
        self.input.bytes(len).unwrap_or_default().as_chunks().0
    }

    /// Bytes, rarely so many that a length of 8 bits cannot say it: the caller is to see.
    pub fn text(&mut self, most: usize) -> &'a [u8] {
        if self.rarely() {
            let byte = self.any();
            let len = 250 + self.below(10);
            self.arena.alloc_slice_fill_copy(len, byte)
        } else {
            self.bytes(most)
        }
    }

    pub fn keep<T>(&self, value: T) -> &'a T {
        self.arena.alloc(value)
    }

    pub fn keep_list<T: Copy>(&self, list: &[T]) -> &'a [T] {
        self.arena.alloc_slice_copy(list)
    }

    pub fn list<T: Copy>(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> T) -> &'a [T] {
        let list: Vec<_> = (0..self.below(most + 1)).map(|_| one(self)).collect();
        self.keep_list(&list)
    }

    pub fn exactly_of<T: Copy>(
        &mut self,
        count: usize,
        mut one: impl FnMut(&mut Self) -> T,
    ) -> &'a [T] {
        let list: Vec<_> = (0..count).map(|_| one(self)).collect();
        self.keep_list(&list)
    }

    /// A list of entries in wire form; those that the standard forbids are tried, and left out.
    pub fn entries<T: Copy + PartialEq + Debug, const N: usize>(
        &mut self,
        most: usize,
        one: impl Fn(&mut Self) -> T,
        to: impl Fn(T) -> Result<[u8; N], BuildError>,
        from: impl Fn([u8; N]) -> T,
    ) -> &'a [[u8; N]] {
        let before = self.was_forbidden();
        let mut list = Vec::new();
        for _ in 0..self.below(most + 1) {
            let entry = one(self);
            let bytes = to(entry);
            assert_eq!(bytes.is_err(), self.was_forbidden(), "{entry:?}");
            if let Ok(bytes) = bytes {
                assert_eq!(from(bytes), entry);
                list.push(bytes);
            }
        }
        self.forbidden = before;
        self.keep_list(&list)
    }

    /// Padding of RTCP: none, mostly. What is no padding is forbidden.
    pub fn padding(&mut self) -> &'a [u8] {
        match self.any::<u8>() {
            0..216 => &[],
            kind => {
                let len = if kind < 252 { usize::from(kind % 3 + 1) * 4 } else { self.below(8) };
                let mut padding = vec![self.any::<u8>() & 1; len];
                if let Some(last) = padding.last_mut() {
                    *last = len as u8;
                    if self.rarely() {
                        *last = last.wrapping_add(1);
                        self.forbidden = true;
                    }
                }
                self.keep_list(&padding)
            }
        }
    }

    /// Tries the builder that the last values went into: it writes if nothing was forbidden, and `read` is to say that
    /// the bytes hold what the builder does.
    pub fn made<B>(&mut self, builder: B, read: impl FnOnce(&'a [u8], &B)) -> Made<'a>
    where
        B: Encode + Debug + 'a,
    {
        let builder = self.keep(builder);
        let allowed = !self.was_forbidden();
        let bytes = tried(builder, allowed).map(|bytes| self.keep_list(&bytes));
        if let Some(bytes) = bytes {
            read(bytes, builder);
        }
        Made { builder, bytes }
    }
}

/// What can be tried.
pub trait Build: Encode + Debug {}

impl<T: Encode + Debug> Build for T {}

/// Writes into buffers of enough room and of too little.
pub fn tried(builder: &dyn Build, allowed: bool) -> Option<Vec<u8>> {
    let need = builder.encoded_len();
    let mut out = vec![0xA5; need + 3];
    let written = builder.write(&mut out);
    let mut vec = vec![1, 2, 3];
    if !allowed {
        assert!(matches!(written, Err(BuildError::OutOfRange { .. })), "{written:?}: {builder:?}");
        assert_eq!(Encode::append_to(&builder, &mut vec), written);
        assert_eq!(vec, [1, 2, 3]);
        return None;
    }
    assert_eq!(written, Ok(need), "{builder:?}");
    assert_eq!(out.split_off(need), [0xA5; 3]);
    for have in [0, need / 2, need.saturating_sub(1)].into_iter().filter(|&have| have < need) {
        let mut short = vec![0xA5; have];
        assert_eq!(builder.write(&mut short), Err(BuildError::BufferTooSmall { need, have }));
        assert!(short.iter().all(|&byte| byte == 0xA5), "nothing is half-written");
    }
    assert_eq!(Encode::append_to(&builder, &mut vec), Ok(need));
    assert_eq!(vec[3..], out);
    Some(out)
}

/// A list of functions, one a line: `View = Builder { field: method(arguments), … }` makes the builder of values from the
/// source, asks the rules behind it, writes it, reads it, and compares. All are so many whole units of bytes long.
#[macro_export]
macro_rules! made_of {
    ($(#[$doc:meta])* $list:ident in $unit:literal: $(
        $view:ident = $builder:ident { $($field:tt: $how:ident($($argument:expr),*)),* $(,)? }
        $(, if |$b:ident| $rule:expr)?
        $(, same |$read:ident, $built:ident| $same:expr)?;
    )*) => {
        $(#[$doc])*
        pub const $list: &[for<'a> fn(&mut $crate::build::source::Source<'a>) -> $crate::build::source::Made<'a>] = &[$(
            |s| {
                let built = $builder { $($field: s.$how($($argument),*)),* };
                $(
                    let $b = &built;
                    let allowed = $rule;
                    s.forbid(!allowed);
                )?
                let whole = mediawire::Encode::encoded_len(&built).is_multiple_of($unit);
                s.forbid(!whole);
                s.made(built, |bytes, built| {
                    let view = $view::parse(bytes).expect("what is written parses");
                    let same = $crate::made_of!(@same $builder view built $(|$read, $built| $same)?);
                    assert!(same, "{view:?} is not {built:?}");
                })
            },
        )*];
    };
    (@same $builder:ident $view:ident $built:ident) => {
        $builder::from($view) == *$built
    };
    (@same $builder:ident $view:ident $built:ident |$read:ident, $b:ident| $same:expr) => {{
        let ($read, $b) = (&$view, $built);
        $same
    }};
}
