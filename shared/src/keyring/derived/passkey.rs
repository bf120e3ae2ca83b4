//! What is derived for the ceremonies of passkeys. So no challenge is stored.

use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::{FactorId, LoginId, SessionId, UserId};
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
    /// The second factor of this pending login.
    SecondFactor { user: UserId, login: LoginId },
    /// A new passkey that this pending login enrols as this factor.
    SecondEnrolment {
        user: UserId,
        login: LoginId,
        factor: FactorId,
    },
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
            ChallengeFor::SecondFactor { user, login } => {
                let context: [&[u8]; 3] = [id.bytes(), user.bytes(), login.bytes()];
                derive_bytes(secret, "passkey second factor", &context)?
            }
            ChallengeFor::SecondEnrolment {
                user,
                login,
                factor,
            } => {
                let context: [&[u8]; 4] = [id.bytes(), user.bytes(), login.bytes(), factor.bytes()];
                derive_bytes(secret, "passkey second enrolment", &context)?
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

    /// A challenge of a pending login. The challenge names its identifier and its data key, so
    /// nothing else need come with the signature: 16 and 4 bytes, and 12 that are derived.
    ///
    /// # Errors
    /// `Broken` if the data key is not known.
    pub fn named_challenge(
        &self,
        (key, id): (u32, LoginId),
        of: ChallengeFor<'_>,
    ) -> Result<[u8; 32], Broken> {
        let derived = self.challenge_bytes(key, id, of)?;
        let named = id.bytes().iter().copied();
        let named = named.chain(key.to_be_bytes()).chain(derived);
        let mut challenge = [0; 32];
        challenge
            .iter_mut()
            .zip(named)
            .for_each(|(byte, of)| *byte = of);
        Ok(challenge)
    }

    /// What a signed challenge names, if its data key is known. The caller derives the challenge
    /// again, and compares.
    pub fn names_in(&self, challenge: &[u8; 32]) -> Option<(u32, LoginId)> {
        let (id, rest) = challenge.split_first_chunk::<16>()?;
        let key = u32::from_be_bytes(*rest.first_chunk::<4>()?);
        find_data_key(&self.tokens, key).ok()?;
        Some((key, LoginId::from_bytes(*id)))
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
