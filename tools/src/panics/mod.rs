//! The proof that nothing panics: `cargo run -p mediawire-tools -- panics`.
//!
//! The library and all that it needs is compiled as for release, but for link-time optimisation, and with
//! `-C link-dead-code`: that compiles every function that is not generic, the methods that a trait gives to its types
//! among them, and leaves each alone in a section of its object. Generic functions are called by the package
//! `mediawire-generics` with types that say nothing about themselves. That none is missing, generic or not, is known by
//! reading the library's source, its macros expanded: each of its functions must have a symbol. (Derived ones are not
//! looked for, but those of types that are not generic are there.)
//!
//! The relocations of a section say what its function calls, or takes the address of; those of a table say what may be
//! called through it. With the objects of the libraries below, core's and alloc's included, this graph is closed: of what
//! no object defines the functions of [`OUTSIDE`] alone can be reached. Every panic goes through `rust_begin_unwind`,
//! every failed allocation through `handle_alloc_error`. So a function of the library from which neither is reached cannot
//! panic, whatever it is given. The exceptions are listed below with their reasons; one that is no longer needed is an
//! error.
//!
//! What a caller hands in is not looked at: closures, implementations of the library's traits, `fmt::Write`rs, serializers.
//! Nor is `stun::prepare`, which is made of crates with panics of their own.

mod functions;
mod graph;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use functions::{Function, last_name};
use graph::Graph;

/// The library alone, and with all that grows buffers and serialises. Other features change no function; they add some.
const VARIANTS: [&str; 2] = ["integrity,rand", "alloc,bytes,integrity,rand,serde"];

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// What the library calls and no object defines: the C library's, and what goes on with a panic after it has begun.
const OUTSIDE: [&str; 10] = [
    "memcpy",
    "memmove",
    "memset",
    "memcmp",
    "bcmp",
    "_Unwind_Resume",
    // The allocator: of functions that grow a buffer, and of `Bytes` that are dropped.
    "__rustc::__rust_alloc",
    "__rustc::__rust_realloc",
    "__rustc::__rust_dealloc",
    "__rustc::__rust_no_alloc_shim_is_unstable",
];

/// Where a panic, or the end after a failed allocation, begins.
const SINKS: [&str; 2] = ["__rustc::rust_begin_unwind", "__rustc::__rust_alloc_error_handler"];

/// Functions of the standard library that have a panic which the library cannot come to, and why not. A name that begins with
/// a blank is the end of one, here and below; any other is the front of one.
const EXCEPTIONS: [(&str, &str); 13] = [
    // What a caller asks for. The library calls neither of the two.
    (
        " as core::cmp::Ord>::clamp",
        "every Ord has it; the caller's bounds must not be the wrong way round",
    ),
    (
        " as core::iter::traits::iterator::Iterator>::step_by",
        "every iterator has it; the caller's step must not be 0",
    ),
    // Formatting.
    ("<core::net::ip_addr::Ipv4Addr as core::fmt::Display>::fmt", PADDED),
    ("<core::net::ip_addr::Ipv6Addr as core::fmt::Display>::fmt", PADDED),
    ("<core::net::socket_addr::SocketAddrV4 as core::fmt::Display>::fmt", PADDED),
    ("<core::net::socket_addr::SocketAddrV6 as core::fmt::Display>::fmt", PADDED),
    ("<str as core::fmt::Debug>::fmt", "it cuts the text at characters that it has found there"),
    ("core::unicode::printable::is_printable", "its table's lengths add up to the table's"),
    (
        "<core::fmt::Formatter>::debug_struct_fields_finish",
        "derived code has a name for each value",
    ),
    (
        "<core::fmt::builders::DebugMap>::",
        "they panic where an entry was begun; the library has whole ones only",
    ),
    (
        "<core::time::Duration as core::fmt::Debug>::fmt::fmt_decimal",
        "its buffer has room for nine digits",
    ),
    (
        "core::fmt::float::float_to_decimal_common",
        "its buffers have room for any number of 32 bits",
    ),
    ("<u128>::_fmt_inner", "its buffer has room for 39 digits"),
];

