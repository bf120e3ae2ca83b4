//! Data keys, signing keys, and what is derived from them.
//!
//! KMS makes the data keys, and the table holds them wrapped. A function opens
//! only the purposes that it needs, all at its cold start. The ring is read
//! again every five minutes. For an unknown key number, the ring is read again
//! at most once a minute.

mod check;
mod derive;
mod derived;
mod id_token;
mod inventory;
mod key_proof;
mod load;
mod make;
mod next;
mod purpose;
mod replace;
mod ring;
mod ring_tokens;
mod rotate;
mod sign;

pub use derive::{code_challenge, random_bytes, sha256, sha256_bytes};
pub use derived::passkey::ChallengeFor;
pub use inventory::{KeyKind, KeyState, ListedKey};
pub use key_proof::{hash_in_proof, read_key_proof};
pub use load::{Keyring, KeyringSettings};
pub use next::{KeyNeed, NextKey};
pub use purpose::Purpose;
pub use replace::{Replaced, ReplacedKind};
pub use ring::{Ring, SigningPublicKey, recovery_hash};
pub use rotate::KeyRotation;
pub use sign::AccessClaims;
