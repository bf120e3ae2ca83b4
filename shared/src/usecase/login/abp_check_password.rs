//! Says whether a name and a password would sign in, without signing in.

use crate::domain::events::kind::EventKind;
use crate::domain::login::admission::WouldSignIn;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::login::check_password::{PasswordGuess, check_password, parse_login};
use crate::usecase::login::password_step::login_rules;

/// Checks a password as a login does, and charges the guess in the same way.
/// Five requests to DynamoDB.
///
/// # Errors
/// `CredentialsWrong`, `PasswordsExhausted`, `AccountInactive`.
pub async fn check_login(
    context: &Context,
    name: &str,
    password: &Secret,
) -> Result<WouldSignIn, Failure> {
    let ring = context.ring().await?;
    let (name, charge) =
        parse_login(&context.caller, name, password).map_err(|_| Refusal::CredentialsWrong)?;
    let guess = PasswordGuess {
        name: &name,
        password,
        charge: &charge,
        lockout: None,
    };
    let (account, counted) = check_password(context, &ring, &guess).await?;
    context.app.store.forget_passwords(&counted).await?;
    context.events.did(EventKind::CredentialsAccepted);
    let admission = login_rules(context, false).admit(&account, context.now());
    Ok(WouldSignIn::of(admission, &account.user))
}
