//! Accounts: registration, confirmed addresses, and passwords.

pub mod abp_change_password;
pub mod abp_find_user;
pub(crate) mod anonymous_rate_limit;
pub mod auth0_my_password;
pub mod confirm_address;
pub mod forgot_password;
pub mod inspect_link;
pub(crate) mod name_charge;
pub(crate) mod new_password;
pub mod register;
pub mod reset_password;
pub mod send_confirmation;
pub mod sign_up;
pub mod take_over;
pub mod user_info;
