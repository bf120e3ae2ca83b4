//! Which payers a message has.
#![allow(clippy::unwrap_used)]
use super::{Bill, BilledMessage, ResetFor, Row, TextCeilings, day_of, fold, next_day};
use crate::factors::factor::Channel;
use crate::id::UserId;

const CEILINGS: TextCeilings = TextCeilings {
    to_prefix: 5,
    in_all: 7,
};

fn bill(channel: Channel, to: &str, confirmed: bool) -> Bill {
    let message = BilledMessage::ToProve {
        user: UserId::random([1; 16]),
        unowned_mailbox: false,
        channel,
        to,
        confirmed,
        prefix: "+1",
    };
    Bill::of(message, "network", CEILINGS, str::to_owned)
}

fn rows(bill: &Bill) -> Vec<&'static str> {
    let all = bill.payers.iter().chain(&bill.ceilings);
    all.map(|payer| payer.row.name()).collect()
}

#[test]
fn a_confirmed_destination_and_any_other_share_no_payer() {
    for channel in Channel::ALL {
        let (ours, others) = (bill(channel, "a", true), bill(channel, "a", false));
        let shared = |row: &&str| rows(&others).contains(row);
        assert_eq!(rows(&ours).iter().find(|row| shared(row)), None);
    }
}

#[test]
fn account_and_network_pay_for_what_is_not_confirmed() {
    let unconfirmed = ["unconfirmed", "account-day", "network"];
    assert_eq!(rows(&bill(Channel::Email, "a@b", false)), unconfirmed);
    let with_ceilings = [&unconfirmed[..], &["texts-to-prefix", "texts"]].concat();
    assert_eq!(rows(&bill(Channel::Sms, "+1555", false)), with_ceilings);
}

#[test]
fn a_confirmed_number_is_not_charged_to_the_ceilings() {
    assert_eq!(
        rows(&bill(Channel::Sms, "+1555", true)),
        ["confirmed", "account"]
    );
}

#[test]
fn addresses_that_differ_in_case_are_one_destination() {
    let one = bill(Channel::Email, "vICtim@Example.COM", false);
    assert_eq!(one, bill(Channel::Email, "victim@example.com", false));
    for message in [BilledMessage::Lockout, BilledMessage::Notice] {
        let bill = |to| Bill::of(message(to), "network", CEILINGS, str::to_owned);
        assert_eq!(bill("A@B.example"), bill("a@b.example"));
    }
    for confirmed in [true, false] {
        for ground in GROUNDS {
            let bill = |to| reset(to, confirmed, ground);
            assert_eq!(bill("A@B.example"), bill("a@b.example"));
        }
    }
    assert_eq!(fold(Channel::Sms, "+15555550100"), "+15555550100");
}

const GROUNDS: [ResetFor; 3] = [ResetFor::KnownNetwork, ResetFor::Stranger, ResetFor::SignUp];

fn reset(to: &str, confirmed: bool, ground: ResetFor) -> Bill {
    let message = BilledMessage::Reset {
        to,
        confirmed,
        ground,
    };
    Bill::of(message, "network", CEILINGS, str::to_owned)
}

#[test]
fn every_message_to_an_address_that_was_never_confirmed_draws_on_the_same_row_of_it() {
    let link = bill(Channel::Email, "a@b.example", false);
    for ground in GROUNDS {
        let reset = reset("a@b.example", false, ground);
        assert_eq!(reset.payers[0], link.payers[0], "{ground:?}");
    }
}

#[test]
fn a_stranger_and_a_known_network_share_no_payer_of_a_reset() {
    let known = reset("a@b.example", true, ResetFor::KnownNetwork);
    assert_eq!(rows(&known), ["reset-known"]);
    for ground in [ResetFor::Stranger, ResetFor::SignUp] {
        let theirs = reset("a@b.example", true, ground);
        assert!(theirs.payers.iter().all(|one| *one != known.payers[0]));
    }
}

#[test]
fn a_sign_up_costs_a_network_as_much_at_a_taken_address_as_at_a_free_one() {
    let free = bill(Channel::Email, "a@b.example", false);
    for confirmed in [true, false] {
        let taken = reset("a@b.example", confirmed, ResetFor::SignUp);
        assert_eq!(rows(&taken), ["unconfirmed", "network"]);
        assert!(taken.payers.iter().all(|one| free.payers.contains(one)));
        assert_eq!(taken.asker, free.asker);
    }
}

#[test]
fn a_day_ends_at_midnight_utc() {
    assert_eq!(next_day(86_399), 86_400);
    assert_eq!(next_day(86_400), 172_800);
    assert_eq!(day_of(86_400), 1);
}

#[test]
fn the_list_of_rows_has_every_row_once() {
    // A new row stops the build here. Add the row to `Row::ALL` too: only this comment asks
    // for that.
    let number = |row: Row| match row {
        Row::Confirmed(_) => 0,
        Row::Account(_) => 1,
        Row::Unconfirmed => 2,
        Row::AccountDay => 3,
        Row::Network => 4,
        Row::Resets => 5,
        Row::KnownResets => 6,
        Row::KnownCodes => 7,
        Row::Lockouts => 8,
        Row::Notices => 9,
        Row::TextsToPrefix => 10,
        Row::Texts => 11,
    };
    assert_eq!(Row::ALL.map(number), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
}
