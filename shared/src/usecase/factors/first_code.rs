//! The first code of a factor that is being enrolled.

use crate::domain::Timestamp;
use crate::domain::factors::factor::{Channel, Factor};
use crate::domain::login::pending_login::{Login, SentCode};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::keyring::Ring;
use crate::usecase::Context;
use crate::usecase::login::adopt_send::or_adopt;
use crate::usecase::login::deliver_code::{challenge_token, deliver};
use crate::usecase::login::open_login::OpenLogin;

/// The first code of a factor.
#[derive(Clone, Copy)]
pub(crate) enum FirstCode {
    /// The code is still to be sent.
    ToSend(SentCode),
    /// The code was sent for this login a moment ago, and can still confirm the
    /// factor.
    OnItsWay(Channel),
}

impl FirstCode {
    /// The first code of this factor in this login. `None` for an app. `again`
    /// says that the user began to enrol the factor, perhaps not for the first
    /// time. Then no other code is sent within half a minute, because the code
    /// that was sent still works.
    ///
    /// # Errors
    /// `LoginExpired`; `SendTooSoon` if a code was sent and the user asked for
    /// the next code.
    pub fn of(
        login: &Login,
        factor: &Factor,
        ring: &Ring,
        again: bool,
        now: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        let Some((channel, _)) = factor.address() else {
            return Ok(None);
        };
        match login.next_send(factor.id, channel, ring.current_token_key(), now) {
            Ok(sent) => Ok(Some(Self::ToSend(sent))),
            Err(Refusal::SendTooSoon { .. }) if again => Ok(Some(Self::OnItsWay(channel))),
            Err(refusal) => Err(refusal),
        }
    }

    /// Sends the code to this factor, unless it was sent already, perhaps for
    /// an earlier login of the same user that enrols the same factor.
    ///
    /// # Errors
    /// `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`, `DeliveryFailed`.
    pub async fn challenge(
        self,
        context: &Context,
        ring: &Ring,
        open: &OpenLogin,
        factor: &Factor,
        others: Vec<Factor>,
    ) -> Result<FirstChallenge, Failure> {
        let channel = match self {
            Self::OnItsWay(channel) => channel,
            Self::ToSend(sent) => {
                let delivered = deliver(context, ring, open, sent, factor, Some(others)).await;
                or_adopt(context, open, factor.id, delivered).await?;
                sent.channel
            }
        };
        let token = challenge_token(ring, open, factor.id)?;
        Ok(FirstChallenge::Sent { channel, token })
    }
}

/// What the user confirms a new factor by.
#[derive(Debug)]
pub enum FirstChallenge {
    /// The code of an app that was given this seed.
    Totp {
        /// The seed in base32.
        secret: Secret,
        /// The same as an `otpauth` URI, for a QR code.
        uri: Secret,
    },
    /// The code that was just sent.
    Sent {
        /// How.
        channel: Channel,
        /// Names the login and the factor: Auth0's `oob_code`.
        token: Secret,
    },
}
