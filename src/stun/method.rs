//! Methods (IANA, STUN Methods; RFC 8489 section 5).

use crate::registry::registry;

registry! {
    /// A method, 12 bits, registered or not (IANA, STUN Methods).
    Method(u16) {
        /// RFC 8489 section 3.
        BINDING = 0x001, "Binding";
        /// RFC 8656 section 7.
        ALLOCATE = 0x003, "Allocate";
        /// RFC 8656 section 8.
        REFRESH = 0x004, "Refresh";
        /// RFC 8656 section 11, indication only.
        SEND = 0x006, "Send";
        /// RFC 8656 section 11, indication only.
        DATA = 0x007, "Data";
        /// RFC 8656 section 10.
        CREATE_PERMISSION = 0x008, "CreatePermission";
        /// RFC 8656 section 12.
        CHANNEL_BIND = 0x009, "ChannelBind";
        /// RFC 6062 section 4.3.
        CONNECT = 0x00A, "Connect";
        /// RFC 6062 section 4.3.
        CONNECTION_BIND = 0x00B, "ConnectionBind";
        /// RFC 6062 section 4.4, indication only.
        CONNECTION_ATTEMPT = 0x00C, "ConnectionAttempt";
        /// Registered by Jonas Oreland.
        GOOG_PING = 0x080, "GOOG-PING";
    }
}

impl Method {
    /// RFC 3489 section 11.1; reserved since RFC 5389, so without a name.
    pub const SHARED_SECRET: Self = Self(0x002);

    /// The largest that the 12 bits hold.
    pub(crate) const MAX: Self = Self(0xFFF);
}
