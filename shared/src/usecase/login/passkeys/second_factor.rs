//! Checks a passkey as the second factor of a pending login, and a new passkey that a pending
//! login enrols. Each is one guess, as a code is.

use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Factor, FactorKind, Method};
use crate::domain::factors::passkey::{Passkey, SecondKey, SecondUse, challenge_is_live};
use crate::domain::login::pending_login::{PasskeyProof, Proof};
use crate::domain::login::throttle::Guesser;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::party::Party;
use crate::failure::Failure;
use crate::keyring::ChallengeFor;
use crate::store::CodeGuess;
use crate::usecase::context::Context;
use crate::usecase::factors::passkeys::ceremony::{Ceremony, PasskeyAssertion};
use crate::usecase::factors::passkeys::client_data::signed_challenge;
use crate::usecase::login::codes::prove::charge;
use crate::usecase::login::open_login::OpenLogin;
use crate::usecase::login::passkeys::second_challenge::{enrolment_at, second_factor_of};

/// A passkey that has signed for a login.
pub(crate) struct SecondPasskey {
    pub proof: Proof,
    /// The new passkey, if the login enrols one.
    pub new: Option<Factor>,
}

/// What an authenticator gave, and the challenge that it says it has signed.
#[derive(Clone, Copy)]
struct Given<'a> {
    signed: &'a [u8; 32],
    response: &'a Secret,
}

/// Charges one guess, and checks what the authenticator gave. After a right answer, the caller
/// gives the guess back. A text that no authenticator gives is refused before that. One
/// request to DynamoDB for the guess, one for the user's passkeys.
///
/// # Errors
/// `GrantUnsupported` where no passkey is taken; `CodeWrong`, whatever is wrong;
/// `CodesExhausted`; `AlreadyEnrolled`.
pub(crate) async fn prove_passkey(
    context: &Context,
    party: Party<'_>,
    open: &OpenLogin,
    response: &Secret,
) -> Result<SecondPasskey, Failure> {
    context.events.is_about_factor(Method::Passkey);
    let ceremony = Ceremony::at(&context.app, party).ok_or(TokenRefusal::GrantUnsupported)?;
    let refused = || Failure::from(wrong());
    let login = &open.login;
    let may_show = login.asks_for_passkey || login.enrolment.is_some();
    let signed = signed_challenge(response.expose()).filter(|_| may_show && login.awaits_code());
    let signed = signed.ok_or_else(refused)?;
    let guesser = Guesser::User(open.user.id);
    charge(context, guesser, CodeGuess::Unguessable, wrong()).await?;
    let given = Given {
        signed: &signed,
        response,
    };
    match &login.enrolment {
        None => known(context, &ceremony, open, given).await,
        Some(_) => made(context, &ceremony, open, given).await,
    }
}

/// Checks the signature of a passkey that the user has.
async fn known(
    context: &Context,
    ceremony: &Ceremony<'_>,
    open: &OpenLogin,
    given: Given<'_>,
) -> Result<SecondPasskey, Failure> {
    let refused = || Failure::from(wrong());
    let shown = PasskeyAssertion::read_of(given.response.expose(), open.user.passkey_handle);
    let shown = shown.ok_or_else(refused)?;
    let challenge = derived(context, given.signed, second_factor_of(&open.login)).await?;
    let account = open.account(&context.app).await?.ok_or_else(refused)?;
    let mut passkeys = account.passkeys();
    let (factor, passkey) = passkeys
        .find(|(_, passkey)| shown.is_of(passkey))
        .ok_or_else(refused)?;
    let asserted = ceremony.assert(&shown, &challenge, passkey)?;
    let asserted = asserted.ok_or_else(refused)?;
    Ok(SecondPasskey {
        proof: Proof::Passkey(PasskeyProof {
            factor: factor.id,
            counter: asserted.counter,
            is_copied: asserted.is_copied,
            key: second_key(passkey, asserted.verified),
        }),
        new: None,
    })
}

/// Checks a new passkey.
async fn made(
    context: &Context,
    ceremony: &Ceremony<'_>,
    open: &OpenLogin,
    given: Given<'_>,
) -> Result<SecondPasskey, Failure> {
    let refused = || Failure::from(wrong());
    let enrolment = open.login.enrolment.as_ref().ok_or_else(refused)?;
    let of = enrolment_at(&open.login, enrolment.factor);
    let challenge = derived(context, given.signed, of).await?;
    let made = ceremony.made_passkey(given.response.expose(), &challenge)?;
    let made = made.ok_or_else(refused)?;
    let account = open.account(&context.app).await?.ok_or_else(refused)?;
    let credential = &made.passkey.credential;
    if account
        .passkeys()
        .any(|(_, known)| known.credential == *credential)
    {
        return Err(EnrolmentRefusal::AlreadyEnrolled.into());
    }
    let passkey = Passkey {
        second: SecondUse::Closed,
        ..made.passkey
    };
    Ok(SecondPasskey {
        proof: Proof::Passkey(PasskeyProof {
            factor: enrolment.factor,
            counter: passkey.counter,
            is_copied: passkey.is_copied,
            key: second_key(&passkey, made.verified),
        }),
        new: Some(Factor {
            id: enrolment.factor,
            kind: FactorKind::Passkey(Box::new(passkey)),
            confirmed: true,
            created_at: context.now(),
        }),
    })
}

/// The challenge that the signed one has to be: derived again from what the signed one names.
async fn derived(
    context: &Context,
    signed: &[u8; 32],
    of: ChallengeFor<'_>,
) -> Result<[u8; 32], Failure> {
    let ring = context.ring().await?;
    let named = ring.names_in(signed);
    let live = named.filter(|(_, id)| challenge_is_live(*id, context.now()));
    let named = live.ok_or_else(wrong)?;
    Ok(ring.named_challenge(named, of)?)
}

fn second_key(passkey: &Passkey, verified: bool) -> SecondKey {
    SecondKey {
        place: passkey.key_place(),
        verified,
    }
}

fn wrong() -> Refusal {
    Refusal::CodeWrong(Method::Passkey)
}
