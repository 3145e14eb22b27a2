//! ERROR-CODE (RFC 8489 section 14.8) and ADDRESS-ERROR-CODE (RFC 8656 section 18.12).
//!
//! ```text
//! |  Family, or 0 |        Reserved         |Class|     Number    |
//! |                    Reason Phrase (variable)                   |
//! ```

use core::ops::RangeInclusive;
use core::str::Utf8Error;

use super::AddressFamily;
use super::text::check_text;
use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::stun::{AttributeType, Code, TypedAttribute};
use crate::wire::array;

// Places before the reason phrase.
const FAMILY: usize = 0;
const CLASS: usize = 2;
const NUMBER: usize = 3;
const HEAD_LEN: usize = 4;

/// The hundreds that there are.
const CLASSES: RangeInclusive<u8> = 3..=6;

/// ERROR-CODE: why a request was not carried out (RFC 8489 section 14.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode<'a> {
    /// The code, 300 to 699.
    pub code: Code,
    /// A phrase for people, fewer than 128 characters where it is written.
    pub reason: &'a [u8],
}

/// ADDRESS-ERROR-CODE: why an address of one family was not allocated (RFC 8656 section 18.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressErrorCode<'a> {
    /// The family.
    pub family: AddressFamily,
    /// The code, 300 to 699.
    pub code: Code,
    /// A phrase for people, fewer than 128 characters where it is written.
    pub reason: &'a [u8],
}

impl ErrorCode<'static> {
    /// With the recommended reason phrase, empty for a code that has none.
    #[inline]
    pub const fn new(code: Code) -> Self {
        let reason = match code.name() {
            Some(reason) => reason,
            None => "",
        };
        Self { code, reason: reason.as_bytes() }
    }
}

impl<'a> ErrorCode<'a> {
    /// The reason phrase as text.
    ///
    /// # Errors
    /// It is not UTF-8.
    #[inline]
    pub fn reason_str(&self) -> Result<&'a str, Utf8Error> {
        core::str::from_utf8(self.reason)
    }
}

impl<'a> AddressErrorCode<'a> {
    /// The reason phrase as text.
    ///
    /// # Errors
    /// It is not UTF-8.
    #[inline]
    pub fn reason_str(&self) -> Result<&'a str, Utf8Error> {
        core::str::from_utf8(self.reason)
    }
}

/// The first byte, the code, the reason. Reserved bits are ignored.
#[inline]
fn error_code(value: &[u8]) -> Step<'_, (u8, Code, &[u8])> {
    let Ok((reason, head)) = array::<HEAD_LEN>(value) else {
        let kind = ErrorKind::Length { found: value.len(), have: HEAD_LEN };
        return Err(Fail::field("value", value, kind));
    };
    let refuse = |field, place, found: u8| {
        let at = value.get(place..).unwrap_or_default();
        Err(Fail::field(field, at, ErrorKind::Value { found: found.into() }))
    };
    let (class, number) = (head[CLASS] & 7, head[NUMBER]);
    if !CLASSES.contains(&class) {
        return refuse("class", CLASS, class);
    }
    if number > 99 {
        return refuse("number", NUMBER, number);
    }
    Ok((&[], (head[FAMILY], Code(u16::from(class) * 100 + u16::from(number)), reason)))
}

/// Writes a value behind its first byte.
#[inline]
fn write_error_code(
    out: &mut Sink<'_>,
    first: u8,
    code: Code,
    reason: &[u8],
) -> Result<(), BuildError> {
    let refused = BuildError::OutOfRange { field: "error code" };
    let class = u8::try_from(code.0 / 100).map_err(|_| refused)?;
    let number = u8::try_from(code.0 % 100).map_err(|_| refused)?;
    if !CLASSES.contains(&class) {
        return Err(refused);
    }
    check_text("reason phrase", reason)?;
    *out.array()? = [first, 0, class, number];
    out.bytes(reason)
}

