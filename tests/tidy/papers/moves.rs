//! The chapters *Moving in from …* of the dialects: each has the parts that a person plans a
//! move with, and what each names exists.

use std::collections::BTreeSet;

use clap::CommandFactory;
use countersign_cli::options::Options;

use crate::operate::commands;
use crate::tidy::settings::declared_names;
use crate::tidy::source::files;

/// The heading of a chapter, and the text below.
fn chapters() -> Vec<(String, String)> {
    let mut chapters = Vec::new();
    for (path, text) in files("docs/dialects", ".md") {
        for part in text.split("\n## ").skip(1) {
            let (title, chapter) = part.split_once('\n').unwrap();
            if title.starts_with("Moving in from ") {
                chapters.push((format!("{path}: {title}"), chapter.to_owned()));
            }
        }
    }
    assert_eq!(chapters.len(), 4, "each dialect has one");
    chapters
}

/// The texts in backquotes, and the commands of the fenced blocks.
fn codes(chapter: &str) -> Vec<String> {
    let mut codes = Vec::new();
    let mut fenced = false;
    for line in chapter.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            codes.push(line.to_owned());
        } else {
            let each = line.split('`').skip(1).step_by(2);
            codes.extend(each.map(str::to_owned));
        }
    }
    codes
}

/// The long options of the tool, of every command.
fn options() -> BTreeSet<String> {
    fn collect(command: &clap::Command, all: &mut BTreeSet<String>) {
        let longs = command.get_arguments().filter_map(clap::Arg::get_long);
        all.extend(longs.map(str::to_owned));
        for inner in command.get_subcommands() {
            collect(inner, all);
        }
    }
    let mut all = BTreeSet::new();
    collect(&Options::command(), &mut all);
    all
}

#[test]
fn each_chapter_has_what_a_person_plans_a_move_with() {
    for (title, chapter) in chapters() {
        let begins = |part: &str| chapter.lines().any(|line| line.starts_with(part));
        for (part, there) in [
            (
                "exports",
                begins("**What to export.**") || begins("**What Auth0 gives.**"),
            ),
            (
                "a command that imports",
                begins("countersign --stack login import "),
            ),
            ("a dry run", chapter.contains("--dry-run")),
            (
                "a table of settings",
                chapter
                    .lines()
                    .any(|line| line.ends_with(" | Countersign |")),
            ),
            (
                "claims before and after",
                begins("| token before | token after |"),
            ),
            ("the cut-over", begins("**The cut-over.**")),
            ("the way back", begins("**To roll back**")),
            ("what differs", begins("**What differs**")),
            (
                "the plan",
                chapter.contains("moving-in.md#a-plan-to-fill-in"),
            ),
        ] {
            assert!(there, "{title} lacks {part}");
        }
    }
}

#[test]
fn each_setting_option_and_command_that_a_chapter_names_exists() {
    let (settings, options, commands) = (declared_names(), options(), commands());
    let (mut named, mut unknown) = (0, Vec::new());
    for (title, chapter) in chapters() {
        for code in codes(&chapter) {
            let words: Vec<&str> = code.split_whitespace().collect();
            for word in &words {
                let name = word.split('=').next().unwrap().trim_end_matches(['*', ',']);
                if name.starts_with("COUNTERSIGN_") {
                    named += 1;
                    if !settings.iter().any(|known| match word.ends_with('*') {
                        true => known.starts_with(name),
                        false => known == name,
                    }) {
                        unknown.push(format!("{title}: {word}"));
                    }
                }
            }
            let ours = words.first().is_some_and(|first| {
                let ours = *first == "countersign" || first.starts_with("--");
                ours || commands
                    .iter()
                    .any(|command| code.starts_with(command.as_str()))
            });
            for option in words.iter().filter_map(|word| word.strip_prefix("--")) {
                named += 1;
                if ours && !options.contains(option.split('=').next().unwrap()) {
                    unknown.push(format!("{title}: --{option}"));
                }
            }
            let command = match words.as_slice() {
                ["countersign", "--stack", "login", command @ ..]
                | ["countersign", command @ ..] => command,
                [
                    "user" | "client" | "keys" | "sends" | "session" | "acts",
                    ..,
                ] => &words,
                _ => continue,
            };
            named += 1;
            let line = format!("{} ", command.join(" "));
            if !commands
                .iter()
                .any(|known| line.starts_with(&format!("{known} ")))
            {
                unknown.push(format!("{title}: {code}"));
            }
        }
    }
    assert!(named > 60, "{named}");
    assert_eq!(unknown, [""; 0]);
}
