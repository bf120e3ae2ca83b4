//! No files of a crate import each other in a circle, or call each other's methods in a
//! circle. So a reader who goes down never has to go up again.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::imports::{Files, inner_sources, module_name};
use crate::tidy::methods::{calls, definitions};
use crate::tidy::source::{code, sources};

/// The files that each file imports, or whose methods it calls.
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

/// The imports and the calls of a crate of these files. A name that a file `beside` the
/// crate defines too says nothing.
fn needs(files: Vec<(String, String)>, beside: &[String]) -> Imports {
    let own: Vec<String> = files.iter().map(|(_, text)| code(text)).collect();
    let names = definitions(own.iter().chain(beside).map(String::as_str));
    let by_module = files
        .iter()
        .map(|(path, text)| (module_name(path), text.clone()));
    let calls = calls(&by_module.collect::<Vec<_>>(), &names);
    let mut needs = Files::from_texts(files.into_iter()).imports();
    for (own, others) in calls {
        needs.entry(own).or_default().extend(others);
    }
    needs
}

/// The imports and the calls of a crate of these files.
fn of(files: &[(&str, &str)]) -> Imports {
    let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
    needs(files.iter().map(owned).collect(), &[])
}

#[test]
fn no_file_of_a_crate_imports_or_calls_in_a_circle() {
    // Each crate with its layers, and the least number of imports among its files.
    let shared = [
        "config", "keyring", "lambda", "notify", "openapi", "routes", "store", "usecase", "wire",
    ];
    let crates = [
        ("shared/src", &shared[..], 1000),
        (
            "shared/domain/src",
            &[
                "accounts",
                "authorization",
                "factors",
                "login",
                "messages",
                "sessions",
            ],
            400,
        ),
        ("infra/local/src", &["seed", "stand_in", "storage"], 50),
        ("cli/src", &["import", "export", "upkeep"], 100),
        ("xtask/src", &[], 5),
        ("bench/src", &["measure"], 30),
        ("models", &["login", "sends"], 10),
        ("examples/protected-api/src", &[], 0),
        ("fuzz", &[], 0),
        ("tests", &["harness", "operate", "tidy"], 300),
    ];
    for (root, layers, least) in crates {
        let others = ["shared/src", "shared/domain/src"].into_iter();
        let beside = others.filter(|other| *other != root).flat_map(sources);
        let beside: Vec<String> = beside.map(|(_, text)| code(&text)).collect();
        let imports = needs(inner_sources(root), &beside);
        let arrows: usize = imports.values().map(BTreeSet::len).sum();
        assert!(arrows >= least, "{root}: {arrows}");
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
fn a_circle_through_the_methods_of_a_type_is_found() {
    let by_import = "use crate::config::reader::Reader;\n";
    let above = format!(
        "{by_import}impl Reader<'_> {{\n    fn wanted(&self) {{}}\n    \
                         fn read(&self) {{ self.names(); }}\n}}\n"
    );
    let below = format!(
        "{by_import}impl Reader<'_> {{\n    pub fn names(&self) {{\n        \
                         self.wanted();\n    }}\n}}\n"
    );
    let reader = ("config/reader.rs", "pub struct Reader<'a>;");
    let files = [
        ("config/above.rs", &*above),
        ("config/below.rs", &*below),
        reader,
    ];
    let found = circles(&of(&files));
    assert_eq!(
        found,
        [
            "config::above -> config::below -> config::above",
            "config::below -> config::above -> config::below"
        ]
    );
    // A name that is defined twice, and a trait's method, say nothing.
    let twice = ("config/twice.rs", "fn wanted() {}\n");
    assert_eq!(circles(&of(&[files[0], files[1], reader, twice])), [""; 0]);
    let of_trait = above.replace("impl Reader", "impl Read for Reader");
    let files = [
        ("config/above.rs", &*of_trait),
        ("config/below.rs", &*below),
        reader,
    ];
    assert_eq!(circles(&of(&files)), [""; 0]);
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
