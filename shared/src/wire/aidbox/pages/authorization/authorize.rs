//! `/auth/authorize` (RFC 6749 3.1, OpenID Connect Core 3.1.2).

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::domain::Dialect;
use crate::domain::authorization::authorization_request::AuthorizationRequest;
use crate::domain::authorization::request_parameters::{
    Demand, Prompt, RESPONSE_TYPES, ResponseMode,
};
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::register::sign_up_is_open;
use crate::usecase::authorization::authorize::{
    Addressee, Authorization, Question, addressee, authorize, check_request,
};
use crate::usecase::sessions::form_token::{Binding, form_token};
use crate::wire::aidbox::pages::authorization::request::{
    AuthorizationQuery, ISSUER, Journey, asked, issuer_of,
};
use crate::wire::aidbox::pages::authorization::way_back::WayBack;
use crate::wire::aidbox::pages::form::{
    BrowserBinding, check_origin, check_submitted_form, session_cookie,
};
use crate::wire::aidbox::pages::page::{PageFrame, go_to, refused_page, render};
use crate::wire::aidbox::pages::page_step::PageStep;
use crate::wire::aidbox::pages::{answer, cookie};
use crate::wire::auth0::authorization::push::pushed_request;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

const PATH: &str = "/auth/authorize";

/// The longest path and query that a form is turned into, in bytes. A gateway does not
/// accept a longer address.
const LONGEST_QUERY: usize = 4096;

#[derive(Template)]
#[template(path = "pages/choose.html")]
struct ChoosePage {
    frame: PageFrame,
    action: String,
    csrf: String,
    client: String,
    name: String,
    scopes: Vec<String>,
}

/// The metadata of this endpoint (OpenID Connect Discovery 3, RFC 8414 2, RFC 9207 3).
/// Every listed value works, and no other value does.
pub fn add_metadata(endpoint: &str, metadata: &mut Value) {
    metadata["authorization_endpoint"] = json!(endpoint);
    metadata["response_types_supported"] = json!(RESPONSE_TYPES);
    metadata["response_modes_supported"] = json!(ResponseMode::VALUES);
    metadata["code_challenge_methods_supported"] = json!(["S256"]);
    metadata["authorization_response_iss_parameter_supported"] = json!(true);
    metadata["prompt_values_supported"] = json!(Prompt::VALUES);
    metadata["claims_parameter_supported"] = json!(false);
    metadata["ui_locales_supported"] = json!(["en"]);
}

/// An authorization request (RFC 6749 4.1.1, RFC 7636, OpenID Connect Core 3.1.2.1).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuthorizeQuery {
    /// The client.
    #[param(example = "web")]
    pub client_id: String,
    /// `code`, `token` or `id_token`.
    #[param(example = "code")]
    pub response_type: String,
    /// One that is registered for the client; its only one if absent.
    #[param(nullable = false)]
    pub redirect_uri: Option<String>,
    /// Comes back as it is.
    #[param(nullable = false)]
    pub state: Option<String>,
    /// Scopes, separated by spaces.
    #[param(nullable = false)]
    pub scope: Option<String>,
    /// The API that the access token is for; the client's first one if absent.
    #[param(nullable = false)]
    pub audience: Option<String>,
    /// The hash of a verifier (RFC 7636). A public client needs one for a code.
    #[param(nullable = false)]
    pub code_challenge: Option<String>,
    /// `S256`.
    #[param(nullable = false)]
    pub code_challenge_method: Option<String>,
    /// For the ID token.
    #[param(nullable = false)]
    pub nonce: Option<String>,
    /// The thumbprint of the key that the code is bound to (RFC 9449 10).
    #[param(nullable = false)]
    pub dpop_jkt: Option<String>,
    /// `none`: no sign-in. `login`: another one in any case. `consent`,
    /// `select_account`: a question first. Several with spaces between.
    #[param(nullable = false)]
    pub prompt: Option<String>,
    /// The oldest sign-in that is taken, in seconds.
    #[param(nullable = false)]
    pub max_age: Option<String>,
    /// How the answer travels: `query`, `fragment`, `form_post` or `web_message`.
    #[param(nullable = false)]
    pub response_mode: Option<String>,
    /// Who is to sign in: stands in the form.
    #[param(nullable = false)]
    pub login_hint: Option<String>,
    /// `aal2`, or Auth0's name for a second factor: a user who has a second factor shows it,
    /// and no code by e-mail if another factor gives `aal2`.
    #[param(nullable = false)]
    pub acr_values: Option<String>,
    /// An ID token of the user who is to be signed in.
    #[param(nullable = false)]
    pub id_token_hint: Option<String>,
    /// Refused: the parameters in a JWT.
    #[param(nullable = false)]
    pub request: Option<String>,
    /// `signup`: the sign-up comes before the sign-in, where sign-up is open.
    #[param(nullable = false)]
    pub screen_hint: Option<String>,
    /// The request that the client pushed (RFC 9126). Any other is refused.
    #[param(nullable = false)]
    pub request_uri: Option<String>,
    /// Refused: a client's own metadata.
    #[param(nullable = false)]
    pub registration: Option<String>,
}

