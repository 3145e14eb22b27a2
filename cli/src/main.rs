//! The program `mediawire`: shows the RTP, RTCP, STUN and TURN messages of a capture.
//!
//! From the input to the output: `capture` gives packets; `transport` finds the datagram in each, `tcp` puts streams
//! together; `units` finds the messages in them; `flows` tells RTP from what only looks like it, and `hold` keeps what waits for that; `show` decodes, and
//! `output` prints. `inspect` puts them in a row.

mod args;
mod capture;
mod filter;
mod flows;
mod hold;
mod inspect;
mod output;
mod recent;
mod show;
mod summary;
mod tcp;
mod transport;
mod units;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args::Command { command: args::Subcommands::Inspect(args) } = args::Command::parse();
    inspect::run(&args)
}
