//! `docs/operate.md`: the real tool, on a fresh `cargo local`.

use std::process::Command;

use countersign_local::demo;

use crate::harness::deployment::binary::binary;
use crate::harness::deployment::local::{Folder, Local};
use crate::operate::commands;
use crate::operate::papers::console::{Known, Step, steps, words};
use crate::tidy::source::read;

const PAPER: &str = "docs/operate.md";

/// What a paper's command printed. `cat FILE` writes the file that the paper shows.
fn run(folder: &Folder, step: &Step, words: &[String]) -> Option<String> {
    let files = folder.path().with_extension("files");
    let (tool, rest) = words.split_first().unwrap();
    if tool == "cat" {
        let text = step.output.join("\n") + "\n";
        std::fs::write(files.join(&rest[0]), text).unwrap();
        return None;
    }
    assert_eq!(tool, "countersign", "{}", step.command);
    let done = Command::new(binary("countersign"))
        .arg(format!("--local={}", folder.path().display()))
        .args(rest)
        .env_clear()
        .env("USER", "olga")
        .current_dir(&files)
        .output()
        .unwrap();
    let error = String::from_utf8(done.stderr).unwrap();
    let tells = |what: &str| step.output.iter().any(|line| line.starts_with(what));
    let code = match () {
        () if tells("The refused rows") => 5,
        () if tells("Findings: ") => 6,
        () => 0,
    };
    assert_eq!(done.status.code(), Some(code), "{}: {error}", step.command);
    Some(String::from_utf8(done.stdout).unwrap())
}

#[test]
fn every_command_of_the_operators_paper_prints_what_the_paper_shows() {
    let folder = Folder::new();
    let local = Local::start(&folder, &[]);
    // Somebody is signed in.
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid offline_access"),
    ];
    let signed_in = local.post_form("/oauth/token", &fields);
    assert_eq!(signed_in.status, 200, "{}", signed_in.raw);
    let issuer = local.ask("GET", "/.well-known/openid-configuration", &[], "");
    let issuer = issuer.body["issuer"].as_str().unwrap().to_owned();

    let files = folder.path().with_extension("files");
    std::fs::create_dir_all(&files).unwrap();
    std::fs::write(files.join("answers.toml"), read("answers.toml")).unwrap();
    let mut known = Known::default();
    for step in steps(PAPER) {
        if let Some(printed) = run(&folder, &step, &known.words(&step)) {
            known.compare(&step, &printed, &issuer);
        }
    }
    let _none = std::fs::remove_dir_all(files);
    assert_eq!(local.stop(), Some(0));
}

#[test]
fn every_command_of_the_tool_stands_in_the_operators_paper_with_what_it_prints() {
    let shown: Vec<String> = steps(PAPER)
        .iter()
        .map(|step| words(&step.command).split_off(1).join(" "))
        .collect();
    let is_shown = |command: &String| {
        let begins = |line: &String| line == command || line.starts_with(&format!("{command} "));
        shown.iter().any(begins)
    };
    // `user remove-device` takes an app with a key: tests/attacks/auth0/trusted_devices.rs runs
    // the command. A shell reads what `completions` prints. `try` calls an API over the network, and
    // tests/operate/trial.rs holds what it prints.
    let not_run = ["completions", "try", "user remove-device"];
    let missing: Vec<String> = commands()
        .into_iter()
        .filter(|command| !not_run.contains(&command.as_str()) && !is_shown(command))
        .collect();
    assert!(missing.is_empty(), "{missing:?} stand in no console block");
}
