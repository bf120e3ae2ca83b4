//! How many files a folder has: no more than a reader can survey.

use std::collections::BTreeMap;

use crate::tidy::source::files;

/// The largest number of files in a folder, besides its `mod.rs`.
const MOST: usize = 15;

/// The folders with code.
const ROOTS: [&str; 6] = [
    "cli/src",
    "functions",
    "infra/local/src",
    "shared/domain/src",
    "shared/src",
    "tests",
];

/// The number of code files in each folder, besides its `mod.rs`.
fn folders() -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for root in ROOTS {
        for ending in [".rs", ".js"] {
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
