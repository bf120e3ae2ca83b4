//! What a redemption or a verification of a login takes and gives.

use crate::domain::factors::factor::Sealed;
use crate::domain::login::pending_login::{Login, Proof};
use crate::domain::login::throttle::Guesser;
use crate::domain::sessions::login_result::LoginResult;
use crate::domain::sessions::trusted_device::Remembered;
use crate::store::login::password_charge::Counted;

pub struct LoginRedemption<'a> {
    /// The login, as read.
    pub login: &'a Login,
    /// What completes the login.
    pub proof: &'a Proof,
    /// The session that begins, or the code that is given, if the login stores one.
    pub result: Option<&'a LoginResult>,
    /// The guess that this redemption gives back, if it does.
    pub gives_back: Option<Guesser>,
    /// The hash of a new recovery code, if the redemption makes one.
    pub new_recovery: Option<&'a str>,
    /// The password of the request as it was counted, if the request has one.
    pub counted: Option<&'a Counted>,
    /// The seed of the app that the proof is of, if it was sealed again.
    pub resealed: Option<&'a Sealed>,
    /// The device that the login remembers, if it does.
    pub device: Option<&'a Remembered>,
}

/// A shown proof that verifies a login.
pub struct AcceptedProof<'a> {
    pub proof: &'a Proof,
    /// Whether the verify carried the login's token.
    pub by_token: bool,
    /// The seed of the app that the proof is of, if it was sealed again.
    pub resealed: Option<&'a Sealed>,
}

/// The result of recording that the second factor was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginVerification {
    /// The login is verified and the proof is consumed.
    Done,
    /// The login is over, or was verified or redeemed by another request.
    LoginOver,
    /// The proof was consumed before.
    ProofUsed,
}

/// The result of redeeming a login: the three values of `LoginVerification`.
pub type Redeemed = LoginVerification;
