//! Signs a browser in by the link of a mail, in place of a password. The link has the code,
//! and the token that names the code. A program that opens the link only looks.

use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::authorization::client::Authorized;
use crate::domain::login::codes::mailbox_code::{CodeGuesser, MailboxCode};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::party::Party;
use crate::domain::sessions::wanted_authentication::WishedLevel;
use crate::domain::token::TokenBody;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::refuse_no_earlier;
use crate::usecase::login::browser_sign_in::{SignIn, in_browser};
use crate::usecase::login::codes::sign_in_by_code::{CodeParty, go_on_by_code, prove_first_code};

/// What a live link leads to.
pub struct SignInLink {
    /// The mailbox that the link went to.
    pub mailbox: String,
    /// The authorization request that the browser goes on with, as the text of a query.
    pub request: String,
}

/// The token of a link: it names the code, and has the code.
pub(crate) fn link_token(token: &Secret, code: &Secret) -> Secret {
    Secret::new(format!("{}.{}", token.expose(), code.expose()))
}

fn wrong() -> Refusal {
    ActionRefusal::ActionTokenInvalid.into()
}

/// What this link leads to, while the link lives. Changes nothing. One query; none for a
/// forged token.
///
/// # Errors
/// `ActionTokenInvalid`.
pub async fn look_at_sign_in_link(context: &Context, token: &str) -> Result<SignInLink, Failure> {
    let (named, _) = token.rsplit_once('.').ok_or_else(wrong)?;
    let (_, mut codes) = linked_codes(context, named).await?;
    let code = codes.pop().ok_or_else(wrong)?;
    let request = code.request.ok_or_else(wrong)?;
    Ok(SignInLink {
        mailbox: code.mailbox,
        request,
    })
}

/// Signs the user of this link in, once, or begins a pending login. Five requests to DynamoDB,
/// and four more if somebody signed up with the mailbox since.
///
/// # Errors
/// `ActionTokenInvalid`; `AccountInactive`.
pub async fn sign_in_by_link(
    context: &Context,
    token: &str,
    wished: WishedLevel,
) -> Result<SignIn, Failure> {
    let (named, code) = token.rsplit_once('.').ok_or_else(wrong)?;
    let code = Secret::new(code);
    let codes = linked_codes(context, named);
    let proven = Box::pin(prove_first_code(context, &code, wrong(), codes));
    let proven = refuse_no_earlier(context, proven).await?;
    let own = context.app.config.own_audiences();
    let authorized = Authorized::of_pages(vec![own.userinfo]);
    let shown = CodeParty {
        party: Party::Pages,
        wants_factor: wished.factor,
        wrong: wrong(),
    };
    let step = go_on_by_code(context, proven, authorized, shown).await?;
    in_browser(context, step).await
}

/// The code that the token of a link names, if the link lives. One query; none for a forged
/// token.
async fn linked_codes(
    context: &Context,
    token: &str,
) -> Result<(CodeGuesser, Vec<MailboxCode>), Failure> {
    let opened = context.open_token(TokenBody::mailbox_code, token, wrong());
    let token = opened.await?;
    let (store, now) = (&context.app.store, context.now());
    let found = store.mailbox_codes(token.mailbox, Some(token.login), now);
    let mut codes = found.await?;
    codes.retain(|code| code.is_live_link(now));
    Ok((CodeGuesser::Token, codes))
}
