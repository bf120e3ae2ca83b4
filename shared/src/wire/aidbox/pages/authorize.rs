//! `GET /auth/authorize` (RFC 6749 3.1).

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use url::form_urlencoded::Serializer;

use super::document::AuthorizeQuery;
use super::page::{go_to, redirect, refused};
use super::request::{ISSUER, Journey, asked};
use super::{answer, cookie};
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::Caller;
use crate::usecase::authorize::{Addressee, Authorization, addressee, authorize};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// Takes `client_id`, `response_type` (`token` or `code`), and perhaps
/// `redirect_uri`, `state`, `scope`, `audience`, `nonce`, `prompt`,
/// `code_challenge` with `code_challenge_method=S256`. Gives 302 to the redirect
/// URI with the token in its fragment or the code in its query, or with `error`
/// (RFC 6749 4.1.2.1); `iss` (RFC 9207) and `state` stand beside either. 303 to
/// the sign-in page if nobody is signed in. An unknown client or redirect URI
/// is answered by a page.
#[utoipa::path(
    get, path = "/auth/authorize",
    summary = "Sends the browser back to an app with a token or a code (RFC 6749 3.1).",
    params(AuthorizeQuery),
    responses(
        (status = 302, description = "To the redirect URI, with `access_token` in its fragment, `code` in its query, or `error`; `iss` and `state` beside them."),
        (status = 303, description = "To the sign-in."),
    ),
    security((), ("session" = [])),
)]
pub async fn show(State(app): State<App>, input: Input) -> Response {
    answer(&input, answered(&app, &input).await)
}

async fn answered(app: &App, input: &Input) -> Result<Response, Failure> {
    let query = input.query()?;
    let asked = asked(query);
    let to = addressee(app, &input.caller, &asked).await?;
    let prompt = query.get("prompt");
    let cookie = match prompt {
        Some("login") => None,
        _ => cookie::read(&input.headers, cookie::SESSION),
    };
    let issuer = issuer(app, query);
    let back = Back {
        app,
        to: &to,
        query,
        issuer,
    };
    let caller = Caller {
        issuer,
        ..input.caller.clone()
    };
    match authorize(app, &caller, &to, &asked, cookie).await {
        Ok(Authorization::Tokens(tokens)) => back.fragment(&[
            ("access_token", tokens.access_token.expose()),
            ("token_type", "Bearer"),
            ("expires_in", &tokens.expires_in.to_string()),
            ("scope", &tokens.scope),
        ]),
        Ok(Authorization::Code(code)) => back.query(&[("code", code.expose())]),
        Err(Failure::Refused(Refusal::SignInRequired)) if prompt != Some("none") => {
            Ok(go_to(&Journey::of(app, input).await?.path("/auth/login"))?)
        }
        Err(Failure::Refused(refusal)) => {
            let response = back.error(&refusal)?;
            Ok(refused(response, &refusal, input.caller.now))
        }
        Err(broken) => Err(broken),
    }
}

/// The way back to a client.
struct Back<'a> {
    app: &'a App,
    to: &'a Addressee,
    query: &'a Fields,
    issuer: Issuer,
}

/// The issuer that the request names, if its dialect is switched on.
fn issuer(app: &App, query: &Fields) -> Issuer {
    let named = Issuer::named(query.get(ISSUER).unwrap_or_default());
    let served = |dialect| app.config.dialects.contains(&dialect);
    named
        .dialect()
        .filter(|dialect| served(*dialect))
        .map(|_| named)
        .unwrap_or_default()
}

/// `GET /abp/auth/authorize` and its like: the authorization endpoint of a
/// dialect's own issuer, which the pages carry along in their query from here.
#[utoipa::path(
    get, path = "/aidbox/auth/authorize",
    summary = "Begins an authorization at a dialect's own issuer (RFC 6749 3.1).",
    params(AuthorizeQuery),
    responses((status = 303, description = "To `/auth/authorize`.")),
    security((), ("session" = [])),
)]
pub async fn enter(uri: Uri, input: Input) -> Response {
    let name = input.caller.issuer.dialect().map_or("", Dialect::name);
    let query = uri.query().unwrap_or_default();
    let to = format!("/auth/authorize?{query}&{ISSUER}={name}");
    answer(&input, go_to(&to).map_err(Failure::from))
}

impl Back<'_> {
    /// An error (RFC 6749 4.1.2.1), in the fragment for `response_type=token`
    /// (4.2.2.1).
    fn error(&self, refusal: &Refusal) -> Result<Response, Failure> {
        let (error, description) = error_of(refusal);
        let parameters = [("error", error), ("error_description", description)];
        match self.query.get("response_type") {
            Some("token") => self.fragment(&parameters),
            _ => self.query(&parameters),
        }
    }

    fn query(&self, parameters: &[(&str, &str)]) -> Result<Response, Failure> {
        let uri = &self.to.redirect_uri;
        let joint = if uri.contains('?') { '&' } else { '?' };
        self.send(joint, parameters)
    }

    fn fragment(&self, parameters: &[(&str, &str)]) -> Result<Response, Failure> {
        self.send('#', parameters)
    }

    /// To the URI as it is registered, character by character.
    fn send(&self, joint: char, parameters: &[(&str, &str)]) -> Result<Response, Failure> {
        let mut text = Serializer::new(String::new());
        text.extend_pairs(parameters);
        if let Some(state) = self.query.get("state") {
            text.append_pair("state", state);
        }
        text.append_pair("iss", &self.issuer.url(&self.app.config.issuer));
        let to = format!("{}{joint}{}", self.to.redirect_uri, text.finish());
        Ok(redirect(StatusCode::FOUND, &to)?)
    }
}

/// The error code and a sentence for the client's developer.
fn error_of(refusal: &Refusal) -> (&'static str, &'static str) {
    if let Refusal::ParameterMissing(_) = refusal {
        return ("invalid_request", "response_type is missing");
    }
    if let Refusal::RequestMalformed(problem) = refusal {
        return ("invalid_request", problem);
    }
    if let Refusal::ResponseTypeUnsupported = refusal {
        return ("unsupported_response_type", "use code or token");
    }
    if let Refusal::GrantNotAllowed = refusal {
        let why = "the client is not allowed this response_type";
        return ("unauthorized_client", why);
    }
    if let Refusal::ScopeNotAllowed = refusal {
        return ("invalid_scope", "the client is not allowed a scope");
    }
    if let Refusal::AudienceNotAllowed = refusal {
        return ("invalid_target", "the client is not allowed this audience");
    }
    if let Refusal::SignInRequired = refusal {
        return ("login_required", "nobody is signed in");
    }
    ("access_denied", "this request is refused")
}
