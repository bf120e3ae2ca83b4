//! libFuzzer on the parsers of bytes from outside. `FUZZ_TARGET` names the target.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../tests/rules/input/parser_targets.rs"]
mod targets;

static TARGET: LazyLock<targets::Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    let known = targets::TARGETS.iter().find(|(target, _)| *target == name);
    known.expect("FUZZ_TARGET is a folder of fuzz/corpus").1
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