const PADDED: &str = "it pads by way of a buffer as long as the longest address";

/// The functions that make buffers longer. They end with a panic where memory does.
const GROWING: [&str; 4] = [
    "alloc::raw_vec::",
    "alloc::alloc::handle_alloc_error",
    "<bytes::bytes::Bytes as core::convert::From<",
    "<bytes::bytes_mut::BytesMut>::",
];

/// The functions of ours that may call them, and no others: those that append to the caller's buffer or give one.
const MAY_GROW: [&str; 7] = [
    " as mediawire::encode::Encode>::append_to::<alloc::vec::Vec<u8>>",
    " as mediawire::encode::Encode>::append_to::<bytes::bytes_mut::BytesMut>",
    " as mediawire::encode::Encode>::to_vec",
    " as mediawire::encode::Encode>::to_bytes",
    "<alloc::vec::Vec<u8> as mediawire::encode::Append>::append",
    "<bytes::bytes_mut::BytesMut as mediawire::encode::Append>::append",
    "mediawire_generics::growing::",
];

pub(super) fn prove() {
    let missing = missing_functions(VARIANTS[1]);
    missing.iter().for_each(|missing| println!("not compiled: {missing}"));
    let mut is_proved = missing.is_empty();
    for features in VARIANTS {
        let findings = Findings::of(&Graph::of(&compiled(features, "release")), "mediawire");
        println!("{features}: {} functions", findings.roots);
        findings.print();
        is_proved &= findings.are_none();
    }
    if !is_proved {
        std::process::exit(1);
    }
}

/// What is wrong with a graph.
#[derive(Default)]
struct Findings {
    /// How many functions are ours.
    roots: usize,
    /// Functions from which a panic is reached, by the way there.
    panics: BTreeMap<Vec<String>, Vec<String>>,
    /// Functions of ours that grow a buffer and are not known for that.
    growing: BTreeMap<Vec<String>, Vec<String>>,
    /// Symbols that no object defines.
    undefined: Vec<String>,
    /// Exceptions that are not needed.
    unneeded: BTreeSet<&'static str>,
}

impl Findings {
    fn of(graph: &Graph, ours: &str) -> Self {
        let is = |node: usize, patterns: &[&str]| {
            let names = &graph.nodes[node].names;
            names.iter().any(|name| patterns.iter().any(|pattern| matches(name, pattern)))
        };
        let all = 0..graph.nodes.len();
        let roots: Vec<usize> = all
            .clone()
            .filter(|&node| graph.nodes[node].functions.iter().any(|name| is_of(name, ours)))
            .collect();
        let patterns: Vec<&str> = EXCEPTIONS.iter().map(|(pattern, _)| *pattern).collect();
        let excepted: BTreeSet<usize> = all.clone().filter(|&node| is(node, &patterns)).collect();
        let growers: BTreeSet<usize> = all.clone().filter(|&node| is(node, &GROWING)).collect();
        let leaves: BTreeSet<usize> = excepted.union(&growers).copied().collect();
        let sinks: BTreeSet<usize> = all.clone().filter(|&node| is(node, &SINKS)).collect();

        let reached = graph.reachable(roots.iter().copied(), &leaves);
        let undefined = reached
            .iter()
            .filter(|&&node| graph.nodes[node].library.is_none())
            .filter(|&&node| !is(node, &OUTSIDE) && !sinks.contains(&node))
            .map(|&node| graph.nodes[node].name().to_owned())
            .collect();
        let to_panic = graph.towards(sinks.iter().copied(), &BTreeSet::new());
        let is_needed = |pattern: &&str| {
            let mut nodes = reached.iter().filter(|&&node| is(node, &[pattern]));
            nodes.any(|node| to_panic.contains_key(node))
        };
        let unneeded = patterns.iter().copied().filter(|pattern| !is_needed(pattern)).collect();

        let ways = |sinks: &BTreeSet<usize>, leaves: &BTreeSet<usize>, known: &[&str]| {
            let next = graph.towards(sinks.iter().copied(), leaves);
            let mut ways: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
            for &root in roots.iter().filter(|&&root| next.contains_key(&root) && !is(root, known))
            {
                let (mut at, mut way) = (root, Vec::new());
                while next[&at] != at {
                    at = next[&at];
                    way.push(graph.nodes[at].name().to_owned());
                }
                ways.entry(way).or_default().push(graph.nodes[root].name().to_owned());
            }
            ways
        };
        let panics = ways(&sinks, &leaves, &[]);
        let growing = ways(&growers, &excepted, &MAY_GROW);
        Self { roots: roots.len(), panics, growing, undefined, unneeded }
    }

