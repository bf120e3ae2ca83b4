//! The first factor of a user who must show one and has none, where the app
//! knows no call to enrol: a code to a confirmed address makes it one.

use super::Caller;
use super::enroll::{NewFactor, enroll};
use crate::app::App;
use crate::domain::factor::Channel;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;

/// Sends a code to the user's own confirmed address of this channel, for the
/// login that `token` names. The code completes the login and makes the address
/// a factor. So whoever has only the password gets no further than before. Four
/// requests to DynamoDB, three more when the send fails.
///
/// # Errors
/// `FactorsMissing` if there is no such address, or another factor;
/// `LoginTokenMalformed`, `LoginExpired`, `FactorsFull`, `SendTooSoon`,
/// `SendsExhausted`, `DeliveryFailed`.
pub async fn send_to_first_factor(
    app: &App,
    caller: &Caller,
    token: &str,
    channel: Channel,
) -> Result<(), Failure> {
    match enroll(app, caller, token, &NewFactor::Confirmed(channel)).await {
        // There are others, which are not offered.
        Err(Failure::Refused(Refusal::AlreadyEnrolled)) => Err(Refusal::FactorsMissing.into()),
        begun => begun.map(drop),
    }
}
