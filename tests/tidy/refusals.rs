//! Each dialect answers every refusal and every next step that its calls can meet.

use std::collections::BTreeSet;

use crate::tidy::source::{code, files, identifier, read, words};

/// The variants of an enum in this text.
fn variants<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let head = format!("pub enum {name} {{");
    let list = text.split(&head).nth(1).unwrap();
    let list = list.split("\n}").next().unwrap();
    list.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(identifier)
        .collect()
}

#[test]
fn every_dialect_answers_every_refusal_by_name() {
    // Each list, and the dialects that must answer it.
    let all = ["abp", "aidbox", "aidbox/pages", "auth0", "codemaze"];
    let enrolling = ["abp", "aidbox", "aidbox/pages", "auth0"];
    let lists = [
        ("Refusal", "refusal", &all[..]),
        (
            "TokenRefusal",
            "authorization/token_refusal",
            &["abp", "aidbox", "auth0"],
        ),
        ("EnrolmentRefusal", "factors/enrolment_refusal", &enrolling),
        (
            "AccountRefusal",
            "accounts/refusals/account_refusal",
            &["abp", "aidbox/pages", "auth0", "codemaze"],
        ),
        (
            "ActionRefusal",
            "accounts/refusals/action_refusal",
            &["abp", "aidbox/pages", "codemaze"],
        ),
        (
            "ProfileRefusal",
            "accounts/refusals/profile_refusal",
            &["abp"],
        ),
        (
            "AdministrationRefusal",
            "accounts/refusals/administration_refusal",
            &["abp"],
        ),
        (
            "ConnectionRefusal",
            "accounts/refusals/connection_refusal",
            &["auth0"],
        ),
        // The words of RFC 9449 are the same in every dialect (`wire/key_proof.rs`).
        ("ProofRefusal", "authorization/proof_refusal", &[]),
        (
            "PageRefusal",
            "authorization/page_refusal",
            &["aidbox/pages", "auth0"],
        ),
    ];
    for (name, file, who) in lists {
        let text = read(&format!("shared/domain/src/{file}.rs"));
        let variants = variants(&text, name);
        assert!(!variants.is_empty(), "{name}");
        let answers = |code: &str| words(code, &format!("{name}::")).next().is_some();
        let mut answering = Vec::new();
        for (path, text) in files("shared/src/wire", "refusal.rs") {
            let code = code(&text);
            if !answers(&code) {
                continue;
            }
            let folder = path.strip_prefix("shared/src/wire/").unwrap();
            answering.push(folder.strip_suffix("/refusal.rs").unwrap().to_owned());
            for variant in &variants {
                let name = format!("{name}::{variant}");
                let answered = words(&code, &name).any(|rest| identifier(rest).is_empty());
                assert!(answered, "{path} does not name {name}");
            }
        }
        answering.sort();
        assert_eq!(answering, who, "{name}");
    }
    let next = variants(&read("shared/domain/src/login/next_step.rs"), "NextStep").len();
    let answers: Vec<(String, String)> = files("shared/src/wire", ".rs")
        .into_iter()
        .filter(|(path, _)| {
            let name = path.rsplit('/').next();
            matches!(name, Some("next_step.rs" | "next_page.rs"))
        })
        .collect();
    assert_eq!(answers.len(), all.len());
    for (path, text) in &answers {
        let named: BTreeSet<&str> = words(text, "NextStep::").map(identifier).collect();
        assert_eq!(named.len(), next, "{path}");
    }
    for (path, text) in files("shared/src/wire", "refusal.rs")
        .into_iter()
        .chain(answers)
    {
        let code = code(&text);
        for line in code.lines() {
            let Some((pattern, _)) = line.split_once("=>") else {
                continue;
            };
            // `_` and `other`, also with a condition, match everything that is left.
            let first = pattern.split_whitespace().next().unwrap_or_default();
            let catches = first == identifier(first)
                && first.starts_with(|first: char| first.is_lowercase() || first == '_');
            assert!(!catches, "{path} catches all: {line}");
        }
    }
}
