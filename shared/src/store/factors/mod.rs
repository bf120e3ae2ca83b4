//! The changes of a user's factors, each one transaction.

pub(crate) mod enrolment;
pub(crate) mod enrolment_parts;
mod factor_name;
pub(crate) mod first_factor;
pub(crate) mod passkey;
