//! Attribute types (IANA, STUN Attributes; RFC 8489 section 14).

use crate::registry::registry;

registry! {
    /// An attribute type, registered or not (IANA, STUN Attributes).
    AttributeType(u16) {
        /// RFC 8489.
        MAPPED_ADDRESS = 0x0001, "MAPPED-ADDRESS";
        /// RFC 8489, RFC 3489.
        RESPONSE_ADDRESS = 0x0002, "RESPONSE-ADDRESS";
        /// RFC 5780, RFC 3489.
        CHANGE_REQUEST = 0x0003, "CHANGE-REQUEST";
        /// RFC 8489, RFC 3489.
        SOURCE_ADDRESS = 0x0004, "SOURCE-ADDRESS";
        /// RFC 8489, RFC 3489.
        CHANGED_ADDRESS = 0x0005, "CHANGED-ADDRESS";
        /// RFC 8489.
        USERNAME = 0x0006, "USERNAME";
        /// RFC 8489, RFC 3489.
        PASSWORD = 0x0007, "PASSWORD";
        /// RFC 8489.
        MESSAGE_INTEGRITY = 0x0008, "MESSAGE-INTEGRITY";
        /// RFC 8489.
        ERROR_CODE = 0x0009, "ERROR-CODE";
        /// RFC 8489.
        UNKNOWN_ATTRIBUTES = 0x000A, "UNKNOWN-ATTRIBUTES";
        /// RFC 8489, RFC 3489.
        REFLECTED_FROM = 0x000B, "REFLECTED-FROM";
        /// RFC 8656.
        CHANNEL_NUMBER = 0x000C, "CHANNEL-NUMBER";
        /// RFC 8656.
        LIFETIME = 0x000D, "LIFETIME";
        /// RFC 8656.
        XOR_PEER_ADDRESS = 0x0012, "XOR-PEER-ADDRESS";
        /// RFC 8656.
        DATA = 0x0013, "DATA";
        /// RFC 8489.
        REALM = 0x0014, "REALM";
        /// RFC 8489.
        NONCE = 0x0015, "NONCE";
        /// RFC 8656.
        XOR_RELAYED_ADDRESS = 0x0016, "XOR-RELAYED-ADDRESS";
        /// RFC 8656 (RFC 6156).
        REQUESTED_ADDRESS_FAMILY = 0x0017, "REQUESTED-ADDRESS-FAMILY";
        /// RFC 8656.
        EVEN_PORT = 0x0018, "EVEN-PORT";
        /// RFC 8656.
        REQUESTED_TRANSPORT = 0x0019, "REQUESTED-TRANSPORT";
        /// RFC 8656.
        DONT_FRAGMENT = 0x001A, "DONT-FRAGMENT";
        /// RFC 7635.
        ACCESS_TOKEN = 0x001B, "ACCESS-TOKEN";
        /// RFC 8489.
        MESSAGE_INTEGRITY_SHA256 = 0x001C, "MESSAGE-INTEGRITY-SHA256";
        /// RFC 8489.
        PASSWORD_ALGORITHM = 0x001D, "PASSWORD-ALGORITHM";
        /// RFC 8489.
        USERHASH = 0x001E, "USERHASH";
        /// RFC 8489.
        XOR_MAPPED_ADDRESS = 0x0020, "XOR-MAPPED-ADDRESS";
        /// RFC 8656.
        RESERVATION_TOKEN = 0x0022, "RESERVATION-TOKEN";
        /// RFC 8445.
        PRIORITY = 0x0024, "PRIORITY";
        /// RFC 8445.
        USE_CANDIDATE = 0x0025, "USE-CANDIDATE";
        /// RFC 5780.
        PADDING = 0x0026, "PADDING";
        /// RFC 5780.
        RESPONSE_PORT = 0x0027, "RESPONSE-PORT";
        /// RFC 6062.
        CONNECTION_ID = 0x002A, "CONNECTION-ID";
        /// RFC 8656.
        ADDITIONAL_ADDRESS_FAMILY = 0x8000, "ADDITIONAL-ADDRESS-FAMILY";
        /// RFC 8656.
        ADDRESS_ERROR_CODE = 0x8001, "ADDRESS-ERROR-CODE";
        /// RFC 8489.
        PASSWORD_ALGORITHMS = 0x8002, "PASSWORD-ALGORITHMS";
        /// RFC 8489.
        ALTERNATE_DOMAIN = 0x8003, "ALTERNATE-DOMAIN";
        /// RFC 8656.
        ICMP = 0x8004, "ICMP";
        /// RFC 8489.
        SOFTWARE = 0x8022, "SOFTWARE";
        /// RFC 8489.
        ALTERNATE_SERVER = 0x8023, "ALTERNATE-SERVER";
        /// RFC 7982.
        TRANSACTION_TRANSMIT_COUNTER = 0x8025, "TRANSACTION_TRANSMIT_COUNTER";
        /// RFC 5780.
        CACHE_TIMEOUT = 0x8027, "CACHE-TIMEOUT";
        /// RFC 8489.
        FINGERPRINT = 0x8028, "FINGERPRINT";
        /// RFC 8445.
        ICE_CONTROLLED = 0x8029, "ICE-CONTROLLED";
        /// RFC 8445.
        ICE_CONTROLLING = 0x802A, "ICE-CONTROLLING";
        /// RFC 5780.
        RESPONSE_ORIGIN = 0x802B, "RESPONSE-ORIGIN";
        /// RFC 5780.
        OTHER_ADDRESS = 0x802C, "OTHER-ADDRESS";
        /// RFC 6679.
        ECN_CHECK_STUN = 0x802D, "ECN-CHECK STUN";
        /// RFC 7635.
        THIRD_PARTY_AUTHORIZATION = 0x802E, "THIRD-PARTY-AUTHORIZATION";
        /// RFC 8016.
        MOBILITY_TICKET = 0x8030, "MOBILITY-TICKET";
        /// Registered by Dan Wing.
        CISCO_STUN_FLOWDATA = 0xC000, "CISCO-STUN-FLOWDATA";
        /// Registered by Pål-Erik Martinsen.
        ENF_FLOW_DESCRIPTION = 0xC001, "ENF-FLOW-DESCRIPTION";
        /// Registered by Pål-Erik Martinsen.
        ENF_NETWORK_STATUS = 0xC002, "ENF-NETWORK-STATUS";
        /// Registered by Stefano Giorcelli.
        CISCO_WEBEX_FLOW_INFO = 0xC003, "CISCO-WEBEX-FLOW-INFO";
        /// Registered by Paras Babbar.
        CITRIX_TRANSACTION_ID = 0xC056, "CITRIX-TRANSACTION-ID";
        /// Registered by Jonas Oreland.
        GOOG_NETWORK_INFO = 0xC057, "GOOG-NETWORK-INFO";
        /// Registered by Jonas Oreland.
        GOOG_LAST_ICE_CHECK_RECEIVED = 0xC058, "GOOG-LAST-ICE-CHECK-RECEIVED";
        /// Registered by Jonas Oreland.
        GOOG_MISC_INFO = 0xC059, "GOOG-MISC-INFO";
        /// Registered by Jonas Oreland.
        GOOG_OBSOLETE_1 = 0xC05A, "GOOG-OBSOLETE-1";
        /// Registered by Jonas Oreland.
        GOOG_CONNECTION_ID = 0xC05B, "GOOG-CONNECTION-ID";
        /// Registered by Jonas Oreland.
        GOOG_DELTA = 0xC05C, "GOOG-DELTA";
        /// Registered by Jonas Oreland.
        GOOG_DELTA_ACK = 0xC05D, "GOOG-DELTA-ACK";
        /// Registered by Jonas Oreland.
        GOOG_DELTA_SYNC_REQ = 0xC05E, "GOOG-DELTA-SYNC-REQ";
        /// Registered by Jonas Oreland.
        GOOG_MESSAGE_INTEGRITY_32 = 0xC060, "GOOG-MESSAGE-INTEGRITY-32";
        /// Registered by Philipp Hancke.
        META_DTLS_IN_STUN = 0xC070, "META-DTLS-IN-STUN";
        /// Registered by Philipp Hancke.
        META_DTLS_IN_STUN_ACKNOWLEDGEMENT = 0xC071, "META-DTLS-IN-STUN-ACKNOWLEDGEMENT";
    }
}

impl AttributeType {
    /// A receiver that does not know this type cannot process the message: types below 0x8000 (RFC 8489 section 14).
    #[inline]
    pub const fn is_comprehension_required(self) -> bool {
        self.0 < 0x8000
    }
}
