//! What the routes of one kind share: the words of their refusals, and the dialect that
//! must be switched on.

use super::ROUTES;
use crate::domain::Dialect;
use crate::domain::issuer::Issuer;
use crate::wire::aidbox::pages::refusal::PAGE_WORDS;
use crate::wire::{Words, abp, aidbox, auth0, codemaze};

/// A kind of routes.
pub struct Kind {
    /// How such a route words its refusals.
    pub words: &'static Words,
    /// The dialect that must be switched on. `None` for plain OAuth 2.0 and OIDC, which
    /// clients of every dialect use, and for the pages that every deployment has.
    pub switch: Option<Dialect>,
}

pub(super) const AUTH0: Kind = of(Dialect::Auth0, &auth0::refusal::WORDS);
/// Plain OAuth 2.0 and OIDC at the plain issuer.
pub(super) const PLAIN: Kind = Kind {
    words: &auth0::refusal::WORDS,
    switch: None,
};
pub(super) const ABP_TOKEN: Kind = of(Dialect::Abp, &abp::refusal::TOKEN_WORDS);
pub(super) const ABP_REST: Kind = of(Dialect::Abp, &abp::refusal::REST_WORDS);
pub(super) const CODEMAZE_LOGIN: Kind = of(Dialect::CodeMaze, &codemaze::refusal::LOGIN_WORDS);
pub(super) const CODEMAZE_TEXT: Kind = of(Dialect::CodeMaze, &codemaze::refusal::TEXT_WORDS);
pub(super) const CODEMAZE_REGISTRATION: Kind =
    of(Dialect::CodeMaze, &codemaze::refusal::REGISTRATION_WORDS);
pub(super) const CODEMAZE_RESET: Kind = of(Dialect::CodeMaze, &codemaze::refusal::RESET_WORDS);
pub(super) const AIDBOX: Kind = of(Dialect::Aidbox, &aidbox::refusal::JSON_WORDS);
pub(super) const AIDBOX_TWO_FACTOR: Kind = of(Dialect::Aidbox, &aidbox::refusal::TWO_FACTOR_WORDS);
pub(super) const PAGE: Kind = of(Dialect::Aidbox, &PAGE_WORDS);
/// The page where an app that uses ABP's issuer begins.
pub(super) const PAGE_OF_ABP: Kind = of(Dialect::Abp, &PAGE_WORDS);
/// A page that every deployment has. Users whose app has no screen for it confirm an
/// address there, or set up their first factor.
pub(super) const PAGE_OF_ALL: Kind = Kind {
    words: &PAGE_WORDS,
    switch: None,
};

const fn of(dialect: Dialect, words: &'static Words) -> Kind {
    Kind {
        words,
        switch: Some(dialect),
    }
}

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
const UNKNOWN_PATHS: [(&str, &Kind); 9] = [
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
