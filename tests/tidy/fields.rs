//! Each parameter that a handler reads has a type in `wire/field_types.rs`:
//! JSON of another type is then refused, and never counts as absent.

use std::path::Path;

/// How a handler reads a parameter.
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
    let types = std::fs::read_to_string(wire.join("field_types.rs")).unwrap();
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
            assert!(known, "{} reads {name}: give it a type", path.display());
            read += 1;
        }
    }
    assert!(read > 100, "{read}");
}
