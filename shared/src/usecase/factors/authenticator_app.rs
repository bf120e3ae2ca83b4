//! The authenticator app of a signed-in user: its key, its confirmation, its
//! reset. A session has one enrolment at a time, so no token has to name the
//! enrolment.

use crate::domain::accounts::user::Account;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::factors::enrolling::confirmation::submitted_first_code;
use crate::domain::factors::enrolling::new_factor::NewFactor;
use crate::domain::factors::enrolment::check_confirmed;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Factor, FactorKind, RecoveryCodes};
use crate::domain::factors::factor_demand::strongest;
use crate::domain::id::FactorId;
use crate::domain::login::codes::login_reads::LoginReads;
use crate::domain::login::codes::refused_charge::told_to_session;
use crate::domain::login::throttle::Guesser;
use crate::domain::secret::Secret;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::{Broken, Failure};
use crate::usecase::context::Context;
use crate::usecase::factors::confirm_factor::{Confirmed, confirm_new_factor};
use crate::usecase::factors::enroll::{begin_enrolment, seed_and_uri};
use crate::usecase::factors::enrolment_code::EnrolmentChallenge;
use crate::usecase::factors::enrolment_subject::EnrolmentSubject;
use crate::usecase::factors::recovery_codes::{RECOVERY_CODES, new_recovery_codes};
use crate::usecase::factors::remove_factor::remove_confirmed;
use crate::usecase::login::codes::prove::{Guess, give_guess_back, prove};
use crate::usecase::login::open_login::{NamedLogin, open_provable_login};
use crate::usecase::messages::delivery_report::note_arrival;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::kept_session::session_after;
use crate::usecase::sessions::requirement::{
    Bearer, Credential, ProfileAlone, Required, SessionOrLogin, ToChangeFactors, WithFactors,
};

/// A seed in the forms that the user sees.
#[derive(Debug)]
pub struct AuthenticatorKey {
    /// In base32.
    pub key: Secret,
    /// As an `otpauth` URI.
    pub uri: Secret,
}

/// The user of an access token for the account, with the factors, for calls
/// that only read. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn look_at_account(
    context: &Context,
    credential: impl Into<Credential<'_>>,
) -> Result<Account, Failure> {
    let required = Required {
        audience: Audience::Account,
        scope: None,
        session: SessionState::Live,
        role: None,
        read: WithFactors,
    };
    let (_, account) = authenticate(context, credential.into(), required).await?;
    Ok(account)
}

/// The key of the app that the user is about to confirm: a new key, or the key
/// that this session has shown before. The key of a confirmed app is never
/// shown again. At most three requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `AuthenticationInsufficient`, `AddressUnconfirmed`,
/// `FactorsFull`; `SignInRequired` for a login that has to show an address first.
pub async fn authenticator_key(
    context: &Context,
    named: impl Into<SessionOrLogin<'_>>,
) -> Result<AuthenticatorKey, Failure> {
    let named = named.into();
    for _ in 0..ATTEMPTS {
        let subject = match named {
            SessionOrLogin::Login(token) => {
                let subject = EnrolmentSubject::by_login(context, token).await?;
                let user = &subject.account.user;
                // The login's page asks for the address first.
                let addresses = context.app.addresses();
                addresses
                    .check_first(user, &subject.login, None)
                    .map_err(|_| PageRefusal::SignInRequired)?;
                subject
            }
            SessionOrLogin::Session(credential) => {
                let required = Required {
                    audience: Audience::Account,
                    scope: None,
                    session: SessionState::Live,
                    role: None,
                    read: ToChangeFactors(strongest),
                };
                let changing = authenticate(context, credential, required).await?;
                EnrolmentSubject::by_session(context, changing).await?
            }
        };
        check_confirmed(&subject.account.user)?;
        if let Some(key) = begun_before(context, &subject).await? {
            return Ok(key);
        }
        let Some(begun) = begin_enrolment(context, subject, &NewFactor::Totp).await? else {
            continue;
        };
        let EnrolmentChallenge::Totp { secret: key, uri } = begun.challenge else {
            return Err(Broken::internal("a new app has no seed").into());
        };
        return Ok(AuthenticatorKey { key, uri });
    }
    Err(overtaken())
}

pub(crate) async fn begun_before(
    context: &Context,
    subject: &EnrolmentSubject,
) -> Result<Option<AuthenticatorKey>, Failure> {
    let (account, user) = (&subject.account, &subject.account.user);
    let Some(enrolment) = &subject.login.enrolment else {
        return Ok(None);
    };
    let mut factors = account.factors.iter();
    let factor = factors.find(|factor| factor.id == enrolment.factor && !factor.confirmed);
    let Some(FactorKind::Totp { seed, .. }) = factor.map(|factor| &factor.kind) else {
        return Ok(None);
    };
    let ring = context.ring().await?;
    let seed = ring.open_seed(user.id, enrolment.factor, seed)?;
    let (key, uri) = seed_and_uri(&context.app, user, &seed)?;
    Ok(Some(AuthenticatorKey { key, uri }))
}

