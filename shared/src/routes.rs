//! Every route, one line each, under the function that serves it.

mod spelling;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{Method, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post};
use tower::Layer;
use tower::util::MapRequestLayer;

use crate::app::App;
use crate::domain::Dialect;
use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::keyring::Purpose;
use crate::wire::aidbox::pages;
use crate::wire::{Words, abp, aidbox, auth0, codemaze, failure, log, oauth};

/// A deployment unit. Not a use case: `/oauth/token` carries several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Passwords, codes and refresh tokens in, tokens out.
    Token,
    /// Factors and the sending of codes.
    SendCode,
    /// Verifies codes.
    Verify,
    /// Registers, confirms, resets and changes.
    Account,
    /// Adds, confirms and removes factors.
    Enroll,
    /// Publishes and makes keys.
    Keys,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Token,
        Self::SendCode,
        Self::Verify,
        Self::Account,
        Self::Enroll,
        Self::Keys,
    ];

    /// The name of its folder, its binary and its log lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::SendCode => "send-code",
            Self::Verify => "verify",
            Self::Account => "account",
            Self::Enroll => "enroll",
            Self::Keys => "keys",
        }
    }

    /// The data keys that it may open. `keys` publishes what stands in clear,
    /// and opens a data key only to make the first signing key.
    pub fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Token => &[Purpose::Tokens, Purpose::Seeds, Purpose::Signing],
            Self::SendCode => &[Purpose::Tokens],
            Self::Account => &[Purpose::Tokens, Purpose::Signing],
            Self::Verify | Self::Enroll => &[Purpose::Tokens, Purpose::Seeds],
            Self::Keys => &[],
        }
    }
}

/// A route: which function serves it, and the handler to open next.
pub struct Route {
    /// The function that serves it.
    pub function: Function,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: &'static str,
    handler: fn() -> MethodRouter<App>,
}

use Function::{Account, Enroll, Keys, SendCode, Token, Verify};

