//! What was measured, as a table in Markdown.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use crate::options::Options;
use crate::workload::{FLOOR, OURS};

/// At most so much of the best other crate's time, and of the floor's.
#[derive(Clone, Copy, Default)]
pub(crate) struct Goal {
    pub(crate) other: Option<f64>,
    pub(crate) floor: Option<f64>,
}

/// What one contestant took.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    /// For each operation.
    pub(crate) allocations: Option<f64>,
    /// Nanoseconds for each operation, by round.
    pub(crate) rounds: Vec<f64>,
}

impl Figure {
    fn median(&self) -> f64 {
        median(self.rounds.clone())
    }

    /// The median of the rounds' ratios: what slows the machine for a while slows both of a round.
    fn ratio(&self, other: &Self) -> f64 {
        median(self.rounds.iter().zip(&other.rounds).map(|(ours, theirs)| ours / theirs).collect())
    }
}

/// One workload.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) goal: Goal,
    pub(crate) figures: Vec<Figure>,
}

impl Row {
    fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    /// The others, the fastest first.
    fn others(&self) -> Vec<&Figure> {
        let other = |name: &str| name != FLOOR && !name.starts_with(OURS);
        let mut others: Vec<_> = self.figures.iter().filter(|it| other(it.name)).collect();
        others.sort_by(|a, b| a.median().total_cmp(&b.median()));
        others
    }
}

/// Everything.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    /// mediawire's figures without link-time optimisation.
    without_lto: HashMap<String, f64>,
}

impl Report {
    /// One line for each workload: mediawire's nanoseconds, a tab, its name.
    pub(crate) fn print_figures(&self) {
        for row in &self.rows {
            if let Some(ours) = row.figure(OURS) {
                println!("{}\t{}", ours.median(), row.name);
            }
        }
    }

    /// Builds this program without link-time optimisation and lets it measure mediawire.
    pub(crate) fn measure_without_lto(&mut self, options: &Options) {
        let mut command = Command::new(env!("CARGO"));
        command.args(["run", "--quiet", "--profile", "no-lto", "--manifest-path"]);
        command.args([concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--", "--figures"]);
        command.args(["--rounds", &options.rounds.to_string()]).args(&options.names);
        let output = command.stderr(Stdio::inherit()).output().expect("cargo runs");
        assert!(output.status.success(), "the build without LTO fails");
        let text = String::from_utf8(output.stdout).expect("the figures are text");
        for line in text.lines() {
            let (time, name) = line.split_once('\t').expect("a figure and a name");
            self.without_lto.insert(name.to_owned(), time.parse().expect("a figure"));
        }
    }

    pub(crate) fn print(&self) {
        println!(
            "| workload | mediawire | floor | of the floor | goal | the others | of the best | goal | \
             allocations | without LTO |"
        );
        println!("|---|--:|--:|--:|--:|---|--:|--:|--:|--:|");
        for row in &self.rows {
            let Some(ours) = row.figure(OURS) else { continue };
            let floor = row.figure(FLOOR);
            let others = row.others();
            let (of_floor, floor_goal) = ratio(ours, floor, row.goal.floor);
            let (of_best, other_goal) = ratio(ours, others.first().copied(), row.goal.other);
            let list: Vec<_> =
                others.iter().map(|it| format!("{} {}", it.name, time(it.median()))).collect();
            let allocations = ours.allocations.map_or_else(String::new, |count| count.to_string());
            let without_lto = self.without_lto.get(row.name).map_or_else(String::new, |&other| {
                format!("{} ({:.2})", time(other), other / ours.median())
            });
            println!(
                "| {} | {} | {} | {of_floor} | {floor_goal} | {} | {of_best} | {other_goal} | {allocations} | {without_lto} |",
                row.name,
                time(ours.median()),
                floor.map_or_else(String::new, |floor| time(floor.median())),
                list.join(", "),
            );
            for second in
                row.figures.iter().filter(|it| it.name.starts_with(OURS) && it.name != OURS)
            {
                let (of_floor, _) = ratio(second, floor, None);
                let (of_best, _) = ratio(second, others.first().copied(), None);
                let way = second.name.trim_start_matches(OURS).trim_start_matches(", ");
                let median = time(second.median());
                println!("| {}, {way} | {median} | | {of_floor} | | | {of_best} | | | |", row.name);
            }
        }
    }
}

/// A ratio, and whether the goal for it is met.
fn ratio(ours: &Figure, other: Option<&Figure>, goal: Option<f64>) -> (String, String) {
    let ratio = other.map(|other| ours.ratio(other));
    let text = match ratio {
        Some(ratio) if ratio < 0.1 => format!("{ratio:.3}"),
        Some(ratio) => format!("{ratio:.2}"),
        None => String::new(),
    };
    let met = match (ratio, goal) {
        (_, None) => String::new(),
        (None, Some(goal)) => format!("{goal}, not measured"),
        (Some(ratio), Some(goal)) if ratio <= goal => format!("{goal}, met"),
        (Some(_), Some(goal)) => format!("{goal}, **not met**"),
    };
    (text, met)
}

/// Nanoseconds with three digits or so.
fn time(ns: f64) -> String {
    match ns {
        _ if ns < 10.0 => format!("{ns:.2}"),
        _ if ns < 100.0 => format!("{ns:.1}"),
        _ => format!("{ns:.0}"),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
