//! One step of `POST /authorize-challenge`, and its answer.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::domain::authorization::authorization_request::AuthorizationRequest;
use crate::domain::authorization::request_parameters::CodeWanted;
use crate::domain::events::attempt::Attempt;
use crate::domain::factors::factor::Method;
use crate::domain::login::next_step::NextStep;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::wanted_authentication::WishedLevel;
use crate::failure::Failure;
use crate::usecase::authorization::auth0_code_without_browser::{
    CodeStep, challenge_for_code, check_earlier_login, factor_for_code, passkey_for_code,
    passkey_to_sign, password_for_code, waiting_login,
};
use crate::usecase::authorization::auth0_push_request::{PUSHED_SECONDS, push_request};
use crate::usecase::client_context::ClientContext;
use crate::usecase::login::codes::send_code::CodeChallenge;
use crate::usecase::login::finished_login::{GrantedCode, LoginStep};
use crate::usecase::login::passkeys::sign_in::SignInByPasskey;
use crate::usecase::login::password_step::LoginRequest;
use crate::usecase::login::redeem::RedeemRequest;
use crate::usecase::messages::lockout_notice::LockoutMessage;
use crate::wire::auth0::authorization::challenge_words::{insufficient, second_factor_steps};
use crate::wire::auth0::authorization::push::pushed_text;
use crate::wire::auth0::login::mfa::wanted_challenge;
use crate::wire::auth0::login::next_step::auth0_next_step;
use crate::wire::fields::Fields;
use crate::wire::grants::{MfaGrant, remember, second_factor, send_link_again};
use crate::wire::input::Input;
use crate::wire::private_json;

/// One step, with what the app asks for.
pub(super) struct StepRequest<'a> {
    pub(super) fields: &'a Fields,
    pub(super) context: &'a ClientContext,
    pub(super) asked: AuthorizationRequest<'a>,
    pub(super) code: CodeWanted,
}

impl StepRequest<'_> {
    /// The step `password`. An `auth_session` beside it is of an earlier login.
    pub(super) async fn password_step(
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
    pub(super) async fn passkey_step(&self) -> Result<Response, Failure> {
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
    pub(super) async fn later_step(&self, token: &str) -> Result<Response, Failure> {
        let Self {
            fields, context, ..
        } = self;
        let sends = ["challenge_type", "oob_channel", "authenticator_id"];
        let shown = [
            ("otp", MfaGrant::Otp),
            ("recovery_code", MfaGrant::RecoveryCode),
            ("binding_code", MfaGrant::OutOfBand),
            ("authn_response", MfaGrant::Passkey),
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
        let remember = remember(self.fields)?;
        let (shown, expected) = match kind {
            Some(kind) => second_factor(context, self.fields, token, kind).await?,
            None => (None, Method::Totp),
        };
        let request = RedeemRequest {
            token,
            shown,
            expected,
            remember,
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
            LoginStep::Done(CodeChallenge::Passkey { options }) => {
                body = insufficient("Ask the user for the passkey.", &["passkey"]);
                body["auth_session"] = json!(token);
                body["challenge_type"] = json!("webauthn");
                body["authn_params_public_key"] = options;
            }
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
    if let Some(seconds) = granted.device_seconds {
        body["trusted_device_expires_in"] = json!(seconds);
    }
    private_json(StatusCode::OK, &body)
}

/// The steps that a login may begin with. The answer is the same for every name.
pub(super) async fn first_steps(context: &ClientContext) -> Result<Response, Failure> {
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
