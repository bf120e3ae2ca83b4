//! Every setting, as the reference lists the settings: `cargo xtask settings` writes
//! docs/reference/settings.md from this list. Tests compare the list with
//! [`Config::read`](super::Config::read): required, refused and optional settings.

mod installation;
mod messages;
pub mod setting;
mod users;

use setting::{Setting, Subject};

/// Every setting, by subject.
pub const SUBJECTS: [Subject; 9] = [
    installation::INSTALLATION,
    messages::MESSAGES,
    messages::TEXT_MESSAGES,
    users::SECOND_FACTORS,
    users::ACCOUNTS,
    users::TOKENS,
    users::PAGES,
    messages::WEBHOOK,
    users::MOVING_IN,
];

pub fn declared_settings() -> impl Iterator<Item = &'static Setting> {
    SUBJECTS.iter().flat_map(|subject| subject.settings)
}
