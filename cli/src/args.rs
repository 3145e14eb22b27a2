//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::session::{Binding, Format, StunUser, extmap_option, payload_type_option};

/// Shows what is in a capture of calls and media streams.
#[derive(Debug, Parser)]
#[command(name = "mediawire", version, about)]
pub(crate) struct Command {
    #[command(subcommand)]
    pub(crate) command: Subcommands,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Subcommands {
    /// Prints the RTP, RTCP, STUN and TURN messages of captures.
    ///
    /// Reads pcap and pcapng, compressed by gzip or not. Prints one line a message: the packet's number in the
    /// capture, the seconds since the capture's first packet, source → destination, protocol and a summary. What
    /// lies inside another message follows it on a line of its own. A summary at the end, on standard error, counts
    /// the messages and everything else that was there.
    ///
    /// Exit status: 0; 1 if a capture could not be read to its end; 2 for wrong usage. A malformed message is no error.
    Inspect(Inspect),
}

/// The arguments of `inspect`.
#[derive(Clone, Debug, Default, Args)]
pub struct Inspect {
    /// Captures; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// JSON Lines: one object a message
    #[arg(long, conflicts_with = "verbose")]
    pub(crate) json: bool,

    /// Every field, one a line
    #[arg(long, short)]
    pub(crate) verbose: bool,

    /// Only messages of these kinds
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) kind: Vec<Kind>,

    /// Only messages of these SSRCs (decimal, or hexadecimal after 0x): RTP by its SSRC or a CSRC, RTCP by every SSRC
    /// that the packet names
    #[arg(long, value_name = "SSRC", value_delimiter = ',', value_parser = ssrc)]
    pub(crate) ssrc: Vec<u32>,

    /// Only messages from or to these ports
    #[arg(long, value_name = "PORT", value_delimiter = ',')]
    pub(crate) port: Vec<u16>,

    /// Stop after this many messages
    #[arg(long, value_name = "N")]
    pub(crate) max: Option<u64>,

    /// Show the payload of RTP and the data of ChannelData, in hex (with --json and --verbose)
    #[arg(long)]
    pub(crate) payload: bool,

    /// Which datagrams are called RTP and RTCP
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub(crate) rtp: Rtp,

    /// What looks like RTP or RTCP from or to this port is; may be given several times
    #[arg(long, value_name = "PORT", value_delimiter = ',')]
    pub(crate) rtp_port: Vec<u16>,

    /// Also read TCP streams: STUN and ChannelData of TURN, RTP and RTCP framed by RFC 4571 or interleaved with RTSP
    #[arg(long)]
    pub(crate) tcp: bool,

    /// Also read STUN without the magic cookie (RFC 3489)
    #[arg(long)]
    pub(crate) rfc3489: bool,

    /// Also read ChannelData of the channels 0x5000 to 0x7FFF (RFC 5766); QUIC may be mistaken for it
    #[arg(long)]
    pub(crate) rfc5766: bool,

    // The last, as its heading would be that of the options behind it too.
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

impl Inspect {
    /// Out of the words that follow `mediawire inspect` on a command line.
    ///
    /// # Errors
    /// What the program refuses.
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, clap::Error> {
        let Command { command: Subcommands::Inspect(inspect) } =
            Command::try_parse_from(["mediawire", "inspect"].into_iter().chain(words))?;
        Ok(inspect)
    }
}

/// What is known of the session besides the capture.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "The session")]
pub(crate) struct SessionArgs {
    /// A session description: SDP, or JSON with SDP in it. Names extensions and payload types, has the keys of ICE, and vouches
    /// for its ports and SSRCs; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) sdp: Vec<PathBuf>,

    /// What an id of the header extension stands for: a URI, or the short name of one; may be given several times
    #[arg(long, value_name = "ID=URI", value_parser = extmap_option)]
    pub(crate) extmap: Vec<(u8, Binding)>,

    /// What a payload type stands for: 96=VP8/90000, 97=rtx/90000;apt=96; may be given several times
    #[arg(long, value_name = "NUMBER=FORMAT", value_parser = payload_type_option)]
    pub(crate) pt: Vec<(u8, Format)>,

    /// A password of ICE, to check the integrity of STUN messages; may be given several times
    #[arg(long, value_name = "PWD")]
    pub(crate) ice_pwd: Vec<String>,

    /// A user of a STUN or TURN server, for the same; without a realm a short-term credential; may be given several times
    #[arg(long, value_name = "USER:REALM:PASSWORD", value_parser = StunUser::parse)]
    pub(crate) stun_user: Vec<StunUser>,
}

/// How RTP and RTCP are told from other traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rtp {
    /// By flow: a source whose sequence numbers go on, or ICE, or RTCP that vouches for it. Packets are held back until
    /// that is known, at most for 10 seconds of capture time, 65536 packets or 32 MiB
    #[default]
    Flows,
    /// By the first two bytes of the datagram alone
    Always,
}

/// What kinds of objects there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// RTP packets
    Rtp,
    /// RTCP packets, each of a compound for itself
    Rtcp,
    /// STUN and TURN messages
    Stun,
    /// ChannelData messages of TURN
    ChannelData,
    /// What was to be one of them and does not parse
    Malformed,
}

impl Kind {
    /// The word of the JSON output.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rtp => "rtp",
            Self::Rtcp => "rtcp",
            Self::Stun => "stun",
            Self::ChannelData => "channel_data",
            Self::Malformed => "malformed",
        }
    }
}

/// A number of 32 bits, decimal or after 0x hexadecimal.
fn ssrc(text: &str) -> Result<u32, String> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    // from_str_radix takes a sign.
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return Err("not a number".to_owned());
    }
    u32::from_str_radix(digits, radix).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Inspect, clap::Error> {
        Inspect::new(arguments.iter().copied())
    }

    #[test]
    fn the_definition_is_sound() {
        Command::command().debug_assert();
    }

    #[test]
    fn lists_are_repeated_or_have_commas() {
        let args =
            parse(&["--kind", "rtp,channel_data", "--kind=stun", "--ssrc", "0xFF,7", "a", "-"]);
        let args = args.unwrap();
        assert_eq!(args.kind, [Kind::Rtp, Kind::ChannelData, Kind::Stun]);
        assert_eq!(args.ssrc, [255, 7]);
        assert_eq!(args.files, [PathBuf::from("a"), PathBuf::from("-")]);
        assert_eq!(args.rtp, Rtp::Flows);
    }

    #[test]
    fn wrong_usage_is_refused() {
        for wrong in [
            &[][..],
            &["--kind", "tcp", "a"],
            &["--ssrc", "0x", "a"],
            &["--ssrc", "-1", "a"],
            &["--ssrc", "+1", "a"],
            &["--ssrc", "4294967296", "a"],
            &["--port", "65536", "a"],
            &["--rtp", "never", "a"],
            &["--json", "--verbose", "a"],
        ] {
            assert_eq!(parse(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }
}
