//! Every threat in docs/security.md has a test, and every attack has its threat.

use std::collections::BTreeSet;

use crate::tidy::source::{files, identifier, read};

/// The test functions of these files.
fn tests_of(texts: impl IntoIterator<Item = (String, String)>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in texts {
        let mut marked = false;
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("#[test") || line.starts_with("#[tokio::test") {
                marked = true;
            } else if let Some((before, name)) = line.split_once("fn ")
                && !before.contains("//")
            {
                if marked {
                    found.insert(identifier(name).to_owned());
                }
                marked = false;
            }
        }
    }
    found
}

fn all_tests() -> BTreeSet<String> {
    let folders = ["tests", "models", "shared", "cli", "infra"];
    tests_of(folders.iter().flat_map(|folder| files(folder, ".rs")))
}

/// A row: the threat, and the tests.
fn rows() -> Vec<(String, BTreeSet<String>)> {
    let text = read("docs/security.md");
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{row}");
        let quoted = cells[2].split('`').skip(1).step_by(2);
        (cells[0].to_owned(), quoted.map(str::to_owned).collect())
    })
    // The head of a table has no test.
    .filter(|(threat, _)| threat != "threat" && threat != "fault")
    .collect()
}

#[test]
fn every_threat_has_tests_that_exist() {
    let (rows, known) = (rows(), all_tests());
    assert!(rows.len() > 100, "{}", rows.len());
    let mut wrong = Vec::new();
    for (threat, tests) in rows {
        if tests.is_empty() {
            wrong.push(format!("{threat}: no test"));
        }
        for test in tests.difference(&known) {
            wrong.push(format!("{threat}: no test is called {test}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_attack_stands_beside_its_threat() {
    let attacks = tests_of(files("tests/attacks", ".rs"));
    assert!(attacks.len() > 100, "{}", attacks.len());
    let named: BTreeSet<String> = rows().into_iter().flat_map(|(_, tests)| tests).collect();
    let without: Vec<&String> = attacks.difference(&named).collect();
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn every_fault_of_the_list_has_a_row() {
    let numbers: Vec<usize> = rows()
        .iter()
        .filter_map(|(fault, _)| fault.split_once(". ")?.0.parse().ok())
        .collect();
    assert_eq!(numbers, (1..=32).collect::<Vec<_>>());
}
