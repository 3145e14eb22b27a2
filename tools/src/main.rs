//! Checks that are programs, and the data that other checks start from: `cargo run -p mediawire-tools -- NAME`.

mod coverage;
mod growth;
mod panics;
mod seeds;

/// A tool, the word it is called by, and what it does.
type Tool = (&'static str, fn(), &'static str);

const TOOLS: [Tool; 4] = [
    (
        "coverage",
        coverage::report,
        "the lines that no test runs, out of a report of cargo llvm-cov",
    ),
    (
        "growth",
        growth::check,
        "instructions for hostile input of growing size, counted by valgrind",
    ),
    ("panics", panics::prove, "prove that the optimised library holds no panic"),
    ("seeds", seeds::cut, "cut the seeds of the fuzz targets out of the captures"),
];

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, run, _)) = TOOLS.into_iter().find(|(known, ..)| *known == name) else {
        for (name, _, purpose) in TOOLS {
            eprintln!("{name:12} {purpose}");
        }
        std::process::exit(2);
    };
    run();
}
