//! `POST /authorize-challenge`: an app of the operator's own leads a login step by step, without
//! a browser, and gets an authorization code (draft-ietf-oauth-first-party-apps).
//! docs/first-party-apps.md names the steps.

use axum::response::Response;
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::domain::authorization::authorization_request::AuthorizationRequest;
use crate::domain::authorization::code::ResponseType;
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::authorization::request_parameters::CodeWanted;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::authorization::auth0_code_without_browser::{client_of_login, names_a_login};
use crate::usecase::authorization::authenticate_client::{ClientCredentials, authenticate_client};
use crate::usecase::client_context::ClientContext;
use crate::wire::aidbox::pages::authorization::request::asked;
use crate::wire::auth0::authorization::challenge_step::{StepRequest, first_steps};
use crate::wire::auth0::factors::authenticator::{FactorType, OobChannel};
use crate::wire::auth0::login::passkey::Auth0RequestOptions;
use crate::wire::auth0::login::token::Auth0Assertion;
use crate::wire::credentials::client_credentials;
use crate::wire::failure;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// One step of a login. Which members are needed is a matter of the step. The parameters of
/// `/authorize` are taken too.
#[derive(ToSchema)]
#[schema(example = json!({
    "client_id": "demo", "response_type": "code", "username": "user@example.com",
    "password": "pwd", "scope": "openid offline_access",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"
}))]
pub struct ChallengeStepRequest {
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret, unless HTTP Basic holds it.
    pub client_secret: Option<String>,
    /// `code`. Needed in the first request.
    pub response_type: Option<String>,
    /// What the last answer gave. Needed in every later step.
    pub auth_session: Option<String>,
    /// The user name or e-mail address.
    pub username: Option<String>,
    /// Stands in for `username`.
    pub login_hint: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// `otp`, `oob` or `webauthn`, several separated by spaces: has a code sent, or asks for a
    /// passkey.
    pub challenge_type: Option<String>,
    /// One authenticator, to have a code sent.
    pub authenticator_id: Option<String>,
    /// One channel, to have a code sent.
    pub oob_channel: Option<OobChannel>,
    /// The six digits of an authenticator app.
    pub otp: Option<String>,
    /// What the step `challenge` gave.
    pub oob_code: Option<String>,
    /// The six digits that were sent.
    pub binding_code: Option<String>,
    /// A recovery code.
    pub recovery_code: Option<String>,
    /// With a code or `auth_session`: `true` remembers the device, by the key of the DPoP proof.
    pub remember_device: Option<String>,
    /// With `remember_device`: what the user calls the device.
    pub device_name: Option<String>,
    /// What the authenticator gave for a passkey, as an object or as its JSON.
    pub authn_response: Option<Auth0Assertion>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The API that the access token is for; the client's first one if absent.
    pub audience: Option<String>,
    /// The hash of a verifier (RFC 7636). A public client needs it.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// `aal2` asks for a second factor, whatever the policy says.
    pub acr_values: Option<String>,
    /// Changes nothing: the user signs in now.
    pub max_age: Option<String>,
    /// Where a browser comes back to, if the answer is `redirect_to_web`.
    pub redirect_uri: Option<String>,
    /// As `redirect_uri`.
    pub state: Option<String>,
}

/// The login is complete.
#[derive(ToSchema)]
pub struct ChallengeCode {
    /// Is exchanged at `/oauth/token` within a minute, with the verifier.
    pub authorization_code: String,
    /// The new recovery code, when one was used. Shown once.
    #[schema(nullable = false)]
    pub recovery_code: Option<String>,
    /// For how many seconds the device will stand in for the second factor, if the device is
    /// trusted.
    #[schema(nullable = false)]
    pub trusted_device_expires_in: Option<i64>,
}

/// What the app does next, after a step that was right.
#[derive(ToSchema)]
pub struct ChallengeNext {
    /// `insufficient_authorization`: the app goes on with one of `steps`. `redirect_to_web`: a
    /// browser goes on.
    #[schema(example = "insufficient_authorization")]
    pub error: String,
    /// A sentence for the developer.
    pub error_description: String,
    /// Names the login, or the challenge of a passkey, in the next request.
    #[schema(nullable = false)]
    pub auth_session: Option<String>,
    /// The steps of which one comes next.
    #[schema(nullable = false)]
    pub steps: Option<Vec<String>>,
    /// What the user can answer.
    #[schema(nullable = false)]
    pub mfa_requirements: Option<ChallengeRequirements>,
    /// Before the first step, and with `webauthn`: what the app hands to the authenticator of a
    /// passkey.
    #[schema(nullable = false)]
    pub authn_params_public_key: Option<Auth0RequestOptions>,
    /// After the step `challenge`: `otp`, `oob` once a code is sent, or `webauthn`.
    #[schema(nullable = false)]
    pub challenge_type: Option<String>,
    /// With `oob`: names the send.
    #[schema(nullable = false)]
    pub oob_code: Option<String>,
    /// With `oob`: `prompt`, the user types the code.
    #[schema(nullable = false)]
    pub binding_method: Option<String>,
    /// With `redirect_to_web`: stands for the request at `/authorize` (RFC 9126).
    #[schema(nullable = false)]
    pub request_uri: Option<String>,
    /// How long the `request_uri` is good, in seconds.
    #[schema(nullable = false)]
    pub expires_in: Option<i64>,
}

