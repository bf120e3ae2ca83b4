//! `POST /oauth/par` (RFC 9126).

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;
use utoipa::ToSchema;

use crate::domain::authorization::authorization_request::AuthorizationRequest;
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::authorization::auth0_push_request::{
    BroughtRequest, PUSHED_PREFIX, PUSHED_SECONDS, open_request, push_request,
};
use crate::usecase::authorization::authenticate_client::authenticate_client;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::wire::aidbox::pages::authorization::request::{asked, request_text};
use crate::wire::aidbox::pages::form::BrowserBinding;
use crate::wire::credentials::client_credentials;
use crate::wire::fields::Fields;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// The longest request that is kept, in bytes. Sealed, the request stands in an address.
const LONGEST_REQUEST: usize = 2048;

/// An authorization request with the client's credentials. It has every parameter of
/// `/authorize`.
#[derive(ToSchema)]
pub struct PushRequest {
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// `code`, `token` or `id_token`.
    #[schema(example = "code")]
    pub response_type: String,
    /// One that is registered for the client; its only one if absent.
    pub redirect_uri: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The API that the access token is for.
    pub audience: Option<String>,
    /// Comes back as it is.
    pub state: Option<String>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// The thumbprint of the key that the code is bound to (RFC 9449 10). A proof of the key
    /// beside the request does the same.
    pub dpop_jkt: Option<String>,
    /// The hash of a verifier (RFC 7636).
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// How the answer travels.
    pub response_mode: Option<String>,
    /// What the pages ask the user.
    pub prompt: Option<String>,
    /// The oldest sign-in that is taken, in seconds.
    pub max_age: Option<String>,
    /// Who is to sign in.
    pub login_hint: Option<String>,
    /// The levels of which the user has to show one.
    pub acr_values: Option<String>,
}

/// Where the request is kept.
#[derive(ToSchema)]
pub struct PushedRequest {
    /// Stands in place of the parameters at `/authorize`, beside `client_id`.
    pub request_uri: String,
    /// How long, in seconds.
    pub expires_in: i64,
}

/// `POST /oauth/par` (RFC 9126): checks an authorization request, and gives a `request_uri`
/// that stands for it at `/authorize` for a minute.
#[operation(
    summary = "Takes an authorization request before the browser is sent (RFC 9126).",
    request_body = PushRequest,
    responses((status = 201, description = "The request is right.", body = PushedRequest)),
    security((), ("client" = [])),
)]
pub async fn push_authorization(input: Input) -> Response {
    match pushed(&input).await {
        Ok(body) => private_json(StatusCode::CREATED, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn pushed(input: &Input) -> Result<Value, Failure> {
    let fields = input.fields()?;
    let credentials = client_credentials(&input.headers, fields)?;
    let context = authenticate_client(&input.context, &credentials).await?;
    let proven = context.proven_key().map(KeyThumbprint::as_str);
    let named = fields.get("dpop_jkt");
    if let (Some(proven), Some(named)) = (proven, named)
        && proven != named
    {
        return Err(ProofRefusal::KeyWrong.into());
    }
    let asked = AuthorizationRequest {
        client: Some(&credentials.id),
        key: named.or(proven),
        ..asked(fields)
    };
    if asked.unsupported.is_some() {
        let problem = "Send the parameters themselves.";
        return Err(Refusal::RequestMalformed(problem).into());
    }
    let text = pushed_text(&context, fields)?;
    let request_uri = push_request(&context, &asked, &text).await?;
    Ok(json!({ "request_uri": request_uri.expose(), "expires_in": PUSHED_SECONDS }))
}

/// The request as `/authorize` reads it.
///
/// # Errors
/// `RequestMalformed` for a request that is too long.
pub(super) fn pushed_text(context: &ClientContext, fields: &Fields) -> Result<String, Refusal> {
    let mut text = request_text(fields);
    let add = |text, name, value| Serializer::new(text).append_pair(name, value).finish();
    if fields.get("client_id").is_none() {
        // HTTP Basic names the client. `/authorize` reads the client from the request.
        text = add(text, "client_id", &context.client.id);
    }
    if let (Some(key), None) = (context.proven_key(), fields.get("dpop_jkt")) {
        text = add(text, "dpop_jkt", key.as_str());
    }
    match text.len() > LONGEST_REQUEST {
        true => Err(Refusal::RequestMalformed("The request is too long.")),
        false => Ok(text),
    }
}

/// The request that a `request_uri` of ours stands for, in this browser. `None` without
/// such a parameter. Every other parameter of the query is ignored (RFC 9126 4).
///
/// # Errors
/// `PushedRequestInvalid`.
pub async fn pushed_request(
    context: &Context,
    query: &Fields,
    browser: &BrowserBinding<'_>,
) -> Result<Option<Fields>, Failure> {
    let named = query.get("request_uri");
    let Some(sealed) = named.and_then(|uri| uri.strip_prefix(PUSHED_PREFIX)) else {
        return Ok(None);
    };
    let client = query.get("client_id");
    let client = client.ok_or(PageRefusal::PushedRequestInvalid)?;
    let brought = BroughtRequest {
        client,
        sealed,
        browser: browser.value(),
    };
    let text = open_request(context, brought).await?;
    Ok(Some(Fields::from_form(text.expose().as_bytes())?))
}
