//! Each parameter that a handler reads has a type, because the handler documents it or
//! `wire/field_types.rs` names it. So JSON of another type is refused, and never counts as
//! absent.

use std::path::Path;

/// The methods that handlers read a parameter with.
const READERS: [&str; 8] = [
    "get",
    "secret",
    "required",
    "required_secret",
    "get_any_case",
    "secret_any_case",
    "required_any_case",
    "required_secret_any_case",
];

/// The names that a source reads as parameters, in lower case.
fn names(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for reader in READERS {
        let call = format!(".{reader}(\"");
        for after in source.split(&call).skip(1) {
            let (name, _) = after.split_once('"').unwrap();
            names.push(name.to_ascii_lowercase());
        }
    }
    names
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn each_parameter_that_a_handler_reads_has_a_type() {
    let wire = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/wire");
    let types = ["field_types.rs", "documented_fields.rs"];
    let types = types.map(|name| std::fs::read_to_string(wire.join(name)).unwrap());
    let types = types.concat();
    let mut found = Vec::new();
    sources(&wire, &mut found);
    let mut read = 0;
    for path in found {
        let skipped = ["fields_tests.rs", "task.rs"].map(|name| path.ends_with(name));
        if skipped.contains(&true) {
            continue;
        }
        for name in names(&std::fs::read_to_string(&path).unwrap()) {
            let known = types.contains(&format!("\"{name}\""));
            assert!(known, "{} reads {name}: document it", path.display());
            read += 1;
        }
    }
    assert!(read > 100, "{read}");
}

/// The methods that read a parameter by its exact name.
const EXACT: [&str; 5] = ["get", "secret", "required", "required_secret", "list"];

/// The folders whose handlers read parameters by their exact names, and the lists that
/// must have these names: those of `wire/field_names.rs`, and what the routes of a shape
/// document.
const LISTED: [(&str, &[&str]); 7] = [
    ("grants.rs", &["OAUTH"]),
    ("credentials.rs", &["OAUTH"]),
    ("oauth", &["OAUTH"]),
    ("abp", &["OAUTH"]),
    (
        "auth0",
        &[
            "OAUTH",
            "AUTH0",
            "Shape::Auth0",
            "Shape::Auth0Database",
            "Shape::Auth0MyAccount",
        ],
    ),
    ("aidbox", &["AIDBOX", "Shape::AidboxTwoFactor"]),
    ("aidbox/pages", &["PAGES", "Shape::AidboxPage"]),
];

fn exact_names(source: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for reader in EXACT {
        let call = format!(".{reader}(\"");
        let after = source.split(&call).skip(1);
        names.extend(after.map(|after| after.split('"').next().unwrap()));
    }
    names
}

#[test]
fn each_parameter_that_is_read_by_its_exact_name_is_known_to_those_that_are_nearly_it() {
    let wire = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/wire");
    let texts = ["documented_fields.rs", "field_names.rs"];
    let texts = texts.map(|name| std::fs::read_to_string(wire.join(name)).unwrap());
    let texts = texts.concat();
    let list = |name: &str| {
        let (head, open) = match name.starts_with("Shape::") {
            true => (format!("{name} => "), "&["),
            false => (format!("const {name}: "), "= ["),
        };
        let begin = texts.split(&head).nth(1).unwrap();
        let (_, names) = begin.split_once(open).unwrap();
        names.split(']').next().unwrap()
    };
    let mut read = 0;
    for (place, lists) in LISTED {
        let path = wire.join(place);
        let mut found = Vec::new();
        match path.is_dir() {
            true => sources(&path, &mut found),
            false => found.push(path),
        }
        for path in found {
            let page = path.to_string_lossy().contains("/aidbox/pages/");
            if page != (place == "aidbox/pages") {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let (source, _) = source.split_once("#[cfg(test)]").unwrap_or((&source, ""));
            for name in exact_names(source) {
                let known = lists
                    .iter()
                    .any(|of| list(of).contains(&format!("\"{name}\"")));
                assert!(
                    known,
                    "{} reads {name}: document it; {lists:?}",
                    path.display()
                );
                read += 1;
            }
        }
    }
    assert!(read > 80, "{read}");
}