/// `GET /auth/authorize`, and `GET /authorize` for Auth0's apps.
/// Takes `client_id`, `response_type` (`token` or `code`), and optionally
/// `redirect_uri`, `response_mode`, `state`, `scope`, `audience`, `nonce`, `prompt`,
/// `max_age`, `login_hint`, `id_token_hint`, `acr_values`, and `code_challenge` with
/// `code_challenge_method=S256`. Parameters for display, language and claims are accepted
/// and ignored.
/// Answers 302 to the redirect URI with the token in the fragment, the code in the
/// query, or an `error` (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6). `iss` (RFC
/// 9207) and `state` are added to each of these. Answers 303 to the sign-in page if the
/// browser has no session that meets the request. Shows a page with a question if
/// `prompt` is `consent` or `select_account`. Shows an error page if the client or the
/// redirect URI is unknown.
#[operation(
    summary = "Sends the browser back to an app with a token or a code (RFC 6749 3.1).",
    params(AuthorizeQuery),
    responses(
        (status = 200, description = "The question whether to go on, where `prompt` asks for it; or the answer in a form or a message, where `response_mode` asks for that."),
        (status = 302, description = "To the redirect URI, with `access_token` in its fragment, `code` in its query, or `error`; `iss` and `state` beside them."),
        (status = 303, description = "To the sign-in."),
    ),
    security((), ("session" = [])),
)]
pub async fn show_authorize(input: Input) -> Response {
    answer(&input, answered(&input).await)
}

/// `GET /abp/auth/authorize` and `GET /aidbox/auth/authorize`: the authorization
/// endpoint of a dialect's own issuer. Adds the issuer to the query. All later pages
/// keep it there.
#[operation(
    summary = "Begins an authorization at a dialect's own issuer (RFC 6749 3.1).",
    params(AuthorizeQuery),
    responses((status = 303, description = "To the same request at `/auth/authorize`.")),
    security((), ("session" = [])),
)]
pub async fn enter(uri: Uri, input: Input) -> Response {
    let name = input
        .context
        .caller
        .issuer
        .dialect()
        .map_or("", Dialect::name);
    let query = uri.query().unwrap_or_default();
    let to = format!("{PATH}?{query}&{ISSUER}={name}");
    answer(&input, go_to(&to).map_err(Failure::from))
}

/// An authorization request as a form, with the members of the query of the
/// same path; or a user's choice.
#[derive(ToSchema)]
pub struct AuthorizeForm {
    /// The client.
    #[schema(nullable = false)]
    pub client_id: Option<String>,
    /// `code`, `token` or `id_token`.
    #[schema(nullable = false)]
    pub response_type: Option<String>,
    /// `continue`, `other` or `cancel`: the answer to the page that asks.
    #[schema(nullable = false)]
    pub choice: Option<String>,
    /// That page's form's token.
    #[schema(nullable = false)]
    pub csrf: Option<String>,
}

/// `POST /auth/authorize`: an authorization request as a form (OpenID Connect Core
/// 3.1.2.1). Answers 303 to the same request as a `GET`, because a browser sends the
/// session's cookie only there. An invalid request is answered with a 303 to the
/// redirect URI. With `choice`, the form is the user's answer to the question, and the
/// query has the request.
#[operation(
    summary = "Takes an authorization request as a form, or a user's choice to go on.",
    params(AuthorizationQuery),
    request_body = AuthorizeForm,
    responses(
        (status = 200, description = "The answer in a form or a message, where `response_mode` asks for that."),
        (status = 303, description = "To the same request as an address; to the redirect URI; or to the sign-in."),
    ),
    security((), ("session" = [])),
)]
pub async fn submit_authorize(input: Input) -> Response {
    answer(&input, submitted(&input).await)
}

async fn answered(input: &Input) -> Result<Response, Failure> {
    let query = input.query()?;
    let browser = BrowserBinding::of(input)?;
    let pushed = pushed_request(&input.context, query, &browser).await?;
    let was_pushed = pushed.is_some();
    let query = pushed.as_ref().unwrap_or(query);
    let asked = asked(query);
    let to = addressee(&input.context, &asked).await?;
    let back = WayBack::of(&input.context.app, &to, query, StatusCode::FOUND)?;
    let response = given(input, (query, &asked), &to, &back).await?;
    Ok(match was_pushed {
        // The browser shows by the cookie that it has brought the request.
        true => browser.with_cookie(response),
        false => response,
    })
}

