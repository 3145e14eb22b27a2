//! What tells about the path: TRANSACTION_TRANSMIT_COUNTER (RFC 7982 section 3.1), ECN-CHECK STUN (RFC 6679 section
//! 7.2.2).
//!
//! ```text
//! |        Reserved (Padding)     |    Req        |     Resp      |  TRANSACTION_TRANSMIT_COUNTER
//! |         Reserved                                        |ECF|V|  ECN-CHECK STUN
//! ```

use super::fixed_attribute;
use crate::error::BuildError;

/// TRANSACTION_TRANSMIT_COUNTER: how often request and response were sent, so that the client can tell which of them a
/// response answers, and in which direction datagrams were lost (RFC 7982 section 3.1).
///
/// It is the one attribute in which a request that is sent again differs from the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionTransmitCounter {
    /// How often the request was sent with this transaction id, from 1; the response repeats it.
    pub req: u8,
    /// How often a response was sent; 0 in a request, and from a server that does not count.
    pub resp: u8,
}

fixed_attribute!(
    TransactionTransmitCounter,
    TRANSACTION_TRANSMIT_COUNTER,
    "TRANSACTION_TRANSMIT_COUNTER",
    4,
    |&[_, _, req, resp]| Self { req, resp },
    |counter| Ok([0, 0, counter.req, counter.resp])
);

/// ECN-CHECK STUN: asks with which ECN field the request came, and tells (RFC 6679 section 7.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcnCheck {
    /// ECF, the ECN field that is echoed, 0 to 3: meaningless if it is not valid.
    pub ecf: u8,
    /// V: whether it is valid; not set in a request.
    pub valid: bool,
}

fixed_attribute!(
    EcnCheck,
    ECN_CHECK_STUN,
    "ECN-CHECK STUN",
    4,
    |&[_, _, _, last]| Self { ecf: last >> 1 & 3, valid: last & 1 != 0 },
    |check| match check.ecf {
        0..=3 => Ok([0, 0, 0, check.ecf << 1 | u8::from(check.valid)]),
        _ => Err(BuildError::OutOfRange { field: "ECF" }),
    }
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Sink;
    use crate::stun::TypedAttribute;

    const ID: &[u8; 16] = &[0; 16];

    #[test]
    fn the_counter_of_rfc_7982_figure_1() {
        // Reserved, Req, Resp: "3,2" of figure 2.
        let counter = TransactionTransmitCounter { req: 3, resp: 2 };
        assert_eq!(TransactionTransmitCounter::parse(&[0, 0, 3, 2], ID), Ok(counter));
        assert_eq!(TransactionTransmitCounter::parse(&[9, 9, 3, 2], ID), Ok(counter));
        let mut out = [0xFF; 4];
        counter.encode(&mut Sink::new(&mut out), ID).unwrap();
        assert_eq!(out, [0, 0, 3, 2]);
        assert!(TransactionTransmitCounter::parse(&[3, 2], ID).is_err());
    }

    #[test]
    fn the_bits_of_rfc_6679_figure_6() {
        // Reserved (29 bits), ECF (2), V (1).
        for (last, ecf, valid) in [(0, 0, false), (1, 0, true), (0b101, 2, true), (0b110, 3, false)]
        {
            let check = EcnCheck { ecf, valid };
            assert_eq!(EcnCheck::parse(&[0, 0, 0, last], ID), Ok(check));
            assert_eq!(EcnCheck::parse(&[0xFF, 0xFF, 0xFF, last | 0xF8], ID), Ok(check));
            let mut out = [0xFF; 4];
            check.encode(&mut Sink::new(&mut out), ID).unwrap();
            assert_eq!(out, [0, 0, 0, last]);
        }
        let refused = Err(BuildError::OutOfRange { field: "ECF" });
        let check = EcnCheck { ecf: 4, valid: true };
        assert_eq!(check.encode(&mut Sink::new(&mut [0; 4]), ID), refused);
    }
}
