//! One piece of work, and those who do it in turn.

use std::fmt::Debug;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::Bench;
use crate::allocations;
use crate::report::{Figure, Goal, Row};

/// How long a contestant runs in each round: short beside a scheduler's time slice, long beside the clock's resolution.
const SLICE: Duration = Duration::from_micros(200);
/// The name of what is compared with the others.
pub(crate) const OURS: &str = "mediawire";
pub(crate) const FLOOR: &str = "floor";

/// A contestant, ready to be timed: runs so many passes over the inputs.
struct Contestant {
    name: &'static str,
    allocations: f64,
    pass: Box<dyn FnMut(u32) -> Duration>,
}

/// A workload that reads: each contestant gets an input and gives the fields it names, which must be equal for all.
pub(crate) struct Reading<'b, I, T> {
    bench: &'b mut Bench,
    name: &'static str,
    goal: Goal,
    wanted: bool,
    inputs: Rc<[I]>,
    expected: Option<Vec<T>>,
    contestants: Vec<Contestant>,
}

/// A workload that writes: each contestant gets an input and a buffer of its own, and gives the number of bytes written.
pub(crate) struct Writing<'b, I> {
    bench: &'b mut Bench,
    name: &'static str,
    goal: Goal,
    wanted: bool,
    inputs: Rc<[I]>,
    initial: Vec<u8>,
    expected: Option<Vec<Vec<u8>>>,
    contestants: Vec<Contestant>,
}

impl Bench {
    /// A workload over `inputs`; one operation is the work on one of them.
    pub(crate) fn reading<I: 'static, T: PartialEq + Debug + 'static>(
        &mut self,
        name: &'static str,
        inputs: impl IntoIterator<Item = I>,
    ) -> Reading<'_, I, T> {
        let inputs = inputs.into_iter().collect();
        let wanted = self.options.wants(name);
        let (expected, contestants) = (None, Vec::new());
        let goal = Goal::default();
        Reading { bench: self, name, goal, wanted, inputs, expected, contestants }
    }

    /// A workload over `inputs`, for each of which a message is written to a buffer that begins as `initial`.
    pub(crate) fn writing<I: 'static>(
        &mut self,
        name: &'static str,
        inputs: impl IntoIterator<Item = I>,
        initial: Vec<u8>,
    ) -> Writing<'_, I> {
        let inputs = inputs.into_iter().collect();
        let wanted = self.options.wants(name);
        let (expected, contestants) = (None, Vec::new());
        let goal = Goal::default();
        Writing { bench: self, name, goal, wanted, inputs, initial, expected, contestants }
    }
}

impl<I: 'static, T: PartialEq + Debug + 'static> Reading<'_, I, T> {
    /// At most so much of the best other crate's time, and of the floor's.
    pub(crate) fn goal(mut self, other: f64, floor: f64) -> Self {
        self.goal = Goal { other: Some(other), floor: Some(floor) };
        self
    }

    /// The hand-written function that does the same checked work and nothing more.
    pub(crate) fn floor(self, read: impl Fn(&I) -> T + 'static) -> Self {
        self.contestant(FLOOR, read)
    }

    /// The library.
    pub(crate) fn mediawire(self, read: impl Fn(&I) -> T + 'static) -> Self {
        self.contestant(OURS, read)
    }

    /// Another crate, or a second way, named `mediawire, ...`, in which the library does it.
    pub(crate) fn contestant(
        mut self,
        name: &'static str,
        read: impl Fn(&I) -> T + 'static,
    ) -> Self {
        if !self.wanted || self.bench.options.figures && name != OURS {
            return self;
        }
        let inputs = Rc::clone(&self.inputs);
        let found: Vec<T> = inputs.iter().map(&read).collect();
        match &self.expected {
            None => self.expected = Some(found),
            Some(expected) => {
                assert_eq!(expected, &found, "{}: {name} reads other values", self.name);
            }
        }
        let allocations = allocations::of(|| {
            read_all(&read, &inputs, 1);
        });
        let allocations = allocations as f64 / inputs.len() as f64;
        let pass = Box::new(move |passes| read_all(&read, &inputs, passes));
        self.contestants.push(Contestant { name, allocations, pass });
        self
    }

    /// Lets them run.
    pub(crate) fn run(self) {
        finish(self.bench, self.name, self.goal, self.inputs.len(), self.contestants);
    }
}

