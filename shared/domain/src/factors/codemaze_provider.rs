//! Where a code of CodeMaze's second step comes from.

use crate::accounts::user::Account;
use crate::factors::factor::{Channel, Method};
use crate::login::evidence::SubmittedCode;
use crate::login::pending_login::SentTo;
use crate::secret::Secret;

/// CodeMaze's *provider*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeMazeProvider {
    Email,
    /// The user's authenticator app.
    App,
}

impl CodeMazeProvider {
    /// The provider that the first step asks this user for: e-mail if the user may use it, or
    /// else the app. A user who has neither gets a code at the confirmed address.
    pub fn asked_of(account: &Account) -> Self {
        let mut factors = account.active_factors();
        let by_mail = factors.any(|factor| factor.method() == Method::Email);
        match account.default_totp() {
            Some(_) if !by_mail => Self::App,
            Some(_) | None => Self::Email,
        }
    }

    /// A code of this provider, as it was typed.
    pub fn submitted(self, code: Secret) -> SubmittedCode {
        match self {
            Self::App => SubmittedCode::Totp { code, factor: None },
            Self::Email => SubmittedCode::Sent {
                code,
                to: SentTo::Channel(Channel::Email),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CodeMazeProvider;
    use crate::accounts::user::{Account, User};
    use crate::factors::factor::{Channel, Factor, FactorKind, Sealed};
    use crate::id::{FactorId, UserId};

    fn factor(number: u8, kind: FactorKind) -> Factor {
        Factor {
            id: FactorId::from_bytes([number; 16]),
            kind,
            confirmed: true,
            created_at: 0,
        }
    }

    fn app() -> Factor {
        let seed = Sealed {
            key: 1,
            bytes: Vec::new(),
        };
        let kind = FactorKind::Totp {
            seed,
            last_step: None,
        };
        factor(1, kind)
    }

    fn address(channel: Channel, to: &str) -> Factor {
        let to = to.to_owned();
        factor(2, FactorKind::Address { channel, to })
    }

    #[test]
    fn e_mail_comes_before_the_app_and_no_other_factor_is_asked_for() {
        let mail = || address(Channel::Email, "ann@example.com");
        let phone = || address(Channel::Sms, "+15555550100");
        for (factors, asked) in [
            (vec![mail()], CodeMazeProvider::Email),
            (vec![mail(), app()], CodeMazeProvider::Email),
            (vec![app()], CodeMazeProvider::App),
            (vec![app(), phone()], CodeMazeProvider::App),
            (vec![phone()], CodeMazeProvider::Email),
            (vec![], CodeMazeProvider::Email),
        ] {
            let account = Account {
                user: User::plain(UserId::from_bytes([1; 16])),
                factors,
                recovery: None,
                closed_factor: false,
            };
            assert_eq!(CodeMazeProvider::asked_of(&account), asked, "{account:?}");
        }
    }
}
