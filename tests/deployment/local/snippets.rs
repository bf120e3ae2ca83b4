//! The snippets for a devcontainer and for GitHub Actions name what is there.

use clap::Parser;
use countersign_local::options::Options;
use serde_json::{Value, json};

use crate::harness::deployment::binary::binary;
use crate::tidy::source::{read, workspace};

/// The block of this language after this heading.
fn block(heading: &str, language: &str) -> String {
    let page = read("docs/testing-your-app.md");
    let (_, section) = page.split_once(heading).unwrap();
    let (_, block) = section.split_once(&format!("```{language}\n")).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// The options that a command line gives the service.
fn options(line: &str) -> Options {
    let (_, options) = line.split_once("local").unwrap();
    let options = options.split_whitespace();
    let options = options.take_while(|word| word.starts_with("--"));
    Options::parse_from(["countersign"].into_iter().chain(options))
}

#[test]
fn the_devcontainer_builds_the_service_and_forwards_its_ports() {
    let snippet: Value = serde_json::from_str(&block("## In a devcontainer", "json")).unwrap();
    let start = snippet["postAttachCommand"].as_str().unwrap();
    assert!(start.starts_with("cargo local"), "{start}");
    let Options {
        port, https_port, ..
    } = options(start);
    assert_eq!(snippet["forwardPorts"], json!([port, https_port]));
    for port in [port, https_port] {
        let attributes = &snippet["portsAttributes"][port.to_string()];
        assert_eq!(attributes["requireLocalPort"], true, "{port}");
    }
    let build = snippet["postCreateCommand"].as_str().unwrap();
    assert!(build.ends_with("cargo build --locked --package countersign-local"));
}

#[test]
fn the_workflow_starts_the_binary_that_its_build_leaves_and_waits_for_what_it_says() {
    let snippet = block("## In GitHub Actions", "yaml");
    let line = |words: &str| {
        let found = snippet.lines().find(|line| line.contains(words));
        found.unwrap_or_else(|| panic!("no line has {words}"))
    };
    line("run: cargo build --locked --package countersign-local");
    let built = binary("countersign-local");
    let start = line("./target/debug/countersign-local");
    assert!(built.ends_with("debug/countersign-local"), "{built:?}");
    let Options { memory, port, .. } = options(start.split_once("debug/countersign-").unwrap().1);
    assert!(memory);
    line(&format!("http://127.0.0.1:{port} "));
    line(r#"grep -q "^ready""#);
    assert!(workspace().join("Cargo.lock").is_file());
}
