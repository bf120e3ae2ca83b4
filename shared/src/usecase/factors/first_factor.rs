//! The first factor of a user who must show a factor and has no offered one. If
//! the user has a confirmed address, the password alone enrols nothing: a code
//! to that address comes first, and makes the address a factor. On our own
//! pages, and if e-mail is not a factor, the code only allows the user to enrol
//! another factor.

use crate::domain::accounts::user::Account;
use crate::domain::factors::enrolling::new_factor::NewFactor;
use crate::domain::factors::factor::Channel;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::usecase::context::Context;
use crate::usecase::factors::enroll::begin_enrolment;
use crate::usecase::factors::enrolment_code::EnrolmentChallenge;
use crate::usecase::factors::enrolment_subject::EnrolmentSubject;
use crate::usecase::login::open_login::OpenLogin;

/// Sends the code that makes this confirmed address a factor, for a login that
/// waits for it. Returns an `oob_code`, or `None` if another request changed
/// the user meanwhile. Two requests to DynamoDB, three more when the send
/// fails, two more if a code was just sent for an earlier login.
///
/// # Errors
/// `FactorsFull`, `SendTooSoon`, `SendsExhausted`, `DeliveryFailed`.
pub(crate) async fn send_to_first_factor(
    context: &Context,
    open: OpenLogin,
    account: Account,
    channel: Channel,
) -> Result<Option<Secret>, Failure> {
    let subject = EnrolmentSubject {
        account,
        login: open.login,
        fresh: false,
        session: None,
    };
    match begin_enrolment(context, subject, &NewFactor::Confirmed(channel)).await? {
        None => Ok(None),
        Some(begun) => match begun.challenge {
            EnrolmentChallenge::Sent { token, .. } => Ok(Some(token)),
            EnrolmentChallenge::Totp { .. } | EnrolmentChallenge::Passkey { .. } => {
                Err(Broken::internal("an address factor has a seed").into())
            }
        },
    }
}
