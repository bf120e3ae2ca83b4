//! No files of a layer import each other in a circle. So a reader who goes down never
//! has to go up again.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::source::{code, sources};

/// The files that a file imports of its own layer.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The leaves of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn leaves(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((before, group)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap();
        found.push(format!("{prefix}{name}"));
        return;
    };
    let group = group.trim_end().strip_suffix('}').unwrap();
    let prefix = format!("{prefix}{before}");
    let (mut depth, mut from) = (0, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                leaves(&prefix, &group[from..at], found);
                from = at + 1;
            }
            _ => {}
        }
    }
    if !group[from..].trim().is_empty() {
        leaves(&prefix, &group[from..], found);
    }
}

/// Every path that the code names, with `use` or in full.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in code.split(';') {
        let statement = statement.trim_start();
        let public = statement.strip_prefix("pub ").unwrap_or(statement);
        if let Some(tree) = public.strip_prefix("use ") {
            leaves("", tree, &mut found);
        }
    }
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let path = code[at..].split(|of: char| !(of.is_alphanumeric() || "_:".contains(of)));
            found.extend(path.take(1).map(str::to_owned));
        }
    }
    found
}

/// The file's module: `shared/src/usecase/login/prove.rs` is `usecase::login::prove`.
fn module(path: &str, root: &str) -> String {
    let inner = path.strip_prefix(root).unwrap().trim_start_matches('/');
    let inner = inner.trim_end_matches(".rs").trim_end_matches("/mod");
    inner.replace('/', "::")
}

/// A path from the root of the crate. `None` for a path of another crate.
fn absolute(own: &str, path: &str) -> Option<String> {
    if let Some(rest) = path.strip_prefix("crate::") {
        return Some(rest.to_owned());
    }
    let (mut at, mut rest) = (own, path);
    while let Some(inner) = rest.strip_prefix("super::") {
        at = at.rsplit_once("::").map_or("", |(outer, _)| outer);
        rest = inner;
    }
    (rest.len() < path.len()).then(|| format!("{at}::{rest}").trim_matches(':').to_owned())
}

/// The imports inside this folder. A folder's `mod.rs` only re-exports, so it does not
/// count.
fn imports(root: &str, layer: &str) -> Imports {
    let files = sources(layer);
    let leaf = |path: &str| !path.ends_with("/mod.rs") && !path.ends_with("/lib.rs");
    let modules: BTreeSet<String> = files
        .iter()
        .filter(|(path, _)| leaf(path))
        .map(|(path, _)| module(path, root))
        .collect();
    let mut imports = Imports::new();
    for (path, text) in files.iter().filter(|(path, _)| leaf(path)) {
        let own = module(path, root);
        let named = paths(&code(text));
        let reached = named.iter().filter_map(|path| absolute(&own, path));
        let reached: BTreeSet<String> = reached
            .filter_map(|path| {
                let mut path = path.as_str();
                while !modules.contains(path) {
                    path = path.rsplit_once("::")?.0;
                }
                (path != own).then(|| path.to_owned())
            })
            .collect();
        imports.insert(own, reached);
    }
    imports
}

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

#[test]
fn no_file_of_a_layer_imports_in_a_circle() {
    let layers = [
        ("shared/src", "shared/src/usecase"),
        ("shared/src", "shared/src/store"),
        ("shared/src", "shared/src/wire"),
        ("shared/src", "shared/src/notify"),
        ("shared/src", "shared/src/keyring"),
        ("shared/src", "shared/src/config"),
        ("shared/domain/src", "shared/domain/src"),
        ("infra/local/src", "infra/local/src"),
        ("cli/src", "cli/src"),
    ];
    for (root, layer) in layers {
        let imports = imports(root, layer);
        assert!(imports.len() > 4, "{layer}");
        let arrows: usize = imports.values().map(BTreeSet::len).sum();
        assert!(arrows > 3, "{layer}: {arrows}");
        let circle = imports.keys().find_map(|from| circle(&imports, from));
        assert!(
            circle.is_none(),
            "{layer}: {}",
            circle.unwrap().join(" -> ")
        );
    }
}