impl<'a> TypedAttribute<'a> for ErrorCode<'a> {
    const TYPE: AttributeType = AttributeType::ERROR_CODE;

    #[inline]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        let (_, code, reason) = run("ERROR-CODE", value, error_code)?;
        Ok(Self { code, reason })
    }

    #[inline]
    fn value_len(&self) -> usize {
        self.reason.len().saturating_add(HEAD_LEN)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        write_error_code(out, 0, self.code, self.reason)
    }
}

impl<'a> TypedAttribute<'a> for AddressErrorCode<'a> {
    const TYPE: AttributeType = AttributeType::ADDRESS_ERROR_CODE;

    #[inline]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        run("ADDRESS-ERROR-CODE", value, |i| {
            let (rest, (family, code, reason)) = error_code(i)?;
            match AddressFamily::from_number(family) {
                Some(family) => Ok((rest, Self { family, code, reason })),
                None => {
                    Err(Fail::field("address family", i, ErrorKind::Value { found: family.into() }))
                }
            }
        })
    }

    #[inline]
    fn value_len(&self) -> usize {
        self.reason.len().saturating_add(HEAD_LEN)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        write_error_code(out, self.family.number(), self.code, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &[u8; 16] = &[0; 16];

    /// As coturn sends it, coturn-turn-udp.pcap frame 2.
    const UNAUTHORIZED: &[u8; 16] = b"\0\0\x04\x01Unauthorized";

    #[test]
    fn reads_and_writes_code_and_reason() {
        let error = ErrorCode::parse(UNAUTHORIZED, ID).unwrap();
        assert_eq!((error.code, error.reason_str()), (Code::UNAUTHENTICATED, Ok("Unauthorized")));
        let mut out = [0xFF; 16];
        error.encode(&mut Sink::new(&mut out), ID).unwrap();
        assert_eq!(&out, UNAUTHORIZED);
        assert_eq!(ErrorCode::new(Code::ROLE_CONFLICT).reason, b"Role Conflict");
        assert_eq!(ErrorCode::new(Code(699)).reason, b"");
    }

    #[test]
    fn reserved_bits_are_ignored() {
        let error = ErrorCode::parse(b"\xFF\xFF\xFC\x14", ID).unwrap();
        assert_eq!((error.code, error.reason), (Code(420), &b""[..]));
        let error = AddressErrorCode::parse(b"\x02\xFF\xFC\x28no", ID).unwrap();
        assert_eq!((error.family, error.code.0), (AddressFamily::Ipv6, 440));
        assert_eq!(error.reason_str(), Ok("no"));
    }

    #[test]
    fn codes_that_do_not_exist_are_refused_at_their_place() {
        for (value, field, offset, found) in [
            (&b"\0\0\x04\x64"[..], "number", 3, 100),
            (b"\0\0\x04\xFF", "number", 3, 255),
            (b"\0\0\x02\x00", "class", 2, 2),
            (b"\0\0\x07\x00", "class", 2, 7),
        ] {
            let error = ErrorCode::parse(value, ID).unwrap_err();
            assert_eq!((error.field, error.offset), (field, offset));
            assert_eq!(error.kind, ErrorKind::Value { found });
        }
        let error = ErrorCode::parse(b"\0\0\x04", ID).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Length { found: 3, have: 4 });
        let error = AddressErrorCode::parse(b"\x03\0\x04\x28", ID).unwrap_err();
        assert_eq!((error.field, error.offset), ("address family", 0));
    }

    #[test]
    fn what_the_rfc_forbids_is_not_written() {
        let mut room = [0; 200];
        for (code, reason, field) in [
            (299, &b""[..], "error code"),
            (700, b"", "error code"),
            (u16::MAX, b"", "error code"),
            (400, b"\xFF", "reason phrase"),
            (400, &[b'a'; 128], "reason phrase"),
        ] {
            let error = ErrorCode { code: Code(code), reason };
            let refused = Err(BuildError::OutOfRange { field });
            assert_eq!(error.encode(&mut Sink::new(&mut room), ID), refused, "{code}");
        }
    }
}
