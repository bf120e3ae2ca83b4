//! Two-factor authentication of a signed-in user, in Aidbox's way. The user
//! requests two-factor authentication, confirms the request by a first token, and
//! disables two-factor authentication by another token. Two-factor authentication is
//! on or off as a whole, so a user has one factor at a time.

use crate::domain::accounts::user::{Account, User};
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolling::new_factor::NewFactor;
use crate::domain::factors::enrolment::check_confirmed;
use crate::domain::factors::factor::Channel;
use crate::domain::factors::factor_demand::FactorDemand;
use crate::domain::factors::removal::Removal;
use crate::domain::factors::two_factor::TwoFactor;
use crate::domain::login::evidence::{Evidence, SubmittedCode};
use crate::domain::login::throttle::Guesser;
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::store::AcceptedCode;
use crate::usecase::context::Context;
use crate::usecase::factors::authenticator_app::{begun_before, confirm_of_session};
use crate::usecase::factors::enroll::begin_enrolment;
use crate::usecase::factors::enrolment_code::EnrolmentChallenge;
use crate::usecase::factors::enrolment_subject::EnrolmentSubject;
use crate::usecase::factors::factors_delta::{FactorsDelta, write_delta};
use crate::usecase::login::codes::prove::{CodeTarget, Guess, OwnFactors, give_guess_back, prove};
use crate::usecase::login::pending_logins::pending_logins;
use crate::usecase::messages::delivery_report::note_arrival_for;
use crate::usecase::messages::notice::send_notice;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{
    Credential, MayChange, MustShow, Required, ToChangeByCode, ToChangeFactors, WithFactors,
};

/// The user of an access token, and the state of the user's two-factor
/// authentication. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn look(context: &Context, token: &str) -> Result<(User, TwoFactor), Failure> {
    let required = Required {
        audience: Audience::AccountOrUserInfo,
        scope: None,
        session: SessionState::Live,
        role: None,
        read: WithFactors,
    };
    let (_, account) = authenticate(context, token.into(), required).await?;
    let two_factor = TwoFactor::of(&account);
    Ok((account.user, two_factor))
}

/// What the user needs to confirm two-factor authentication.
#[derive(Debug)]
pub enum Requested {
    /// A code of an app that has this `otpauth` URI.
    App(Secret),
    /// The token that was just sent.
    Sent,
}

/// Begins two-factor authentication with an authenticator app; with the webhook
/// if the request names a transport. Until the app is confirmed, every call
/// gives the same app. At most four requests to DynamoDB, and three more if a
/// token is sent and the send fails.
///
/// # Errors
/// `AccessTokenInvalid`, `AuthenticationInsufficient`, `AddressUnconfirmed`;
/// `AlreadyEnrolled`; `FactorUnknown` without a webhook; `RequestMalformed` for
/// a transport that is not a word; `FactorsFull`, `SendTooSoon`,
/// `SendsExhausted`, `DeliveryFailed`.
pub async fn request_two_factor(
    context: &Context,
    token: &str,
    transport: Option<&str>,
) -> Result<Requested, Failure> {
    let new = match transport {
        None => NewFactor::Totp,
        Some(name) => NewFactor::Address {
            channel: Channel::Webhook,
            to: Some(name.to_owned()),
        },
    };
    for _ in 0..ATTEMPTS {
        let read = ToChangeFactors(|account: &Account| {
            TwoFactor::of(account).check_may_begin()?;
            Ok(FactorDemand::Strongest)
        });
        let changing = authenticate(context, token.into(), of_account(read)).await?;
        let subject = EnrolmentSubject::by_session(context, changing).await?;
        check_confirmed(&subject.account.user)?;
        if transport.is_none()
            && let Some(key) = begun_before(context, &subject).await?
        {
            return Ok(Requested::App(key.uri));
        }
        if let Some(begun) = begin_enrolment(context, subject, &new).await? {
            return Ok(match begun.challenge {
                EnrolmentChallenge::Totp { uri, .. } => Requested::App(uri),
                EnrolmentChallenge::Sent { .. } | EnrolmentChallenge::Passkey { .. } => {
                    Requested::Sent
                }
            });
        }
    }
    Err(overtaken())
}

