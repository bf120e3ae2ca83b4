//! Which budgets an operator reads or opens: those of a destination, an account, a country.

use crate::accounts::user::EmailAddress;
use crate::factors::factor::Channel;
use crate::id::UserId;
use crate::messages::destination::{destination_name, mailbox_name};
use crate::messages::payers::{Payer, Row, TextCeilings, account_day_name, account_name};
use crate::messages::phone_number::{PhoneNumber, charged_prefix, prefixes_of_country};

/// A destination that an operator names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDestination {
    /// How messages go there.
    pub channel: Channel,
    /// The address, or the number in E.164 form.
    pub to: String,
}

impl NamedDestination {
    /// Reads an e-mail address or a phone number.
    pub fn parse(text: &str) -> Option<Self> {
        let email =
            EmailAddress::parse(text).map(|address| (Channel::Email, address.as_str().to_owned()));
        let number =
            || PhoneNumber::parse(text).map(|number| (Channel::Sms, number.as_str().to_owned()));
        let (channel, to) = email.or_else(number)?;
        Some(Self { channel, to })
    }
}

/// What the budgets of messages are found by.
#[derive(Clone, Copy, Debug)]
pub struct OwnBudgets {
    pub ceilings: TextCeilings,
    /// The hash of a payer.
    pub hash: fn(&str) -> String,
}

impl OwnBudgets {
    fn payer(self, row: Row, who: &str) -> Payer {
        Payer {
            row,
            limit: row.limit(self.ceilings),
            who: who.to_owned(),
        }
    }

    fn hashed(self, row: Row, name: &str) -> Payer {
        self.payer(row, &(self.hash)(name))
    }

    /// The budgets that belong to the destination alone. They do not depend on the
    /// caller.
    pub fn of_destination(self, destination: &NamedDestination) -> Vec<Payer> {
        let NamedDestination { channel, to } = destination;
        let (name, mailbox) = (destination_name(*channel, to), mailbox_name(to));
        let mut payers = vec![
            self.hashed(Row::Confirmed(*channel), &name),
            self.hashed(Row::Unconfirmed, &name),
            self.hashed(Row::Notices, &mailbox),
        ];
        if *channel == Channel::Email {
            payers.push(self.hashed(Row::Resets, &mailbox));
            payers.push(self.hashed(Row::Lockouts, &mailbox));
        }
        payers
    }

    /// The ceilings of text messages that the destination shares with others.
    pub fn shared_by(self, destination: &NamedDestination) -> Vec<Payer> {
        match destination.channel {
            Channel::Email | Channel::Webhook => Vec::new(),
            Channel::Sms => vec![
                self.payer(Row::TextsToPrefix, charged_prefix(&destination.to)),
                self.payer(Row::Texts, "all"),
            ],
        }
    }

    /// The budgets of an account over all its destinations of this channel, and
    /// over those that it has not confirmed: first all others, then the own mailbox
    /// while nobody owns the account.
    pub fn of_account_by(self, channel: Channel, user: UserId) -> Vec<Payer> {
        let day = |unowned| self.hashed(Row::AccountDay, &account_day_name(user, unowned));
        let account = self.hashed(Row::Account(channel), &account_name(channel, user));
        vec![account, day(false), day(true)]
    }

    /// The budgets of an account, each with the destinations that it is for.
    pub fn of_account(self, user: UserId) -> Vec<(&'static str, Payer)> {
        let by_channel = Channel::ALL.map(|channel| {
            let name = account_name(channel, user);
            (channel.name(), self.hashed(Row::Account(channel), &name))
        });
        let day = |unowned| self.hashed(Row::AccountDay, &account_day_name(user, unowned));
        let days = [("unconfirmed", day(false)), ("unowned mailbox", day(true))];
        by_channel.into_iter().chain(days).collect()
    }

    /// The ceilings of text messages to the numbers of a country, and to all. The country is
    /// named by its two letters or by a prefix such as `+49`. `None` for another text.
    pub fn of_country(self, country: &str) -> Option<Vec<Payer>> {
        let prefixes = prefixes_of_country(country).into_iter();
        let mut payers: Vec<Payer> = prefixes
            .map(|prefix| self.payer(Row::TextsToPrefix, prefix))
            .collect();
        if payers.is_empty() {
            return None;
        }
        payers.push(self.payer(Row::Texts, "all"));
        Some(payers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets() -> OwnBudgets {
        OwnBudgets {
            ceilings: TextCeilings {
                to_prefix: 10,
                in_all: 100,
            },
            hash: str::to_owned,
        }
    }

    fn named(text: &str) -> NamedDestination {
        NamedDestination::parse(text).unwrap()
    }

    fn rows(payers: &[Payer]) -> Vec<Row> {
        payers.iter().map(|payer| payer.row).collect()
    }

    #[test]
    fn an_operator_names_an_address_or_a_number() {
        for (text, channel) in [
            ("ann@example.com", Some(Channel::Email)),
            ("+15555550100", Some(Channel::Sms)),
            ("ann", None),
            ("", None),
        ] {
            let found = NamedDestination::parse(text);
            assert_eq!(found.map(|found| found.channel), channel, "{text}");
        }
    }

    #[test]
    fn a_mailbox_has_budgets_of_resets_and_lockouts_and_a_number_shares_ceilings() {
        let (mail, phone) = (named("ann@example.com"), named("+15555550100"));
        let of = |channel| vec![Row::Confirmed(channel), Row::Unconfirmed, Row::Notices];
        let mailbox = [of(Channel::Email), vec![Row::Resets, Row::Lockouts]].concat();
        for (destination, own, shared) in [
            (&mail, mailbox, vec![]),
            (
                &phone,
                of(Channel::Sms),
                vec![Row::TextsToPrefix, Row::Texts],
            ),
        ] {
            assert_eq!(rows(&budgets().of_destination(destination)), own);
            assert_eq!(rows(&budgets().shared_by(destination)), shared);
        }
        // Upper and lower case name one mailbox.
        let again = budgets().of_destination(&named("Ann@Example.com"));
        assert_eq!(again, budgets().of_destination(&mail));
    }

    #[test]
    fn an_account_has_a_budget_for_each_channel_and_two_for_a_day() {
        let user = UserId::from_bytes([1; 16]);
        let all = budgets().of_account(user);
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let expected = ["email", "sms", "webhook", "unconfirmed", "unowned mailbox"];
        assert_eq!(names, expected);
        let by_mail = budgets().of_account_by(Channel::Email, user);
        let same = [&all[0].1, &all[3].1, &all[4].1];
        assert_eq!(by_mail.iter().collect::<Vec<_>>(), same);
    }

    #[test]
    fn a_country_is_known_by_its_letters_or_its_prefix() {
        for (country, known) in [("DE", true), ("+49", true), ("Germany", false), ("", false)] {
            let found = budgets().of_country(country);
            assert_eq!(found.is_some(), known, "{country}");
            let last = found.and_then(|payers| payers.last().map(|payer| payer.row));
            assert_eq!(last, known.then_some(Row::Texts));
        }
    }
}
