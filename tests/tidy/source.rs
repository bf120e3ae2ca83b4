//! The rules for the source: who may import whom, and what each file must have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use countersign::routes::{Function, ROUTES};

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a file of the workspace.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files with this ending under a folder of the workspace, as path and text. The
/// packages of other people are left out.
pub fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(workspace().join(folder));
    for entry in entries.unwrap_or_else(|error| panic!("{folder}: {error}")) {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if name == "node_modules" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            let text = read(&path);
            found.push((path, text));
        }
    }
    found
}

/// Every Rust file of the workspace.
pub fn rust_files() -> Vec<(String, String)> {
    let folders = [
        "shared",
        "functions",
        "cli",
        "infra",
        "examples",
        "tests",
        "models",
        "bench",
        "fuzz",
        "xtask",
    ];
    folders
        .iter()
        .flat_map(|folder| files(folder, ".rs"))
        .collect()
}

/// The code of a file: without comments and without the tests at its end.
pub fn code(text: &str) -> String {
    let end = text.find("\nmod tests {");
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The places where a word stands alone in the code.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    code.match_indices(word).filter_map(move |(at, _)| {
        let before = at.checked_sub(1).and_then(|at| code.as_bytes().get(at));
        let alone = !before.is_some_and(part);
        alone.then(|| code.get(at + word.len()..)).flatten()
    })
}

/// The identifier at the start of a text.
pub fn identifier(text: &str) -> &str {
    let end = text.find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    end.map_or(text, |end| text.split_at(end).0)
}

/// The files of the shared crate, without those that contain only tests.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let mut sources = files(folder, ".rs");
    sources.retain(|(path, _)| !path.ends_with("tests.rs"));
    sources
}

/// The modules of the crate that a file names: `crate::x`, `crate::{x, y}`,
/// and what its `super::` reaches beyond its own top module.
fn imports(path: &str, code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in words(code, "crate::") {
        match rest.strip_prefix('{') {
            None => {
                found.insert(identifier(rest).to_owned());
            }
            Some(group) => panic!("{path}: split `use crate::{{{}`", identifier(group)),
        }
    }
    // `super`, repeated as often as the file is deep, is the crate itself.
    let depth = path.matches('/').count() - 1 - usize::from(path.ends_with("/mod.rs"));
    let root = "super::".repeat(depth);
    if let Some(rest) = words(code, &root).next().filter(|_| depth > 0) {
        panic!("{path}: write crate:: for {root}{}", identifier(rest));
    }
    found
}

/// The top module of a file of `shared/src`: `store`, `routes` …
fn module(path: &str) -> &str {
    let inner = path.strip_prefix("shared/src/").unwrap();
    identifier(inner)
}

#[test]
fn imports_go_one_way_from_lambda_through_routes_wire_and_use_cases_to_the_domain() {
    let allowed = [
        (
            "lambda",
            "app clock config domain failure metrics notify routes usecase wire",
        ),
        ("openapi", "routes wire"),
        ("routes", "app domain keyring wire"),
        ("wire", "app clock domain failure metrics usecase"),
        ("usecase", "app domain failure keyring metrics notify store"),
        ("app", "clock config domain failure keyring notify store"),
        ("config", "domain notify"),
        ("keyring", "domain failure store"),
        ("store", "domain failure metrics"),
        ("notify", "domain metrics"),
        ("metrics", "domain"),
        ("failure", "domain"),
        ("clock", "domain"),
        ("lib", ""),
    ];
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources("shared/src") {
        let own = module(&path).to_owned();
        let mut imported = imports(&path, &code(&text));
        imported.remove(&own);
        found.entry(own).or_default().extend(imported);
    }
    for (module, allowed) in allowed {
        let imported: Vec<String> = found.remove(module).unwrap().into_iter().collect();
        assert_eq!(imported.join(" "), allowed, "what {module} imports");
    }
    assert!(found.is_empty(), "modules without a rule: {found:?}");
}

#[test]
fn aws_stands_only_in_the_modules_that_call_it() {
    let at_home = [
        "shared/src/store/",
        "shared/src/notify/",
        "shared/src/keyring/",
        "shared/src/config.rs",
        "shared/src/lambda.rs",
    ];
    let mut users = BTreeSet::new();
    for (path, text) in sources("shared/src") {
        let code = code(&text);
        let names_crate = |rest: &str| rest.trim_start_matches(identifier(rest)).starts_with("::");
        if words(&code, "aws_").any(names_crate) {
            let home = at_home.iter().find(|home| path.starts_with(**home));
            users.insert(home.unwrap_or_else(|| panic!("{path} knows AWS")));
        }
    }
    assert_eq!(users.len(), at_home.len(), "{users:?}");
}

