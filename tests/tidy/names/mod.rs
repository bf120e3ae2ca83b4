//! One name for one thing.

mod methods;

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::folders::scripts;
use crate::tidy::signatures::variants;
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
    let crates: [&[&str]; 3] = [
        &["shared/src", "shared/domain/src"],
        &["cli/src"],
        &["infra/local/src"],
    ];
    for (folders, least) in crates.into_iter().zip([200, 50, 30]) {
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (path, text) in folders.iter().flat_map(|folder| sources(folder)) {
            for name in types(&text) {
                places.entry(name).or_default().push(path.clone());
            }
        }
        assert!(places.len() > least, "{folders:?}: {}", places.len());
        places.retain(|_, places| places.len() > 1);
        assert_eq!(places, BTreeMap::new());
    }
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

/// Words with which the name of a file says no thing: participles and adverbs.
const EXCLUDED_AT_THE_END: [&str; 8] = [
    "asked",
    "beside",
    "done",
    "kept",
    "known",
    "remembered",
    "told",
    "typed",
];

/// Words with which the name of a file only says where its thing is, or what is not.
const EXCLUDED_AT_THE_START: [&str; 3] = ["after", "back", "not"];

/// Whether the name of a file, without its ending, is no verb and no noun.
fn names_no_thing(file: &str) -> bool {
    let name = file.split('.').next().unwrap_or_default();
    let name = words(name.strip_suffix("_tests").unwrap_or(name));
    let last = name.rsplit('_').next().unwrap_or_default();
    let first = name.split('_').next().unwrap_or_default();
    EXCLUDED_AT_THE_END.contains(&last) || EXCLUDED_AT_THE_START.contains(&first)
}

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
        assert!(!says_too_little(file) && !names_no_thing(file), "{path}");
        if path.ends_with(".rs") {
            for name in types(&text) {
                read += 1;
                assert!(!says_too_little(&name), "{path}: {name}");
            }
        }
    }
    assert!(read > 300, "{read}");
    assert!(says_too_little("two_step.rs") && says_too_little("TwoStepRequest"));
    for file in ["asked_tests.rs", "read_beside.rs", "back.rs", "not_done.rs"] {
        assert!(names_no_thing(file), "{file}");
    }
    assert!(!names_no_thing("kept_session.rs") && !names_no_thing("way_back.rs"));
    assert!(says_too_little("aidbox_findings.rs") && !says_too_little("LoginName"));
}

/// The names of the functions of a file, without its tests.
fn functions(text: &str) -> Vec<String> {
    let code = code(text);
    let mut found = Vec::new();
    let mut is_test = false;
    for line in code.lines().map(str::trim_start) {
        if line.starts_with("#[") {
            is_test |= line.ends_with("test]");
            continue;
        }
        let name = line.split_once("fn ").filter(|(before, _)| {
            let words = before.replace("pub(in ", "pub(");
            let mut words = words.split_whitespace();
            words.all(|word| word.starts_with("pub") || ["async", "const"].contains(&word))
        });
        if let Some((_, name)) = name.filter(|_| !is_test) {
            found.push(identifier(name).to_owned());
        }
        is_test = false;
    }
    found
}

#[test]
fn no_function_and_no_variant_is_named_for_when_it_happens_or_who_does_it() {
    let mut read = 0;
    for (path, text) in rust_files() {
        // The names of tests are sentences.
        if path.starts_with("tests/") || path.ends_with("tests.rs") {
            continue;
        }
        for name in functions(&text).into_iter().chain(variants(&text)) {
            read += 1;
            assert!(!says_too_little(&name), "{path}: {name}");
        }
    }
    assert!(read > 4000, "{read}");
    let text = "enum A {\n    /// Not Shown.\n    Completed(B),\n    Other { shown: C },\n}\n\
                pub(in crate::store) async fn has_shown() {}\n#[test]\nfn a_page_is_shown() {}\n";
    assert_eq!(functions(text), ["has_shown"]);
    assert_eq!(variants(text), ["Completed", "Other"]);
}

