//! The registries of RAMS (RFC 6285 section 11; IANA, RTP Parameters).

use crate::registry::registry;

registry! {
    /// The message of a RAMS packet, SFMT (RFC 6285 section 7).
    RamsSubFormat(u8) {
        /// A receiver asks for a burst.
        REQUEST = 1, "RAMS-R";
        /// The server tells of the burst.
        INFORMATION = 2, "RAMS-I";
        /// The receiver ends the burst.
        TERMINATION = 3, "RAMS-T";
    }
}

registry! {
    /// The type of a TLV element in a RAMS packet (RFC 6285 section 11.5).
    RamsTlvType(u8) {
        /// SSRCs of the media senders that are asked for; none for the whole session.
        REQUESTED_MEDIA_SENDERS = 1, "Requested Media Sender SSRC(s)";
        /// The least that the receiver wants in its buffer, ms.
        MIN_BUFFER_FILL = 2, "Min RAMS Buffer Fill Requirement";
        /// The most that the receiver can buffer, ms.
        MAX_BUFFER_FILL = 3, "Max RAMS Buffer Fill Requirement";
        /// The most that the receiver can take, bits per second.
        MAX_RECEIVE_BITRATE = 4, "Max Receive Bitrate";
        /// The receiver is content with the preamble.
        PREAMBLE_ONLY = 5, "Request for Preamble Only";
        /// Whose private extensions the receiver may know.
        ENTERPRISE_NUMBERS = 6, "Supported Enterprise Number(s)";
        /// SSRC of the burst's sender.
        MEDIA_SENDER_SSRC = 31, "Media Sender SSRC";
        /// RTP sequence number of the burst's first packet.
        FIRST_SEQUENCE_NUMBER = 32, "RTP Seqnum of the First Packet";
        /// When the receiver may join, counted from the burst's first packet, ms.
        EARLIEST_JOIN_TIME = 33, "Earliest Multicast Join Time";
        /// How long the burst lasts, ms.
        BURST_DURATION = 34, "Burst Duration";
        /// The most that the server sends, bits per second.
        MAX_TRANSMIT_BITRATE = 35, "Max Transmit Bitrate";
        /// Extended RTP sequence number of the first multicast packet received.
        FIRST_MULTICAST_SEQUENCE_NUMBER = 61, "Extended RTP Seqnum of First Multicast Packet";
    }
}

impl RamsTlvType {
    /// Whether it is for private use, 128 to 254: the value begins with an enterprise number.
    #[inline]
    pub const fn is_private(self) -> bool {
        matches!(self.0, 128..=254)
    }
}

registry! {
    /// The response code of a RAMS-I message (RFC 6285 sections 7.3.1 and 11.6).
    RamsResponse(u16) {
        /// The code is in a private TLV element.
        PRIVATE = 0, "Private response code";
        /// A value that was sent earlier has changed.
        PARAMETER_UPDATE = 100, "Parameter update";
        /// The request is granted.
        ACCEPTED = 200, "Request accepted";
        /// The burst is over.
        COMPLETED = 201, "Unicast burst completed";
        /// RAMS-R is not well formed.
        INVALID_REQUEST = 400, "Invalid RAMS-R syntax";
        /// The least buffer fill asked for is invalid.
        INVALID_MIN_BUFFER = 401, "Invalid min buffer requirement";
        /// The most buffer fill asked for is invalid.
        INVALID_MAX_BUFFER = 402, "Invalid max buffer requirement";
        /// The most bit rate asked for is too little.
        INSUFFICIENT_MAX_BITRATE = 403, "Insufficient max bitrate requirement";
        /// RAMS-T is not well formed.
        INVALID_TERMINATION = 404, "Invalid RAMS-T syntax";
        /// The token is invalid, RFC 6284.
        INVALID_TOKEN = 405, "Invalid token";
        /// An error inside the server.
        INTERNAL_ERROR = 500, "Unspecified BRS internal error";
        /// The server lacks bandwidth.
        INSUFFICIENT_BANDWIDTH = 501, "Insufficient BRS bandwidth";
        /// Congestion ended the burst.
        CONGESTION = 502, "Burst terminated by congestion";
        /// The server lacks computing power.
        INSUFFICIENT_CPU = 503, "Insufficient BRS CPU";
        /// The server gives no bursts.
        NOT_AVAILABLE = 504, "RAMS not available on BRS";
        /// It gives none to this receiver.
        NOT_FOR_RECEIVER = 505, "RAMS not available for this receiver";
        /// It gives none of this stream.
        NOT_FOR_STREAM = 506, "RAMS not available for the multicast stream";
        /// There is no point to begin at.
        NO_STARTING_POINT = 507, "No valid starting point";
        /// There is no reference information.
        NO_REFERENCE_INFORMATION = 508, "No reference information";
        /// No stream has the SSRC asked for.
        NO_SUCH_SSRC = 509, "No RTP stream with the requested SSRC";
        /// The whole session cannot be served.
        SESSION_DENIED = 510, "Request for the entire session denied";
        /// Only the preamble is sent.
        PREAMBLE_ONLY = 511, "Only the preamble information is sent";
        /// A policy forbids it.
        DENIED_BY_POLICY = 512, "Denied by policy";
    }
}