/// The files of `shared/src` whose code contains this text.
fn holders(text: &str) -> Vec<String> {
    let all = sources("shared/src").into_iter();
    all.filter(|(_, file)| code(file).contains(text))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn only_one_file_knows_the_lambda_runtime_the_environment_and_the_clock() {
    assert_eq!(holders("lambda_http"), ["shared/src/lambda.rs"]);
    let environment = "shared/src/config/environment.rs";
    assert_eq!(holders("std::env"), [environment]);
    assert_eq!(holders("env::"), [environment]);
    assert_eq!(holders("SystemTime"), ["shared/src/clock.rs"]);
    assert_eq!(holders("Instant::"), ["shared/src/clock.rs"]);
}

#[test]
fn cargo_local_reads_no_environment_but_through_the_settings() {
    for (path, text) in sources("infra/local/src") {
        let code = code(&text);
        let reads = words(&code, "env::").find(|rest| rest.starts_with("var"));
        assert!(reads.is_none(), "{path} holds env::{:.30}", reads.unwrap());
    }
}

#[test]
fn the_domain_is_pure() {
    let known = [
        "aes",
        "argon2",
        "base64",
        "crate",
        "hmac",
        "md5",
        "sha1",
        "sha2",
        "std",
        "subtle",
        "super",
        "totp_rs",
        "unicode_normalization",
        "uuid",
        "zeroize",
    ];
    let impure = [
        "serde",
        "http::",
        "tokio",
        "axum",
        "tracing",
        "rand::",
        "aws_",
        "env::",
        "fs::",
        "io::",
        "process::",
        "thread::",
        "time::",
        "SystemTime",
        "Instant",
        "async fn",
        "now_v7",
        "new_v4",
        "println",
    ];
    let mut used = BTreeSet::new();
    for (path, text) in sources("shared/domain/src") {
        let code = code(&text);
        for word in impure {
            let found = words(&code, word).next();
            assert!(found.is_none(), "{path} holds {word}{:.30}", found.unwrap());
        }
        for line in code.lines().map(str::trim_start) {
            let line = line.strip_prefix("pub ").unwrap_or(line);
            if let Some(rest) = line.strip_prefix("use ") {
                used.insert(identifier(rest).to_owned());
            }
        }
    }
    assert_eq!(Vec::from_iter(used), known);
}

#[test]
fn every_file_says_first_what_it_is() {
    let stub = concat!("To be ", "written.");
    for (path, text) in rust_files() {
        assert!(text.starts_with("//! "), "{path} has no header");
        assert!(!text.contains(stub), "{path} is empty");
    }
}

#[test]
fn no_test_is_ignored_and_none_waits_for_time() {
    let (ignored, waits) = (concat!("#[", "ignore"), concat!("sle", "ep("));
    for (path, text) in rust_files() {
        assert!(!text.contains(ignored), "{path} ignores a test");
    }
    for (path, text) in files("tests", ".rs") {
        assert!(!text.contains(waits), "{path} sleeps");
    }
}

#[test]
fn no_two_routes_share_method_and_path() {
    let mut seen = BTreeSet::new();
    for route in ROUTES {
        let known = (route.method.as_str(), route.path);
        assert!(seen.insert(known), "{known:?} stands twice");
        assert!(Function::ALL.contains(&route.function), "{known:?}");
    }
}

#[test]
fn every_function_has_a_folder_with_a_binary_of_its_name_and_a_short_main() {
    let mut folders: Vec<String> = std::fs::read_dir(workspace().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut names = Function::ALL.map(Function::name);
    names.sort();
    assert_eq!(folders, names);
    for name in names {
        let manifest = read(&format!("functions/{name}/Cargo.toml"));
        assert!(manifest.contains(&format!("[package]\nname = \"{name}\"\n")));
        let main = read(&format!("functions/{name}/src/main.rs"));
        assert!(main.lines().count() <= 15, "{name}: {main}");
        let routes = ROUTES.iter().filter(|route| route.function.name() == name);
        assert_eq!(routes.count() > 0, name != "feedback", "{name}");
    }
}
