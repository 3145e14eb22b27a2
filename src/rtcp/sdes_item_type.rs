//! SDES item types (IANA, RTCP SDES Item Types).

use crate::registry::registry;

registry! {
    /// The type of an SDES item, registered or not (IANA, RTCP SDES Item Types). 0 ends a chunk and is no item.
    SdesItemType(u8) {
        /// Canonical end-point identifier, RFC 3550 section 6.5.1.
        CNAME = 1, "CNAME";
        /// User name, RFC 3550 section 6.5.2.
        NAME = 2, "NAME";
        /// Electronic mail address, RFC 3550 section 6.5.3.
        EMAIL = 3, "EMAIL";
        /// Phone number, RFC 3550 section 6.5.4.
        PHONE = 4, "PHONE";
        /// Geographic user location, RFC 3550 section 6.5.5.
        LOC = 5, "LOC";
        /// Application or tool name, RFC 3550 section 6.5.6.
        TOOL = 6, "TOOL";
        /// Notice or status, RFC 3550 section 6.5.7.
        NOTE = 7, "NOTE";
        /// Private extension, RFC 3550 section 6.5.8: a prefix and a value.
        PRIV = 8, "PRIV";
        /// H.323 callable address.
        H323_CADDR = 9, "H323-CADDR";
        /// Application-specific identifier, RFC 6776.
        APSI = 10, "APSI";
        /// Reporting group identifier, RFC 8861.
        RGRP = 11, "RGRP";
        /// RTP stream identifier, RFC 8852.
        RTP_STREAM_ID = 12, "RtpStreamId";
        /// Repaired RTP stream identifier, RFC 8852.
        REPAIRED_RTP_STREAM_ID = 13, "RepairedRtpStreamId";
        /// CLUE capture identifier, RFC 8849.
        CCID = 14, "CCID";
        /// Media identification, RFC 9143.
        MID = 15, "MID";
    }
}
