//! Feedback formats (IANA, FMT Values for RTPFB and for PSFB Payload Types).

use crate::registry::registry;

registry! {
    /// The format of transport layer feedback, packet type 205 (IANA, FMT Values for RTPFB Payload Types).
    TransportFeedbackFormat(u8) {
        /// Generic negative acknowledgement, RFC 4585 section 6.2.1.
        NACK = 1, "NACK";
        /// Temporary maximum media stream bit rate request, RFC 5104 section 4.2.1.
        TMMBR = 3, "TMMBR";
        /// Temporary maximum media stream bit rate notification, RFC 5104 section 4.2.2.
        TMMBN = 4, "TMMBN";
        /// Rapid resynchronisation request, RFC 6051 section 3.2.
        SR_REQ = 5, "RTCP-SR-REQ";
        /// Rapid acquisition of multicast sessions, RFC 6285 section 7.
        RAMS = 6, "RAMS";
        /// Transport-layer third-party loss early indication, RFC 6642 section 5.1.
        TLLEI = 7, "TLLEI";
        /// Explicit congestion notification, RFC 6679 section 5.1.
        ECN = 8, "RTCP-ECN-FB";
        /// Pausing and resuming of media, RFC 7728 section 7.
        PAUSE_RESUME = 9, "PAUSE-RESUME";
        /// Delay budget information, 3GPP TS 26.114 section 7.3.8.
        DBI = 10, "DBI";
        /// Congestion control feedback, RFC 8888 section 3.1.
        CCFB = 11, "CCFB";
        /// Transport-wide congestion control feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01; not at IANA.
        TRANSPORT_CC = 15, "TRANSPORT-CC";
    }
}

registry! {
    /// The format of payload-specific feedback, packet type 206 (IANA, FMT Values for PSFB Payload Types).
    PayloadFeedbackFormat(u8) {
        /// Picture loss indication, RFC 4585 section 6.3.1.
        PLI = 1, "PLI";
        /// Slice loss indication, RFC 4585 section 6.3.2.
        SLI = 2, "SLI";
        /// Reference picture selection indication, RFC 4585 section 6.3.3.
        RPSI = 3, "RPSI";
        /// Full intra request, RFC 5104 section 4.3.1.
        FIR = 4, "FIR";
        /// Temporal-spatial trade-off request, RFC 5104 section 4.3.2.
        TSTR = 5, "TSTR";
        /// Temporal-spatial trade-off notification, RFC 5104 section 4.3.3.
        TSTN = 6, "TSTN";
        /// Video back channel message, RFC 5104 section 4.3.4.
        VBCM = 7, "VBCM";
        /// Payload-specific third-party loss early indication, RFC 6642 section 5.2.
        PSLEI = 8, "PSLEI";
        /// Video region of interest, 3GPP TS 26.114.
        ROI = 9, "ROI";
        /// Layer refresh request, RFC 9627.
        LRR = 10, "LRR";
        /// Viewport, 3GPP TS 26.114.
        VP = 11, "VP";
        /// Application layer feedback, RFC 4585 section 6.4.
        AFB = 15, "AFB";
    }
}
