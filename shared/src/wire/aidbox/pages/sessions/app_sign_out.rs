//! The sign-outs that an app asks for: `/v2/logout` in Auth0's words, and `/oidc/logout`
//! (OpenID Connect RP-Initiated Logout 1.0).

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use url::form_urlencoded::Serializer;
use utoipa::{IntoParams, ToSchema};

use crate::domain::sessions::sign_out_request::SignOutRequest;
use crate::failure::Failure;
use crate::usecase::sessions::form_token::{Binding, form_token};
use crate::usecase::sessions::return_address::check_sign_out;
use crate::usecase::sessions::sign_out::{end_browser_session, end_session_of};
use crate::wire::aidbox::pages::authorization::request::policy_source;
use crate::wire::aidbox::pages::form::{check_origin, check_submitted_form, session_cookie};
use crate::wire::aidbox::pages::page::{Button, MessagePage, PageFrame, go_to, redirect, render};
use crate::wire::aidbox::pages::{answer, cookie};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

const OIDC: &str = "/oidc/logout";

/// A sign-out in Auth0's words.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct V2LogoutQuery {
    /// The client. `returnTo` is one of its addresses.
    #[param(nullable = false, example = "web")]
    pub client_id: Option<String>,
    /// Where the browser goes afterwards; a page of ours if absent.
    #[param(rename = "returnTo", nullable = false)]
    pub return_to: Option<String>,
}

/// `GET /v2/logout`: ends the browser's session, and sends the browser to `returnTo`, if
/// the client has registered exactly this address.
#[operation(
    summary = "Ends the browser's session, and returns to the app.",
    params(V2LogoutQuery),
    responses(
        (status = 200, description = "A page that says so."),
        (status = 302, description = "To `returnTo`."),
    ),
    security((), ("session" = [])),
)]
pub async fn v2_logout(input: Input) -> Response {
    answer(&input, v2_left(&input).await)
}

async fn v2_left(input: &Input) -> Result<Response, Failure> {
    let query = input.query()?;
    let asked = SignOutRequest {
        client: query.get("client_id"),
        return_to: query.get("returnTo"),
        id_token_hint: None,
    };
    let checked = check_sign_out(&input.context, asked).await?;
    if let Ok(value) = session_cookie(input) {
        end_browser_session(&input.context, value).await?;
    }
    left(input, checked.return_to.as_deref(), None)
}

/// A sign-out (OpenID Connect RP-Initiated Logout 1.0, 2).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OidcLogoutQuery {
    /// An ID token of the user who signs out. Without it, a page asks the user.
    #[param(nullable = false)]
    pub id_token_hint: Option<String>,
    /// Where the browser goes afterwards; a page of ours if absent.
    #[param(nullable = false)]
    pub post_logout_redirect_uri: Option<String>,
    /// The client; the one of `id_token_hint` if absent.
    #[param(nullable = false, example = "web")]
    pub client_id: Option<String>,
    /// Comes back as it is.
    #[param(nullable = false)]
    pub state: Option<String>,
}

/// `GET /oidc/logout`: ends the session of the browser, if `id_token_hint` names its user.
/// Otherwise a page asks first, because any site can send a browser here.
#[operation(
    summary = "Ends the browser's session for an app (OpenID Connect RP-Initiated Logout 1.0).",
    params(OidcLogoutQuery),
    responses(
        (status = 200, description = "The question whether to sign out; or a page that says so."),
        (status = 302, description = "To `post_logout_redirect_uri`, with `state`."),
    ),
    security((), ("session" = [])),
)]
pub async fn oidc_logout(input: Input) -> Response {
    answer(&input, oidc_left(&input).await)
}

async fn oidc_left(input: &Input) -> Result<Response, Failure> {
    let query = input.query()?;
    let checked = check_sign_out(&input.context, of_oidc(query)).await?;
    if let Ok(value) = session_cookie(input)
        && !end_session_of(&input.context, value, checked.user).await?
    {
        return ask(input, query, value).await;
    }
    left(input, checked.return_to.as_deref(), query.get("state"))
}

fn of_oidc(fields: &Fields) -> SignOutRequest<'_> {
    SignOutRequest {
        client: fields.get("client_id"),
        return_to: fields.get("post_logout_redirect_uri"),
        id_token_hint: fields.get("id_token_hint"),
    }
}

