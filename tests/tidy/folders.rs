//! Where a file lies and how large files and folders are: the same subjects in every
//! layer, and no more in one place than a reader can survey.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::source::{files, rust_files, workspace};

/// The largest number of files in a folder, besides its `mod.rs`.
const MOST: usize = 15;

/// The folders with code.
const ROOTS: [&str; 13] = [
    "bench/src",
    "checks",
    "cli/src",
    "examples",
    "functions",
    "fuzz",
    "infra/local/src",
    "models",
    "shared/domain/src",
    "shared/operation/src",
    "shared/src",
    "tests",
    "xtask/src",
];

/// The subjects that the service is about.
const SUBJECTS: [&str; 6] = [
    "accounts",
    "authorization",
    "factors",
    "keys",
    "login",
    "sessions",
];

/// The subjects that serve the others.
const BESIDE: [&str; 4] = ["administration", "events", "messages", "metrics"];

/// The systems whose words the service speaks.
const SYSTEMS: [&str; 5] = ["abp", "aidbox", "auth0", "codemaze", "oauth"];

/// Folders of tests for rules that hold for every subject.
const RULES: [&str; 6] = [
    "input",
    "lockout",
    "log",
    "moving_in",
    "requests",
    "versions",
];

/// The number of code files in each folder, besides its `mod.rs`.
fn folders() -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for root in ROOTS {
        for ending in [".rs", ".js", ".mjs", ".py"] {
            for (path, _) in files(root, ending) {
                let (folder, name) = path.rsplit_once('/').unwrap();
                if name != "mod.rs" {
                    *counts.entry(folder.to_owned()).or_insert(0) += 1;
                }
            }
        }
    }
    counts
}

#[test]
fn no_folder_holds_more_than_fifteen_files() {
    let folders = folders();
    assert!(folders.len() > 30, "{folders:?}");
    let crowded: Vec<_> = folders.iter().filter(|(_, count)| **count > MOST).collect();
    assert!(crowded.is_empty(), "more than {MOST} files: {crowded:?}");
}

/// The scripts, styles and pages of the workspace.
pub fn scripts() -> Vec<(String, String)> {
    let folders = [".ci", "checks", "events", "examples", "infra", "shared"];
    let endings = [".css", ".html", ".js", ".mjs", ".py", ".sh", ".ts", "run"];
    let each = folders.iter().flat_map(|folder| {
        let of_ending = |ending| files(folder, ending);
        endings.into_iter().flat_map(of_ending)
    });
    each.collect()
}

#[test]
fn every_file_is_shorter_than_four_hundred_lines() {
    let (rust, scripts) = (rust_files(), scripts());
    assert!(scripts.len() > 60, "{}", scripts.len());
    let long: Vec<String> = rust
        .into_iter()
        .chain(scripts)
        .filter(|(_, text)| text.lines().count() >= 400)
        .map(|(path, text)| format!("{path}: {}", text.lines().count()))
        .collect();
    assert_eq!(long, [""; 0]);
}

/// The names in this folder of the workspace: of its folders, and of its Rust files.
fn names_in(folder: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut folders, mut files) = (BTreeSet::new(), BTreeSet::new());
    for entry in std::fs::read_dir(workspace().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => folders.insert(name),
            false => files.insert(name),
        };
    }
    (folders, files)
}

#[test]
fn every_layer_has_the_same_subjects_as_its_folders() {
    let allowed: BTreeSet<&str> = SUBJECTS.into_iter().chain(BESIDE).collect();
    let layers = [
        ("shared/src/usecase", &[][..]),
        ("shared/domain/src", &[]),
        ("shared/src/store", &[]),
        ("tests/store", &[]),
        ("tests/rules", &RULES[..]),
    ];
    for (layer, more) in layers {
        let (folders, _) = names_in(layer);
        assert!(folders.len() > 4, "{layer}: {folders:?}");
        for folder in folders {
            let known = allowed.contains(&*folder) || more.contains(&&*folder);
            assert!(known, "{layer}/{folder} is no subject");
        }
    }
    let (folders, _) = names_in("shared/src/usecase");
    for subject in SUBJECTS {
        assert!(folders.contains(subject), "{subject}");
    }
    // The store has something to say of every subject, and its tests of every folder that
    // requests use. `tests/operate/` runs what operators do.
    let (mut stored, _) = names_in("shared/src/store");
    for subject in SUBJECTS {
        assert!(stored.contains(subject), "{subject}");
    }
    stored.remove("administration");
    let (tested, _) = names_in("tests/store");
    assert_eq!(tested, stored);
}

#[test]
fn every_dialect_has_the_subjects_as_its_folders_and_its_handlers_in_them() {
    let (dialects, _) = names_in("shared/src/wire");
    assert_eq!(Vec::from_iter(dialects), SYSTEMS);
    let mut found = 0;
    for system in SYSTEMS {
        let (mut folders, mut files) = names_in(&format!("shared/src/wire/{system}"));
        if folders.remove("pages") {
            let (pages, _) = names_in(&format!("shared/src/wire/{system}/pages"));
            folders.extend(pages);
        }
        found += folders.len();
        for folder in folders {
            assert!(SUBJECTS.contains(&&*folder), "{system}/{folder}");
        }
        // How a dialect says no concerns every subject.
        files.remove("refusal.rs");
        assert_eq!(Vec::from_iter(files), ["mod.rs"], "{system}");
    }
    assert!(found > 15, "{found}");
}

#[test]
fn the_tests_lie_in_the_folders_that_contributing_lists() {
    let (folders, files) = names_in("tests");
    let kinds = [
        "attacks",
        "deployment",
        "dialects",
        "faults",
        "harness",
        "operate",
        "races",
        "rules",
        "store",
        "tidy",
    ];
    assert_eq!(Vec::from_iter(folders), kinds);
    assert_eq!(Vec::from_iter(files), ["Cargo.toml", "lib.rs", "main.rs"]);
    for (folder, inside) in [("tests/dialects", &SYSTEMS[..]), ("tests/store", &[])] {
        let (folders, files) = names_in(folder);
        assert_eq!(Vec::from_iter(files), ["mod.rs"], "{folder}");
        assert!(inside.is_empty() || Vec::from_iter(folders) == inside);
    }
    let (_, files) = names_in("tests/rules");
    assert_eq!(Vec::from_iter(files), ["mod.rs"]);
    // A test of a dialect lies in the folder of its subject, beside what concerns every subject.
    for system in SYSTEMS {
        let (mut folders, files) = names_in(&format!("tests/dialects/{system}"));
        folders.remove("pages");
        for folder in folders {
            assert!(SUBJECTS.contains(&&*folder), "{system}/{folder}");
        }
        let of_all = [
            "clients.rs",
            "malformed.rs",
            "mod.rs",
            "story.rs",
            "words.rs",
        ];
        for file in files {
            assert!(of_all.contains(&&*file), "{system}/{file}");
        }
    }
}
