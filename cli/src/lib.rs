//! What the program `mediawire` is made of. [`run`] is all of it; [`capture`] reads captures, and [`inspect`] shows the
//! messages of one, whatever it is read from and written to.
//!
//! From the input to the output: `capture` gives packets; `transport` finds the datagram in each, `tcp` puts streams
//! together; `units` finds the messages in them; `flows` tells RTP from what only looks like it, and `hold` keeps what
//! waits for that; `show` decodes, with what `session` knows, and `output` prints. `inspect` puts them in a row.

mod args;
pub mod capture;
mod filter;
mod flows;
mod hold;
mod inspect;
mod output;
mod recent;
mod session;
mod show;
mod summary;
mod tcp;
mod transport;
mod units;

use std::process::ExitCode;

use clap::Parser;

pub use args::Inspect;
pub use inspect::{Outcome, inspect};

/// Does what the command line says, and gives the exit status.
#[must_use]
pub fn run() -> ExitCode {
    let args::Command { command: args::Subcommands::Inspect(args) } = args::Command::parse();
    inspect::run(&args)
}