async fn submitted(input: &Input) -> Result<Response, Failure> {
    let fields = input.fields()?;
    if fields.get("choice").is_some() {
        return chosen(input, fields).await;
    }
    let request = match fields.get("client_id") {
        Some(_) => fields,
        None => input.query()?,
    };
    let asked = asked(request);
    let to = addressee(&input.context, &asked).await?;
    let back = WayBack::of(&input.context.app, &to, request, StatusCode::SEE_OTHER)?;
    if let Some(unsupported) = asked.unsupported {
        return back.unsupported(unsupported);
    }
    if let Err(refusal) = check_request(&input.context.app, &to, &asked) {
        return Ok(refused_page(
            back.error(&refusal)?,
            &refusal,
            input.context.now(),
        ));
    }
    let path = Journey::whole(request, to.clone()).path(PATH);
    if path.len() > LONGEST_QUERY {
        let refusal = Refusal::RequestMalformed("the request is too long");
        return Ok(refused_page(
            back.error(&refusal)?,
            &refusal,
            input.context.now(),
        ));
    }
    Ok(go_to(&path)?)
}

/// The user's answer to the question whether to go on.
enum Agreement {
    Continue,
    /// Another user signs in.
    Other,
    Cancel,
}

impl Agreement {
    /// Any other answer does not go on.
    fn of(fields: &Fields) -> Self {
        match fields.get("choice") {
            Some("continue") => Self::Continue,
            Some("other") => Self::Other,
            Some(_) | None => Self::Cancel,
        }
    }
}

/// Carries out the user's answer to the question.
async fn chosen(input: &Input, fields: &Fields) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let query = input.query()?;
    let mut asked = asked(query);
    let to = addressee(&input.context, &asked).await?;
    let back = WayBack::of(&input.context.app, &to, query, StatusCode::SEE_OTHER)?;
    check_submitted_form(input, fields, Binding::Session(session_cookie(input)?)).await?;
    match Agreement::of(fields) {
        Agreement::Continue => asked.agreed = true,
        Agreement::Other => {
            let demand = Demand {
                since: Some(input.context.now()),
                user: asked.noted.user,
            };
            let journey = Journey::to_sign_in(query, to.clone(), demand);
            return Ok(go_to(&journey.path("/auth/login"))?);
        }
        Agreement::Cancel => return back.declined(),
    }
    given(input, (query, &asked), &to, &back).await
}

async fn given(
    input: &Input,
    (query, asked): (&Fields, &AuthorizationRequest<'_>),
    to: &Addressee,
    back: &WayBack<'_>,
) -> Result<Response, Failure> {
    let cookie = cookie::read_cookie(&input.headers, cookie::SESSION);
    let issuer = issuer_of(&input.context.app, query);
    let context = input.context.with_issuer(issuer);
    match authorize(&context, to, asked, cookie).await {
        Ok(Authorization::Tokens(tokens)) => back.send(&[
            ("access_token", tokens.access_token.expose()),
            ("token_type", "Bearer"),
            ("expires_in", &tokens.expires_in.to_string()),
            ("scope", &tokens.scope),
        ]),
        Ok(Authorization::IdToken(token)) => back.send(&[("id_token", token.expose())]),
        Ok(Authorization::Code(code)) => back.send(&[("code", code.expose())]),
        Ok(Authorization::Unsupported(unsupported)) => back.unsupported(unsupported),
        Ok(Authorization::SignIn(demand)) => {
            let journey = Journey::to_sign_in(query, to.clone(), demand);
            let signs_up = query.get("screen_hint") == Some("signup");
            let page = match signs_up && sign_up_is_open(&context) {
                true => "/auth/signup",
                false => "/auth/login",
            };
            Ok(go_to(&journey.path(page))?)
        }
        Ok(Authorization::ShowFactor(demand, token)) => {
            let journey = Journey::to_sign_in(query, to.clone(), demand);
            let page = journey.step("/auth/login", &[PageStep::Code.parameter()]);
            let mut response = go_to(&page)?;
            cookie::set_for_a_login(&mut response, token.expose());
            Ok(response)
        }
        Ok(Authorization::Ask(question)) => {
            let journey = Journey::whole(query, to.clone());
            choose_page(input, &journey, to, question).await
        }
        Err(Failure::Refused(refusal)) => {
            let response = back.error(&refusal)?;
            Ok(refused_page(response, &refusal, input.context.now()))
        }
        Err(Failure::Broken(broken)) => back.answer_broken(&broken),
    }
}

async fn choose_page(
    input: &Input,
    journey: &Journey,
    to: &Addressee,
    question: Question,
) -> Result<Response, Failure> {
    let csrf = form_token(&input.context, Binding::Session(session_cookie(input)?)).await?;
    let template = ChoosePage {
        frame: PageFrame::of(&input.context.app, "Go on to the app?"),
        action: journey.path(PATH),
        csrf: csrf.expose().to_owned(),
        client: to.client.id.clone(),
        name: question.name,
        scopes: question.scopes,
    };
    let end = journey.end();
    Ok(render(
        &input.context.app,
        StatusCode::OK,
        &template,
        end.as_deref(),
    )?)
}
