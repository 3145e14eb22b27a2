//! mediawire beside other codecs and beside hand-written floors: the same work on the same bytes, in turn, in one run.
//!
//! `cargo run --release` runs all; `cargo run --release -- --help` names the options.

#![warn(missing_docs, unreachable_pub)]

mod allocations;
mod net;
mod options;
mod report;
mod rtp;
mod workload;

use options::Options;
use report::Report;

/// What a module adds its workloads to, and the module.
const AREAS: [fn(&mut Bench); 2] = [rtp::run, net::run];

/// What is asked for, and what was measured so far.
struct Bench {
    options: Options,
    report: Report,
}

fn main() {
    let options = Options::of_the_command_line();
    let mut bench = Bench { options, report: Report::default() };
    for area in AREAS {
        area(&mut bench);
    }
    if bench.options.figures {
        bench.report.print_figures();
        return;
    }
    if bench.options.without_lto {
        bench.report.measure_without_lto(&bench.options);
    }
    bench.report.print();
}
