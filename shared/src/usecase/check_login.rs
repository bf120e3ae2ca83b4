//! Says whether a name and a password would sign in, without doing it.

use super::Caller;
use super::login::{Guess, check_password, named};
use crate::app::App;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;

/// What a right password would be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WouldSignIn {
    /// With tokens.
    Yes,
    /// Something has to be confirmed or changed first.
    NotAllowed,
    /// A second factor is needed.
    SecondFactor,
}

/// Checks a password as a login does, charged alike. Five requests to DynamoDB.
///
/// # Errors
/// `CredentialsWrong`, `PasswordsExhausted`, `AccountInactive`.
pub async fn check_login(
    app: &App,
    caller: &Caller,
    name: &str,
    password: &Secret,
) -> Result<WouldSignIn, Failure> {
    let ring = app.keyring.ring(caller.now).await?;
    let (name, charge) = named(caller, name, password).map_err(|_| Refusal::CredentialsWrong)?;
    let guess = Guess {
        name: &name,
        password,
        charge: &charge,
        lockout_page: None,
    };
    let account = check_password(app, caller, &ring, &guess).await?;
    app.store.forget_passwords(&charge).await?;
    let user = &account.user;
    Ok(if app.config.mfa_policy.demands(&account, caller.now) {
        WouldSignIn::SecondFactor
    } else if user.must_change_password || !app.config.confirmation.is_met_by(user) {
        WouldSignIn::NotAllowed
    } else {
        WouldSignIn::Yes
    })
}
