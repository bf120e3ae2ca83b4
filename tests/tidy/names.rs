//! One name for one thing.

use std::collections::BTreeMap;

use crate::tidy::folders::scripts;
use crate::tidy::source::{code, identifier, rust_files, sources};

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

/// Words that say when something happened, or who did it, instead of what it is.
const EXCLUDED: [&str; 8] = [
    "around",
    "beginning",
    "completed",
    "entered",
    "findings",
    "shown",
    "shows",
    "two_step",
];

/// A name in lower case, with `_` between its words: `LoginName` is `login_name`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words.replace(['-', '.'], "_")
}

/// Whether a name has one of the excluded words.
fn says_too_little(name: &str) -> bool {
    let name = format!("_{}_", words(name));
    let has = |word: &&str| name.contains(&format!("_{word}_"));
    EXCLUDED.iter().any(has)
}

#[test]
fn no_file_and_no_type_is_named_for_when_it_happens_or_who_does_it() {
    let mut read = 0;
    for (path, text) in rust_files().into_iter().chain(scripts()) {
        let file = path.rsplit('/').next().unwrap();
        assert!(!says_too_little(file), "{path}");
        if path.ends_with(".rs") {
            for name in types(&text) {
                read += 1;
                assert!(!says_too_little(&name), "{path}: {name}");
            }
        }
    }
    assert!(read > 300, "{read}");
    assert!(says_too_little("two_step.rs") && says_too_little("TwoStepRequest"));
    assert!(says_too_little("aidbox_findings.rs") && !says_too_little("LoginName"));
}

#[test]
fn the_third_system_is_codemaze_and_asp_net_is_only_where_users_come_from() {
    // The tables that an import reads are those of ASP.NET Core Identity.
    let of_imports = [
        "cli/src/import/",
        "shared/domain/src/accounts/foreign/",
        "checks/import/",
        "tests/operate/import/",
        "tests/tidy/names.rs",
    ];
    for (path, text) in rust_files().into_iter().chain(scripts()) {
        let here = of_imports.iter().any(|import| path.starts_with(import));
        let code = code(&text).to_lowercase();
        assert!(here || !code.contains("aspnet"), "{path}");
    }
}

/// The public functions that a file defines, outside of types and tests.
fn public_functions(text: &str) -> Vec<String> {
    let code = code(text);
    let public = code.lines().filter(|line| line.starts_with("pub"));
    let names = public.filter_map(|line| {
        let (before, name) = line.split_once("fn ")?;
        // `pub(in crate::wire)` has a space in its scope.
        let (_, scope) = before.split_once("pub")?;
        let after = scope
            .strip_prefix('(')
            .and_then(|scope| scope.split_once(')'));
        let words = after.map_or(scope, |(_, words)| words);
        let plain = words
            .split_whitespace()
            .all(|word| ["async", "const"].contains(&word));
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
