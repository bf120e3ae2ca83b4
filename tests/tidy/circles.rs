//! No files of a crate import each other in a circle. So a reader who goes down never
//! has to go up again.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::imports::Files;

/// The files that each file imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The path from this file back to itself, if there is one.
fn circle(imports: &Imports, from: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![from.to_owned()]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        for next in imports.get(way.last().unwrap()).into_iter().flatten() {
            let mut longer = way.clone();
            longer.push(next.clone());
            if next == from {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.push(longer);
            }
        }
    }
    None
}

fn circles(imports: &Imports) -> Vec<String> {
    let circles = imports.keys().filter_map(|from| circle(imports, from));
    circles.map(|way| way.join(" -> ")).collect()
}

/// The imports of a crate of these files.
fn of(files: &[(&str, &str)]) -> Imports {
    let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
    Files::from_texts(files.iter().map(owned)).imports()
}

#[test]
fn no_file_of_a_crate_imports_in_a_circle() {
    // Each crate with its layers, and the least number of imports among its files.
    let shared = [
        "config", "keyring", "lambda", "notify", "openapi", "routes", "store", "usecase", "wire",
    ];
    let crates = [
        ("shared/src", &shared[..], 1000),
        ("shared/domain/src", &["login", "factors"], 100),
        ("infra/local/src", &["seed", "stand_in", "storage"], 50),
        ("cli/src", &["import", "export", "upkeep"], 100),
        ("xtask/src", &[], 5),
        ("tests", &["harness", "operate", "tidy"], 300),
    ];
    for (root, layers, least) in crates {
        let imports = Files::of(root).imports();
        let arrows: usize = imports.values().map(BTreeSet::len).sum();
        assert!(arrows > least, "{root}: {arrows}");
        for &layer in layers {
            let inside = |name: &String| name.split("::").next() == Some(layer);
            let arrows = imports.iter().filter(|(name, _)| inside(name));
            let mut arrows = arrows.flat_map(|(_, others)| others);
            assert!(arrows.any(inside), "{layer}");
        }
        assert_eq!(circles(&imports), [""; 0], "{root}");
    }
}

#[test]
fn a_circle_is_found_however_the_path_is_written() {
    let parent = "pub mod b;\npub use self::b::B;\npub struct A;\n";
    let ways = [
        "use crate::a::A;",
        "use super::A;",
        "use crate::a::{self, A as Other};\nfn f() -> a::A {}",
        "pub(crate) use super::{\n    A,\n};",
        "fn f() -> super::A {}",
        "use crate::a as other;\nfn f() -> other::A {}",
        "use crate::again::A;",
    ];
    for way in ways {
        for file in ["a.rs", "a/mod.rs"] {
            let again = ("again.rs", "pub use crate::a::A;");
            let found = circles(&of(&[(file, parent), ("a/b.rs", way), again]));
            assert_eq!(found, ["a -> a::b -> a", "a::b -> a -> a::b"], "{way}");
        }
    }
    // A path from the own module, without `self`.
    let found = circles(&of(&[
        ("a.rs", "use b::B;\npub struct A;"),
        ("a/b.rs", "use super::A;"),
    ]));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_name_from_a_re_export_is_imported_from_the_file_that_defines_it() {
    let imports = of(&[
        ("a/mod.rs", "mod b;\nmod c;\npub use b::B;\npub use c::C;"),
        ("a/b.rs", "pub struct B;"),
        (
            "a/c.rs",
            "use crate::a::B;\nuse std::fmt;\nfn f() -> fmt::Result {}",
        ),
    ]);
    assert_eq!(imports["a::c"], BTreeSet::from(["a::b".to_owned()]));
    assert_eq!(circles(&imports), [""; 0]);
}
