//! The first code of a factor that is being enrolled: whether it has to be sent.

use crate::Timestamp;
use crate::factors::factor::{Channel, Factor};
use crate::login::pending_login::{Login, SentCode};
use crate::refusal::Refusal;

/// The first code of a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstCode<'a> {
    pub factor: &'a Factor,
    pub channel: Channel,
    /// `None` if the code was sent for this login a moment ago, and can still
    /// confirm the factor.
    pub to_send: Option<SentCode>,
}

impl<'a> FirstCode<'a> {
    /// The code of this factor that the user asks for in this login, derived from the data
    /// key of this number. `None` for an app.
    ///
    /// # Errors
    /// `LoginExpired`; `SendTooSoon` if a code was sent a moment ago.
    pub fn asked_for(
        login: &Login,
        factor: &'a Factor,
        key: u32,
        now: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        let Some((channel, _)) = factor.address() else {
            return Ok(None);
        };
        let sent = login.next_send(factor.id, channel, key, now)?;
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
        key: u32,
        now: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        let code = Self::asked_for(login, factor, key, now);
        match (code, factor.address()) {
            (Err(Refusal::SendTooSoon { .. }), Some((channel, _))) => Ok(Some(Self {
                factor,
                channel,
                to_send: None,
            })),
            (code, _) => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use crate::accounts::user::User;
    use crate::authorization::client::Authorized;
    use crate::factors::factor::{FactorKind, Sealed};
    use crate::id::{FactorId, LoginId, UserId};
    use crate::login::pending_login::State;

    fn factor(kind: FactorKind) -> Factor {
        Factor {
            id: FactorId::from_bytes([4; 16]),
            kind,
            confirmed: false,
            created_at: 0,
        }
    }

    #[test]
    fn within_half_a_minute_an_enrolment_sends_nothing_and_a_request_for_a_code_waits() {
        let seed = Sealed {
            key: 1,
            bytes: Vec::new(),
        };
        let app = factor(FactorKind::Totp {
            seed,
            last_step: None,
        });
        let mail = factor(FactorKind::Address {
            channel: Channel::Email,
            to: "ann@example.com".into(),
        });
        let user = User::plain(UserId::from_bytes([1; 16]));
        let id = LoginId::from_bytes([2; 16]);
        let authorized = Authorized::default();
        let mut login = Login::begin(id, &user, authorized, Dialect::Auth0, 0);
        let sent = login.next_send(mail.id, Channel::Email, 7, 100).unwrap();
        login.sent = vec![sent];
        let sends = |code: Option<FirstCode<'_>>| code.map(|code| code.to_send.is_some());
        let waits = Err(Refusal::SendTooSoon { retry_at: 130 });
        for (factor, now, asked, enrolled) in [
            (&app, 101, Ok(None), Ok(None)),
            (&mail, 129, waits, Ok(Some(false))),
            (&mail, 130, Ok(Some(true)), Ok(Some(true))),
        ] {
            let code = FirstCode::asked_for(&login, factor, 7, now);
            assert_eq!(code.map(sends), asked, "{now}");
            let code = FirstCode::of_enrolment(&login, factor, 7, now);
            assert_eq!(code.map(sends), enrolled, "{now}");
        }
        login.state = State::Redeemed;
        let over = FirstCode::of_enrolment(&login, &mail, 7, 200);
        assert_eq!(over, Err(Refusal::LoginExpired));
    }
}
