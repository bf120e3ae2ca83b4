//! A completed login that is stored. An app gets tokens for it, a browser gets
//! a cookie.

use crate::domain::Timestamp;
use crate::domain::accounts::user::User;
use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::request_parameters::CodeWanted;
use crate::domain::events::kind::EventKind;
use crate::domain::id::SessionId;
use crate::domain::login::completion::SettledPassword;
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::{Login, Proof};
use crate::domain::login::throttle::Guesser;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::claims::ToIssue;
use crate::domain::sessions::login_result::LoginResult;
use crate::domain::sessions::party::Party;
use crate::domain::sessions::trusted_device::TrustedDevice;
use crate::domain::token::{BrowserToken, CodeToken, TokenBody};
use crate::failure::Broken;
use crate::keyring::Ring;
use crate::store::Counted;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::login::devices::remember::RememberDevice;
use crate::usecase::sessions::issue_tokens::{Tokens, issue, session_id_or_new};

/// A login that has just been completed.
pub(crate) struct FinishedLogin {
    /// The user as the completion left it.
    pub user: User,
    pub authorized: Authorized,
    pub authentication: Authentication,
    /// The session that begins or the code that is given, if there is one.
    pub result: Option<LoginResult>,
    /// The identifier of the session that begins, or of a session without an item.
    pub session_id: SessionId,
    /// New recovery codes. They are shown this once.
    pub recovery_codes: Vec<Secret>,
    /// Whether the write that completed the login has given the guess back.
    pub gave_back: bool,
    /// The device that this login remembered, or that stood in for the second factor.
    pub device: Option<TrustedDevice>,
}

/// The identifier of the session of a completed login.
pub(crate) fn finished_session_id(
    login: &Login,
    result: Option<&LoginResult>,
) -> Result<SessionId, Broken> {
    match login.session_of_tokens(result) {
        Some(id) => Ok(id),
        None => session_id_or_new(None),
    }
}

/// How far a login has come.
#[derive(Debug)]
pub enum LoginStep<T> {
    /// The login is complete.
    Done(T),
    /// The user has to do something first.
    Next(NextStep),
}

impl<T> LoginStep<T> {
    /// This step, with the result of `give` in place of a complete login.
    pub fn try_map<U, E>(self, give: impl FnOnce(T) -> Result<U, E>) -> Result<LoginStep<U>, E> {
        Ok(match self {
            Self::Done(done) => LoginStep::Done(give(done)?),
            Self::Next(next) => LoginStep::Next(next),
        })
    }
}

/// A browser that has just signed in.
#[derive(Debug)]
pub struct SignedInBrowser {
    /// The new value of the browser's cookie.
    pub cookie: Secret,
    /// New recovery codes, if the login enrolled the first factor. They are
    /// shown this once.
    pub recovery_codes: Vec<Secret>,
    /// The cookie of a trusted browser, if the login has remembered the browser.
    pub trusted: Option<Secret>,
}

impl FinishedLogin {
    /// Notes the login for the event of the request.
    pub fn noted(self, context: &Context) -> Self {
        let events = &context.events;
        if let Some(method) = self.authentication.method {
            events.did_with(EventKind::FactorVerified, method);
        }
        match &self.result {
            Some(LoginResult::Session(session)) => {
                events.did_to(EventKind::SessionBegun, session.id);
            }
            Some(LoginResult::Code(code)) => {
                events.did_to(EventKind::AuthorizationGranted, code.session);
            }
            None => {}
        }
        events.is_by_client(&self.authorized.client);
        events.did(EventKind::LoginAccepted);
        self
    }

    /// The tokens of an app.
    pub fn tokens(mut self, context: &ClientContext, ring: &Ring) -> Result<Granted, Broken> {
        self.authorized = self.authorized.bound_to(context.proven_key());
        let to_issue = ToIssue {
            user: &self.user,
            authorized: &self.authorized,
            authentication: self.authentication,
            session: self.result.as_ref().and_then(LoginResult::session),
            session_id: self.session_id,
            nonce: None,
            named_as_auth0: false,
        };
        Ok(Granted {
            tokens: issue(context, &context.client, ring, &to_issue)?,
            recovery_code: self.recovery_codes.pop(),
            device_seconds: self.device_seconds(context.now()),
        })
    }

    fn device_seconds(&self, now: Timestamp) -> Option<i64> {
        Some(self.device.as_ref()?.expires_at - now)
    }

    /// The authorization code of an app of the operator's own.
    pub fn code(mut self, context: &Context, ring: &Ring) -> Result<GrantedCode, Broken> {
        let device_seconds = self.device_seconds(context.now());
        let Some(LoginResult::Code(code)) = self.result else {
            return Err(Broken::internal("the login of an app has no code"));
        };
        let token = TokenBody::AuthorizationCode(CodeToken {
            user: code.user,
            code: code.id,
        });
        Ok(GrantedCode {
            code: ring.seal_token(token)?,
            recovery_code: self.recovery_codes.pop(),
            device_seconds,
        })
    }

    /// The cookie of a browser.
    pub fn browser(self, ring: &Ring) -> Result<SignedInBrowser, Broken> {
        let Some(LoginResult::Session(session)) = self.result else {
            return Err(Broken::internal("the sign-in of a browser has no session"));
        };
        let cookie = ring.seal_token(TokenBody::Browser(BrowserToken {
            user: session.user,
            session: session.id,
        }))?;
        Ok(SignedInBrowser {
            cookie,
            recovery_codes: self.recovery_codes,
            trusted: None,
        })
    }
}

/// What a completed login gives.
#[derive(Debug)]
pub struct Granted {
    pub tokens: Tokens,
    /// A new recovery code in place of the used code, shown only now.
    pub recovery_code: Option<Secret>,
    /// For how many seconds the device of the login will stand in for the second factor.
    pub device_seconds: Option<i64>,
}

/// What a completed login gives that was asked for a code.
#[derive(Debug)]
pub struct GrantedCode {
    /// The authorization code.
    pub code: Secret,
    /// As in `Granted`.
    pub recovery_code: Option<Secret>,
    /// As in `Granted`.
    pub device_seconds: Option<i64>,
}

/// Who redeems a login, and with which keys.
#[derive(Clone, Copy)]
pub(crate) struct RedeemedBy<'a> {
    pub party: Party<'a>,
    pub ring: &'a Ring,
    /// The counted password of this request, if the request has a password.
    pub counted: Option<&'a Counted>,
    /// The code that this request asks for in place of tokens, if it does.
    pub asked: Option<&'a CodeWanted>,
    /// The guess that the write which completes the login gives back, if it does. A login
    /// that gives a code saves the write of its own, because the exchange follows.
    pub gives_back: Option<Guesser>,
    /// The device that this request asks to remember, if it does.
    pub remember: Option<&'a RememberDevice>,
}

/// Removes the traces of a new password (`SettledPassword`). If the write fails, the traces stay until the next
/// login.
pub(crate) async fn settle_new_password(context: &Context, user: &User, proof: Option<&Proof>) {
    let Some(SettledPassword { trusts_mailbox }) = SettledPassword::of(user, proof) else {
        return;
    };
    let settled = context.app.store.settle_password(user, trusts_mailbox);
    if let Err(broken) = settled.await {
        let request_id = context.caller.trace.request_id();
        tracing::warn!(
            request_id,
            error = %broken,
            "the traces of a new password were not removed"
        );
    }
}
