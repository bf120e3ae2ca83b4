//! A browser's session shows its strongest factor again.

use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::id::LoginId;
use crate::domain::login::pending_login::Login;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::keyring::random;
use crate::usecase::Context;
use crate::usecase::login::password_step::login_token;
use crate::usecase::sessions::authenticate::browser_session;

/// Begins a login in which a signed-in user shows a factor again: its token.
/// Three requests to DynamoDB.
///
/// # Errors
/// `SignInRequired`.
pub async fn begin_step_up(context: &Context, cookie: &str) -> Result<Secret, Failure> {
    let user = browser_session(context, cookie).await?.user;
    let account = context.app.store.read_account(user.id).await?;
    let account = account.ok_or(PageRefusal::SignInRequired)?;
    let authorized = Authorized::of_pages(Vec::new());
    let id = LoginId::at(context.now(), random()?);
    let login = Login::begin(id, &user, authorized, context.caller.dialect, context.now());
    context.app.store.keep_login(&login).await?;
    let ring = context.ring().await?;
    Ok(login_token(&ring, &login, &account)?)
}