/// Confirms the app whose key this session has shown, and gives new recovery
/// codes. Six requests to DynamoDB at most, and one more when the budget of
/// codes is in use.
///
/// # Errors
/// `AccessTokenInvalid`; `EnrolmentMissing`, `CodeWrong`, `CodesExhausted`,
/// `CodesClosed`.
pub async fn confirm_authenticator(
    context: &Context,
    credential: impl Into<Credential<'_>>,
    code: &Secret,
) -> Result<Vec<Secret>, Failure> {
    let required = Required {
        audience: Audience::Account,
        scope: None,
        session: SessionState::Live,
        role: None,
        read: ProfileAlone,
    };
    let bearer = authenticate(context, credential.into(), required).await?;
    confirm_of_session(context, &bearer, code).await
}

/// Confirms the factor that this session has begun, and gives new recovery
/// codes.
///
/// # Errors
/// `EnrolmentMissing`, `CodeWrong`, `CodesExhausted`, `CodesClosed`.
pub(crate) async fn confirm_of_session(
    context: &Context,
    bearer: &Bearer,
    code: &Secret,
) -> Result<Vec<Secret>, Failure> {
    let (recovery, texts) = new_recovery_codes(bearer.user.id, RECOVERY_CODES)?;
    let confirming = Confirming {
        code,
        factor: None,
        recovery: Some(&recovery),
    };
    confirm_begun(context, bearer, confirming).await?;
    Ok(texts)
}

/// The first code of a factor that a session has begun.
pub(crate) struct Confirming<'a> {
    pub code: &'a Secret,
    /// The factor, if the caller names it.
    pub factor: Option<FactorId>,
    /// The recovery codes from now on, in place of those of the enrolment.
    pub recovery: Option<&'a RecoveryCodes>,
}

/// Confirms the factor that this session has begun, and gives the factor.
///
/// # Errors
/// `EnrolmentMissing`, also for another factor than the named one; `CodeWrong`,
/// `CodesExhausted`, `CodesClosed`.
pub(crate) async fn confirm_begun(
    context: &Context,
    bearer: &Bearer,
    confirming: Confirming<'_>,
) -> Result<Factor, Failure> {
    let missing = || Failure::from(EnrolmentRefusal::EnrolmentMissing);
    let session = bearer.session_id()?;
    let named = NamedLogin::Session {
        user: bearer.user.id,
        session,
    };
    let beside = LoginReads {
        default_totp: true,
        ..LoginReads::default()
    };
    let provable = open_provable_login(context, None, &named, beside).await;
    let provable = provable.map_err(or_missing)?;
    let enrolment = provable.open.login.enrolment.clone();
    let enrolment = enrolment.ok_or_else(missing)?;
    let began = enrolment.session.ok_or_else(missing)?;
    let another = |named: FactorId| named != enrolment.factor;
    if confirming.factor.is_some_and(another) {
        return Err(missing());
    }
    let factor = provable.factor.clone();
    let ring = context.ring().await?;
    let code = confirming.code.clone();
    let shown = submitted_first_code(code, enrolment.factor, factor.as_ref());
    let guess = Guess {
        shown: &shown,
        charged_to: Guesser::User(bearer.user.id),
    };
    let targets = [provable];
    let (target, proof) = prove(context, &ring, &targets, guess).await?;
    let open = &target.open;
    let authorized = &open.login.authorized;
    let session = session_after(context, &open.user, began, authorized).into();
    let confirmed = Confirmed {
        enrolment: &enrolment,
        proof: &proof,
        recovery: confirming.recovery.or(enrolment.recovery.as_ref()),
        result: Some(&session),
        passkey: None,
    };
    let done = confirm_new_factor(context, open, confirmed, None).await;
    give_guess_back(context, guess, target).await;
    note_arrival(context, &open.user, &proof).await;
    done.map_err(or_missing)?;
    let factor = factor.ok_or_else(missing)?;
    Ok(Factor {
        confirmed: true,
        ..factor
    })
}

fn or_missing(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(refusal) => told_to_session(refusal).into(),
        broken @ Failure::Broken(_) => broken,
    }
}

/// Removes the user's authenticator app, confirmed or not. So the next key is a
/// new key. Two requests to DynamoDB, more for unconfirmed apps.
///
/// # Errors
/// `AccessTokenInvalid`, `AuthenticationInsufficient`, `FactorKept`.
pub async fn reset_authenticator(context: &Context, token: &str) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let required = Required {
            audience: Audience::Account,
            scope: None,
            session: SessionState::Live,
            role: None,
            read: ToChangeFactors(strongest),
        };
        let changing = authenticate(context, token.into(), required).await?;
        let account = changing.account();
        let apps = account.factors.iter().filter(|factor| factor.is_totp());
        let (gone, waiting): (Vec<Factor>, Vec<Factor>) =
            apps.cloned().partition(|factor| factor.confirmed);
        if !gone.is_empty() && !remove_confirmed(context, &changing, &gone).await? {
            continue;
        }
        for factor in waiting {
            let store = &context.app.store;
            store.forget_unconfirmed(account.user.id, factor.id).await?;
        }
        return Ok(());
    }
    Err(overtaken())
}
