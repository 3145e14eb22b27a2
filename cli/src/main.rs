//! The program `mediawire`.
fn main() {}
