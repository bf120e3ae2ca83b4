//! The first code of a factor that is being enrolled.

use crate::domain::Timestamp;
use crate::domain::factors::factor::{Channel, Factor};
use crate::domain::login::pending_login::{Login, SentCode};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::keyring::Ring;
use crate::usecase::context::Context;
use crate::usecase::login::codes::adopt_send::or_adopt;
use crate::usecase::login::codes::deliver_code::{CodeToSend, challenge_token, deliver};
use crate::usecase::login::open_login::OpenLogin;

/// The first code of a factor.
pub(crate) struct EnrolmentCode<'a> {
    factor: &'a Factor,
    channel: Channel,
    /// `None` if the code was sent for this login a moment ago, and can still
    /// confirm the factor.
    to_send: Option<SentCode>,
}

impl<'a> EnrolmentCode<'a> {
    /// The code of this factor that the user asks for in this login. `None` for
    /// an app.
    ///
    /// # Errors
    /// `LoginExpired`; `SendTooSoon` if a code was sent a moment ago.
    pub fn asked_for(
        login: &Login,
        factor: &'a Factor,
        ring: &Ring,
        now: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        let Some((channel, _)) = factor.address() else {
            return Ok(None);
        };
        let sent = login.next_send(factor.id, channel, ring.current_token_key(), now)?;
        Ok(Some(Self {
            factor,
            channel,
            to_send: Some(sent),
        }))
    }

    /// The code of this factor, which the user begins to enrol in this login,
    /// perhaps not for the first time. Within half a minute no other code is
    /// sent, because the code that was sent still works. `None` for an app.
    ///
    /// # Errors
    /// `LoginExpired`.
    pub fn of_enrolment(
        login: &Login,
        factor: &'a Factor,
        ring: &Ring,
        now: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        let code = Self::asked_for(login, factor, ring, now);
        match (code, factor.address()) {
            (Err(Refusal::SendTooSoon { .. }), Some((channel, _))) => Ok(Some(Self {
                factor,
                channel,
                to_send: None,
            })),
            (code, _) => code,
        }
    }

    /// Sends the code to the factor, unless it was sent already, perhaps for
    /// an earlier login of the same user that enrols the same factor.
    ///
    /// # Errors
    /// `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`, `DeliveryFailed`.
    pub async fn send_unless_sent(
        self,
        context: &Context,
        open: &OpenLogin,
        others: Vec<Factor>,
    ) -> Result<EnrolmentChallenge, Failure> {
        let Self {
            factor,
            channel,
            to_send,
        } = self;
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
    /// The code that was just sent.
    Sent {
        /// The channel of the code.
        channel: Channel,
        /// Names the login and the factor: Auth0's `oob_code`.
        token: Secret,
    },
}