impl<I: 'static> Writing<'_, I> {
    /// At most so much of the best other crate's time, and of the floor's.
    pub(crate) fn goal(mut self, other: f64, floor: f64) -> Self {
        self.goal = Goal { other: Some(other), floor: Some(floor) };
        self
    }

    /// The hand-written function that does the same checked work and nothing more.
    pub(crate) fn floor(self, write: impl Fn(&I, &mut Vec<u8>) -> usize + 'static) -> Self {
        self.contestant(FLOOR, write)
    }

    /// The library.
    pub(crate) fn mediawire(self, write: impl Fn(&I, &mut Vec<u8>) -> usize + 'static) -> Self {
        self.contestant(OURS, write)
    }

    /// Another crate, or a second way, named `mediawire, ...`, in which the library does it. The vector is there to be
    /// written over; one that can only append to it clears it before.
    pub(crate) fn contestant(
        mut self,
        name: &'static str,
        write: impl Fn(&I, &mut Vec<u8>) -> usize + 'static,
    ) -> Self {
        if !self.wanted || self.bench.options.figures && name != OURS {
            return self;
        }
        let inputs = Rc::clone(&self.inputs);
        let mut buffer = self.initial.clone();
        let mut written = |input| {
            let len = write(input, &mut buffer);
            buffer[..len].to_vec()
        };
        let found: Vec<_> = inputs.iter().map(&mut written).collect();
        match &self.expected {
            None => self.expected = Some(found),
            Some(expected) => {
                for (expected, found) in expected.iter().zip(&found) {
                    assert!(
                        expected == found,
                        "{}: {name} writes\n{found:02x?}\nand not\n{expected:02x?}",
                        self.name
                    );
                }
            }
        }
        let allocations = allocations::of(|| {
            write_all(&write, &inputs, &mut buffer, 1);
        });
        let allocations = allocations as f64 / inputs.len() as f64;
        let pass = Box::new(move |passes| write_all(&write, &inputs, &mut buffer, passes));
        self.contestants.push(Contestant { name, allocations, pass });
        self
    }

    /// Lets them run.
    pub(crate) fn run(self) {
        finish(self.bench, self.name, self.goal, self.inputs.len(), self.contestants);
    }
}

/// What is timed when reading: one copy for each contestant, its work inlined as its crate allows.
#[inline(never)]
fn read_all<I, T>(read: &impl Fn(&I) -> T, inputs: &[I], passes: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..passes {
        for input in inputs {
            black_box(read(black_box(input)));
        }
    }
    start.elapsed()
}

/// What is timed when writing.
#[inline(never)]
fn write_all<I>(
    write: &impl Fn(&I, &mut Vec<u8>) -> usize,
    inputs: &[I],
    buffer: &mut Vec<u8>,
    passes: u32,
) -> Duration {
    let start = Instant::now();
    for _ in 0..passes {
        for input in inputs {
            black_box(write(black_box(input), black_box(buffer)));
        }
    }
    start.elapsed()
}

fn finish(
    bench: &mut Bench,
    name: &'static str,
    goal: Goal,
    inputs: usize,
    mut contestants: Vec<Contestant>,
) {
    if contestants.is_empty() {
        return;
    }
    eprintln!("{name}");
    let mut passes: Vec<u32> = contestants.iter_mut().map(|it| passes(&mut it.pass)).collect();
    let mut times = vec![Vec::new(); contestants.len()];
    for round in 0..bench.options.rounds {
        for turn in 0..contestants.len() {
            // Another one begins each round.
            let turn = (turn + round) % contestants.len();
            let (contestant, passes) = (&mut contestants[turn], &mut passes[turn]);
            let time = (contestant.pass)(*passes);
            times[turn].push(time.as_secs_f64() * 1e9 / (f64::from(*passes) * inputs as f64));
        }
    }
    let figures = contestants.iter().zip(times).map(|(contestant, rounds)| Figure {
        name: contestant.name,
        allocations: Some(contestant.allocations),
        rounds,
    });
    bench.report.rows.push(Row { name, goal, figures: figures.collect() });
}

/// As many passes as fill a slice.
fn passes(pass: &mut dyn FnMut(u32) -> Duration) -> u32 {
    let mut passes = 1;
    while pass(passes) < SLICE && passes < 1 << 24 {
        passes *= 2;
    }
    passes
}
