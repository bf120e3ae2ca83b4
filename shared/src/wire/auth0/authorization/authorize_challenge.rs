//! `POST /authorize-challenge`: an app of the operator's own leads a login step by step, without
//! a browser, and gets an authorization code (draft-ietf-oauth-first-party-apps).
//! docs/first-party-apps.md names the steps.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::authorization::authorization_request::AuthorizationRequest;
use crate::domain::authorization::code::ResponseType;
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::authorization::request_parameters::CodeWanted;
use crate::domain::events::attempt::Attempt;
use crate::domain::factors::factor::Method;
use crate::domain::login::next_step::NextStep;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::wanted_authentication::WishedLevel;
use crate::failure::Failure;
use crate::usecase::authorization::auth0_code_without_browser::{
    CodeStep, challenge_for_code, check_earlier_login, client_of_login, factor_for_code,
    passkey_for_code, passkey_to_sign, password_for_code, waiting_login,
};
use crate::usecase::authorization::auth0_push_request::{PUSHED_SECONDS, push_request};
use crate::usecase::authorization::authenticate_client::{ClientCredentials, authenticate_client};
use crate::usecase::client_context::ClientContext;
use crate::usecase::login::codes::send_code::CodeChallenge;
use crate::usecase::login::finished_login::{GrantedCode, LoginStep};
use crate::usecase::login::passkeys::sign_in::SignInByPasskey;
use crate::usecase::login::password_step::LoginRequest;
use crate::usecase::login::redeem::RedeemRequest;
use crate::usecase::messages::lockout_notice::LockoutMessage;
use crate::wire::aidbox::pages::authorization::request::asked;
use crate::wire::auth0::authorization::challenge_words::{
    ChallengeNext, insufficient, second_factor_steps,
};
use crate::wire::auth0::authorization::push::pushed_text;
use crate::wire::auth0::factors::authenticator::OobChannel;
use crate::wire::auth0::login::mfa::wanted_challenge;
use crate::wire::auth0::login::next_step::auth0_next_step;
use crate::wire::auth0::login::token::Auth0Assertion;
use crate::wire::credentials::client_credentials;
use crate::wire::fields::Fields;
use crate::wire::grants::{MfaGrant, second_factor, send_link_again};
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

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
    /// `otp`, `oob`, or both separated by a space: has a code sent.
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
            ResponseType::Token => return Err(PageRefusal::ResponseTypeUnsupported.into()),
        }
    }
    if asked.unsupported.is_some() {
        let problem = "Send the parameters themselves.";
        return Err(Refusal::RequestMalformed(problem));
    }
    asked.code_asked(&context.client)
}

/// One step, with what the app asks for.
struct StepRequest<'a> {
    fields: &'a Fields,
    context: &'a ClientContext,
    asked: AuthorizationRequest<'a>,
    code: CodeWanted,
}