/// Every route of every function.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    on(Token,    Method::POST, "/oauth/token",        || post(auth0::token::token)),
    on(Token,    Method::POST, "/oauth/revoke",       || post(oauth::revocation)),
    on(Token,    Method::GET,  "/userinfo",           || get(oauth::userinfo)),
    on(Token,    Method::POST, "/userinfo",           || post(oauth::userinfo)),
    on(Token,    Method::POST, "/connect/token",      || post(abp::token::token)),
    on(Token,    Method::GET,  "/connect/userinfo",   || get(oauth::userinfo)),
    on(Token,    Method::POST, "/connect/userinfo",   || post(oauth::userinfo)),
    on(Token,    Method::GET,  "/auth/authorize",     || get(pages::authorize::show)),
    on(Token,    Method::POST, "/auth/authorize",     || post(pages::authorize::submit)),
    on(Token,    Method::GET,  "/auth/login",         || get(pages::sign_in::show)),
    on(Token,    Method::POST, "/auth/login",         || post(pages::sign_in::submit)),
    on(Token,    Method::POST, "/auth/logout",        || post(pages::sign_out::leave)),
    on(Token, Method::GET,  "/api/account/logout",    || get(abp::session::logout)),
    on(Token, Method::POST, "/abp/connect/token",     || post(abp::token::token)),
    on(Token, Method::POST, "/abp/oauth/revoke",      || post(oauth::revocation)),
    on(Token, Method::GET,  "/abp/userinfo",          || get(oauth::userinfo)),
    on(Token, Method::POST, "/abp/userinfo",          || post(oauth::userinfo)),
    on(Token, Method::GET,  "/abp/auth/authorize",    || get(pages::authorize::enter)),
    on(Token, Method::POST, "/aidbox/auth/token",     || post(aidbox::token::token)),
    on(Token, Method::POST, "/aidbox/oauth/revoke",   || post(oauth::revocation)),
    on(Token, Method::GET,  "/aidbox/userinfo",       || get(oauth::userinfo)),
    on(Token, Method::POST, "/aidbox/userinfo",       || post(oauth::userinfo)),
    on(Token, Method::GET,  "/aidbox/auth/authorize", || get(pages::authorize::enter)),
    on(SendCode, Method::GET,  "/mfa/authenticators", || get(auth0::mfa::authenticators)),
    on(SendCode, Method::POST, "/mfa/challenge",      || post(auth0::mfa::challenge)),
    on(SendCode, Method::GET,  "/api/account/two-factor-providers",  || get(abp::account::providers)),
    on(SendCode, Method::POST, "/api/account/send-two-factor-code",  || post(abp::account::send)),
    on(Verify,   Method::POST, "/api/two-factor-token/verify-two-factor-code", || post(abp::account::verify)),
    on(Verify,   Method::POST, "/mfa/verify",         || post(auth0::mfa::verify)),
    on(Enroll,   Method::POST,   "/mfa/associate",           || post(auth0::enrolment::associate)),
    on(Enroll,   Method::DELETE, "/mfa/authenticators/{id}", || delete(auth0::enrolment::remove)),
    on(Enroll,   Method::GET,    "/api/account/has-authenticator-key",     || get(abp::authenticator::has_key)),
    on(Enroll,   Method::GET,    "/api/account/authenticator-info",        || get(abp::authenticator::info)),
    on(Enroll,   Method::POST,   "/api/account/verify-authenticator-code", || post(abp::authenticator::verify)),
    on(Enroll,   Method::POST,   "/api/account/reset-authenticator",       || post(abp::authenticator::reset)),
    on(Enroll,   Method::GET,    "/api/account/my-profile/two-factor-enabled",     || get(abp::authenticator::enabled)),
    on(Enroll,   Method::GET,    "/api/account/my-profile/can-enable-two-factor",  || get(abp::authenticator::can_enable)),
    on(Enroll,   Method::POST,   "/api/account/my-profile/set-two-factor-enabled", || post(abp::authenticator::set_enabled)),
    on(Enroll,   Method::GET,    "/auth/two-factor",         || get(pages::two_factor::settings)),
    on(Enroll,   Method::GET,    "/auth/two-factor/enable",  || get(pages::two_factor::show_enable)),
    on(Enroll,   Method::POST,   "/auth/two-factor/enable",  || post(pages::two_factor::enable)),
    on(Enroll,   Method::GET,    "/auth/two-factor/disable", || get(pages::disable::show)),
    on(Enroll,   Method::POST,   "/auth/two-factor/disable", || post(pages::disable::submit)),
    on(Account, Method::GET,  "/auth/signup",                        || get(pages::sign_up::show)),
    on(Account, Method::POST, "/auth/signup",                        || post(pages::sign_up::submit)),
    on(Account, Method::GET,  "/auth/confirm",                       || get(pages::sign_up::show_confirm)),
    on(Account, Method::POST, "/auth/confirm",                       || post(pages::sign_up::confirm)),
    on(Account, Method::GET,  "/auth/forgot",                        || get(pages::reset::show_forgot)),
    on(Account, Method::POST, "/auth/forgot",                        || post(pages::reset::forgot)),
    on(Account, Method::GET,  "/auth/reset",                         || get(pages::reset::show_reset)),
    on(Account, Method::POST, "/auth/reset",                         || post(pages::reset::reset)),
    on(Account, Method::POST, "/api/account/register",               || post(abp::register::registered)),
    on(Account, Method::POST, "/api/account/login",                  || post(abp::register::login)),
    on(Account, Method::POST, "/api/account/send-password-reset-code",    || post(abp::password::send)),
    on(Account, Method::POST, "/api/account/verify-password-reset-token", || post(abp::password::verify)),
    on(Account, Method::POST, "/api/account/reset-password",         || post(abp::password::reset)),
    on(Account, Method::POST, "/api/account/send-email-confirmation-token",   || post(abp::confirmation::send_email)),
    on(Account, Method::POST, "/api/account/verify-email-confirmation-token", || post(abp::confirmation::verify_email)),
    on(Account, Method::POST, "/api/account/confirm-email",          || post(abp::confirmation::email)),
    on(Account, Method::POST, "/api/account/send-phone-number-confirmation-token", || post(abp::confirmation::send_phone)),
    on(Account, Method::POST, "/api/account/confirm-phone-number",   || post(abp::confirmation::phone)),
    on(Account, Method::GET,  "/api/account/confirmation-state",     || get(abp::confirmation::state)),
    on(Account, Method::GET,  "/api/account/my-profile",             || get(abp::profile::mine)),
    on(Account, Method::POST, "/api/account/my-profile/change-password", || post(abp::profile::password)),
    on(Account, Method::GET,  "/api/identity/users/by-username/{userName}", || get(abp::profile::by_user_name)),
    on(Account, Method::GET,  "/api/identity/users/by-email/{email}", || get(abp::profile::by_email)),
    on(Account, Method::GET,  "/api/identity/users/{id}",            || get(abp::profile::by_id)),
    on(Account, Method::POST, "/api/accounts/login",               || post(codemaze::login::login)),
    on(Account, Method::POST, "/api/accounts/twostepverification", || post(codemaze::login::two_step_verification)),
    on(Account, Method::POST, "/api/accounts/registration",        || post(codemaze::registration::registration)),
    on(Account, Method::GET,  "/api/accounts/emailconfirmation",   || get(codemaze::registration::email_confirmation)),
    on(Account, Method::POST, "/api/accounts/forgotpassword",      || post(codemaze::password::forgot)),
    on(Account, Method::POST, "/api/accounts/resetpassword",       || post(codemaze::password::reset)),
    on(Token,  Method::POST,   "/auth/token",    || post(aidbox::token::token)),
    on(Token,  Method::GET,    "/auth/userinfo", || get(aidbox::user::userinfo)),
    on(Token,  Method::DELETE, "/Session",       || delete(aidbox::user::session)),
    on(Enroll, Method::POST,   "/app/auth/two-factor/request", || post(aidbox::two_factor::request)),
    on(Enroll, Method::POST,   "/app/auth/two-factor/confirm", || post(aidbox::two_factor::confirm)),
    on(Enroll, Method::POST,   "/app/auth/two-factor/disable", || post(aidbox::two_factor::disable)),
    on(Enroll, Method::POST,   "/auth/two-factor/request",     || post(aidbox::two_factor::request)),
    on(Enroll, Method::POST,   "/auth/two-factor/confirm",     || post(aidbox::two_factor::confirm)),
    on(Keys, Method::GET, "/.well-known/openid-configuration",       || get(oauth::metadata)),
    on(Keys, Method::GET, "/.well-known/oauth-authorization-server", || get(oauth::metadata)),
    on(Keys, Method::GET, "/.well-known/jwks.json",                  || get(oauth::keys)),
    on(Keys, Method::GET, "/abp/.well-known/openid-configuration",          || get(oauth::metadata)),
    on(Keys, Method::GET, "/.well-known/oauth-authorization-server/abp",    || get(oauth::metadata)),
    on(Keys, Method::GET, "/abp/.well-known/jwks.json",                     || get(oauth::keys)),
    on(Keys, Method::GET, "/aidbox/.well-known/openid-configuration",       || get(oauth::metadata)),
    on(Keys, Method::GET, "/.well-known/oauth-authorization-server/aidbox", || get(oauth::metadata)),
    on(Keys, Method::GET, "/aidbox/.well-known/jwks.json",                  || get(oauth::keys)),
];

