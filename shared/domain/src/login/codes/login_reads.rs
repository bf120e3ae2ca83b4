//! What has to be read with a login to compare a code.

use crate::id::FactorId;
use crate::login::evidence::{Evidence, SubmittedCode};
use crate::login::pending_login::Login;

/// What is read together with the login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginReads {
    pub factor: Option<FactorId>,
    /// The factor that the token names: the user's default authenticator app.
    pub default_totp: bool,
    pub recovery: bool,
}

impl LoginReads {
    /// What has to be read to compare this code.
    pub fn of_code(shown: &SubmittedCode) -> Self {
        match shown {
            SubmittedCode::Totp { factor, .. } => Self {
                factor: *factor,
                default_totp: true,
                ..Self::default()
            },
            // The login itself says which codes were sent where.
            // Which passkey has signed is known from the signature only.
            SubmittedCode::Sent { .. } | SubmittedCode::Passkey { .. } => Self::default(),
            SubmittedCode::Recovery { .. } => Self {
                recovery: true,
                ..Self::default()
            },
        }
    }

    /// What has to be read to compare evidence, which may not say which factor it is
    /// of.
    pub fn of_evidence(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Of(shown) => Self::of_code(shown),
            Evidence::SixDigits(_) => Self {
                default_totp: true,
                ..Self::default()
            },
        }
    }

    /// The factor that is read with the login. `app` is the default authenticator app, if
    /// the token names it.
    pub fn factor_to_read(self, app: Option<FactorId>) -> Option<FactorId> {
        self.factor.or(app.filter(|_| self.default_totp))
    }

    /// The factor that is read next, after the login was read with this factor. The code of a
    /// verified login is compared with the app that verified it, which may differ from the
    /// default app. The code of a login that enrols is compared with the new factor.
    pub fn factor_to_read_again(self, read: Option<FactorId>, login: &Login) -> Option<FactorId> {
        let by_default = self.factor.is_none() && self.default_totp;
        login.app().filter(|used| by_default && read != Some(*used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use crate::accounts::user::User;
    use crate::authorization::client::Authorized;
    use crate::id::{LoginId, UserId};
    use crate::login::pending_login::{Proof, SentTo, State};
    use crate::secret::Secret;

    fn id(byte: u8) -> FactorId {
        FactorId::from_bytes([byte; 16])
    }

    #[test]
    fn a_code_is_read_with_the_app_or_the_recovery_codes_that_it_may_be_of() {
        let code = || Secret::new("123456");
        let totp = |factor| SubmittedCode::Totp {
            code: code(),
            factor,
        };
        let app = LoginReads {
            default_totp: true,
            ..LoginReads::default()
        };
        for (shown, expected) in [
            (totp(None), app),
            (
                totp(Some(id(1))),
                LoginReads {
                    factor: Some(id(1)),
                    ..app
                },
            ),
            (
                SubmittedCode::Sent {
                    code: code(),
                    to: SentTo::Anywhere,
                },
                LoginReads::default(),
            ),
            (
                SubmittedCode::Recovery { code: code() },
                LoginReads {
                    recovery: true,
                    ..LoginReads::default()
                },
            ),
        ] {
            assert_eq!(LoginReads::of_code(&shown), expected);
            assert_eq!(LoginReads::of_evidence(&Evidence::Of(shown)), expected);
        }
        assert_eq!(LoginReads::of_evidence(&Evidence::SixDigits(code())), app);
    }

    #[test]
    fn the_app_that_verified_a_login_is_read_unless_it_was_read_or_another_was_named() {
        let user = User::plain(UserId::from_bytes([7; 16]));
        let login = |app: Option<u8>| Login {
            state: match app {
                None => State::Pending,
                Some(byte) => State::Verified {
                    proof: Proof::Totp {
                        factor: id(byte),
                        step: 1,
                    },
                    by_token: true,
                },
            },
            ..Login::begin(
                LoginId::from_bytes([2; 16]),
                &user,
                Authorized::default(),
                Dialect::Auth0,
                0,
            )
        };
        for (factor, default_totp, token, verified, first, second) in [
            (None, true, Some(1), None, Some(1), None),
            (None, true, Some(1), Some(1), Some(1), None),
            (None, true, Some(1), Some(2), Some(1), Some(2)),
            (None, true, None, Some(2), None, Some(2)),
            (Some(3), true, Some(1), Some(2), Some(3), None),
            (None, false, Some(1), Some(2), None, None),
        ] {
            let beside = LoginReads {
                factor: factor.map(id),
                default_totp,
                recovery: false,
            };
            let read = beside.factor_to_read(token.map(id));
            assert_eq!(read, first.map(id));
            let again = beside.factor_to_read_again(read, &login(verified));
            assert_eq!(again, second.map(id));
        }
    }
}