#[test]
fn the_third_system_is_codemaze_and_asp_net_is_only_where_users_come_from() {
    // The tables that an import reads are those of ASP.NET Core Identity.
    let of_imports = [
        "cli/src/import/",
        "shared/domain/src/accounts/foreign/",
        "checks/import/",
        "tests/operate/import/",
        "tests/tidy/names/mod.rs",
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
    // A method of a type is called with another text than a function, but a reader looks
    // both up by the same word.
    for folder in ["shared/src", "shared/domain/src"] {
        for (path, text) in sources(folder) {
            for name in public_methods(&text) {
                if let Some(places) = places.get_mut(&name) {
                    places.push(format!("{path}, a method"));
                }
            }
        }
    }
    places.retain(|_, places| places.len() > 1);
    assert_eq!(places, BTreeMap::new());
}

/// The public methods that a file defines, outside of tests.
fn public_methods(text: &str) -> Vec<String> {
    let code = code(text);
    let inner = code.lines().filter_map(|line| line.strip_prefix("    "));
    public_functions(&inner.map(str::trim_start).collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_function_and_a_method_are_told_apart() {
    let text = "pub(in crate::store) async fn read() {}\nimpl A {\n    pub const fn new() {}\n    \
                fn own() {}\n}\nmod tests {\n    pub fn no() {}\n}";
    assert_eq!(public_functions(text), ["read"]);
    assert_eq!(public_methods(text), ["new"]);
}

/// Which dialects' handlers import each file of the use cases: the file's path, and for
/// each importing file its dialect, or the file itself if it belongs to no dialect. Our
/// own pages belong to no dialect.
fn importers() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let use_cases = sources("shared/src/usecase");
    for (path, _) in &use_cases {
        found.entry(path.clone()).or_default();
    }
    let folders = ["shared/src", "cli/src", "infra/local/src", "functions"];
    for (path, text) in folders.iter().flat_map(|folder| sources(folder)) {
        let rest = path.strip_prefix("shared/src/wire/").unwrap_or_default();
        let dialect = rest.split_once('/').map(|(folder, _)| folder);
        let of_dialect = dialect.filter(|name| SYSTEMS.contains(name) && !rest.contains("/pages/"));
        let importer = of_dialect.map_or(path.clone(), str::to_owned);
        let code = code(&text);
        for word in ["crate::usecase::", "countersign::usecase::"] {
            for rest in code.split(word).skip(1) {
                let end = rest.find(|letter: char| {
                    !(letter.is_ascii_alphanumeric() || letter == '_' || letter == ':')
                });
                let mut name = &rest[..end.unwrap_or(rest.len())];
                // The path may go on with an item of the file.
                loop {
                    let file = format!("shared/src/usecase/{}.rs", name.replace("::", "/"));
                    if let Some(found) = found.get_mut(&file) {
                        found.insert(importer.clone());
                        break;
                    }
                    match name.rsplit_once("::") {
                        Some((before, _)) => name = before,
                        None => break,
                    }
                }
            }
        }
    }
    found
}

/// The systems whose clients the service answers in the words of.
const SYSTEMS: [&str; 4] = ["auth0", "abp", "codemaze", "aidbox"];

#[test]
fn a_use_case_of_one_system_only_has_the_systems_name() {
    let mut named = 0;
    for (path, importers) in importers() {
        let file = path.rsplit('/').next().unwrap();
        let system = file.split('_').next().unwrap();
        let only = match Vec::from_iter(&importers)[..] {
            [only] if SYSTEMS.contains(&only.as_str()) => Some(only.as_str()),
            _ => None,
        };
        let says = SYSTEMS.contains(&system).then_some(system);
        if says.is_some() {
            named += 1;
        }
        assert!(only.is_none() || only == says, "{path}: {importers:?}");
        // Another system's handlers do not import a file that says whose it is.
        let others = importers
            .iter()
            .filter(|importer| SYSTEMS.contains(&importer.as_str()));
        let foreign = others.filter(|other| says.is_some_and(|says| says != *other));
        assert_eq!(foreign.count(), 0, "{path}: {importers:?}");
    }
    assert!(named > 8, "{named}");
}

#[test]
fn a_use_case_and_the_tool_ask_what_a_dialect_is_and_never_name_one() {
    let asking = [
        "shared/src/usecase",
        "cli/src",
        "functions",
        "bench/src",
        "xtask/src",
    ];
    for (path, text) in asking.iter().flat_map(|folder| sources(folder)) {
        let code = code(&text);
        let named: Vec<&str> = code
            .lines()
            .filter(|line| line.contains("Dialect::"))
            .collect();
        assert!(named.is_empty(), "{path}: {named:?}");
    }
}

#[test]
fn only_the_domain_says_what_follows_from_the_name_of_a_dialect() {
    let mut stated = 0;
    let folders = ["shared/src", "infra/local/src"];
    for (path, text) in folders.iter().flat_map(|folder| sources(folder)) {
        // Here the routes and the words of a dialect state whose they are.
        if path == "shared/src/routes/kind.rs" {
            continue;
        }
        for line in code(&text).lines().map(str::trim) {
            let systems = ["Auth0", "Abp", "CodeMaze", "Aidbox"];
            let named = systems.map(|name| format!("Dialect::{name}"));
            if named.iter().any(|name| line.contains(name)) {
                stated += 1;
                assert!(line.starts_with("dialect: Dialect::"), "{path}: {line}");
            }
        }
    }
    assert!(stated >= 10, "{stated}");
}
