//! The lines of the library that no test runs, out of what `cargo llvm-cov --lcov` wrote: test code itself is not counted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// How often each line of one file ran, by its number from 1.
type Lines = BTreeMap<usize, u64>;

/// Prints each line that did not run, and the share of those that did. Fails below the share that is asked for.
pub(crate) fn report() {
    let mut args = env::args().skip(2);
    let (Some(report), least) = (args.next(), args.next()) else {
        panic!("coverage REPORT.lcov [LEAST PERCENT]");
    };
    let least: f64 = least.map_or(0.0, |percent| percent.parse().expect("a number"));
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src").canonicalize().expect("src/");

    let (mut all, mut run) = (0, 0);
    for (path, lines) in read(&fs::read_to_string(report).expect("the report")) {
        let Ok(name) = path.strip_prefix(&src) else { continue };
        let text = fs::read_to_string(&path).expect("a source file");
        let tests = test_code(&text);
        if is_test_file(&path) {
            continue;
        }
        for (number, text) in (1..).zip(text.lines()) {
            let Some(&count) = lines.get(&number) else { continue };
            if tests.iter().any(|test| test.contains(&number)) {
                continue;
            }
            all += 1;
            run += usize::from(count > 0);
            if count == 0 {
                println!("{}:{number}: {}", name.display(), text.trim());
            }
        }
    }
    let share = run as f64 / all as f64 * 100.0;
    println!("{run} of {all} lines run, {share:.2} %");
    assert!(share >= least, "less than {least} %");
}

/// The files of a report, each with its lines.
fn read(report: &str) -> BTreeMap<PathBuf, Lines> {
    let mut files = BTreeMap::new();
    let mut file = Lines::new();
    let mut path = PathBuf::new();
    for line in report.lines() {
        if let Some(name) = line.strip_prefix("SF:") {
            path = name.into();
        } else if let Some((number, count)) =
            line.strip_prefix("DA:").and_then(|data| data.split_once(','))
        {
            file.insert(number.parse().expect("a line"), count.parse().expect("a count"));
        } else if line == "end_of_record" {
            files.insert(std::mem::take(&mut path), std::mem::take(&mut file));
        }
    }
    files
}

/// Where items under `#[cfg(test)]` lie. The source is formatted: an item ends where its indentation does.
fn test_code(text: &str) -> Vec<std::ops::RangeInclusive<usize>> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, l)| l.trim() == "#[cfg(test)]") {
        let indent = line.len() - line.trim_start().len();
        let ends = |line: &&str| {
            let (front, text) = line.split_at_checked(indent).unwrap_or_default();
            front.trim().is_empty()
                && (text == "}" || text.starts_with(|c| c != ' ') && text.ends_with(';'))
        };
        let len = lines[at..].iter().position(ends).expect("the end of a test");
        found.push(at + 1..=at + 1 + len);
    }
    found
}

/// Whether the module that declares this file does so for tests only.
fn is_test_file(path: &Path) -> bool {
    let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
    let folder = path.parent().expect("a folder");
    ["mod.rs", "lib.rs"]
        .iter()
        .filter_map(|parent| fs::read_to_string(folder.join(parent)).ok())
        .any(|text| {
            let lines: Vec<_> = text.lines().collect();
            test_code(&text).iter().any(|test| {
                lines[test.start() - 1..*test.end()]
                    .iter()
                    .any(|l| l.ends_with(&format!("mod {name};")))
            })
        })
}
