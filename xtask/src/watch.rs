//! Writes the router of `cargo lambda watch` in the workspace's manifest.

use countersign::routes::other_spellings::{OTHER_SPELLINGS, SpellingRoute};
use countersign::routes::{Function, ROUTES};

use crate::derived::between;

const MARKS: (&str, &str) = (
    "[workspace.metadata.lambda.watch.router]",
    "[workspace.lints.rust]",
);

/// The manifest with a router for these routes.
pub fn with_router(manifest: &str) -> Result<String, String> {
    let mut paths: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |path: String, method: &str, function: Function| {
        let name = function.name();
        let served = format!("{{ method = \"{method}\", function = \"{name}\" }}");
        match paths.iter_mut().find(|(known, _)| *known == path) {
            Some((_, all)) => all.push(served),
            None => paths.push((path, vec![served])),
        }
    };
    for SpellingRoute {
        function,
        method,
        path,
    } in OTHER_SPELLINGS
    {
        // cargo-lambda's router writes the rest of a path in this way.
        add(
            path.replace("{proxy+}", "{*proxy}"),
            method.as_str(),
            *function,
        );
    }
    for route in ROUTES {
        add(route.path.to_owned(), route.method.as_str(), route.function);
    }
    let lines = paths.into_iter();
    let lines = lines.map(|(path, served)| format!("\"{path}\" = [{}]\n", served.join(", ")));
    between(manifest, MARKS, &format!("{}\n", lines.collect::<String>()))
}
