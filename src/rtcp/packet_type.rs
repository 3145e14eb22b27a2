//! RTCP packet types (IANA, RTCP Control Packet Types).

use crate::registry::registry;

registry! {
    /// An RTCP packet type, registered or not (IANA, RTCP Control Packet Types).
    PacketType(u8) {
        /// Full intra-frame request of H.261, RFC 2032 section 5.2.1; not the FIR of RFC 5104.
        H261_FIR = 192, "FIR";
        /// Negative acknowledgement of H.261, RFC 2032 section 5.2.2; not the NACK of RFC 4585.
        H261_NACK = 193, "NACK";
        /// SMPTE time-code mapping, RFC 5484.
        SMPTETC = 194, "SMPTETC";
        /// Extended inter-arrival jitter report, RFC 5450.
        IJ = 195, "IJ";
        /// Sender report, RFC 3550 section 6.4.1.
        SR = 200, "SR";
        /// Receiver report, RFC 3550 section 6.4.2.
        RR = 201, "RR";
        /// Source description, RFC 3550 section 6.5.
        SDES = 202, "SDES";
        /// Goodbye, RFC 3550 section 6.6.
        BYE = 203, "BYE";
        /// Application-defined, RFC 3550 section 6.7.
        APP = 204, "APP";
        /// Transport layer feedback, RFC 4585 section 6.2.
        RTPFB = 205, "RTPFB";
        /// Payload-specific feedback, RFC 4585 section 6.3.
        PSFB = 206, "PSFB";
        /// Extended report, RFC 3611.
        XR = 207, "XR";
        /// AVB RTCP packet, IEEE 1733-2011.
        AVB = 208, "AVB";
        /// Receiver summary information, RFC 5760.
        RSI = 209, "RSI";
        /// Port mapping, RFC 6284.
        TOKEN = 210, "TOKEN";
        /// IDMS settings, RFC 7272.
        IDMS = 211, "IDMS";
        /// Reporting group reporting sources, RFC 8861.
        RGRS = 212, "RGRS";
        /// Splicing notification message, RFC 8286.
        SNM = 213, "SNM";
    }
}
