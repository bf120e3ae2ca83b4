//! Destinations of messages, in the form that budgets use.

use crate::accounts::login_name::LoginName;
use crate::factors::factor::Channel;

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient<'a> {
    pub channel: Channel,
    /// The e-mail address, or the number in E.164 form.
    pub to: &'a str,
}

/// A destination in the form that budgets use. An e-mail address is in lower
/// case, because mail servers take upper and lower case for the same mailbox. A
/// number in E.164 form stays as it is.
pub fn fold(channel: Channel, to: &str) -> String {
    match channel {
        Channel::Email => match LoginName::parse(to) {
            Some(name) => name.as_str().to_owned(),
            None => to.to_lowercase(),
        },
        Channel::Sms | Channel::Webhook => to.to_owned(),
    }
}

/// Whether two texts name the same destination.
pub fn same_destination(channel: Channel, one: &str, other: &str) -> bool {
    fold(channel, one) == fold(channel, other)
}

/// The name of a destination, as its budgets know it.
pub fn destination_name(channel: Channel, to: &str) -> String {
    format!("{} {}", channel.name(), fold(channel, to))
}

/// The name of a mailbox, as the budgets of resets, lockouts and notices know
/// it.
pub fn mailbox_name(to: &str) -> String {
    fold(Channel::Email, to)
}
