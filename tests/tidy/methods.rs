//! Which files of a crate call methods that other files of the crate define. An import
//! does not show such a call: the blocks `impl Store` stand in many files, and a file with a
//! `Store` can call the methods of all these blocks.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::source::{code, identifier, words};

/// Methods of the standard library and of other crates that have the name of a method
/// of ours. A call of such a name says nothing about the files.
const OF_OTHER_CRATES: [&str; 19] = [
    "algorithm",
    "any",
    "audience",
    "call",
    "clear",
    "contains",
    "count",
    "get",
    "hash",
    "is",
    "is_empty",
    "lines",
    "load",
    "open",
    "query",
    "scan",
    "sign",
    "slice",
    "take",
];

/// How often a function of each name is defined in these texts.
pub fn definitions<'a>(codes: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for code in codes {
        for rest in words(code, "fn ") {
            *found.entry(identifier(rest).to_owned()).or_default() += 1;
        }
    }
    found
}

/// The names of the functions in the blocks `impl Type` of a file. The functions of a
/// trait are left out, because a trait's caller does not know the file.
fn inherent(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let is_block = line.trim_start().starts_with("impl") && line.ends_with('{');
        if !is_block || line.contains(" for ") {
            continue;
        }
        let end = format!("{}}}", &line[..indent]);
        let inside = lines.by_ref().take_while(|line| **line != end);
        for line in inside {
            let definition = line.len() - line.trim_start().len() == indent + 4;
            if let Some((_, rest)) = line.split_once("fn ").filter(|_| definition) {
                found.push(identifier(rest).to_owned());
            }
        }
    }
    found
}

/// The names after a dot or `::` that a list of arguments follows.
fn called(code: &str) -> BTreeSet<&str> {
    let after = [".", "::"].into_iter().flat_map(|mark| {
        code.match_indices(mark).filter_map(move |(at, _)| {
            let rest = &code[at + mark.len()..];
            let name = identifier(rest);
            let next = &rest[name.len()..];
            let calls = next.starts_with('(') || next.starts_with("::<");
            (calls && !name.is_empty()).then_some(name)
        })
    });
    after.collect()
}

/// The layer of a file: the first part of its module.
fn layer(module: &str) -> Option<&str> {
    module.split("::").next()
}

/// The other files of its layer whose methods each file calls. `files` has each module of
/// the crate with its text. Only the names that are defined once count: `definitions`
/// says how often each is.
pub fn calls(
    files: &[(String, String)],
    definitions: &BTreeMap<String, usize>,
) -> BTreeMap<String, BTreeSet<String>> {
    let codes: Vec<(&String, String)> = files.iter().map(|(own, text)| (own, code(text))).collect();
    let mut homes: BTreeMap<String, &String> = BTreeMap::new();
    for (own, code) in &codes {
        for name in inherent(code) {
            let alone = definitions.get(&name) == Some(&1);
            if alone && !OF_OTHER_CRATES.contains(&name.as_str()) {
                homes.insert(name, own);
            }
        }
    }
    let mut calls = BTreeMap::new();
    for (own, code) in &codes {
        let others = called(code).into_iter().filter_map(|name| homes.get(name));
        let others = others.filter(|home| *home != own && layer(home) == layer(own));
        let others: BTreeSet<String> = others.map(|home| (*home).clone()).collect();
        calls.insert((*own).clone(), others);
    }
    calls
}
