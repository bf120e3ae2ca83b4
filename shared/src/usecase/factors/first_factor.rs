//! The first factor of a user who must show one and has none that is offered: a
//! password alone makes none where there is a confirmed address. A code that is
//! sent there comes first, and makes the address a factor; on our own pages, and
//! where e-mail is no factor, it lets another one be enrolled.

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::factors::factor::Channel;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::usecase::Caller;
use crate::usecase::factors::enroll::{NewFactor, begin};
use crate::usecase::factors::enrolment_subject::Beginning;
use crate::usecase::factors::first_code::FirstChallenge;
use crate::usecase::login::open_login::OpenLogin;

/// Sends the code that makes this confirmed address a factor, for a login that
/// waits for it: an `oob_code`. `None` if another request changed the user
/// meanwhile. Two requests to DynamoDB, three more when the send fails, two more
/// where a code was sent a moment ago for an earlier login.
///
/// # Errors
/// `FactorsFull`, `SendTooSoon`, `SendsExhausted`, `DeliveryFailed`.
pub(crate) async fn send_to_first_factor(
    app: &App,
    caller: &Caller,
    open: OpenLogin,
    account: Account,
    channel: Channel,
) -> Result<Option<Secret>, Failure> {
    let beginning = Beginning {
        account,
        login: open.login,
        fresh: false,
        session: None,
    };
    match begin(app, caller, beginning, &NewFactor::Confirmed(channel)).await? {
        None => Ok(None),
        Some(begun) => match begun.challenge {
            FirstChallenge::Sent { token, .. } => Ok(Some(token)),
            FirstChallenge::Totp { .. } => Err(Broken::internal("an address has a seed").into()),
        },
    }
}
