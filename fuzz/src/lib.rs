//! What the fuzz targets share: every view is shown in full and written again, every iterator runs to its end.

pub mod build;
pub mod diff;

use std::fmt::{self, Debug, Display, Write};
use std::hint::black_box;

use mediawire::{Encode, ParseError};

/// Calls the accessors that nothing that is shown calls: `call!(packet: csrc_bytes, header_len)`.
#[macro_export]
macro_rules! call {
    ($view:expr; $($accessor:ident),+ $(,)?) => {{
        $(let _ = std::hint::black_box($view.$accessor());)+
    }};
}

/// Reads by `View::parse` and shows by `show`, or by another function of this crate; gives the view. An error is shown,
/// and has its place.
#[macro_export]
macro_rules! read {
    ($bytes:expr, $View:ident) => {
        $crate::read!($bytes, $View, show)
    };
    ($bytes:expr, $View:ident, $show:ident) => {
        match $View::parse($bytes) {
            Ok(view) => {
                $crate::$show(&view);
                Some(view)
            }
            Err(error) => {
                $crate::fault(&error, $bytes.len());
                None
            }
        }
    };
}

/// As `read!`, and writes by `Builder`: what comes out reads the same, and is written so again. What the standard
/// forbids to write may have been read.
#[macro_export]
macro_rules! again {
    ($bytes:expr, $View:ident, $Builder:ident) => {
        $crate::again!($bytes, $View, $Builder, show)
    };
    ($bytes:expr, $View:ident, $Builder:ident, $show:ident) => {{
        let view = $crate::read!($bytes, $View, $show);
        if let Some(view) = view {
            let builder = $Builder::from(view);
            $crate::debug(&builder);
            if let Some(written) = $crate::written(&builder) {
                let read = $View::parse(&written).expect("what is written parses");
                assert_eq!($Builder::from(read), builder);
                $crate::writes(&$Builder::from(read), &written);
            }
        }
        view
    }};
}

/// A sink for text that is to stay on its line.
struct Line(usize);

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // All of it at once: most of what is written are the bytes of payloads, number by number.
        let control =
            text.bytes().fold(false, |found, byte| found | (byte < b' ') | (byte == 0x7F));
        let control = control || !text.is_ascii() && text.contains(char::is_control);
        assert!(!control, "{text:?} does not stay on its line");
        self.0 += text.len();
        Ok(())
    }
}

/// Runs `Display` to its end: a line.
pub fn line(value: &(impl Display + ?Sized)) {
    write!(Line(0), "{value}").expect("a line takes everything");
}

/// Runs `Debug` to its end.
pub fn debug(value: &(impl Debug + ?Sized)) {
    let mut line = Line(0);
    write!(line, "{value:?}").expect("a line takes everything");
    assert_ne!(line.0, 0);
}

/// Runs `Serialize` to its end: JSON.
pub fn json(value: &(impl serde::Serialize + ?Sized)) {
    serde_json::to_writer(std::io::sink(), value).expect("serialises");
}

/// Runs `Display` and `Debug` to their end.
pub fn text(view: &(impl Display + Debug + ?Sized)) {
    line(view);
    debug(view);
}

/// Runs `Display`, `Debug` and `Serialize` to their end.
pub fn show(view: &(impl Display + Debug + serde::Serialize + ?Sized)) {
    line(view);
    debug(view);
    json(view);
}

/// Shows an error, which lies in the input of `len` bytes or at its end.
pub fn fault(error: &ParseError, len: usize) {
    line(error);
    debug(error);
    assert_ne!(error.kind.name(), "");
    assert!(error.offset <= len, "{error}");
}

/// Asserts that `builder` writes exactly `bytes`.
pub fn writes(builder: &(impl Encode + ?Sized), bytes: &[u8]) {
    assert_eq!(written(builder).as_deref(), Some(bytes));
}

/// What `builder` writes, whether the buffer is as long or longer; `None` if the standard forbids it. A shorter buffer is
/// refused, and what lies behind the message is not touched.
pub fn written(builder: &(impl Encode + ?Sized)) -> Option<Vec<u8>> {
    const BEHIND: [u8; 3] = [0xA5; 3];
    let len = builder.encoded_len();
    let mut out = vec![BEHIND[0]; len + BEHIND.len()];
    let wrote = builder.write(&mut out);
    assert_eq!(out[len..], BEHIND);
    if let Err(error) = wrote {
        line(&error);
        assert!(builder.write(&mut out[..len]).is_err());
        return None;
    }
    assert_eq!(wrote, Ok(len));
    let mut exact = vec![0; len];
    assert_eq!(builder.write(&mut exact), Ok(len));
    assert_eq!(out[..len], exact);
    if let Some(short) = len.checked_sub(1) {
        assert!(builder.write(&mut out[..short]).is_err());
    }
    Some(exact)
}

/// Runs an iterator to its end, which comes after at most `most` items and where its size hint has it; gives their number.
pub fn end<I: IntoIterator>(items: I, most: usize) -> usize {
    let mut items = items.into_iter();
    let (least, at_most) = items.size_hint();
    let mut count = 0;
    for item in items.by_ref() {
        black_box(item);
        count += 1;
        assert!(count <= most, "more than {most} items");
    }
    assert!(least <= count && at_most.is_none_or(|at_most| count <= at_most));
    assert!(items.next().is_none(), "nothing comes after the end");
    count
}
