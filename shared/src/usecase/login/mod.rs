//! A login: from a user name and a password, over the second factor, to tokens
//! or a browser session.

pub mod abp_check_password;
pub mod aidbox_token_request;
pub mod browser_sign_in;
pub(crate) mod check_password;
pub mod codemaze_second_step;
pub mod codes;
pub mod devices;
pub mod finished_login;
pub(crate) mod move_in;
pub(crate) mod open_login;
pub mod passkeys;
pub mod password_step;
pub(crate) mod pending_logins;
pub mod redeem;
pub(crate) mod redeem_with_password;
pub mod required_password_change;
pub(crate) mod right_first_factor;
pub mod step_up;
