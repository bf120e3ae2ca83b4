//! Where a message goes, in the one form in which budgets know it.

use crate::accounts::login_name::LoginName;
use crate::factors::factor::Channel;

/// A destination in the one form in which budgets know it: an e-mail address
/// in lower case, because mail servers take both for one mailbox; a number in
/// E.164 form as it is.
pub fn fold(channel: Channel, to: &str) -> String {
    match channel {
        Channel::Email => match LoginName::parse(to) {
            Some(name) => name.as_str().to_owned(),
            None => to.to_lowercase(),
        },
        Channel::Sms | Channel::Webhook => to.to_owned(),
    }
}

/// Whether two texts are one destination.
pub fn same_destination(channel: Channel, one: &str, other: &str) -> bool {
    fold(channel, one) == fold(channel, other)
}
