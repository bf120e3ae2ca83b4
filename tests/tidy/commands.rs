//! The commands of the papers: each is run by a test or a check, or says what it needs.

use std::collections::BTreeSet;

use crate::tidy::papers::papers;
use crate::tidy::source::{read, workspace};

/// The papers whose `console` blocks `tests/operate/papers` runs.
const CONSOLES: [&str; 2] = ["docs/operate.md", "docs/first-day.md"];

/// A fenced block with commands.
struct Block {
    paper: String,
    language: String,
    first: String,
    /// The line before the block.
    before: String,
}

impl Block {
    /// What the comment before the block says after this word.
    fn says(&self, word: &str) -> Option<&str> {
        let comment = self.before.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
        comment.strip_prefix(word)?.strip_prefix(": ")
    }
}

/// Every block with commands.
fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for (paper, text) in papers() {
        let lines: Vec<&str> = text.lines().collect();
        let mut inside = false;
        for (at, line) in lines.iter().enumerate() {
            let Some(language) = line.trim_start().strip_prefix("```") else {
                continue;
            };
            inside = !inside;
            if inside && ["sh", "console", "bash", "shell"].contains(&language) {
                blocks.push(Block {
                    paper: paper.clone(),
                    language: language.to_owned(),
                    first: lines[at + 1].to_owned(),
                    before: lines[at - 1].to_owned(),
                });
            }
        }
        assert!(!inside, "{paper} has a block without an end");
    }
    blocks
}

/// The papers whose `sh` blocks `.ci/run` runs with `checks/papers.py`.
fn run_papers() -> BTreeSet<String> {
    let script = read(".ci/run");
    let (_, list) = script.split_once("commanding_papers=(").unwrap();
    let (list, _) = list.split_once(')').unwrap();
    list.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_command_of_a_paper_is_run_or_says_what_it_needs() {
    let run = run_papers();
    let mut counted = [0; 4];
    for block in blocks() {
        let place = format!("{}, `{}`", block.paper, block.first);
        let kind = if let Some(path) = block.says("run by") {
            assert!(workspace().join(path).is_file(), "{place}: {path}");
            0
        } else if block.says("needs").is_some() {
            1
        } else if block.language == "console" {
            assert!(CONSOLES.contains(&&*block.paper), "nothing runs {place}");
            2
        } else {
            assert!(
                run.contains(&block.paper),
                "nothing runs {place}: name the paper in .ci/run, or write <!-- needs: … -->"
            );
            3
        };
        counted[kind] += 1;
    }
    assert!(counted.iter().all(|count| *count > 3), "{counted:?}");
}
