//! CHANGE-REQUEST (RFC 3489 section 11.2.4, RFC 5780 section 7.2).
//!
//! ```text
//! |0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 A B 0|
//! ```

use super::fixed_attribute;

/// CHANGE-REQUEST: from where the response is to be sent (RFC 5780 section 7.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeRequest {
    /// A: from another IP address than the request was sent to.
    pub change_ip: bool,
    /// B: from another port.
    pub change_port: bool,
}

fixed_attribute!(
    ChangeRequest,
    CHANGE_REQUEST,
    "CHANGE-REQUEST",
    4,
    |value| Self { change_ip: value[3] & 4 != 0, change_port: value[3] & 2 != 0 },
    |change| Ok([0, 0, 0, u8::from(change.change_ip) << 2 | u8::from(change.change_port) << 1])
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Sink;
    use crate::stun::TypedAttribute;

    #[test]
    fn the_flags_that_the_classic_client_sends() {
        // stun-classic-rfc3489.pcap has 0, 2, 4.
        for (last, change_ip, change_port) in
            [(0, false, false), (2, false, true), (4, true, false), (6, true, true)]
        {
            let change = ChangeRequest { change_ip, change_port };
            assert_eq!(ChangeRequest::parse(&[0, 0, 0, last], &[0; 16]), Ok(change));
            assert_eq!(
                ChangeRequest::parse(&[0xFF, 0xFF, 0xFF, last | 0xF9], &[0; 16]),
                Ok(change)
            );
            let mut out = [0xFF; 4];
            change.encode(&mut Sink::new(&mut out), &[0; 16]).unwrap();
            assert_eq!(out, [0, 0, 0, last]);
        }
        assert!(ChangeRequest::parse(&[0; 8], &[0; 16]).is_err());
    }
}
