//! The words in which a path answers.

use super::ROUTES;
use super::kind::{
    ABP_REST, ABP_TOKEN, AIDBOX, AIDBOX_TWO_FACTOR, AUTH0, AUTH0_DATABASE, CODEMAZE_TEXT, Kind,
};
use crate::domain::Dialect;
use crate::domain::issuer::Issuer;
use crate::wire::Words;

/// How a path words its refusals: as its route does. A path without a route uses the
/// words of the paths with the same beginning.
pub fn words_of(path: &str) -> &'static Words {
    let route = ROUTES.iter().find(|route| fits(path, route.path));
    route.map_or_else(|| words_of_unknown(path), |route| route.kind.words)
}

/// Whether a path matches a pattern. `{…}` in the pattern matches any part.
fn fits(path: &str, pattern: &str) -> bool {
    let (mut path, mut pattern) = (path.split('/'), pattern.split('/'));
    loop {
        match (path.next(), pattern.next()) {
            (None, None) => return true,
            (Some(part), Some(known)) if part == known || known.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// The words for paths without a route, by the beginning of the path.
const UNKNOWN_PATHS: [(&str, &Kind); 10] = [
    ("/dbconnections/", &AUTH0_DATABASE),
    ("/connect/", &ABP_TOKEN),
    ("/api/account/", &ABP_REST),
    ("/api/identity/", &ABP_REST),
    ("/api/two-factor-token/", &ABP_REST),
    ("/api/accounts/", &CODEMAZE_TEXT),
    ("/auth/two-factor/", &AIDBOX_TWO_FACTOR),
    ("/app/auth/two-factor/", &AIDBOX_TWO_FACTOR),
    ("/auth/", &AIDBOX),
    ("/app/auth/", &AIDBOX),
];

fn words_of_unknown(path: &str) -> &'static Words {
    let kind = match Issuer::of_path(path).dialect() {
        Some(Dialect::Abp) => &ABP_TOKEN,
        Some(Dialect::Aidbox) => &AIDBOX,
        _ => UNKNOWN_PATHS
            .iter()
            .find(|(beginning, _)| path.starts_with(beginning))
            .map_or(&AUTH0, |(_, kind)| *kind),
    };
    kind.words
}
