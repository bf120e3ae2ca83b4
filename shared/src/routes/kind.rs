//! What the routes of one kind share: the words of their refusals, and the dialect that
//! must be switched on.

use crate::domain::Dialect;
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
/// Auth0's calls for the directory of users.
pub(super) const AUTH0_DATABASE: Kind = of(Dialect::Auth0, &auth0::accounts::words::DATABASE_WORDS);
/// Auth0's calls for a code that is a first factor.
pub(super) const AUTH0_OTP: Kind = of(Dialect::Auth0, &auth0::accounts::words::OTP_WORDS);
pub(super) const AUTH0_PASSWORDLESS: Kind =
    of(Dialect::Auth0, &auth0::accounts::words::PASSWORDLESS_WORDS);
/// The endpoint of apps of the operator's own, which leads to a code without a browser.
pub(super) const FIRST_PARTY: Kind = of(
    Dialect::Auth0,
    &auth0::authorization::challenge_words::CHALLENGE_WORDS,
);
/// Auth0's My Account API.
pub(super) const AUTH0_MY_ACCOUNT: Kind =
    of(Dialect::Auth0, &auth0::factors::my_words::MY_ACCOUNT_WORDS);
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
/// A page where an app of Auth0's begins or signs out.
pub(super) const PAGE_OF_AUTH0: Kind = of(Dialect::Auth0, &PAGE_WORDS);
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
