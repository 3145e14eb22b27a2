//! The attributes of ICE (RFC 8445 section 16.1).

use super::fixed_attribute;
use crate::error::BuildError;

/// PRIORITY: that of the candidate which the check would discover, 1 to 2^31 - 1 (RFC 8445 sections 5.1.2 and 7.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(pub u32);

fixed_attribute!(
    Priority,
    PRIORITY,
    "PRIORITY",
    4,
    |value| Self(u32::from_be_bytes(*value)),
    |priority| match priority.0 {
        1..=0x7FFF_FFFF => Ok(priority.0.to_be_bytes()),
        _ => Err(BuildError::OutOfRange { field: "PRIORITY" }),
    }
);

/// USE-CANDIDATE: the controlling agent nominates this pair; it has no value (RFC 8445 section 7.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UseCandidate;

fixed_attribute!(UseCandidate, USE_CANDIDATE, "USE-CANDIDATE", 0, |_| Self, |_| Ok([]));

/// ICE-CONTROLLED: the sender takes the controlled role; the number breaks a tie (RFC 8445 section 7.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IceControlled(pub u64);

fixed_attribute!(
    IceControlled,
    ICE_CONTROLLED,
    "ICE-CONTROLLED",
    8,
    |value| Self(u64::from_be_bytes(*value)),
    |tie_breaker| Ok(tie_breaker.0.to_be_bytes())
);

/// ICE-CONTROLLING: the sender takes the controlling role; the number breaks a tie (RFC 8445 section 7.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IceControlling(pub u64);

fixed_attribute!(
    IceControlling,
    ICE_CONTROLLING,
    "ICE-CONTROLLING",
    8,
    |value| Self(u64::from_be_bytes(*value)),
    |tie_breaker| Ok(tie_breaker.0.to_be_bytes())
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Sink;
    use crate::error::ErrorKind;
    use crate::stun::TypedAttribute;

    const ID: &[u8; 16] = &[0; 16];

    #[test]
    fn the_values_of_rfc_5769_section_2_1() {
        let tie_breaker = [0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36];
        let controlled = IceControlled(0x932f_f9b1_5126_3b36);
        assert_eq!(IceControlled::parse(&tie_breaker, ID), Ok(controlled));
        assert_eq!(IceControlling::parse(&tie_breaker, ID), Ok(IceControlling(controlled.0)));
        assert_eq!(Priority::parse(&[0x6e, 0, 1, 0xff], ID), Ok(Priority(0x6e00_01ff)));
        let mut out = [0; 8];
        controlled.encode(&mut Sink::new(&mut out), ID).unwrap();
        assert_eq!(out, tie_breaker);
    }

    #[test]
    fn other_lengths_are_refused() {
        let error = Priority::parse(&[0, 1], ID).unwrap_err();
        assert_eq!((error.what, error.field, error.offset), ("PRIORITY", "value", 0));
        assert_eq!(error.kind, ErrorKind::Length { found: 2, have: 4 });
        assert_eq!(UseCandidate::parse(&[], ID), Ok(UseCandidate));
        assert!(UseCandidate::parse(&[0; 4], ID).is_err());
        assert!(IceControlled::parse(&[0; 9], ID).is_err());
    }

    #[test]
    fn a_priority_beyond_31_bits_is_read_and_not_written() {
        for priority in [0, 1 << 31, u32::MAX] {
            assert_eq!(Priority::parse(&priority.to_be_bytes(), ID), Ok(Priority(priority)));
            let refused = Err(BuildError::OutOfRange { field: "PRIORITY" });
            assert_eq!(Priority(priority).encode(&mut Sink::new(&mut [0; 4]), ID), refused);
        }
    }
}