impl StepRequest<'_> {
    /// The step `password`. An `auth_session` beside it is of an earlier login.
    async fn password_step(
        &self,
        input: &Input,
        earlier: Option<&str>,
    ) -> Result<Response, Failure> {
        let Self {
            fields, context, ..
        } = self;
        if let Some(earlier) = earlier {
            check_earlier_login(context, earlier).await?;
        }
        let name = fields.get("username").or(self.asked.login_hint);
        let page = format!("{}auth/forgot", context.app.config.issuer);
        let request = LoginRequest {
            name: name.ok_or(Refusal::ParameterMissing("username"))?,
            password: fields.required_secret("password")?,
            scope: self.asked.scope,
            audience: self.asked.audience,
            login_token: None,
            shown: None,
            lockout: Some(LockoutMessage {
                page: &page,
                is_answered: false,
            }),
            wants_factor: WishedLevel::parse(self.asked.acr_values).factor,
        };
        let step = password_for_code(context, &request, &self.code).await?;
        if let CodeStep::Next(next) = &step {
            send_link_again(input, next).await;
        }
        Ok(self.answer_to(step, None).await)
    }

    /// The step `passkey`.
    async fn passkey_step(&self) -> Result<Response, Failure> {
        let request = SignInByPasskey {
            token: self.fields.required("auth_session")?,
            response: self.fields.required_secret("authn_response")?,
            scope: self.asked.scope,
            audience: self.asked.audience,
            wants_factor: WishedLevel::parse(self.asked.acr_values).factor,
        };
        let step = passkey_for_code(self.context, &request, &self.code).await?;
        Ok(self.answer_to(step, None).await)
    }

    /// A step with an `auth_session`.
    async fn later_step(&self, token: &str) -> Result<Response, Failure> {
        let Self {
            fields, context, ..
        } = self;
        let sends = ["challenge_type", "oob_channel", "authenticator_id"];
        let shown = [
            ("otp", MfaGrant::Otp),
            ("recovery_code", MfaGrant::RecoveryCode),
            ("binding_code", MfaGrant::OutOfBand),
        ];
        let shown = shown
            .into_iter()
            .find(|(name, _)| fields.secret(name).is_some());
        if let Some((_, kind)) = shown {
            return self.code_step(token, Some(kind)).await;
        }
        if sends.into_iter().any(|name| fields.get(name).is_some()) {
            return self.challenge_step(token).await;
        }
        match self.code_step(token, None).await {
            // The login was not verified before.
            Err(Failure::Refused(Refusal::CodeMissing(_))) => {
                let needed = waiting_login(context, token).await?;
                Ok(private_json(
                    StatusCode::FORBIDDEN,
                    &second_factor_steps(&needed),
                ))
            }
            done => done,
        }
    }

    /// The step `code`.
    async fn code_step(&self, token: &str, kind: Option<MfaGrant>) -> Result<Response, Failure> {
        let context = self.context;
        context.events.is_for(Attempt::ShowCode);
        let (shown, expected) = match kind {
            Some(kind) => second_factor(context, self.fields, token, kind).await?,
            None => (None, Method::Totp),
        };
        let request = RedeemRequest {
            token,
            shown,
            expected,
        };
        let step = factor_for_code(context, &request, &self.code).await?;
        Ok(self.answer_to(step, Some(token)).await)
    }

    /// The step `challenge`.
    async fn challenge_step(&self, token: &str) -> Result<Response, Failure> {
        self.context.events.is_for(Attempt::AskCode);
        let wanted = wanted_challenge(self.fields)?;
        let sent = challenge_for_code(self.context, token, &wanted).await?;
        let mut body = insufficient("Ask the user for the code.", &["code"]);
        body["auth_session"] = json!(token);
        match sent {
            LoginStep::Next(next) => return Ok(self.lead_on(&next, Some(token)).await),
            LoginStep::Done(CodeChallenge::Totp) => body["challenge_type"] = json!("otp"),
            LoginStep::Done(CodeChallenge::Sent { token }) => {
                body["challenge_type"] = json!("oob");
                body["oob_code"] = json!(token.expose());
                body["binding_method"] = json!("prompt");
            }
        }
        Ok(private_json(StatusCode::FORBIDDEN, &body))
    }

    async fn answer_to(&self, step: CodeStep, session: Option<&str>) -> Response {
        match step {
            CodeStep::Code(granted) => code_answer(&granted),
            CodeStep::SecondFactor(needed) => {
                private_json(StatusCode::FORBIDDEN, &second_factor_steps(&needed))
            }
            CodeStep::Next(next) => self.lead_on(&next, session).await,
        }
    }

    /// The answer if only a browser can go on. A link for a confirmation is in the mailbox
    /// already.
    async fn lead_on(&self, next: &NextStep, session: Option<&str>) -> Response {
        match (next, session) {
            (NextStep::ConfirmAddress { .. }, _) => auth0_next_step(next),
            (NextStep::Enrol, Some(session)) => {
                let mut body = insufficient("The user has to enroll a factor.", &["enroll"]);
                body["auth_session"] = json!(session);
                private_json(StatusCode::FORBIDDEN, &body)
            }
            (NextStep::ChangePassword { .. } | NextStep::Enrol, _) => self.redirect_to_web().await,
        }
    }

    /// With a `request_uri` if the request had a code challenge and can be pushed (5.2.2.1.1).
    async fn redirect_to_web(&self) -> Response {
        let mut body = json!({
            "error": "redirect_to_web",
            "error_description": "Go on in a browser.",
        });
        if self.asked.challenge.is_some()
            && let Ok(text) = pushed_text(self.context, self.fields)
            && let Ok(uri) = push_request(self.context, &self.asked, &text).await
        {
            body["request_uri"] = json!(uri.expose());
            body["expires_in"] = json!(PUSHED_SECONDS);
        }
        private_json(StatusCode::FORBIDDEN, &body)
    }
}

fn code_answer(granted: &GrantedCode) -> Response {
    let mut body = json!({ "authorization_code": granted.code.expose() });
    if let Some(code) = &granted.recovery_code {
        body["recovery_code"] = json!(code.expose());
    }
    private_json(StatusCode::OK, &body)
}

/// The steps that a login may begin with. The answer is the same for every name.
async fn first_steps(context: &ClientContext) -> Result<Response, Failure> {
    let sentence = "Ask the user for the name and the password, or for a passkey.";
    let body = match passkey_to_sign(context).await? {
        None => insufficient("Ask the user for the name and the password.", &["password"]),
        Some(passkey) => {
            let mut body = insufficient(sentence, &["password", "passkey"]);
            body["auth_session"] = json!(passkey.token.expose());
            body["authn_params_public_key"] = passkey.options;
            body
        }
    };
    Ok(private_json(StatusCode::FORBIDDEN, &body))
}
