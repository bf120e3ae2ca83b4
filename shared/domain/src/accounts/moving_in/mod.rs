//! Users who come from another system, or from an export of this service.

pub mod arrival;
pub mod former_details;
pub mod former_identity;
pub mod former_question;
pub mod former_user;
pub mod hash_kinds;
pub mod kept_user;
pub mod known_users;
