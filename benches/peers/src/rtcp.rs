//! RTCP: workloads 5 to 11.

use crate::Bench;

pub(crate) fn run(_: &mut Bench) {}
