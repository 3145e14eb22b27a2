//! What the command line asks for.

const HELP: &str = "\
cargo run --release -- [--rounds N] [--without-lto] [NAME]...

NAME           only the workloads whose names contain one of these words
--rounds N     rounds in which every contestant takes its turn (101)
--without-lto  also builds and runs mediawire without link-time optimisation, and compares
--figures      prints mediawire's figures alone, for programs";

/// What to run, and how often.
pub(crate) struct Options {
    pub(crate) names: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) without_lto: bool,
    pub(crate) figures: bool,
}

impl Options {
    /// Ends the program where the command line makes no sense.
    pub(crate) fn of_the_command_line() -> Self {
        let mut options =
            Self { names: Vec::new(), rounds: 101, without_lto: false, figures: false };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--rounds" => match words.next().and_then(|count| count.parse().ok()) {
                    Some(rounds) if rounds > 0 => options.rounds = rounds,
                    _ => usage(),
                },
                "--without-lto" => options.without_lto = true,
                "--figures" => options.figures = true,
                _ if word.starts_with('-') => usage(),
                _ => options.names.push(word),
            }
        }
        options
    }

    /// Whether a workload is asked for.
    pub(crate) fn wants(&self, workload: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|name| workload.contains(name.as_str()))
    }
}

fn usage() -> ! {
    eprintln!("{HELP}");
    std::process::exit(2)
}
