//! What the documents name exists: settings, files and links.

use std::collections::BTreeSet;

use countersign::routes::ROUTES;

use crate::tidy::source::{files, read, workspace};

const PREFIX: &str = "COUNTERSIGN_";

/// The settings after this mark in a text.
fn settings(text: &str, mark: &str) -> BTreeSet<String> {
    let starts = format!("{mark}{PREFIX}");
    let part = |character: char| character.is_ascii_uppercase() || character == '_';
    let rests = text.split(starts.as_str()).skip(1);
    let ends = |rest: &str| {
        rest.find(|character| !part(character))
            .unwrap_or(rest.len())
    };
    rests
        .map(|rest| format!("{PREFIX}{}", rest.split_at(ends(rest)).0))
        // Their common prefix alone is not a setting.
        .filter(|name| name != PREFIX)
        .collect()
}

/// The files that read the settings. Each has a table in its header.
fn config() -> String {
    let parts = files("shared/src/config", ".rs");
    let texts = parts.into_iter().map(|(_, text)| text);
    let texts = texts.chain([read("shared/src/config.rs")]);
    texts
        .map(|text| text.split("#[cfg(test)]").next().unwrap().to_owned())
        .collect()
}

/// The settings that the program reads.
pub fn settings_read() -> BTreeSet<String> {
    settings(&config(), "\"")
}

#[test]
fn every_setting_stands_in_the_header_of_config_and_no_other() {
    let read_there = settings_read();
    assert!(read_there.len() > 10, "{read_there:?}");
    assert_eq!(read_there, settings(&config(), "//! | `"));
}

#[test]
fn what_tells_a_setting_from_a_typing_error_knows_them_all_and_no_other() {
    assert_eq!(countersign::config::Config::names(), settings_read());
}

#[test]
fn every_setting_stands_in_the_readme_and_no_other() {
    let table = settings(&read("README.md"), "\n| `");
    assert_eq!(settings_read(), table);
}

#[test]
fn the_readme_and_config_tell_the_same_of_a_setting() {
    let config = config();
    let readme = read("README.md");
    let row = |text: &str, start: &str| -> (String, String) {
        let line = text.lines().find(|line| line.starts_with(start)).unwrap();
        let cells: Vec<&str> = line.trim_start_matches("//! ").split('|').collect();
        (cells[1].trim().to_owned(), cells[3].trim().to_owned())
    };
    for name in settings_read() {
        let ours = row(&config, &format!("//! | `{name}`"));
        assert_eq!(row(&readme, &format!("| `{name}`")), ours, "{name}");
    }
}

/// The documents: those at the top, all under `docs`, and those of the events and
/// examples.
fn papers() -> Vec<(String, String)> {
    let mut papers: Vec<(String, String)> = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ]
    .into_iter()
    .map(|path| (path.to_owned(), read(path)))
    .collect();
    for folder in ["docs", "events", "examples"] {
        let own = |(path, _): &(String, String)| !path.contains("/node_modules/");
        papers.extend(files(folder, ".md").into_iter().filter(own));
    }
    papers
}

#[test]
fn every_link_between_the_papers_leads_to_a_file() {
    let mut links = 0;
    for (path, text) in papers() {
        let folder = workspace().join(&path);
        let folder = folder.parent().unwrap();
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap();
            if target.contains("://") || target.starts_with(['#', '/']) {
                continue;
            }
            links += 1;
            let file = target.split('#').next().unwrap();
            assert!(folder.join(file).exists(), "{path} links to {target}");
        }
    }
    assert!(links > 0);
}

/// What stands in backquotes and could be a path.
fn quoted_paths(text: &str) -> impl Iterator<Item = &str> {
    let could_be = |quoted: &&str| {
        let part =
            |character: char| character.is_ascii_alphanumeric() || "/._-".contains(character);
        quoted.chars().all(part)
    };
    text.split('`').skip(1).step_by(2).filter(could_be)
}

#[test]
fn every_path_that_the_papers_name_is_there() {
    let roots = [
        "shared/",
        "functions/",
        "infra/",
        "tests/",
        "checks/",
        "docs/",
        "events/",
        "examples/",
    ];
    let mut named = 0;
    for (path, text) in papers() {
        for quoted in quoted_paths(&text) {
            if roots.iter().any(|root| quoted.starts_with(root)) {
                named += 1;
                assert!(workspace().join(quoted).exists(), "{path} names {quoted}");
            }
        }
    }
    assert!(named > 0);
}

/// The Rust files of the workspace, by their paths.
fn rust_paths() -> Vec<String> {
    let folders = [
        "shared",
        "functions",
        "cli",
        "infra",
        "tests",
        "models",
        "xtask",
    ];
    let all = folders.iter().flat_map(|folder| files(folder, ".rs"));
    all.map(|(path, _)| format!("/{path}")).collect()
}

#[test]
fn every_rust_file_that_the_papers_name_without_its_folder_is_there() {
    let there = rust_paths();
    let mut named = 0;
    for (path, text) in papers() {
        for quoted in quoted_paths(&text) {
            if quoted.ends_with(".rs") {
                named += 1;
                let ending = format!("/{quoted}");
                let found = there.iter().any(|known| known.ends_with(&ending));
                // `domain/` stands for `shared/domain/src/`.
                let of_domain = ending.replace("/domain/", "/shared/domain/src/");
                let found = found || there.contains(&of_domain);
                assert!(found, "{path} names {quoted}");
            }
        }
    }
    assert!(named > 50, "{named}");
}

/// Whether a text names this path of a route, and not only a longer path.
fn names_route(text: &str, path: &str) -> bool {
    let longer = |character: char| character.is_ascii_alphanumeric() || "/-_{".contains(character);
    text.match_indices(path).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + path.len()..]);
        !before.ends_with(longer) && !after.starts_with(longer)
    })
}

#[test]
fn every_route_stands_in_the_readme_or_in_the_pages_of_docs() {
    let pages = files("docs", ".md").into_iter().map(|(_, text)| text);
    let pages: String = pages.chain([read("README.md")]).collect();
    // A row of alike paths names the first in full: `…/by-email/{email}`.
    let pages = pages.replace("`…/", "`/api/identity/users/");
    for route in ROUTES {
        let named = names_route(&pages, route.path);
        assert!(named, "{} {} has no row", route.method, route.path);
    }
    assert!(!names_route(
        "`/oauth/tokens` or `/x/oauth/token`",
        "/oauth/token"
    ));
}

#[test]
fn the_licence_that_the_manifest_names_is_there() {
    assert!(read("Cargo.toml").contains("license = \"MIT OR Apache-2.0\""));
    assert!(read("LICENSE-MIT").contains("Permission is hereby granted"));
    assert!(read("LICENSE-APACHE").contains("Apache License"));
}
