//! How a stream begins: with numbers that nobody can guess (RFC 3550 sections 5.1 and 8.1).

/// The first numbers of a stream.
///
/// ```
/// # #[cfg(feature = "rand")] {
/// use mediawire::session::StreamStart;
///
/// let start = StreamStart::random(&mut rand::rng());
/// assert!(start.sequence_number < 0x8000);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct StreamStart {
    /// The sequence number of the first packet.
    pub sequence_number: u16,
    /// The timestamp of the first packet.
    pub timestamp: u32,
    /// The synchronization source.
    pub ssrc: u32,
}

impl StreamStart {
    /// All three at random.
    ///
    /// The sequence number is below 2^15: a receiver of SRTP that misses the packets up to the first wrap could not know
    /// of it (RFC 3711 section 3.3.1). Whether another source in the session has the SSRC is for the caller to see.
    #[cfg(feature = "rand")]
    #[inline]
    pub fn random<R: rand::CryptoRng + ?Sized>(random: &mut R) -> Self {
        let mut bytes = [0; 10];
        random.fill_bytes(&mut bytes);
        let [a, b, c, d, e, f, g, h, i, j] = bytes;
        Self {
            sequence_number: u16::from_be_bytes([a & 0x7F, b]),
            timestamp: u32::from_be_bytes([c, d, e, f]),
            ssrc: u32::from_be_bytes([g, h, i, j]),
        }
    }
}

#[cfg(all(test, feature = "rand"))]
mod tests {
    use super::*;

    #[test]
    fn random_starts_differ() {
        let mut random = rand::rng();
        let (one, other) = (StreamStart::random(&mut random), StreamStart::random(&mut random));
        assert!(one.ssrc != other.ssrc || one.timestamp != other.timestamp);
        assert!((0..100).all(|_| StreamStart::random(&mut random).sequence_number < 0x8000));
    }
}
