//! Which protocol is this datagram?
