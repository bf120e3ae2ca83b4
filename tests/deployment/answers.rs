//! `answers.toml`: what a deployment asks its owner.

use std::collections::{BTreeMap, BTreeSet};

use countersign::config::Config;
use serde_json::Value;

use crate::deployment::parameters::takes;
use crate::harness::deployment::template::{Stack, template};
use crate::tidy::papers::papers;
use crate::tidy::source::read;

/// The most questions.
const MOST: usize = 8;

/// The answers of the file, by parameter.
fn answers() -> BTreeMap<String, String> {
    let file = read("answers.toml");
    let lines = file
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let answer = |line: &str| {
        let (name, value) = line.split_once(" = ").unwrap();
        let value = value.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        (name.to_owned(), value.to_owned())
    };
    lines.map(answer).collect()
}

/// The parameters without a default.
fn required() -> BTreeSet<String> {
    let all = template()["Parameters"].as_object().unwrap().clone();
    let required = |declared: &Value| declared["Default"].is_null();
    all.into_iter()
        .filter(|(_, declared)| required(declared))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn a_deployment_asks_eight_questions_and_everything_else_has_a_default() {
    let file = read("answers.toml");
    let numbered: Vec<&str> = file
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with(|digit: char| digit.is_ascii_digit()))
        .collect();
    assert_eq!(numbered.len(), MOST, "{numbered:?}");
    for (at, question) in (1..).zip(&numbered) {
        assert!(question.starts_with(&format!("{at}. ")), "{question}");
    }
    let answers = answers();
    let empty: BTreeSet<String> = required();
    assert_eq!(empty.len(), 2);
    for name in &empty {
        assert_eq!(answers[name], "", "{name} is answered");
        assert!(!takes(name, ""), "{name} may stay empty");
    }
    for (name, value) in &answers {
        assert!(takes(name, value) || empty.contains(name), "{name}");
    }
}

#[test]
fn the_functions_start_with_the_answers_once_the_first_two_are_given() {
    let mut answers = answers();
    answers.insert("ProductName".to_owned(), "My Shop".to_owned());
    answers.insert("SenderAddress".to_owned(), "login@example.com".to_owned());
    let pairs: Vec<(&str, &str)> = answers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let environment = Stack::new("login", &pairs, &[]).environment();
    let config = Config::read(|name| environment.get(name).cloned()).unwrap();
    assert_eq!(config.messages.brand.product, "My Shop");
}

#[test]
fn sam_deploy_reads_the_answers_and_no_paper_has_sam_ask_for_all_or_cut_them() {
    let config = read("samconfig.toml");
    let (_, deploy) = config.split_once("[default.deploy.parameters]").unwrap();
    assert!(deploy.contains("\nparameter_overrides = \"file://answers.toml\"\n"));
    for (path, text) in papers() {
        // SAM asks for each parameter of the template that was built.
        let mut parts: Vec<&str> = text.split("\nsam deploy --guided\n").collect();
        parts.pop();
        for before in parts {
            let commands = "answers.toml --write-template infra/guided.json\n\
                            sam build --template-file infra/guided.json";
            assert!(before.ends_with(commands), "{path}: {before}");
        }
        for line in text.lines().filter(|line| line.starts_with("sam ")) {
            let safe = !line.contains("--guided") || line == "sam deploy --guided";
            assert!(safe, "{path}: {line}");
        }
        // SAM cuts a value at a space unless the quotes are quoted too.
        for rest in text.split("--parameter-overrides ").skip(1) {
            let given = rest.split(['`', '\n']).next().unwrap();
            let safe = given.split(' ').all(|one| {
                one.starts_with("file://")
                    || one
                        .split_once('=')
                        .is_some_and(|(name, _)| !name.is_empty())
            });
            assert!(safe && !given.contains(['\'', '"']), "{path}: {given}");
        }
    }
}
