//! Error codes (IANA, STUN Error Codes; RFC 8489 section 14.8).

use crate::registry::registry;

registry! {
    /// An error code, registered or not; `name` is its recommended reason phrase (IANA, STUN Error Codes).
    Code(u16) {
        /// RFC 8489.
        TRY_ALTERNATE = 300, "Try Alternate";
        /// RFC 8489.
        BAD_REQUEST = 400, "Bad Request";
        /// RFC 8489.
        UNAUTHENTICATED = 401, "Unauthenticated";
        /// RFC 8656.
        FORBIDDEN = 403, "Forbidden";
        /// RFC 8016.
        MOBILITY_FORBIDDEN = 405, "Mobility Forbidden";
        /// RFC 8489.
        UNKNOWN_ATTRIBUTE = 420, "Unknown Attribute";
        /// RFC 3489; not in the IANA registry.
        STALE_CREDENTIALS = 430, "Stale Credentials";
        /// RFC 3489; not in the IANA registry.
        INTEGRITY_CHECK_FAILURE = 431, "Integrity Check Failure";
        /// RFC 3489; not in the IANA registry.
        MISSING_USERNAME = 432, "Missing Username";
        /// RFC 3489; not in the IANA registry.
        USE_TLS = 433, "Use TLS";
        /// MS-TURN; not in the IANA registry.
        MISSING_REALM = 434, "Missing Realm";
        /// MS-TURN; not in the IANA registry.
        MISSING_NONCE = 435, "Missing Nonce";
        /// MS-TURN; not in the IANA registry.
        UNKNOWN_USER = 436, "Unknown User";
        /// RFC 8656.
        ALLOCATION_MISMATCH = 437, "Allocation Mismatch";
        /// RFC 8489.
        STALE_NONCE = 438, "Stale Nonce";
        /// RFC 8656.
        ADDRESS_FAMILY_NOT_SUPPORTED = 440, "Address Family not Supported";
        /// RFC 8656.
        WRONG_CREDENTIALS = 441, "Wrong Credentials";
        /// RFC 8656.
        UNSUPPORTED_TRANSPORT_PROTOCOL = 442, "Unsupported Transport Protocol";
        /// RFC 8656.
        PEER_ADDRESS_FAMILY_MISMATCH = 443, "Peer Address Family Mismatch";
        /// RFC 6062.
        CONNECTION_ALREADY_EXISTS = 446, "Connection Already Exists";
        /// RFC 6062.
        CONNECTION_TIMEOUT_OR_FAILURE = 447, "Connection Timeout or Failure";
        /// RFC 8656.
        ALLOCATION_QUOTA_REACHED = 486, "Allocation Quota Reached";
        /// RFC 8445.
        ROLE_CONFLICT = 487, "Role Conflict";
        /// RFC 8489.
        SERVER_ERROR = 500, "Server Error";
        /// RFC 8656.
        INSUFFICIENT_CAPACITY = 508, "Insufficient Capacity";
        /// RFC 3489; not in the IANA registry.
        GLOBAL_FAILURE = 600, "Global Failure";
    }
}
