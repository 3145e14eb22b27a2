//! The program `mediawire`.
mod capture;
fn main() {}