const fn on(
    function: Function,
    method: Method,
    path: &'static str,
    handler: fn() -> MethodRouter<App>,
) -> Route {
    Route {
        function,
        method,
        path,
        handler,
    }
}

/// The name of the function that serves a method and a path pattern: for a
/// method without a route (HEAD, or a wrong one) that of the path.
fn function_of(method: &Method, path: &str) -> &'static str {
    let on_path = || ROUTES.iter().filter(|route| route.path == path);
    let exact = on_path().find(|route| route.method == *method);
    let route = exact.or_else(|| on_path().next());
    route.map_or("none", |route| route.function.name())
}

/// What API Gateway, which compares paths letter by letter, hands over beside
/// `ROUTES`: ABP's and CodeMaze's paths in another spelling, to the function that
/// most of them belong to. That of another function is not found then.
#[rustfmt::skip]
pub const OTHER_SPELLINGS: &[(Function, Method, &str)] = &[
    (Token,   Method::GET,  "/connect/{proxy+}"),
    (Token,   Method::POST, "/connect/{proxy+}"),
    (Token,   Method::GET,  "/Connect/{proxy+}"),
    (Token,   Method::POST, "/Connect/{proxy+}"),
    (Token,   Method::GET,  "/abp/{proxy+}"),
    (Token,   Method::POST, "/abp/{proxy+}"),
    (Keys,    Method::GET,  "/abp/.well-known/{proxy+}"),
    (Verify,  Method::POST, "/api/two-factor-token/{proxy+}"),
    (Account, Method::GET,  "/api/{proxy+}"),
    (Account, Method::POST, "/api/{proxy+}"),
];

/// One of ABP's or CodeMaze's paths as `ROUTES` writes it. `None` for any other
/// path, and for one that is written so.
pub fn as_written(path: &str) -> Option<String> {
    let theirs = ROUTES.iter().map(|route| route.path).filter(|path| {
        let dialect = words_of(path).dialect;
        matches!(dialect, Dialect::Abp | Dialect::CodeMaze)
    });
    spelling::as_written(path, theirs)
}

