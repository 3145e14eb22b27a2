//! rtp.
