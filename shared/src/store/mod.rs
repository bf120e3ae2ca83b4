//! DynamoDB: one table. Each guarantee is the condition of one write: no code that reads
//! first and writes later guarantees "spent once".
//!
//! Every read that decides something is strongly consistent. No request of an
//! unauthenticated caller writes under `USER#`.

pub mod accounts;
pub mod administration;
pub(crate) mod attributes;
pub mod authorization;
pub mod count;
pub mod factors;
mod item;
pub mod keys;
pub mod login;
pub mod messages;
mod reads;
pub mod sessions;
mod table;
pub(crate) mod table_keys;
mod write;

pub use accounts::action::{ActionBegun, Spend};
pub use accounts::password::PasswordChange;
pub use accounts::remembered_state::{LockedNames, RememberedState};
pub use accounts::user::{Created, LoginBeside, LoginRead, NameToGuess, NewAccount};
pub use administration::act::{Act, EVERY_ACT, KeptAct};
pub use administration::event::{EventPage, KeptEvent};
pub use administration::export::UsersFrom;
pub use administration::key_uses::KeyUses;
pub use administration::sends::Used;
pub use administration::user_change::{ProfileChange, Unlocking};
pub use administration::user_removal::{Remains, Removed};
pub use administration::user_update::Updated;
pub use factors::enrolment::{
    AcceptedCode, Changed, FactorConfirmation, FactorsChange, NewEnrolment, RecoveryChange,
};
pub use factors::passkey::NewPasskey;
pub use item::TTL_ATTRIBUTE;
pub use keys::wrapped_key::StoredKey;
pub use login::code_budget::CodeGuess;
pub use login::first_factor::FirstFactorCompletion;
pub use login::passkey::PasskeyUse;
pub use login::password_charge::{Allowance, Charge, Counted};
pub use login::pending_login::SendRecorded;
pub use login::redemption::{AcceptedProof, LoginRedemption, LoginVerification, Redeemed};
pub use login::seen_lock::WrongPasswords;
pub use messages::delivery::Addressed;
pub use messages::payers::Charged;
pub use sessions::session::SessionRotation;
pub use sessions::trusted_device::DeviceLogin;
pub use table::Store;
