//! What is derived for the ceremonies of passkeys. So no challenge is stored.

use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::{LoginId, SessionId, UserId};
use crate::failure::Broken;
use crate::keyring::derive::derive_bytes;
use crate::keyring::ring::{Ring, find_data_key};

/// What a challenge is for. No other use has the same challenge.
#[derive(Clone, Copy, Debug)]
pub enum ChallengeFor<'a> {
    /// Signing in at this client.
    SignIn { client: &'a str },
    /// Signing up at this client.
    SignUp { client: &'a str },
    /// A new passkey of a user, in this session and at this epoch.
    Enrolment {
        user: UserId,
        session: SessionId,
        epoch: u64,
    },
}

impl Ring {
    /// The 32 bytes that an authenticator signs. `key` is the number of the data key.
    ///
    /// # Errors
    /// `Broken` if the data key is not known.
    pub fn challenge_bytes(
        &self,
        key: u32,
        id: LoginId,
        of: ChallengeFor<'_>,
    ) -> Result<[u8; 32], Broken> {
        let secret = find_data_key(&self.tokens, key)?;
        let derived = match of {
            ChallengeFor::SignIn { client } => derive_bytes(
                secret,
                "passkey challenge",
                &[id.bytes(), client.as_bytes()],
            )?,
            ChallengeFor::SignUp { client } => {
                let context = [id.bytes(), client.as_bytes()];
                derive_bytes(secret, "passkey sign-up", &context)?
            }
            ChallengeFor::Enrolment {
                user,
                session,
                epoch,
            } => {
                let epoch = epoch.to_be_bytes();
                let context: [&[u8]; 4] = [id.bytes(), user.bytes(), session.bytes(), &epoch];
                derive_bytes(secret, "passkey enrolment", &context)?
            }
        };
        Ok(*derived)
    }

    /// The user handle that an enrolment with this challenge gives to a user who has none.
    /// It says nothing about the user to anybody without the data key.
    ///
    /// # Errors
    /// `Broken` if the data key is not known.
    pub fn new_handle(&self, key: u32, id: LoginId, user: UserId) -> Result<UserHandle, Broken> {
        let secret = find_data_key(&self.tokens, key)?;
        let derived = derive_bytes(secret, "passkey handle", &[id.bytes(), user.bytes()])?;
        Ok(UserHandle::from_bytes(*derived))
    }
}
