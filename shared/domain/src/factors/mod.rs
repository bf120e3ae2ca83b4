//! Second factors and their codes.

pub mod codemaze_provider;
pub mod confirmed_addresses;
pub mod enrolling;
pub mod enrolment;
pub mod enrolment_refusal;
pub mod factor;
pub mod factor_demand;
pub mod offer;
pub mod passkey;
pub mod removal;
pub mod send_target;
pub mod sent_code;
pub mod totp;
pub mod two_factor;
