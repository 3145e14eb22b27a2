//! The program `mediawire`: shows the RTP, RTCP, STUN and TURN messages of a capture.

use std::process::ExitCode;

fn main() -> ExitCode {
    mediawire_cli::run()
}