/// Confirms the factor that this session has requested, and gives new recovery
/// codes. Seven requests to DynamoDB at most, and one more when the budget of
/// codes is in use.
///
/// # Errors
/// `AccessTokenInvalid`; `AlreadyEnrolled`, `EnrolmentMissing`, `CodeWrong`,
/// `CodesExhausted`, `CodesClosed`.
pub async fn confirm_two_factor(
    context: &Context,
    token: &str,
    code: &Secret,
) -> Result<Vec<Secret>, Failure> {
    let required = of_account(WithFactors);
    let (bearer, account) = authenticate(context, token.into(), required).await?;
    TwoFactor::of(&account).check_may_begin()?;
    confirm_of_session(context, &bearer, code).await
}

/// Turns two-factor authentication off, by a token of the strongest factor or a
/// recovery code. Every factor and the recovery codes are removed. The token is
/// an authentication of this moment, so the session itself may be older than
/// ten minutes. Six requests to DynamoDB at most, and one more when the budget
/// of codes is in use.
///
/// # Errors
/// `AccessTokenInvalid`, `SignInRequired`; `FactorNotFound` if two-factor is off;
/// `FactorKept` if the policy requires two-factor; `CodeWrong`, `CodesExhausted`,
/// `CodesClosed`; `AuthenticationInsufficient` for a token of a weaker factor.
pub async fn disable_two_factor(
    context: &Context,
    credential: impl Into<Credential<'_>>,
    evidence: &Evidence,
) -> Result<(), Failure> {
    let required = of_account(ToChangeByCode);
    let changing = authenticate(context, credential.into(), required).await?;
    let account = changing.account();
    TwoFactor::of(account).check_may_end(context.app.config.mfa_policy)?;
    let shown = evidence.beside_password(account);
    match shown.sent_to() {
        // An app's code and a recovery code belong to no login.
        None => {
            let own = account.clone();
            disable_by_code(context, changing, &shown, &[OwnFactors(&own)]).await
        }
        sent => {
            let logins = pending_logins(context, account, None, sent).await?;
            if logins.is_empty() {
                return Err(Refusal::CodeWrong(shown.method()).into());
            }
            disable_by_code(context, changing, &shown, &logins).await
        }
    }
}

async fn disable_by_code<T: CodeTarget>(
    context: &Context,
    changing: MustShow,
    shown: &SubmittedCode,
    targets: &[T],
) -> Result<(), Failure> {
    let account = changing.account().clone();
    let ring = context.ring().await?;
    let guess = Guess {
        shown,
        charged_to: Guesser::User(account.user.id),
    };
    let (target, proof) = prove(context, &ring, targets, guess).await?;
    let disabled = match changing.may_change_after(context, proof.method()) {
        Ok(changing) => {
            let sent_for = target.provable().login;
            let shown = AcceptedCode {
                proof: &proof,
                sent_for,
            };
            disable(context, &changing, shown).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    give_guess_back(context, guess, target).await;
    note_arrival_for(context, &account, &proof).await;
    disabled
}

/// What is required of an access token for the account, and of a browser.
fn of_account<R>(read: R) -> Required<'static, R> {
    Required {
        audience: Audience::Account,
        scope: None,
        session: SessionState::Live,
        role: None,
        read,
    }
}

/// The transaction raises the epoch and consumes the token. So only one of
/// several concurrent requests succeeds, and the same token completes no login.
async fn disable(
    context: &Context,
    changing: &MayChange,
    shown: AcceptedCode<'_>,
) -> Result<(), Failure> {
    let account = changing.account();
    let removal = Removal::of_second_factors(account);
    let change = FactorsDelta::of_removal(&removal, Some(shown));
    if !write_delta(context, changing, change).await? {
        // The token was used meanwhile, or the user has changed.
        return Err(Refusal::CodeWrong(shown.proof.method()).into());
    }
    context.events.did(EventKind::FactorRemoved);
    send_notice(
        context,
        &account.user,
        &account.factors,
        Notice::TwoFactorOff,
    )
    .await;
    Ok(())
}
