//! The commands and the code of the papers: each block is run or read by a test or a check,
//! or says what it needs.

use std::collections::BTreeSet;

use crate::tidy::papers::papers;
use crate::tidy::source::{read, workspace};

/// The papers whose `console` blocks `tests/operate/papers` runs.
const CONSOLES: [&str; 2] = ["docs/operate.md", "docs/first-day.md"];

/// Languages that a shell runs.
const COMMANDS: [&str; 4] = ["sh", "console", "bash", "shell"];

/// Blocks that nobody runs or copies: what a program printed, and drawings.
const SHOWN: [&str; 2] = ["", "text"];

/// A fenced block.
struct Block {
    paper: String,
    language: String,
    lines: Vec<String>,
    /// The line before the block.
    before: String,
}

impl Block {
    fn place(&self) -> String {
        format!("{}, `{}`", self.paper, self.lines[0].trim())
    }

    /// What the comment before the block says after this word.
    fn says(&self, word: &str) -> Option<&str> {
        let comment = self.before.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
        comment.strip_prefix(word)?.strip_prefix(": ")
    }
}

/// Every fenced block.
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
            if inside {
                let rest = lines[at + 1..].iter();
                let own = rest.take_while(|line| !line.trim_start().starts_with("```"));
                blocks.push(Block {
                    paper: paper.clone(),
                    language: language.to_owned(),
                    lines: own.map(|line| (*line).to_owned()).collect(),
                    before: lines[at - 1].trim_start().to_owned(),
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
    let commands = |block: &Block| COMMANDS.contains(&block.language.as_str());
    for block in blocks().into_iter().filter(commands) {
        let place = block.place();
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

#[test]
fn every_snippet_of_a_paper_is_copied_from_a_file_or_run_or_says_what_it_needs() {
    let run = run_papers();
    let mut counted = [0; 4];
    for block in blocks() {
        let language = block.language.as_str();
        if COMMANDS.contains(&language) || SHOWN.contains(&language) {
            continue;
        }
        let place = block.place();
        let kind = if let Some(path) = block.says("from") {
            let shown = block.lines.join("\n");
            assert!(
                read(path).contains(&shown),
                "{place} shows no part of {path}"
            );
            0
        } else if let Some(path) = block.says("run by") {
            assert!(workspace().join(path).is_file(), "{place}: {path}");
            1
        } else if block.says("needs").is_some() {
            2
        } else {
            // `checks/papers.py` compares an answer with the commands before it.
            let answer = language == "json" && run.contains(&block.paper);
            assert!(
                answer,
                "nothing runs {place}: write <!-- from: … -->, <!-- run by: … --> or <!-- needs: … -->"
            );
            3
        };
        counted[kind] += 1;
    }
    assert!(counted.iter().all(|count| *count > 3), "{counted:?}");
}