    fn are_none(&self) -> bool {
        let Self { panics, growing, undefined, unneeded, .. } = self;
        panics.is_empty() && growing.is_empty() && undefined.is_empty() && unneeded.is_empty()
    }

    fn print(&self) {
        for (title, ways) in [("may panic", &self.panics), ("may grow a buffer", &self.growing)] {
            for (way, functions) in ways {
                println!("{title}:\n    {}", functions.join("\n    "));
                println!("        -> {}", way.join("\n        -> "));
            }
        }
        self.undefined.iter().for_each(|name| println!("not defined: {name}"));
        self.unneeded.iter().for_each(|name| println!("an exception that is not needed: {name}"));
    }
}

/// As [`EXCEPTIONS`] has it.
fn matches(name: &str, pattern: &str) -> bool {
    if pattern.starts_with(' ') { name.ends_with(pattern) } else { name.starts_with(pattern) }
}

/// A function of a crate whose name begins with `ours`: its own, a method of one of its types, or one of its traits.
fn is_of(name: &str, ours: &str) -> bool {
    let head = name.trim_start_matches(['<', '&']).trim_start_matches("mut ");
    let of_trait = name.split_once(" as ").is_some_and(|(_, of_trait)| of_trait.starts_with(ours));
    head.starts_with(ours) || of_trait
}

/// The functions of the library that were not compiled. Looked for in an unoptimised build: of an optimised one those are
/// missing that were inlined in each of their callers before any of these was compiled.
fn missing_functions(features: &str) -> Vec<String> {
    let graph = Graph::of(&compiled(features, "dev"));
    let expanded = cargo(features, &["rustc", "--package", "mediawire", "--lib"])
        .env("RUSTC_BOOTSTRAP", "1") // expansion is shown by nightly compilers alone; this is the same one
        .args(["--", "-Zunpretty=expanded"])
        .output()
        .expect("cargo");
    assert!(expanded.status.success(), "the source cannot be expanded");
    let mut symbols: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in graph.nodes.iter().flat_map(|node| &node.functions) {
        if let Some(last) = last_name(name) {
            symbols.entry(last.to_owned()).or_default().push(name);
        }
    }
    let functions = Function::all(&String::from_utf8(expanded.stdout).expect("a source"));
    assert!(functions.len() > 3000, "{} functions in the source", functions.len());
    let missing = functions.iter().filter(|function| !function.is_compiled(&symbols));
    missing.map(Function::describe).collect()
}

