//! What the documents name exists: files, links and headings.

mod moves;
mod security;

use std::collections::BTreeSet;

use countersign::routes::ROUTES;

use crate::tidy::source::{files, read, workspace};

/// The documents: those at the top, all under `docs`, and those of the events and
/// examples.
pub fn papers() -> Vec<(String, String)> {
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

/// The lines of a paper that stand in no fenced block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The targets of a paper's links and pictures.
fn targets(text: &str) -> Vec<&str> {
    let links = prose(text).flat_map(|line| line.split("](").skip(1));
    links.map(|rest| rest.split(')').next().unwrap()).collect()
}

/// The anchors of a paper's headings, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for line in prose(text) {
        let Some(title) = line.trim_start_matches('#').strip_prefix(' ') else {
            continue;
        };
        if !line.starts_with('#') {
            continue;
        }
        let kept = |letter: &char| letter.is_alphanumeric() || "_- ".contains(*letter);
        let plain: String = title.trim().chars().filter(kept).collect();
        let anchor = plain.to_lowercase().replace(' ', "-");
        assert!(anchors.insert(anchor), "a heading stands twice: {title}");
    }
    anchors
}

/// The path that a link in this paper leads to, in the workspace.
fn reached(paper: &str, target: &str) -> String {
    let mut parts: Vec<&str> = paper.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop().unwrap_or_else(|| panic!("{paper}: {target}"))),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_of_a_paper_leads_to_a_file_and_to_a_heading_that_are_there() {
    let (mut links, mut headings) = (0, 0);
    for (path, text) in papers() {
        for target in targets(&text) {
            if target.contains("://") {
                continue;
            }
            links += 1;
            let (file, heading) = match target.split_once('#') {
                Some((file, heading)) => (file, Some(heading)),
                None => (target, None),
            };
            let file = match file {
                "" => path.clone(),
                file => reached(&path, file),
            };
            assert!(workspace().join(&file).exists(), "{path} links to {target}");
            if let Some(heading) = heading {
                headings += 1;
                let there = anchors(&read(&file)).contains(heading);
                assert!(there, "{path} links to {target}");
            }
        }
    }
    assert!(links > 50 && headings > 5, "{links}, {headings}");
}

#[test]
fn every_paper_is_a_page_of_the_book_and_stands_there_once() {
    let summary = read("docs/SUMMARY.md");
    let mut pages: Vec<String> = targets(&summary)
        .iter()
        .map(|target| reached("docs/SUMMARY.md", target))
        .collect();
    pages.sort();
    let mut all: Vec<String> = papers().into_iter().map(|(path, _)| path).collect();
    all.retain(|path| path != "docs/SUMMARY.md");
    all.sort();
    assert_eq!(pages, all);
}

/// The most words of the README.
const MOST_WORDS: usize = 900;

#[test]
fn the_readme_is_read_in_five_minutes() {
    let words = read("README.md").split_whitespace().count();
    assert!(words <= MOST_WORDS, "{words} words");
}

/// The numbers in a text, `90,000` and `5.6` as they stand.
fn numbers(text: &str) -> BTreeSet<String> {
    let part = |letter: char| letter.is_ascii_digit() || ".,".contains(letter);
    text.split(|letter| !part(letter))
        .map(|word| word.trim_matches(['.', ',']).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn the_figures_that_the_readme_takes_from_the_architecture_stand_there() {
    let known = numbers(&read("ARCHITECTURE.md"));
    let mut checked = 0;
    for line in read("README.md").lines() {
        let cells: Vec<&str> = line.split(" | ").collect();
        let &[_, figure, place] = cells.as_slice() else {
            continue;
        };
        if place.contains("(ARCHITECTURE.md") {
            // The 86 of `x86-64` is no figure.
            let figure = figure.replace("x86-64", "");
            for number in numbers(&figure) {
                assert!(known.contains(&number), "{number} in: {line}");
                checked += 1;
            }
        }
    }
    assert!(checked > 3, "{checked}");
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
