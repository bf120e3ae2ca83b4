//! Which sessions may ask for a stronger or younger authentication, and which factors give it.

use crate::accounts::user::Account;
use crate::authorization::token_refusal::TokenRefusal;
use crate::factors::factor::Factor;
use crate::factors::offer::{Offer, gives_first_level_only};
use crate::sessions::authentication::FirstFactor;
use crate::sessions::session::Session;
use crate::sessions::wanted_authentication::WantedAuthentication;

impl FirstFactor {
    /// Refuses a session that a code in place of the password began: its mailbox or phone must not
    /// become the second factor.
    ///
    /// # Errors
    /// `StepUpImpossible`.
    pub fn check_may_step_up(self) -> Result<(), TokenRefusal> {
        match self {
            Self::Code | Self::TextCode => Err(TokenRefusal::StepUpImpossible),
            Self::Password
            | Self::PasswordOnDevice
            | Self::PasswordInBrowser
            | Self::Passkey(_) => Ok(()),
        }
    }
}

impl WantedAuthentication {
    /// The user with the factors that give what is wanted, for a login of this session.
    ///
    /// # Errors
    /// `RefreshTokenEnded` if the user has changed since; `StepUpImpossible` if no factor of
    /// the user's is enough.
    pub fn enough_factors(
        self,
        mut account: Account,
        session: &Session,
        offer: &Offer,
    ) -> Result<Account, TokenRefusal> {
        if account.user.epoch != session.epoch {
            return Err(TokenRefusal::RefreshTokenEnded);
        }
        offer.keep_allowed(&mut account.factors);
        let enough = |factor: &Factor| !self.second_level || !gives_first_level_only(factor);
        let factors = &mut account.factors;
        factors.retain(|factor| factor.confirmed && enough(factor));
        let has_one = account.active_factors().next().is_some();
        match has_one {
            true => Ok(account),
            false => Err(TokenRefusal::StepUpImpossible),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use crate::accounts::user::User;
    use crate::authorization::client::Authorized;
    use crate::factors::factor::{Channel, FactorKind};
    use crate::factors::offer::AalPolicy;
    use crate::factors::passkey::KeyPlace;
    use crate::id::{FactorId, SessionId, UserId};
    use crate::messages::sms_countries::SmsCountries;
    use crate::sessions::authentication::Authentication;
    use crate::sessions::session::BegunSession;

    fn session(first: FirstFactor) -> Session {
        let authorized = Authorized::default();
        let begun = BegunSession {
            id: SessionId::from_bytes([3; 16]),
            user: UserId::from_bytes([1; 16]),
            epoch: 1,
            authorized: &authorized,
            dialect: Dialect::Auth0,
            authentication: Authentication {
                at: 0,
                first,
                method: None,
                key: None,
            },
        };
        Session::kept(begun, 0, 100)
    }

    #[test]
    fn a_session_of_a_mailbox_code_never_steps_up() {
        for (first, may) in [
            (FirstFactor::Password, true),
            (FirstFactor::Passkey(KeyPlace::Hardware), true),
            (FirstFactor::Code, false),
            (FirstFactor::TextCode, false),
        ] {
            assert_eq!(first.check_may_step_up().is_ok(), may, "{first:?}");
        }
    }

    #[test]
    fn only_confirmed_and_offered_factors_of_the_wanted_level_are_enough() {
        let offer = Offer {
            aal: AalPolicy::Aal1,
            sms_countries: SmsCountries::parse(["+1"]).unwrap(),
            webhook: false,
        };
        let factor = |channel, to: &str, confirmed| Factor {
            id: FactorId::from_bytes([4; 16]),
            kind: FactorKind::Address {
                channel,
                to: to.into(),
            },
            confirmed,
            created_at: 0,
        };
        let mail = |confirmed| factor(Channel::Email, "ann@example.com", confirmed);
        let sms = |to| factor(Channel::Sms, to, true);
        let impossible = Err(TokenRefusal::StepUpImpossible);
        for (epoch, second_level, factors, expected) in [
            (1, false, vec![mail(true)], Ok(1)),
            (1, false, vec![mail(false)], impossible.clone()),
            (1, true, vec![mail(true)], impossible.clone()),
            (1, true, vec![mail(true), sms("+15555550100")], Ok(1)),
            (1, false, vec![mail(true), sms("+15555550100")], Ok(2)),
            (1, true, vec![sms("+447700900123")], impossible.clone()),
            (1, false, vec![], impossible),
            (
                2,
                false,
                vec![mail(true)],
                Err(TokenRefusal::RefreshTokenEnded),
            ),
        ] {
            let account = Account {
                user: User {
                    epoch,
                    ..User::plain(UserId::from_bytes([1; 16]))
                },
                factors,
                recovery: None,
                closed_factor: false,
            };
            let wanted = WantedAuthentication {
                second_level,
                max_age: None,
            };
            let found = wanted.enough_factors(account, &session(FirstFactor::Password), &offer);
            assert_eq!(found.map(|account| account.factors.len()), expected);
        }
    }
}
