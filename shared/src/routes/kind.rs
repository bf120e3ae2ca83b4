//! What routes of one kind share: the words in which they say no, and the
//! dialect that must be switched on.

use super::ROUTES;
use crate::domain::Dialect;
use crate::domain::issuer::Issuer;
use crate::wire::aidbox::pages::refusal::PAGE_WORDS;
use crate::wire::{Words, abp, aidbox, auth0, codemaze};

/// A kind of routes.
pub struct Kind {
    /// How such a route says no.
    pub words: &'static Words,
    /// The dialect that must be switched on. None for plain OAuth 2.0 and OIDC,
    /// which every dialect's clients use, and for the pages that all users have.
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
/// The page where an app of ABP's issuer begins.
pub(super) const PAGE_OF_ABP: Kind = of(Dialect::Abp, &PAGE_WORDS);
/// A page that stands in every deployment: users whose app has no screen for it
/// confirm an address there and set up their first factor.
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

/// How a path says no: as its route does, or, if it is no route's, as the paths
/// around it do.
pub fn words_of(path: &str) -> &'static Words {
    let route = ROUTES.iter().find(|route| fits(path, route.path));
    route.map_or_else(|| words_around(path), |route| route.kind.words)
}

/// Whether a path is one of a pattern, in which `{…}` stands for any part.
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

/// What a path that is no route's begins with, and how it says so.
const AROUND: [(&str, &Kind); 9] = [
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

fn words_around(path: &str) -> &'static Words {
    let kind = match Issuer::of_path(path).dialect() {
        Some(Dialect::Abp) => &ABP_TOKEN,
        Some(Dialect::Aidbox) => &AIDBOX,
        _ => AROUND
            .iter()
            .find(|(beginning, _)| path.starts_with(beginning))
            .map_or(&AUTH0, |(_, kind)| *kind),
    };
    kind.words
}
