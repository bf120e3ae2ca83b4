//! One name for one thing.

use std::collections::BTreeMap;

use crate::tidy::source::{code, identifier, sources};

/// The types that a file defines, outside of functions and tests.
fn types(text: &str) -> Vec<String> {
    let code = code(text);
    let mut found = Vec::new();
    for line in code.lines() {
        let line = match line.strip_prefix("pub(") {
            Some(rest) => rest.split_once(") ").map_or("", |(_, rest)| rest),
            None => line.strip_prefix("pub ").unwrap_or(line),
        };
        let defines = ["struct ", "enum ", "trait ", "type "];
        if let Some(rest) = defines.iter().find_map(|word| line.strip_prefix(word)) {
            found.push(identifier(rest).to_owned());
        }
    }
    found
}

#[test]
fn no_type_has_the_name_of_another() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in ["shared/src", "shared/domain/src"] {
        for (path, text) in sources(folder) {
            for name in types(&text) {
                places.entry(name).or_default().push(path.clone());
            }
        }
    }
    assert!(places.len() > 200, "{}", places.len());
    places.retain(|_, places| places.len() > 1);
    assert_eq!(places, BTreeMap::new());
}

/// The public functions that a file defines, outside of types and tests.
fn public_functions(text: &str) -> Vec<String> {
    let code = code(text);
    let public = code.lines().filter(|line| line.starts_with("pub"));
    let names = public.filter_map(|line| {
        let (before, name) = line.split_once("fn ")?;
        let words = ["pub", "pub(crate)", "pub(super)", "async", "const"];
        let mut before = before.split_whitespace();
        let plain = before.all(|word| words.contains(&word) || word.starts_with("pub(in"));
        plain.then(|| identifier(name).to_owned())
    });
    names.collect()
}

#[test]
fn no_public_function_has_the_name_of_another() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in ["shared/src", "shared/domain/src"] {
        for (path, text) in sources(folder) {
            for name in public_functions(&text) {
                places.entry(name).or_default().push(path.clone());
            }
        }
    }
    assert!(places.len() > 300, "{}", places.len());
    places.retain(|_, places| places.len() > 1);
    assert_eq!(places, BTreeMap::new());
}

#[test]
fn a_use_case_asks_what_a_dialect_is_and_never_names_one() {
    for (path, text) in sources("shared/src/usecase") {
        let code = code(&text);
        let named: Vec<&str> = code
            .lines()
            .filter(|line| line.contains("Dialect::"))
            .collect();
        assert!(named.is_empty(), "{path}: {named:?}");
    }
}
