//! Says whether a name and a password would sign in, without signing in.

use crate::app::App;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::Caller;
use crate::usecase::login::check_password::{PasswordGuess, check_password, named};
use crate::usecase::login::password_step::is_confirmed;

/// The answer that the token endpoint would give to a right password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WouldSignIn {
    /// The user would get tokens.
    Yes,
    /// The user has to confirm or change something first.
    NotAllowed,
    /// A second factor is needed.
    SecondFactor,
}

/// Checks a password as a login does, and charges the guess in the same way.
/// Five requests to DynamoDB.
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
    let guess = PasswordGuess {
        name: &name,
        password,
        charge: &charge,
        lockout: None,
    };
    let (account, counted) = check_password(app, caller, &ring, &guess).await?;
    app.store.forget_passwords(&counted).await?;
    let user = &account.user;
    let demanded = app.config.mfa_policy.demands(&account, caller.now);
    Ok(if !is_confirmed(app, caller.dialect, &account, demanded) {
        WouldSignIn::NotAllowed
    } else if demanded {
        WouldSignIn::SecondFactor
    } else if user.must_change_password {
        WouldSignIn::NotAllowed
    } else {
        WouldSignIn::Yes
    })
}