/// Cargo with a folder of its own for what it makes, as these flags are not those of any other build.
fn cargo(features: &str, command: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    cargo
        .current_dir(&root)
        .args(command)
        .args(["--quiet", "--target", TARGET, "--no-default-features", "--features", features])
        .env("CARGO_TARGET_DIR", target.join("panics"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off") // or there would be no objects
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1") // or unused functions would be left out
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", FLAGS.join(" "))
        .stderr(Stdio::inherit());
    cargo
}

const FLAGS: [&str; 4] = ["-C", "link-dead-code", "-C", "symbol-mangling-version=v0"];

/// The library, what it needs, and the standard library, as archives of objects.
fn compiled(features: &str, profile: &str) -> Vec<PathBuf> {
    let command = ["build", "--profile", profile, "--package", "mediawire-generics"];
    let output = cargo(features, &command).arg("--message-format=json").output().expect("cargo");
    assert!(output.status.success(), "the library cannot be compiled");
    let mut libraries = standard_library();
    for line in output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let message: serde_json::Value = serde_json::from_slice(line).expect("cargo's JSON");
        let files = message["filenames"].as_array().into_iter().flatten();
        let files = files.map(|file| PathBuf::from(file.as_str().expect("a path")));
        libraries.extend(files.filter(|file| file.extension().is_some_and(|end| end == "rlib")));
    }
    libraries
}

fn standard_library() -> Vec<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .expect("rustc");
    let folder = String::from_utf8(output.stdout).expect("a path");
    let files = std::fs::read_dir(folder.trim()).expect("the standard library");
    let is_part = |path: &PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy();
        let names = ["libcore-", "liballoc-", "libcompiler_builtins-"];
        name.ends_with(".rlib") && names.iter().any(|start| name.starts_with(start))
    };
    files.map(|file| file.expect("a file").path()).filter(is_part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without it, a mistake of the proof would look like a proof.
    #[test]
    fn planted_panics_are_found() {
        const SOURCE: &str = r#"
            #![no_std]
            pub fn careful(bytes: &[u8]) -> u8 { bytes.first().copied().unwrap_or(1) }
            pub fn indexes(bytes: &[u8], at: usize) -> u8 { bytes[at] }
            pub struct Inner;
            impl Inner {
                #[inline]
                fn hidden(&self, text: &str) -> usize { text.find('x').unwrap() }
                #[inline]
                pub fn calls(&self, text: &str) -> usize { self.hidden(text) }
            }
            fn aside(value: u32) -> u32 { 7 / value }
            pub fn through_a_pointer() -> fn(u32) -> u32 { aside }
            pub trait Talks { fn talk(&self, at: usize) -> u8; }
            impl Talks for [u8; 4] { fn talk(&self, at: usize) -> u8 { self[at] } }
            pub fn through_a_table(bytes: &[u8; 4]) -> &dyn Talks { bytes }
            unsafe extern "C" { safe fn elsewhere(); }
            pub fn calls_out() { elsewhere() }
        "#;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/planted");
        std::fs::create_dir_all(&folder).unwrap();
        let (source, library) = (folder.join("planted.rs"), folder.join("libplanted.rlib"));
        std::fs::write(&source, SOURCE).unwrap();
        let status = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .args(["--crate-type=lib", "--crate-name=planted", "--edition=2024", "-O"])
            .args(FLAGS)
            .args(["-C", "codegen-units=1", "--target", TARGET, "-o"])
            .args([&library, &source])
            .status();
        assert!(status.unwrap().success());
        let mut libraries = standard_library();
        libraries.push(library);
        let findings = Findings::of(&Graph::of(&libraries), "planted");
        let mut found: Vec<_> = findings.panics.values().flatten().map(String::as_str).collect();
        found.sort_unstable();
        let expected = [
            "<[u8; 4] as planted::Talks>::talk",
            "<planted::Inner>::calls",
            "<planted::Inner>::hidden",
            "planted::aside",
            "planted::indexes",
            "planted::through_a_pointer",
            "planted::through_a_table",
        ];
        assert_eq!(found, expected);
        assert_eq!(findings.undefined, ["elsewhere"]);
        assert!(!findings.are_none() && findings.roots == 9, "{}", findings.roots);
        assert_eq!(findings.unneeded.len(), EXCEPTIONS.len(), "no formatting here");
    }
}
