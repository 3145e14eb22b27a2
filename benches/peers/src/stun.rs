//! STUN: workloads 12 to 14.

use crate::Bench;

pub(crate) fn run(_: &mut Bench) {}
