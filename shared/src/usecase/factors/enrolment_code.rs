//! Sends the first code of a factor that is being enrolled.

use serde_json::Value;

use crate::domain::factors::enrolling::first_code::FirstCode;
use crate::domain::factors::factor::{Channel, Factor};
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::login::codes::adopt_send::or_adopt;
use crate::usecase::login::codes::deliver_code::{CodeToSend, challenge_token, deliver};
use crate::usecase::login::open_login::OpenLogin;

/// Sends the code to the factor, unless it was sent already, perhaps for an earlier login of
/// the same user that enrols the same factor.
///
/// # Errors
/// `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`, `DeliveryFailed`.
pub(crate) async fn send_unless_sent(
    context: &Context,
    open: &OpenLogin,
    code: FirstCode<'_>,
    others: Vec<Factor>,
) -> Result<EnrolmentChallenge, Failure> {
    let FirstCode {
        factor,
        channel,
        to_send,
    } = code;
    let ring = context.ring().await?;
    if let Some(sent) = to_send {
        let code = CodeToSend {
            sent,
            factor,
            others: Some(others),
        };
        let delivered = deliver(context, &ring, open, code).await;
        or_adopt(context, open, factor.id, delivered).await?;
    }
    let token = challenge_token(&ring, open, factor.id)?;
    Ok(EnrolmentChallenge::Sent { channel, token })
}

/// What the user confirms a new factor by.
#[derive(Debug)]
pub enum EnrolmentChallenge {
    /// The code of an app that was given this seed.
    Totp {
        /// The seed in base32.
        secret: Secret,
        /// The seed as an `otpauth` URI, for a QR code.
        uri: Secret,
    },
    /// The passkey that an authenticator makes.
    Passkey {
        /// What the app hands to the authenticator.
        options: Value,
    },
    /// The code that was just sent.
    Sent {
        /// The channel of the code.
        channel: Channel,
        /// Names the login and the factor: Auth0's `oob_code`.
        token: Secret,
    },
}
