//! Where a code goes that is a first factor: to a mailbox or to a phone.

use crate::accounts::login_name::LoginName;
use crate::accounts::new_user::registration::email_of;
use crate::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::factors::factor::Channel;
use crate::messages::destination::Recipient;
use crate::messages::phone_number::PhoneNumber;
use crate::refusal::Refusal;

/// A mailbox or a phone that anybody may name.
#[derive(Clone, Debug)]
pub struct CodeDestination {
    channel: Channel,
    to: String,
    name: LoginName,
}

impl CodeDestination {
    /// Reads what a caller typed.
    ///
    /// # Errors
    /// `NameInvalid` for an address, `NumberInvalid` for a number, `ConnectionUnknown` for a
    /// channel that no first factor has.
    pub fn parse(channel: Channel, typed: &str) -> Result<Self, Refusal> {
        let (to, name) = match channel {
            Channel::Email => {
                let email = email_of(typed)?;
                (email.as_str().to_owned(), email.login_name().clone())
            }
            Channel::Sms => {
                let wrong = || Refusal::from(ConnectionRefusal::NumberInvalid);
                let number = PhoneNumber::parse(typed).ok_or_else(wrong)?;
                let to = number.as_str().to_owned();
                let name = phone_name(&to).ok_or_else(wrong)?;
                (to, name)
            }
            Channel::Webhook => return Err(ConnectionRefusal::ConnectionUnknown.into()),
        };
        Ok(Self { channel, to, name })
    }

    pub fn recipient(&self) -> Recipient<'_> {
        Recipient {
            channel: self.channel,
            to: &self.to,
        }
    }

    /// The name by which codes and known networks of the destination are found.
    pub fn name(&self) -> &LoginName {
        &self.name
    }
}

/// The name of a number (in E.164 form). No user name has a colon, so the name of a number is
/// the name of no user, and no password is compared for it.
pub fn phone_name(number: &str) -> Option<LoginName> {
    LoginName::parse(&format!("tel:{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::user::UserName;

    #[test]
    fn an_address_is_its_own_name_and_a_number_has_a_name_that_no_user_has() {
        let (mail, sms) = (Channel::Email, Channel::Sms);
        for (channel, typed, to, name) in [
            (
                mail,
                " Ann@Example.com",
                "Ann@Example.com",
                "ann@example.com",
            ),
            (sms, "+1 (555) 555-0100", "+15555550100", "tel:+15555550100"),
        ] {
            let read = CodeDestination::parse(channel, typed).unwrap();
            assert_eq!(read.recipient(), Recipient { channel, to });
            assert_eq!(read.name().as_str(), name);
        }
        assert_eq!(UserName::parse("tel:+15555550100"), None);
    }

    #[test]
    fn a_number_is_no_address_and_an_address_is_no_number() {
        for (channel, typed) in [
            (Channel::Email, "+15555550100"),
            (Channel::Email, "tel:+15555550100"),
            (Channel::Sms, "ann@example.com"),
            (Channel::Sms, "5555550100"),
            (Channel::Webhook, "ann@example.com"),
        ] {
            assert!(CodeDestination::parse(channel, typed).is_err(), "{typed}");
        }
    }
}
