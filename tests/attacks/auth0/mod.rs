//! What a stranger tries in Auth0's words.

mod browser;
mod closed_sign_up;
mod dpop;
mod factor_alone;
mod first_codes;
mod first_party;
mod forged_proofs;
mod introspection;
pub mod multi_factor;
mod passkeys;
pub mod passwordless;
pub mod replayed_proofs;
pub mod sign_up;
mod squatters;
mod step_up;
mod trusted_devices;
