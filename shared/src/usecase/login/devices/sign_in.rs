//! Completes the login of a user whose device stands in for the second factor. The password was
//! right.

use crate::domain::authorization::key_proof::{KeyProof, KeyThumbprint};
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::events::kind::EventKind;
use crate::domain::id::{CodeId, SessionId, UserId};
use crate::domain::sessions::authentication::{Authentication, FirstFactor};
use crate::domain::sessions::login_result::LoginResult;
use crate::domain::sessions::trusted_device::TrustedDevice;
use crate::failure::{Broken, Failure};
use crate::keyring::sha256_bytes;
use crate::store::DeviceLogin;
use crate::usecase::context::Context;
use crate::usecase::login::devices::browser::{key_of_browser, open_browser};
use crate::usecase::login::finished_login::FinishedLogin;
use crate::usecase::login::redeem_with_password::RightPassword;
use crate::usecase::sessions::issue_tokens::{NewSession, login_result, session_id_or_new};

/// What a request shows of a device.
struct DeviceEvidence {
    key: KeyThumbprint,
    first: FirstFactor,
    /// The identifiers of the session and of the code that follow from the proof of a key. A
    /// cookie begins as many sessions as a browser has tabs.
    follow: Option<(SessionId, CodeId)>,
}

impl DeviceEvidence {
    /// What an app shows with the proof of its key, or a browser on our own pages with its
    /// cookie. `None` for a cookie of another user.
    async fn of(
        context: &Context,
        right: &RightPassword<'_>,
        cookie: Option<&str>,
    ) -> Result<Option<Self>, Broken> {
        let user = right.account.user.id;
        if right.party.is_pages() {
            let opened = open_browser(context, cookie).await?;
            let Some(token) = opened.filter(|token| token.user == user) else {
                return Ok(None);
            };
            return Ok(Some(Self {
                key: key_of_browser(user, token.browser)?,
                first: FirstFactor::PasswordInBrowser,
                follow: None,
            }));
        }
        let Some(proof) = context.key_proof() else {
            return Ok(None);
        };
        Ok(Some(Self {
            key: proof.key.clone(),
            first: FirstFactor::PasswordOnDevice,
            follow: Some(identifiers(user, proof)?),
        }))
    }
}

/// Completes the login if the proof or the cookie of the request is of a device that the user
/// trusts. `None` if there is no such device: then the user shows a factor. Two requests to
/// DynamoDB; one if there is no such device, none without a proof or a cookie of the user, four
/// for a proof that comes again.
///
/// The identifier of an app's session follows from the proof. So a proof that comes twice begins
/// one session: the retry gets the tokens of the first answer.
///
/// # Errors
/// `ProofWrong` if the session of this proof has gone on since.
pub(crate) async fn sign_in_on_device(
    context: &Context,
    right: &RightPassword<'_>,
    cookie: Option<&str>,
) -> Result<Option<FinishedLogin>, Failure> {
    let user = &right.account.user;
    let Some(seconds) = context.app.config.trusted_device_seconds else {
        return Ok(None);
    };
    let Some(shown) = DeviceEvidence::of(context, right, cookie).await? else {
        return Ok(None);
    };
    let store = &context.app.store;
    let found = store.read_device(user.id, &shown.key).await?;
    let client = &right.authorized.client;
    let found = found.map(|device| device.within(seconds));
    let Some(device) = found.filter(|device| device.stands_in(user, client, context.now())) else {
        return Ok(None);
    };
    let new = NewSession {
        user,
        party: right.party,
        authorized: right.authorized,
        authentication: Authentication {
            first: shown.first,
            at: context.now(),
            method: None,
            key: None,
        },
    };
    let result = login_result(context, &new)?;
    let result = match shown.follow {
        Some((session, code)) => result.map(|result| result.named(session, code)),
        None => result,
    };
    let completed =
        store.complete_on_device(&device, result.as_ref(), right.counted, context.now());
    let result = match (completed.await?, result) {
        (DeviceLogin::Done, result) => result,
        (DeviceLogin::Ended, _) => return Ok(None),
        (DeviceLogin::ProofUsed, again) => {
            // The password was right, whatever becomes of the proof.
            store.forget_passwords(right.counted).await?;
            match again {
                Some(again) => Some(begun_before(context, &again).await?),
                None => None,
            }
        }
    };
    context.events.did(EventKind::DeviceUsed);
    let finished = FinishedLogin {
        user: user.clone(),
        authorized: right.authorized.clone(),
        authentication: match result.as_ref().and_then(LoginResult::session) {
            Some(session) => session.authentication,
            None => new.authentication,
        },
        session_id: match (&result, shown.follow) {
            (None, Some((session, _))) => session,
            (result, _) => session_id_or_new(result.as_ref())?,
        },
        result,
        recovery_codes: Vec::new(),
        gave_back: false,
        device: Some(TrustedDevice {
            used_at: Some(context.now()),
            ..device
        }),
    };
    Ok(Some(finished.noted(context)))
}

/// The identifiers of the session and of the code that this proof of the user's key begins.
fn identifiers(user: UserId, proof: &KeyProof) -> Result<(SessionId, CodeId), Broken> {
    let made_at = proof.made_at.to_be_bytes();
    let nonce = proof.nonce.as_deref().unwrap_or_default();
    let of = |what: &[u8]| {
        sha256_bytes(&[
            what,
            user.bytes(),
            proof.key.as_str().as_bytes(),
            proof.url.as_bytes(),
            proof.identifier.as_bytes(),
            &made_at,
            nonce.as_bytes(),
        ])
    };
    let session = SessionId::random(of(b"session of a proof")?);
    Ok((session, CodeId::random(of(b"code of a proof")?)))
}

/// What an earlier request with the same proof has begun, if nothing has used it since.
///
/// # Errors
/// `ProofWrong`.
async fn begun_before(context: &Context, again: &LoginResult) -> Result<LoginResult, Failure> {
    let store = &context.app.store;
    let begun = match again {
        LoginResult::Session(again) => {
            let read = store.read_session(again.user, again.id).await?;
            read.map(|(_, session)| LoginResult::Session(session))
        }
        LoginResult::Code(again) => {
            let read = store.read_code(again.user, again.id).await?;
            read.map(|(_, code)| LoginResult::Code(code))
        }
    };
    let begun = begun.filter(|begun| begun.is_repeated_by(again, context.now()));
    let used = ProofRefusal::ProofWrong("the proof was used before");
    Ok(begun.ok_or(used)?)
}
