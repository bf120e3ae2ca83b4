//! Signs in with a passkey. What follows is what follows a right password. A passkey that
//! has verified its user counts as two factors, unless a setting says one.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::factors::factor::{Factor, Method};
use crate::domain::factors::passkey::{Passkey, challenge_is_live};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::FirstFactor;
use crate::domain::sessions::party::Party;
use crate::domain::token::{PasskeyChallengeToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::ChallengeFor;
use crate::store::PasskeyUse;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::factors::passkeys::ceremony::{Ceremony, PasskeyAssertion};
use crate::usecase::login::passkeys::challenge::may_show;
use crate::usecase::login::password_step::{LoggedIn, LoginAnswer};
use crate::usecase::login::right_first_factor::{RightFirstFactor, go_on};

/// The signature of a passkey, and what the request asks for.
pub struct SignInByPasskey<'a> {
    /// The token that came with the challenge.
    pub token: &'a str,
    /// The `authn_response`, as JSON.
    pub response: &'a Secret,
    /// Space-separated scopes, if any were named.
    pub scope: Option<&'a str>,
    /// The audience, if one was named.
    pub audience: Option<&'a str>,
    /// Whether the tokens have to be of the second level.
    pub wants_factor: bool,
}

/// Signs a user in with a passkey, or begins a pending login. A challenge that is forged,
/// too old, used or of another client, an unknown passkey and a wrong signature get the
/// same answer. Three requests to DynamoDB if the passkey is enough, and four if more is
/// demanded; none for a forged token.
///
/// # Errors
/// `GrantUnsupported` where no passkey is taken; `ScopeNotAllowed`, `AudienceNotAllowed`;
/// `CodeWrong`; `AccountInactive`.
pub async fn sign_in_by_passkey(
    context: &ClientContext,
    asked: &SignInByPasskey<'_>,
) -> Result<LoginAnswer, Failure> {
    let authorized = context.bound_authorization(asked.scope, asked.audience)?;
    let gone_on = show_passkey(context, asked, (context.party(), authorized)).await?;
    gone_on.with_tokens(context).await
}

/// Signs a user in as `sign_in_by_passkey` does, but makes no tokens.
pub(crate) async fn show_passkey(
    context: &Context,
    asked: &SignInByPasskey<'_>,
    (party, authorized): (Party<'_>, Authorized),
) -> Result<LoggedIn, Failure> {
    let ceremony = Ceremony::at(&context.app, party);
    let ceremony = ceremony.ok_or(TokenRefusal::GrantUnsupported)?;
    context.events.is_about_factor(Method::Passkey);
    let opened = context.open_token(TokenBody::passkey_challenge, asked.token, wrong());
    let token = opened.await?;
    let own = may_show(context, party, token.client);
    if !own || !challenge_is_live(token.challenge, context.now()) {
        return Err(wrong().into());
    }
    let (account, proven) =
        prove(context, &ceremony, asked, OpenedChallenge { party, token }).await?;
    let user = &account.user;
    if !user.active {
        let spent = context
            .app
            .store
            .spend_challenge(proven.used, context.now());
        let refusal = if spent.await? {
            Refusal::AccountInactive
        } else {
            wrong()
        };
        return Err(refusal.into());
    }
    let two = proven.verified && context.app.config.passkeys.counts_as_two;
    let shown = RightFirstFactor {
        party,
        first: proven.first,
        passkey: Some(proven.used),
        counts_as_two: two,
        name: name_of(user)?,
        mailbox: None,
        wants_factor: asked.wants_factor,
        overtaken: wrong(),
    };
    Box::pin(go_on(context, account, authorized, shown)).await
}

/// A challenge that is good at this app, or on our own pages.
struct OpenedChallenge<'a> {
    party: Party<'a>,
    token: PasskeyChallengeToken,
}

/// A passkey whose signature was right. Its challenge may be spent already.
struct ProvenPasskey {
    first: FirstFactor,
    /// Whether the passkey has verified its user.
    verified: bool,
    used: PasskeyUse,
}

/// Finds the user, and checks the signature. The write that spends the challenge comes later,
/// with what the login stores, and also advances the counter of the passkey.
async fn prove(
    context: &Context,
    ceremony: &Ceremony<'_>,
    asked: &SignInByPasskey<'_>,
    opened: OpenedChallenge<'_>,
) -> Result<(Account, ProvenPasskey), Failure> {
    let OpenedChallenge { party, token } = opened;
    let refused = || Failure::from(wrong());
    let (shown, handle) = PasskeyAssertion::read(asked.response.expose()).ok_or_else(refused)?;
    let store = &context.app.store;
    let user = store.find_handle(handle).await?.ok_or_else(refused)?;
    let account = store.read_account(user).await?.ok_or_else(refused)?;
    if account.user.passkey_handle != Some(handle) {
        return Err(refused());
    }
    // Whoever has seen the handle may repeat a wrong signature at no cost.
    context.events.is_of_stranger(true);
    context.caller.trace.is_about(user);
    let (factor, passkey) = passkey_of(&account, &shown).ok_or_else(refused)?;
    let ring = context.ring().await?;
    let client = party.name();
    let of = ChallengeFor::SignIn { client };
    let challenge = ring.challenge_bytes(token.key, token.challenge, of)?;
    let asserted = ceremony.assert(&shown, &challenge, passkey)?;
    let asserted = asserted.ok_or_else(refused)?;
    let used = PasskeyUse {
        challenge: token.challenge,
        user,
        factor: factor.id,
        counter: asserted.counter,
        is_copied: asserted.is_copied,
    };
    let proven = ProvenPasskey {
        first: FirstFactor::Passkey(passkey.key_place()),
        verified: asserted.verified,
        used,
    };
    Ok((account, proven))
}

fn passkey_of<'a>(
    account: &'a Account,
    shown: &PasskeyAssertion,
) -> Option<(&'a Factor, &'a Passkey)> {
    let mut passkeys = account.passkeys();
    passkeys.find(|(_, passkey)| shown.is_of(passkey))
}

/// The name whose network becomes known: the e-mail address, or else the user name.
pub(super) fn name_of(user: &User) -> Result<LoginName, Broken> {
    let name = user.login_names().pop();
    name.ok_or_else(|| Broken::internal("a user has no name"))
}

fn wrong() -> Refusal {
    Refusal::CodeWrong(Method::Passkey)
}
