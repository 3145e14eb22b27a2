//! A block of whatever type its header says.

use core::fmt;

use super::raw::raw_block;
use super::*;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run_in};

/// Writes the enum of all blocks and what goes through it: the variant and view, its type, its name in errors.
macro_rules! blocks {
    ($($(#[$doc:meta])* $view:ident $(<$life:lifetime>)?: $block_type:ident, $what:literal;)*) => {
        /// An extended report block of any type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Block<'a> {
            $($(#[$doc])* $view($view<'a>),)*
            /// A type that has no view of its own.
            Other(RawBlock<'a>),
        }

        impl<'a> Block<'a> {
            /// Reads the block at the front of `at`, which lies within `whole`: an error counts its place from there.
            #[inline]
            pub(crate) fn parse_in(whole: &'a [u8], at: &'a [u8]) -> Result<Self, ParseError> {
                match at.first().copied().map(BlockType) {
                    $(Some(BlockType::$block_type) => {
                        run_in($what, whole, at, $view::block).map(Self::$view)
                    })*
                    _ => run_in("XR block", whole, at, raw_block).map(Self::Other),
                }
            }

            /// The block's type.
            #[inline]
            pub const fn block_type(&self) -> BlockType {
                match self {
                    $(Self::$view(_) => BlockType::$block_type,)*
                    Self::Other(block) => block.block_type(),
                }
            }
        }

        impl fmt::Display for Block<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$view(block) => block.fmt(f),)*
                    Self::Other(block) => block.fmt(f),
                }
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for Block<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$view(block) => block.serialize(serializer),)*
                    Self::Other(block) => block.serialize(serializer),
                }
            }
        }

        /// Byte for byte as it was read.
        impl Encode for Block<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                match self {
                    $(Self::$view(block) => block.encoded_len(),)*
                    Self::Other(block) => block.encoded_len(),
                }
            }

            #[inline]
            fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
                match self {
                    $(Self::$view(block) => block.encode(out),)*
                    Self::Other(block) => block.encode(out),
                }
            }
        }
    };
}

blocks! {
    /// Packets lost.
    LossRle: LOSS_RLE, "loss RLE block";
    /// Packets that came more than once.
    DuplicateRle: DUPLICATE_RLE, "duplicate RLE block";
    /// When packets came.
    PacketReceiptTimes: PACKET_RECEIPT_TIMES, "packet receipt times block";
    /// A receiver's clock.
    ReceiverReferenceTime: RECEIVER_REFERENCE_TIME, "receiver reference time block";
    /// The answer to it.
    Dlrr: DLRR, "DLRR block";
    /// Statistics summary.
    StatisticsSummary: STATISTICS_SUMMARY, "statistics summary block";
    /// VoIP metrics.
    VoipMetrics: VOIP_METRICS, "VoIP metrics block";
}

impl<'a> Block<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Those of the type that the header says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::parse_in(bytes, bytes)
    }
}
