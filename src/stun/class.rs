//! The four classes, and the message type that mixes their bits with the method's (RFC 8489 section 5).
//!
//! ```text
//! |0 0|M11 .. M7|C1|M6 M5 M4|C0|M3 .. M0|
//! ```

use core::fmt;

use super::Method;

/// The class of a message, 2 bits (RFC 8489 section 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Asks for a response.
    #[default]
    Request,
    /// Asks for none.
    Indication,
    /// The answer to a request that was carried out.
    SuccessResponse,
    /// The answer to a request that was not; it has an ERROR-CODE.
    ErrorResponse,
}

impl Class {
    /// Either response.
    #[inline]
    pub const fn is_response(self) -> bool {
        matches!(self, Self::SuccessResponse | Self::ErrorResponse)
    }

    /// A word for programs: `request`, `indication`, `success_response`, `error_response`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Indication => "indication",
            Self::SuccessResponse => "success_response",
            Self::ErrorResponse => "error_response",
        }
    }
}

/// `request`, `indication`, `success response`, `error response`.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Request => "request",
            Self::Indication => "indication",
            Self::SuccessResponse => "success response",
            Self::ErrorResponse => "error response",
        })
    }
}

/// The class and the method out of the first 16 bits of a message.
#[inline]
pub(crate) const fn split_type(bits: u16) -> (Class, Method) {
    let class = match (bits & 0x0100 != 0, bits & 0x0010 != 0) {
        (false, false) => Class::Request,
        (false, true) => Class::Indication,
        (true, false) => Class::SuccessResponse,
        (true, true) => Class::ErrorResponse,
    };
    (class, Method((bits & 0x3E00) >> 2 | (bits & 0x00E0) >> 1 | bits & 0x000F))
}

/// The first 16 bits of a message; the method's bits beyond 12 are dropped.
#[inline]
pub(crate) const fn join_type(class: Class, method: Method) -> u16 {
    let class = match class {
        Class::Request => 0,
        Class::Indication => 0x0010,
        Class::SuccessResponse => 0x0100,
        Class::ErrorResponse => 0x0110,
    };
    (method.0 & 0x0F80) << 2 | (method.0 & 0x0070) << 1 | method.0 & 0x000F | class
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_that_the_rfcs_print() {
        // RFC 8489 section 5 (0x0001, 0x0101); RFC 3489 section 11.1 (0x0111); a Data indication and a ChannelBind
        // error as coturn sends them (coturn-turn-udp.pcap).
        for (bits, class, method) in [
            (0x0001, Class::Request, Method::BINDING),
            (0x0101, Class::SuccessResponse, Method::BINDING),
            (0x0111, Class::ErrorResponse, Method::BINDING),
            (0x0102, Class::SuccessResponse, Method::SHARED_SECRET),
            (0x0017, Class::Indication, Method::DATA),
            (0x0119, Class::ErrorResponse, Method::CHANNEL_BIND),
            (0x0200, Class::Request, Method::GOOG_PING),
        ] {
            assert_eq!(split_type(bits), (class, method), "{bits:#06x}");
            assert_eq!(join_type(class, method), bits, "{bits:#06x}");
        }
    }

    #[test]
    fn every_type_splits_and_joins() {
        for bits in 0..0x4000 {
            let (class, method) = split_type(bits);
            assert!(method <= Method::MAX);
            assert_eq!(join_type(class, method), bits);
        }
    }
}
