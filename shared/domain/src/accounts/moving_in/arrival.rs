//! A user of another system, as the user comes here, and the account that follows.

use crate::Timestamp;
use crate::accounts::foreign::wrapped::FastDigest;
use crate::accounts::login_name::LoginName;
use crate::accounts::moving_in::former_identity::FormerIdentity;
use crate::accounts::moving_in::kept_user::KeptUser;
use crate::accounts::password::PasswordHash;
use crate::accounts::profile::Profile;
use crate::accounts::user::{Account, EmailAddress, User, UserName};
use crate::factors::factor::{Channel, Factor, RecoveryCodes};
use crate::factors::passkey::{Passkey, UserHandle};
use crate::factors::totp::Seed;
use crate::messages::phone_number::PhoneNumber;
use crate::secret::Secret;

/// A user of another system.
pub struct Arrival {
    pub identity: FormerIdentity,
    /// The user name; the e-mail address if there is none.
    pub user_name: Option<UserName>,
    pub email: Option<EmailAddress>,
    /// Whether the other system had confirmed the address.
    pub email_confirmed: bool,
    pub phone: Option<PhoneNumber>,
    /// Whether the other system had confirmed the number.
    pub phone_confirmed: bool,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// What apps show of the user and keep with the user.
    pub profile: Profile,
    pub roles: Vec<String>,
    /// Whether the user may sign in.
    pub active: bool,
    /// Until when the other system accepts no password of the user.
    pub locked_until: Option<Timestamp>,
    /// Whether a second factor is demanded.
    pub two_factor: bool,
    /// Whether the user has to change the password at the next sign-in.
    pub must_change_password: bool,
    /// The password, if there is one.
    pub password: Option<ArrivedPassword>,
    /// The factors that the other system had confirmed.
    pub factors: Vec<ArrivedFactor>,
    /// The recovery codes of the other system that are not used yet.
    pub recovery_codes: Vec<Secret>,
    /// What an export of this service says beyond that.
    pub kept: Option<Box<KeptUser>>,
}

/// A password of another system.
pub enum ArrivedPassword {
    /// A hash that is stored as it is.
    Slow(PasswordHash),
    /// A fast digest, which argon2id wraps.
    Fast(FastDigest, Vec<u8>),
}

/// A second factor of another system.
pub enum ArrivedFactor {
    App(Seed),
    /// Codes to this address or number.
    Address(Channel, String),
    /// A passkey that an export of this service names.
    Passkey(Box<Passkey>),
}

/// What is hashed or sealed for the account.
pub struct NewParts {
    pub password: Option<PasswordHash>,
    pub factors: Vec<Factor>,
    pub recovery: Option<RecoveryCodes>,
}

impl Arrival {
    /// The names that the user signs in with.
    pub fn login_names(&self) -> Vec<LoginName> {
        let user_name = self.user_name.as_ref().map(UserName::login_name);
        let email = self.email.as_ref().map(EmailAddress::login_name);
        let mut names: Vec<LoginName> = user_name.into_iter().chain(email).cloned().collect();
        names.dedup();
        names
    }

    /// What authenticators know the user by, if the user comes from an export of this service.
    pub fn passkey_handle(&self) -> Option<UserHandle> {
        self.kept.as_ref()?.passkey_handle
    }

    /// A hash of the kind of the user's password hash, unless the kind is today's.
    pub fn hash_kind(&self) -> Option<PasswordHash> {
        match &self.password {
            Some(ArrivedPassword::Slow(hash)) => hash.of_nobody().ok().flatten(),
            Some(ArrivedPassword::Fast(..)) | None => None,
        }
    }

    /// The account that the user gets here.
    pub fn new_account(&self, parts: NewParts, now: Timestamp) -> Account {
        let NewParts {
            password,
            factors,
            recovery,
        } = parts;
        let mut account = Account {
            user: self.user(password, now),
            factors,
            recovery,
            closed_factor: false,
        };
        if let Some(kept) = &self.kept {
            kept.restore(&mut account);
        }
        account
    }

    fn user(&self, password: Option<PasswordHash>, now: Timestamp) -> User {
        let email = self.email.as_ref().map(|email| email.as_str().to_owned());
        let user_name = self.user_name.as_ref().map(|name| name.as_str().to_owned());
        let user_name = user_name.or_else(|| email.clone()).unwrap_or_default();
        let enrolled = !self.factors.is_empty() || !self.recovery_codes.is_empty();
        User {
            email_confirmed: email.is_some() && self.email_confirmed,
            email,
            phone: self.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            phone_confirmed: self.phone.is_some() && self.phone_confirmed,
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            profile: self.profile.clone(),
            former_subject: self.identity.subject.clone(),
            roles: self.roles.clone(),
            password,
            // A user who was deleted may come back under the same identifier. No token or
            // session of an earlier life has an epoch this late.
            epoch: now.unsigned_abs(),
            active: self.active,
            two_factor: self.two_factor,
            must_change_password: self.must_change_password,
            // The factors were enrolled in the other system, so a reset must check whose
            // they are.
            enrolments: u64::from(enrolled),
            ..User::new(self.identity.id, user_name, now)
        }
    }
}

#[cfg(test)]
#[path = "arrival_tests.rs"]
mod tests;
