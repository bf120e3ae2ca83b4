//! The `console` blocks of a document: commands after `$ `, and what the commands
//! print. Identifiers, times, secrets and the issuer differ from run to run, so a
//! comparison ignores them. A line `…` stands for all lines that follow.

use std::collections::BTreeMap;

use crate::tidy::source::read;

/// The issuer in the papers.
const ISSUER: &str = "https://login.example.com/";

/// A command of a paper.
pub struct Step {
    /// The heading above the command.
    pub heading: String,
    /// The command without `$ `.
    pub command: String,
    /// The lines below the command.
    pub output: Vec<String>,
}

/// Every command of a paper, in order.
pub fn steps(paper: &str) -> Vec<Step> {
    let (mut heading, mut inside) = (String::new(), false);
    let mut steps: Vec<Step> = Vec::new();
    for line in read(paper).lines() {
        match (inside, line) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (false, line) => {
                if let Some(title) = line.strip_prefix("## ") {
                    title.clone_into(&mut heading);
                }
            }
            (true, line) => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step {
                    heading: heading.clone(),
                    command: command.to_owned(),
                    output: Vec::new(),
                }),
                (None, Some(step)) => step.output.push(line.to_owned()),
                (None, None) => panic!("{paper}: a block begins with {line:?}"),
            },
        }
    }
    steps
}

/// The words of a command. A text in single quotes is one word.
pub fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('\'').enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// What stands for what differs from run to run.
fn blurred(word: &str) -> String {
    let (body, end) = match word.strip_suffix([',', '.']) {
        Some(body) => (body, &word[body.len()..]),
        None => (word, ""),
    };
    let all = |body: &str, fits: fn(u8) -> bool| body.bytes().all(fits);
    let dashed = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let stands = match body.len() {
        36 if all(body, dashed) => "[id]",
        20 if body.ends_with('Z') && body.as_bytes()[10] == b'T' => "[time]",
        64 if all(body, dashed) => "[secret]",
        _ => body,
    };
    format!("{stands}{end}")
}

/// A line without what differs from run to run. The widths of columns differ too.
fn normal(line: &str) -> String {
    let words: Vec<String> = line.split_whitespace().map(blurred).collect();
    words.join(" ")
}

/// The identifiers in these lines.
fn ids(lines: &[String]) -> Vec<String> {
    let words = lines.iter().flat_map(|line| line.split_whitespace());
    let words = words.map(|word| word.trim_end_matches([',', '.']));
    let ids = words.filter(|word| blurred(word) == "[id]");
    ids.map(str::to_owned).collect()
}

/// The identifiers of a paper, and those that stand for them in this run.
#[derive(Default)]
pub struct Known(BTreeMap<String, String>);

impl Known {
    /// The words of a command with the identifiers of this run.
    pub fn words(&self, step: &Step) -> Vec<String> {
        let known = |word: String| self.0.get(&word).cloned().unwrap_or(word);
        words(&step.command).into_iter().map(known).collect()
    }

    /// Compares what was printed with the paper, and learns its identifiers.
    pub fn compare(&mut self, step: &Step, printed: &str, issuer: &str) {
        let printed = printed.replace(issuer, ISSUER);
        let mut lines: Vec<String> = printed.lines().map(str::to_owned).collect();
        let mut wanted = step.output.clone();
        if wanted.last().is_some_and(|line| line == "…") {
            wanted.pop();
            assert!(lines.len() > wanted.len(), "nothing follows: {printed}");
            lines.truncate(wanted.len());
        }
        let normal = |lines: &[String]| lines.iter().map(|line| normal(line)).collect::<Vec<_>>();
        assert_eq!(
            normal(&lines),
            normal(&wanted),
            "$ {}\n{printed}",
            step.command
        );
        self.0.extend(ids(&wanted).into_iter().zip(ids(&lines)));
    }
}

#[test]
fn what_differs_from_run_to_run_is_blurred_and_nothing_else() {
    let line = "ann  5f2c3f0e-8f0e-4a57-9a37-4a5f5d0c6a7b,  2026-11-29T12:00:00Z.";
    assert_eq!(normal(line), "ann [id], [time].");
    assert_eq!(normal("20000 rows: 1 made"), "20000 rows: 1 made");
    let command = "countersign user unlock a@b.c --reason 'called, ticket 1' --json";
    let parts = ["countersign", "user", "unlock", "a@b.c", "--reason"];
    assert_eq!(words(command)[..5], parts);
    assert_eq!(words(command)[5..], ["called, ticket 1", "--json"]);
}