/// The kinds of factors that the user has, or may enrol.
#[derive(ToSchema)]
pub struct ChallengeRequirements {
    /// The kinds of factors that the user has.
    #[schema(nullable = false)]
    pub challenge: Option<Vec<ChallengeRequirement>>,
    /// The kinds of factors that the user may enrol.
    #[schema(nullable = false)]
    pub enroll: Option<Vec<ChallengeRequirement>>,
}

/// A kind of factor.
#[derive(ToSchema)]
pub struct ChallengeRequirement {
    /// The kind.
    #[schema(rename = "type")]
    pub kind: FactorType,
}

/// `POST /authorize-challenge`: takes one step of a login. Gives an authorization code, or says
/// what comes next.
#[operation(
    summary = "Takes one step of a login without a browser, which ends in an authorization code.",
    request_body = ChallengeStepRequest,
    responses(
        (status = 200, description = "The code.", body = ChallengeCode),
        (status = 403, description = "Another step comes first, here or in a browser.", body = ChallengeNext),
    ),
    security((), ("client" = [])),
)]
pub async fn authorize_challenge(input: Input) -> Response {
    match answered(&input).await {
        Ok(response) => response,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn answered(input: &Input) -> Result<Response, Failure> {
    let fields = input.fields()?;
    let credentials = credentials(input, fields).await?;
    let context = authenticate_client(&input.context, &credentials).await?;
    context.client.check_first_party()?;
    check_named_key(&context, fields)?;
    let asked = AuthorizationRequest {
        client: Some(&context.client.id),
        ..asked(fields)
    };
    let request = StepRequest {
        fields,
        context: &context,
        code: check_parameters(&asked, &context, fields)?,
        asked,
    };
    let token = fields.get("auth_session");
    match (
        fields.secret("password"),
        fields.secret("authn_response"),
        token,
    ) {
        (Some(_), _, earlier) => request.password_step(input, earlier).await,
        (None, Some(_), Some(token)) if names_a_login(&context, token).await? => {
            request.later_step(token).await
        }
        (None, Some(_), _) => request.passkey_step().await,
        (None, None, Some(token)) => request.later_step(token).await,
        (None, None, None) => first_steps(&context).await,
    }
}

/// The client's credentials. A request with an `auth_session` may leave the client out (5.1).
async fn credentials(input: &Input, fields: &Fields) -> Result<ClientCredentials, Failure> {
    let named = client_credentials(&input.headers, fields);
    match (named, fields.get("auth_session")) {
        (Err(Refusal::ParameterMissing("client_id")), Some(token)) => Ok(ClientCredentials {
            id: client_of_login(&input.context, token).await?,
            secret: fields.secret("client_secret").cloned(),
            in_header: false,
        }),
        (named, _) => Ok(named?),
    }
}

/// The proof of this request binds the login, so `dpop_jkt` may only repeat its key (RFC 9449
/// 10).
fn check_named_key(context: &ClientContext, fields: &Fields) -> Result<(), Refusal> {
    let proven = context.proven_key().map(KeyThumbprint::as_str);
    match (fields.get("dpop_jkt"), proven) {
        (Some(_), None) => Err(ProofRefusal::ProofMissing.into()),
        (Some(named), Some(proven)) if named != proven => Err(ProofRefusal::KeyWrong.into()),
        _ => Ok(()),
    }
}

/// Checks the parameters of an authorization request.
fn check_parameters(
    asked: &AuthorizationRequest<'_>,
    context: &ClientContext,
    fields: &Fields,
) -> Result<CodeWanted, Refusal> {
    let begins = fields.get("auth_session").is_none();
    if begins || asked.response_type.is_some() {
        match ResponseType::parse(asked.response_type)? {
            ResponseType::Code => {}
            ResponseType::Token | ResponseType::IdToken => {
                return Err(PageRefusal::ResponseTypeUnsupported.into());
            }
        }
    }
    if asked.unsupported.is_some() {
        let problem = "Send the parameters themselves.";
        return Err(Refusal::RequestMalformed(problem));
    }
    asked.code_asked(&context.client)
}
