//! A password that the user has to change before getting tokens again. The user
//! changes it after the second factor, in the transaction that redeems the
//! login.

use crate::domain::accounts::user::User;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::Method;
use crate::domain::login::completion::FactorBeforeChange;
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::{Login, State};
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::party::Party;
use crate::domain::token::{ChangePasswordToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::Ring;
use crate::store::{AcceptedProof, LoginVerification};
use crate::usecase::accounts::new_password::new_password;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::login::finished_login::finished_session_id;
use crate::usecase::login::finished_login::{FinishedLogin, Granted};
use crate::usecase::login::open_login::{NamedLogin, OpenLogin, ProvenLogin, open_login};
use crate::usecase::messages::notice::read_and_tell;
use crate::usecase::sessions::issue_tokens::{NewSession, login_result};

/// A request for the tokens of a login, with the new password that the login
/// waits for.
pub struct ChangeRequest<'a> {
    /// The token in the answer to the verified login.
    pub token: &'a str,
    /// The new password as it was typed.
    pub password: &'a Secret,
}

/// The answer to a login that lacks only the new password. `recovery_codes` are those that the
/// login has just made.
pub(crate) fn change_first(
    ring: &Ring,
    login: &Login,
    recovery_codes: Vec<Secret>,
) -> Result<NextStep, Broken> {
    let token = ring.seal_token(TokenBody::ChangePassword(ChangePasswordToken {
        user: login.user,
        login: login.id,
    }))?;
    Ok(NextStep::ChangePassword {
        user: login.user,
        token,
        recovery_codes,
    })
}

/// Verifies the login by its second factor, and answers as `change_first` does.
/// Consumes the proof. The login waits for the new password until the login expires.
///
/// # Errors
/// `LoginExpired`, `CodeWrong` if the proof was used before.
pub(crate) async fn verify_and_change_first(
    context: &Context,
    ring: &Ring,
    proven: ProvenLogin<'_>,
) -> Result<NextStep, Failure> {
    let (login, proof) = (&proven.open.login, proven.proof);
    if !matches!(login.state, State::Verified { .. }) {
        let store = &context.app.store;
        let resealed = proven.resealed(ring)?;
        let shown = AcceptedProof {
            proof,
            by_token: false,
            resealed: resealed.as_ref(),
        };
        match store.verify_login(login, &shown, context.now()).await? {
            LoginVerification::Done => {}
            LoginVerification::LoginOver => return Err(Refusal::LoginExpired.into()),
            LoginVerification::ProofUsed => return Err(Refusal::CodeWrong(proof.method()).into()),
        }
    }
    context
        .app
        .store
        .hold_for_change(login, context.now())
        .await?;
    context.events.did(EventKind::PasswordDemanded);
    Ok(change_first(ring, login, Vec::new())?)
}

/// The user of a login on our own pages that waits for a new password. `token`
/// names the login. One request to DynamoDB.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`.
pub async fn user_who_changes(context: &Context, token: &str) -> Result<User, Failure> {
    Ok(login_to_change(context, Party::Pages, token).await?.user)
}

/// The login of this party that waits for a new password.
async fn login_to_change(
    context: &Context,
    party: Party<'_>,
    token: &str,
) -> Result<OpenLogin, Failure> {
    let malformed = Refusal::LoginTokenMalformed;
    let opened = context.open_token(TokenBody::change_password, token, malformed);
    let named = NamedLogin::ChangeToken(opened.await?);
    open_login(context, Some(party), &named).await
}

/// Changes the password and redeems the login in one transaction. Two requests
/// to DynamoDB, three without a second factor, and a notice by e-mail.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`, `CodeMissing`, `PasswordRejected`.
pub async fn change_at_login(
    context: &ClientContext,
    request: &ChangeRequest<'_>,
) -> Result<Granted, Failure> {
    let ring = context.ring().await?;
    let (token, password) = (request.token, request.password);
    let changed = complete_with_new_password(context, context.party(), token, password);
    Ok(changed.await?.tokens(context, &ring)?)
}

/// Changes the password as `change_at_login` does, but makes no tokens. The caller makes
/// the tokens or the cookie from the completed login.
pub(crate) async fn complete_with_new_password(
    context: &Context,
    party: Party<'_>,
    token: &str,
    password: &Secret,
) -> Result<FinishedLogin, Failure> {
    let open = login_to_change(context, party, token).await?;
    let method = second_factor(context, &open.login).await?;
    let present = open.user.password.as_ref();
    let password = new_password(&context.app, &open.user, password, present)?;
    let user = User {
        epoch: open.user.epoch + 1,
        ..open.user
    };
    let authentication = Authentication {
        first: open.login.first_factor(),
        at: context.now(),
        method,
        key: open.login.verified_key(),
    };
    let authorized = &open.login.authorized;
    let new = NewSession {
        user: &user,
        party,
        authorized,
        authentication,
    };
    let result = login_result(context, &new)?.map(|result| open.login.bounded(result));
    let store = &context.app.store;
    let kept = result.as_ref();
    let redeemed = store.redeem_with_new_password(&open.login, &password, kept, context.now());
    if !redeemed.await? {
        return Err(Refusal::LoginExpired.into());
    }
    context.events.did(EventKind::PasswordChanged);
    read_and_tell(context, &user, Notice::PasswordChanged).await;
    Ok(FinishedLogin {
        user,
        authorized: authorized.clone(),
        authentication,
        session_id: finished_session_id(&open.login, result.as_ref())?,
        result,
        recovery_codes: Vec::new(),
        gave_back: false,
        device: None,
    }
    .noted(context))
}

/// The second factor that verified the login. `None` if no second factor is
/// demanded.
async fn second_factor(context: &Context, login: &Login) -> Result<Option<Method>, Failure> {
    let missing = || Failure::from(Refusal::CodeMissing(Method::Totp));
    match login.factor_before_change() {
        FactorBeforeChange::Factor(method) => Ok(Some(method)),
        FactorBeforeChange::Over => Err(missing()),
        FactorBeforeChange::Nothing => {
            let account = context.app.store.read_account(login.user).await?;
            let account = account.ok_or_else(missing)?;
            let policy = context.app.config.mfa_policy;
            match policy.demands(&account, context.now()) {
                true => Err(missing()),
                false => Ok(None),
            }
        }
    }
}