/// A request for one of ABP's or CodeMaze's paths in another spelling, as one
/// for the path.
fn respelt(mut request: Request) -> Request {
    let uri = request.uri();
    let Some(mut path) = as_written(uri.path()) else {
        return request;
    };
    if let Some(query) = uri.query() {
        path = format!("{path}?{query}");
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path).ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

/// The router of these functions over one `App`.
pub fn router(app: &App, functions: &[Function]) -> Router {
    let logged = log::Logged {
        app: app.clone(),
        words_of,
        function_of,
    };
    let mut router = Router::new();
    let served = |route: &&Route| {
        let switched_on = |dialect| app.config.dialects.contains(&dialect);
        functions.contains(&route.function) && dialect_of(route.path).is_none_or(switched_on)
    };
    for route in ROUTES.iter().filter(served) {
        router = router.route(route.path, (route.handler)());
    }
    let router = router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), pages::theme::themed))
        .layer(from_fn_with_state(logged, log::logged))
        .with_state(app.clone());
    // Before a route is looked for, so around the router and no layer of it.
    let respelling = MapRequestLayer::new(respelt as fn(Request) -> Request);
    Router::new().fallback_service(respelling.layer(router))
}

/// The pages that stand in every deployment: an address is confirmed there and a
/// first factor set up by users whose app has no screen for that.
const PAGES_OF_ALL: [&str; 8] = [
    "/auth/login",
    "/auth/logout",
    "/auth/confirm",
    "/auth/forgot",
    "/auth/reset",
    "/auth/two-factor",
    "/auth/two-factor/enable",
    "/auth/two-factor/disable",
];

/// The dialect whose switch a path needs; none for plain OAuth 2.0 and OIDC,
/// which every dialect's clients use, and for the pages that all users have.
pub fn dialect_of(path: &str) -> Option<Dialect> {
    if let Some(dialect) = Issuer::of_path(path).dialect() {
        return Some(dialect);
    }
    let plain = path.starts_with("/.well-known/")
        || ["/userinfo", "/oauth/revoke"].contains(&path)
        || PAGES_OF_ALL.contains(&path);
    (!plain).then(|| words_of(path).dialect)
}

/// Where ABP's REST lies.
const ABP_REST: [&str; 3] = ["/api/account/", "/api/identity/", "/api/two-factor-token/"];

/// Where Aidbox's calls lie, beside `/Session`.
const AIDBOX: [&str; 2] = ["/auth/", "/app/auth/"];

/// Where its two-factor calls lie.
const AIDBOX_TWO_FACTOR: [&str; 2] = ["/auth/two-factor/", "/app/auth/two-factor/"];

/// How a path says no: the dialect that it belongs to, and that dialect's way.
pub fn words_of(path: &str) -> &'static Words {
    let of_issuer = Issuer::of_path(path).dialect();
    if pages::PATHS.contains(&path) {
        &pages::refusal::PAGE_WORDS
    } else if of_issuer == Some(Dialect::Abp) {
        &abp::refusal::TOKEN_WORDS
    } else if of_issuer == Some(Dialect::Aidbox) {
        &aidbox::refusal::JSON_WORDS
    } else if path.starts_with("/connect/") {
        &abp::refusal::TOKEN_WORDS
    } else if ABP_REST.iter().any(|prefix| path.starts_with(prefix)) {
        &abp::refusal::REST_WORDS
    } else if path == "/api/accounts/login" {
        &codemaze::refusal::LOGIN_WORDS
    } else if path == "/api/accounts/registration" {
        &codemaze::refusal::REGISTRATION_WORDS
    } else if path == "/api/accounts/resetpassword" {
        &codemaze::refusal::RESET_WORDS
    } else if path.starts_with("/api/accounts/") {
        &codemaze::refusal::TEXT_WORDS
    } else if AIDBOX_TWO_FACTOR
        .iter()
        .any(|prefix| path.starts_with(prefix))
    {
        &aidbox::refusal::TWO_FACTOR_WORDS
    } else if AIDBOX.iter().any(|prefix| path.starts_with(prefix)) || path == "/Session" {
        &aidbox::refusal::JSON_WORDS
    } else {
        &auth0::refusal::WORDS
    }
}

async fn unknown(State(app): State<App>, uri: Uri) -> Response {
    failure(
        words_of(uri.path()),
        Refusal::RouteUnknown.into(),
        app.clock.now(),
    )
}

async fn wrong_method(State(app): State<App>, uri: Uri) -> Response {
    failure(
        words_of(uri.path()),
        Refusal::MethodNotAllowed.into(),
        app.clock.now(),
    )
}
