//! A signed-in user sets a password, in the words of Auth0's My Account API. The old password
//! is not asked for, so the session has to be young.

use crate::domain::accounts::user::User;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor_demand::strongest;
use crate::domain::id::UserId;
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::FirstFactor;
use crate::failure::Failure;
use crate::store::PasswordChange;
use crate::usecase::accounts::new_password::new_password;
use crate::usecase::context::Context;
use crate::usecase::factors::auth0_my_account::of_my_api;
use crate::usecase::factors::passkeys::auth0_enrol::check_identity;
use crate::usecase::messages::notice::send_notice;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::form_token::{Binding, check_form, form_token};
use crate::usecase::sessions::kept_session::moved_session;
use crate::usecase::sessions::requirement::{MayChange, ToChangeFactors};

/// A new password of the user's own.
pub struct MyNewPassword<'a> {
    /// Whose password it is, as the path names the user.
    pub of: UserId,
    pub auth_session: &'a str,
    pub password: &'a Secret,
}

/// Begins to set a password: the user, and what has to come with the password. Nothing is
/// stored. `identity` is the subject, if the request names one. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`, `AuthenticationInsufficient`;
/// `ParameterInvalid` for the identity of another user.
pub async fn begin_my_password(
    context: &Context,
    token: &str,
    identity: Option<&str>,
) -> Result<(User, Secret), Failure> {
    let changing = may_set(context, token).await?;
    let user = &changing.account().user;
    check_identity(user, identity)?;
    let binding = binding(&changing)?;
    let auth_session = form_token(context, Binding::Enrolment(&binding)).await?;
    Ok((user.clone(), auth_session))
}

/// Sets the password, and gives the user. Every other login and session ends; the session of
/// this access token goes on. Three requests to DynamoDB, and the notice.
///
/// # Errors
/// Those of `begin_my_password`; `EnrolmentMissing` for the password of another user, if this
/// session has not begun the change, or if the user has changed since; `PasswordRejected`.
pub async fn set_my_password(
    context: &Context,
    token: &str,
    new: &MyNewPassword<'_>,
) -> Result<User, Failure> {
    let changing = may_set(context, token).await?;
    let account = changing.account();
    let user = &account.user;
    let binding = binding(&changing)?;
    let shown = Some(new.auth_session).filter(|_| new.of == user.id);
    match check_form(context, Binding::Enrolment(&binding), shown).await {
        Err(Failure::Refused(_)) => return Err(EnrolmentRefusal::EnrolmentMissing.into()),
        checked => checked?,
    }
    // Not compared with the present password: the answer would be a guess that nothing counts.
    let password = new_password(&context.app, user, new.password, None)?;
    let session = moved_session(context, changing.caller())?;
    let change = PasswordChange {
        user,
        password: &password,
        session: &session,
        counted: None,
    };
    let store = &context.app.store;
    if !store.replace_password(&change, context.now()).await? {
        return Err(Refusal::AccessTokenInvalid.into());
    }
    context.events.did(EventKind::PasswordChanged);
    let notice = Notice::PasswordChanged;
    send_notice(context, user, &account.factors, notice).await;
    Ok(User {
        password_changed_at: Some(context.now()),
        ..user.clone()
    })
}

/// A session that has shown the user's strongest factor in the last ten minutes. A session
/// that a code in place of a password began does not suffice: a person who reads the mailbox
/// or the phone would get a password beside the code.
async fn may_set(context: &Context, token: &str) -> Result<MayChange, Failure> {
    let required = of_my_api(KnownScope::CreateMyMethods, ToChangeFactors(strongest));
    let changing = authenticate(context, token.into(), required).await?;
    let shown = changing.caller().authentication;
    let by_code = matches!(shown.first, FirstFactor::Code | FirstFactor::TextCode);
    let policy = context.app.config.mfa_policy;
    match !by_code && policy.lets_change_password(&changing.account().user, shown) {
        true => Ok(changing),
        false => Err(EnrolmentRefusal::AuthenticationInsufficient.into()),
    }
}

/// The session and the epoch. So what has begun is good in this session only, and once.
fn binding(changing: &MayChange) -> Result<String, Failure> {
    let session = changing.caller().session_id()?;
    let epoch = changing.account().user.epoch;
    Ok(format!("{session} password {epoch}"))
}
