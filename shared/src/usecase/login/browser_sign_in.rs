//! Signs a browser in to our own pages. The login is the same as an app's, but
//! gives a session with a cookie instead of tokens.

use crate::domain::authorization::client::Authorized;
use crate::domain::factors::factor::Method;
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::login::next_step::NextStep;
use crate::domain::secret::Secret;
use crate::domain::sessions::party::Party;
use crate::failure::{Broken, Failure};
use crate::usecase::context::Context;
use crate::usecase::login::devices::browser::browser_cookie;
use crate::usecase::login::devices::remember::RememberDevice;
use crate::usecase::login::finished_login::{LoginStep, SignedInBrowser};
use crate::usecase::login::passkeys::sign_in::{SignInByPasskey, show_passkey};
use crate::usecase::login::password_step::{LoggedIn, PasswordStep, SecondFactor, log_in};
use crate::usecase::login::redeem::{Redemption, complete_enrolling, complete_login};
use crate::usecase::login::required_password_change::complete_with_new_password;

/// What a right password or passkey, or the link of a mail, gives a browser.
#[derive(Debug)]
pub enum SignIn {
    /// The browser is signed in.
    Done(SignedInBrowser),
    /// A second factor is needed, or has to be enrolled first.
    SecondFactor(Box<SecondFactor>),
    /// The user has to do something else first.
    Next(NextStep),
}

/// A name and a password that were typed into our page.
pub struct TypedPassword<'a> {
    pub name: &'a str,
    pub password: &'a Secret,
    /// Demands a second factor of a user who has one, whatever the policy says.
    pub wants_factor: bool,
    /// The cookie of a trusted browser that may stand in for the factor, if there is one.
    pub browser: Option<&'a str>,
}

/// The password step. As many requests to DynamoDB as `password_login`.
///
/// # Errors
/// The errors of `password_login` for a request without a code.
pub async fn sign_in(context: &Context, typed: &TypedPassword<'_>) -> Result<SignIn, Failure> {
    let own = context.app.config.own_audiences();
    let step = PasswordStep {
        party: Party::Pages,
        authorized: Authorized::of_pages(vec![own.userinfo]),
        name: typed.name,
        password: typed.password,
        login_token: None,
        shown: None,
        lockout: None,
        wants_factor: typed.wants_factor,
        browser: typed.browser,
    };
    in_browser(context, log_in(context, step).await?).await
}

/// A signature of a passkey, in place of the password. As many requests to DynamoDB as
/// `sign_in_by_passkey`.
///
/// # Errors
/// The errors of `sign_in_by_passkey`.
pub async fn sign_in_with_passkey(
    context: &Context,
    (token, response): (&str, &Secret),
    wants_factor: bool,
) -> Result<SignIn, Failure> {
    let own = context.app.config.own_audiences();
    let asked = SignInByPasskey {
        token,
        response,
        scope: None,
        audience: None,
        wants_factor,
    };
    let authorized = Authorized::of_pages(vec![own.userinfo]);
    let shown = show_passkey(context, &asked, (Party::Pages, authorized));
    in_browser(context, Box::pin(shown).await?).await
}

/// What a right first factor gives a browser.
pub(crate) async fn in_browser(context: &Context, step: LoggedIn) -> Result<SignIn, Failure> {
    Ok(match step {
        LoggedIn::SecondFactor(needed) => SignIn::SecondFactor(needed),
        LoggedIn::Next(next) => SignIn::Next(next),
        LoggedIn::Finished(finished) => {
            let ring = context.ring().await?;
            SignIn::Done(finished.browser(&ring)?)
        }
    })
}

/// A code that was typed into our page.
pub struct CodeOnPage<'a> {
    /// The token of the login.
    pub token: &'a str,
    pub shown: SubmittedCode,
    /// Asks that the browser is remembered, if it does.
    pub remember: Option<RememberDevice>,
    /// The cookie of the browser's session, if there is one.
    pub session: Option<&'a str>,
}

/// The code step of a login. As many requests to DynamoDB as `redeem`, and one more for a
/// factor alone.
///
/// # Errors
/// The errors of `redeem`; `SignInRequired` for a login that makes another session stronger.
pub async fn sign_in_with_code(
    context: &Context,
    typed: CodeOnPage<'_>,
) -> Result<LoginStep<SignedInBrowser>, Failure> {
    let CodeOnPage {
        token,
        shown,
        remember,
        session,
    } = typed;
    let ring = context.ring().await?;
    let request = Redemption {
        remember: remember.as_ref(),
        session,
        ..by_code(token, &shown)
    };
    let step = complete_login(context, &ring, &request).await?;
    let new = remember.and_then(|remember| remember.new_browser());
    let step = step.try_map(|finished| -> Result<_, Broken> {
        let trusted = match (&finished.device, new) {
            (Some(device), Some(new)) => Some(browser_cookie(&ring, device.user, new)?),
            _ => None,
        };
        Ok(SignedInBrowser {
            trusted,
            ..finished.browser(&ring)?
        })
    });
    Ok(step?)
}

/// The first code of the authenticator app that the login enrols. The code
/// confirms the app and completes the login. As many requests to DynamoDB as
/// `redeem`.
///
/// # Errors
/// The errors of `redeem`; `EnrolmentMissing` for a login that enrols nothing.
pub async fn sign_in_with_enrolment_code(
    context: &Context,
    token: &str,
    code: Secret,
) -> Result<LoginStep<SignedInBrowser>, Failure> {
    let ring = context.ring().await?;
    let shown = SubmittedCode::Totp { code, factor: None };
    let request = by_code(token, &shown);
    let step = complete_enrolling(context, &ring, &request).await?;
    Ok(step.try_map(|finished| finished.browser(&ring))?)
}

fn by_code<'a>(token: &'a str, shown: &'a SubmittedCode) -> Redemption<'a> {
    Redemption {
        party: Party::Pages,
        token,
        shown: Some(shown),
        expected: Method::Totp,
        asked: None,
        remember: None,
        session: None,
    }
}

/// The last step of a user who has to change the password.
///
/// # Errors
/// The errors of `change_at_login`.
pub async fn sign_in_with_new_password(
    context: &Context,
    token: &str,
    password: &Secret,
) -> Result<SignedInBrowser, Failure> {
    let ring = context.ring().await?;
    let finished = complete_with_new_password(context, Party::Pages, token, password).await?;
    Ok(finished.browser(&ring)?)
}
