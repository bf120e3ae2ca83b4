//! Calls every parser of bytes from outside with the kept corpus, and with changed copies
//! of it. `COUNTERSIGN_TEST_FUZZ` says how many copies for each target: a thousand unless
//! it is set. `fuzz/run` does so with libFuzzer, for as long as one wants.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::rules::input::parser_targets::TARGETS;
use crate::tidy::source::workspace;

/// A generator of numbers (xorshift) that gives the same numbers in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// What parsers stumble over.
const WORDS: [&str; 24] = [
    "\0",
    "%",
    "%00",
    "%C0%AF",
    "&",
    "=",
    "+",
    "\u{feff}",
    "{",
    "}",
    "[[[[",
    "\"",
    "null",
    "1e999",
    "-0",
    ":",
    "//",
    "\r\n",
    "--x",
    "\u{200b}",
    "\u{661}",
    "\u{ff11}",
    "@",
    "$argon2id$",
];

/// A copy of an input with a few changes.
fn changed(numbers: &mut Numbers, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut input = inputs[numbers.below(inputs.len())].clone();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(input.len() + 1);
        match numbers.below(6) {
            0 if at < input.len() => input[at] ^= 1 << numbers.below(8),
            1 if at < input.len() => {
                input.remove(at);
            }
            2 => {
                let word = WORDS[numbers.below(WORDS.len())].bytes();
                input.splice(at..at, word);
            }
            3 => input.truncate(at),
            4 => {
                let other = &inputs[numbers.below(inputs.len())];
                let from = numbers.below(other.len() + 1);
                input.splice(at.., other[from..].iter().copied());
            }
            _ => {
                let end = at + numbers.below(input.len() - at + 1);
                let part = input[at..end].to_vec();
                input.splice(at..at, part);
            }
        }
    }
    input.truncate(4096);
    input
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = workspace().join("fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect()
}

#[test]
fn no_bytes_from_outside_make_a_parser_panic_or_read_what_is_no_value() {
    let rounds = std::env::var("COUNTERSIGN_TEST_FUZZ").ok();
    let rounds = rounds.map_or(1000, |text| text.parse().unwrap());
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(inputs.len() >= 3, "{name} has a corpus");
        let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
        let changes = (0..rounds).map(|_| changed(&mut numbers, &inputs));
        for input in inputs.iter().cloned().chain(changes) {
            let done = catch_unwind(AssertUnwindSafe(|| target(&input)));
            let shown = String::from_utf8_lossy(&input);
            assert!(done.is_ok(), "{name} fails at {shown:?} ({input:?})");
        }
    }
}
