//! Which bill a message to a user has.

use crate::accounts::action::ActionAsked;
use crate::accounts::user::User;
use crate::factors::factor::Channel;
use crate::messages::destination::Recipient;
use crate::messages::payers::{Bill, BilledMessage, TextCeilings};
use crate::messages::phone_number::charged_prefix;

/// Who asks for a message, and what limits all messages.
#[derive(Clone, Copy, Debug)]
pub struct Billing<'a> {
    /// The network that asks, as a hash.
    pub network: &'a str,
    pub ceilings: TextCeilings,
    /// The hash of a payer.
    pub hash: fn(&str) -> String,
}

impl Billing<'_> {
    /// The bill of this message.
    pub fn bill_of(self, message: BilledMessage<'_>) -> Bill {
        Bill::of(message, self.network, self.ceilings, self.hash)
    }

    /// The bill of a code, or of a link that confirms an address, on behalf of this
    /// user. `confirmed` says that a factor of the user has confirmed the
    /// destination. The user's own confirmed address is known here.
    pub fn bill_to_prove(self, user: &User, to: Recipient<'_>, confirmed: bool) -> Bill {
        let Recipient { channel, to } = to;
        // The webhook's receiver finds the destination by the user, so the transport's name
        // does not matter.
        let webhook = user.id.dashed();
        let to = match channel {
            Channel::Email | Channel::Sms => to,
            Channel::Webhook => webhook.as_str(),
        };
        self.bill_of(BilledMessage::ToProve {
            user: user.id,
            unowned_mailbox: !user.is_owned() && user.is_own_email(channel, to),
            channel,
            to,
            confirmed: confirmed || user.has_confirmed(channel, to),
            prefix: charged_prefix(to),
        })
    }

    /// The bill of the message that asks the user for this, at this address of the user.
    pub fn bill_of_action(self, user: &User, asked: ActionAsked, to: &str) -> Bill {
        match asked {
            ActionAsked::ForPassword(ground) => self.bill_of(BilledMessage::Reset {
                to,
                confirmed: user.has_confirmed(Channel::Email, to),
                ground,
            }),
            ActionAsked::ToConfirm | ActionAsked::ByCode { .. } => {
                let channel = asked.kind().channel();
                self.bill_to_prove(user, Recipient { channel, to }, false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::messages::payers::{ResetFor, Row};

    const PHONE: &str = "+15555550100";
    const MAIL: &str = "ann@example.com";

    fn billing() -> Billing<'static> {
        Billing {
            network: "here",
            ceilings: TextCeilings {
                to_prefix: 10,
                in_all: 100,
            },
            hash: str::to_owned,
        }
    }

    fn user(email_confirmed: bool, phone_confirmed: bool) -> User {
        User {
            email: Some(MAIL.into()),
            email_confirmed,
            phone: Some(PHONE.into()),
            phone_confirmed,
            ..User::plain(UserId::from_bytes([1; 16]))
        }
    }

    fn rows(bill: &Bill) -> Vec<Row> {
        let all = bill.payers.iter().chain(&bill.ceilings);
        all.map(|payer| payer.row).collect()
    }

    #[test]
    fn a_confirmed_destination_pays_for_itself_and_any_other_with_the_network_and_the_day() {
        let confirmed = |channel| vec![Row::Confirmed(channel), Row::Account(channel)];
        let open = vec![Row::Unconfirmed, Row::AccountDay, Row::Network];
        let text = [&open[..], &[Row::TextsToPrefix, Row::Texts]].concat();
        let (mail, sms, hook) = (Channel::Email, Channel::Sms, Channel::Webhook);
        for (user, channel, to, by_factor, expected) in [
            (user(true, false), mail, MAIL, false, confirmed(mail)),
            (user(false, false), mail, MAIL, false, open.clone()),
            (
                user(true, false),
                mail,
                "b@example.com",
                false,
                open.clone(),
            ),
            (
                user(true, false),
                mail,
                "b@example.com",
                true,
                confirmed(mail),
            ),
            (user(true, true), sms, PHONE, false, confirmed(sms)),
            (user(true, false), sms, PHONE, false, text),
            (user(true, true), hook, "bridge", false, open),
            (user(true, true), hook, "bridge", true, confirmed(hook)),
        ] {
            let to = Recipient { channel, to };
            let bill = billing().bill_to_prove(&user, to, by_factor);
            assert_eq!(rows(&bill), expected, "{to:?} {by_factor}");
        }
    }

    #[test]
    fn the_own_mailbox_of_an_account_that_nobody_owns_counts_apart() {
        for (email_confirmed, to, apart) in [
            (false, MAIL, true),
            (false, "b@example.com", false),
            (true, "b@example.com", false),
        ] {
            let channel = Channel::Email;
            let to = Recipient { channel, to };
            let bill = billing().bill_to_prove(&user(email_confirmed, false), to, false);
            let day = bill
                .payers
                .iter()
                .find(|payer| payer.row == Row::AccountDay);
            assert_eq!(day.unwrap().who.starts_with("unowned"), apart, "{to:?}");
        }
    }

    #[test]
    fn a_webhook_is_the_user_whatever_its_transport_is_called() {
        let to = |to| Recipient {
            channel: Channel::Webhook,
            to,
        };
        let bill = |name| billing().bill_to_prove(&user(true, true), to(name), true);
        assert_eq!(bill("bridge"), bill("another"));
    }

    #[test]
    fn each_action_is_charged_to_what_it_confirms() {
        let reset = ActionAsked::ForPassword;
        let open = vec![Row::Unconfirmed, Row::AccountDay, Row::Network];
        let text = [&open[..], &[Row::TextsToPrefix, Row::Texts]].concat();
        let code = ActionAsked::ByCode { new_number: true };
        for (confirmed, asked, to, expected) in [
            (true, reset(ResetFor::Stranger), MAIL, vec![Row::Resets]),
            (
                true,
                reset(ResetFor::KnownNetwork),
                MAIL,
                vec![Row::KnownResets],
            ),
            (
                false,
                reset(ResetFor::KnownNetwork),
                MAIL,
                vec![Row::Unconfirmed],
            ),
            (false, ActionAsked::ToConfirm, MAIL, open),
            (false, code, PHONE, text),
        ] {
            let bill = billing().bill_of_action(&user(confirmed, false), asked, to);
            assert_eq!(rows(&bill), expected, "{asked:?}");
        }
    }
}