/// A sign-out as a form, with the members of the query of the same path; or the user's
/// answer to the question.
#[derive(ToSchema)]
pub struct OidcLogoutForm {
    /// An ID token of the user who signs out.
    #[schema(nullable = false)]
    pub id_token_hint: Option<String>,
    /// Where the browser goes afterwards.
    #[schema(nullable = false)]
    pub post_logout_redirect_uri: Option<String>,
    /// The client.
    #[schema(nullable = false)]
    pub client_id: Option<String>,
    /// Comes back as it is.
    #[schema(nullable = false)]
    pub state: Option<String>,
    /// The token of the form of the page that asks.
    #[schema(nullable = false)]
    pub csrf: Option<String>,
}

/// `POST /oidc/logout`: with `csrf`, the user's answer to the question. Otherwise the same
/// request as a form, which is sent on to the address with a query, because a browser sends
/// its cookie only there.
#[operation(
    summary = "Ends the browser's session for an app, or after the question.",
    request_body = OidcLogoutForm,
    responses(
        (status = 200, description = "A page that says so."),
        (status = 302, description = "To `post_logout_redirect_uri`, with `state`."),
        (status = 303, description = "To the same request as an address."),
    ),
    security((), ("session" = [])),
)]
pub async fn submit_oidc_logout(input: Input) -> Response {
    answer(&input, oidc_submitted(&input).await)
}

async fn oidc_submitted(input: &Input) -> Result<Response, Failure> {
    let fields = input.fields()?;
    let checked = check_sign_out(&input.context, of_oidc(fields)).await?;
    if fields.get("csrf").is_none() {
        return Ok(go_to(&address(fields))?);
    }
    check_origin(&input.context.app, &input.headers)?;
    if let Ok(value) = session_cookie(input) {
        check_submitted_form(input, fields, Binding::Session(value)).await?;
        end_browser_session(&input.context, value).await?;
    }
    left(input, checked.return_to.as_deref(), fields.get("state"))
}

const NAMES: [&str; 4] = [
    "id_token_hint",
    "post_logout_redirect_uri",
    "client_id",
    "state",
];

/// The request as an address.
fn address(fields: &Fields) -> String {
    let mut query = Serializer::new(String::new());
    for name in NAMES {
        if let Some(value) = fields.get(name) {
            query.append_pair(name, value);
        }
    }
    format!("{OIDC}?{}", query.finish())
}

/// The page that asks whether to sign out.
async fn ask(input: &Input, query: &Fields, cookie: &str) -> Result<Response, Failure> {
    let csrf = form_token(&input.context, Binding::Session(cookie)).await?;
    let given = NAMES.into_iter();
    let hidden = given.filter_map(|name| Some((name, query.get(name)?.to_owned())));
    let template = MessagePage {
        frame: PageFrame::of(&input.context.app, "Sign out?"),
        text: "An app asks to sign you out in this browser.".to_owned(),
        alert: false,
        form: Some(Button {
            action: OIDC.to_owned(),
            csrf: csrf.expose().to_owned(),
            hidden: hidden.collect(),
            button: "Sign out",
        }),
        link: None,
    };
    let end = query
        .get("post_logout_redirect_uri")
        .and_then(policy_source);
    let app = &input.context.app;
    Ok(render(app, StatusCode::OK, &template, end.as_deref())?)
}

/// Deletes the cookie, and sends the browser on or shows that it is signed out.
fn left(input: &Input, return_to: Option<&str>, state: Option<&str>) -> Result<Response, Failure> {
    let mut response = match return_to {
        Some(uri) => redirect(StatusCode::FOUND, &with_state(uri, state))?,
        None => {
            let template = MessagePage {
                frame: PageFrame::of(&input.context.app, "Signed out"),
                text: "You are signed out in this browser.".to_owned(),
                alert: false,
                form: None,
                link: None,
            };
            render(&input.context.app, StatusCode::OK, &template, None)?
        }
    };
    cookie::clear_cookie(&mut response, cookie::SESSION);
    Ok(response)
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else {
        return uri.to_owned();
    };
    let joint = if uri.contains('?') { '&' } else { '?' };
    let mut query = Serializer::new(String::new());
    query.append_pair("state", state);
    format!("{uri}{joint}{}", query.finish())
}
