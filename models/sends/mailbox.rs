//! The model of one mailbox, and its properties.

use std::collections::BTreeMap;

use countersign_domain::Timestamp;
use countersign_domain::factors::factor::Channel;
use countersign_domain::factors::sent_code::COOL_DOWN_SECONDS;
use countersign_domain::id::UserId;
use countersign_domain::messages::payers::{
    Bill, BilledMessage, FIRST_ASKS_A_DAY, Limit, Row, TextCeilings,
};
use stateright::{Model, Property};

use crate::check::{Value, finds, holds};
use crate::sends::charges::Charge;
use crate::sends::stored::{Counter, Fault, Send, State, Step, key};

const START: Timestamp = 1_800_000_000;

/// The owner's address, which strangers know too.
const ADDRESS: &str = "owner@example.com";

const CEILINGS: TextCeilings = TextCeilings {
    to_prefix: 100,
    in_all: 100,
};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Go(usize),
    /// The mail of this send fails.
    Fail(usize),
    Die(usize),
    /// The cool-down passes.
    Later,
}

struct Mailbox {
    /// Who sends: the owner, or else a stranger from this network.
    senders: Vec<Option<&'static str>>,
    /// How many messages of strangers the address may still get, beside first asks.
    left: i64,
    fault: Fault,
}

fn hash(text: &str) -> String {
    text.to_owned()
}

impl Mailbox {
    fn bill(sender: Option<&str>, fault: Fault) -> Bill {
        let (owner, mallory) = ([1; 16], [2; 16]);
        let confirmed = sender.is_none();
        let message = BilledMessage::ToProve {
            user: UserId::from_bytes(if confirmed { owner } else { mallory }),
            unowned_mailbox: false,
            channel: Channel::Email,
            to: ADDRESS,
            confirmed: confirmed || fault == Fault::OneBudgetForAll,
            prefix: "",
        };
        Bill::of(message, sender.unwrap_or("home"), CEILINGS, hash)
    }

    fn go(&self, state: &mut State, index: usize) {
        let send = state.sends[index].clone();
        let out = |state: &mut State| match send.owner {
            true => state.out.0 += 1,
            false => state.out.1 += 1,
        };
        let step = match send.step.clone() {
            Step::New => {
                state.sends[index].at = state.now;
                if self.fault == Fault::SendsFirst {
                    out(state);
                }
                let charge = self.charge_of(&send, (index, state.now));
                match charge.all(state) {
                    Ok(first) => Step::Charged(first),
                    Err(row) => Step::Refused(row),
                }
            }
            Step::Charged(_) => {
                if self.fault != Fault::SendsFirst {
                    out(state);
                }
                Step::Sent
            }
            Step::Failed(first) => {
                if self.fault != Fault::KeepsTheCharge {
                    let charge = self.charge_of(&send, (index, send.at));
                    charge.give_back(state, first);
                }
                Step::NotSent
            }
            ended => ended,
        };
        state.sends[index].step = step;
    }

    fn charge_of<'a>(&self, send: &'a Send, (by, at): (usize, Timestamp)) -> Charge<'a> {
        Charge {
            bill: &send.bill,
            by,
            at,
            fault: self.fault,
        }
    }
}

const OWNER_NEVER_WAITS: &str = "nothing that strangers send makes the owner wait";
const WITHIN_BUDGETS: &str = "no more mails go out than the budgets allow";
const CHARGED: &str = "no mail goes out that was refused";
const FAILED_IS_FREE: &str = "a mail that failed costs nothing";
const NEW_NETWORK: &str = "the first ask of a network passes beside a budget that is used up";

impl Model for Mailbox {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let send = |sender: &Option<&'static str>| Send {
            bill: Value(Self::bill(*sender, self.fault)),
            owner: sender.is_none(),
            step: Step::New,
            at: 0,
        };
        let stranger = Self::bill(Some("any"), Fault::None);
        let unconfirmed = stranger
            .payers
            .iter()
            .find(|payer| payer.row == Row::Unconfirmed);
        let unconfirmed = unconfirmed.unwrap();
        let Limit::Open { budget, .. } = unconfirmed.limit else {
            panic!("the budget of a destination is open");
        };
        let used = Counter {
            tat: START + (budget.burst - self.left) * budget.interval,
            ..Counter::default()
        };
        let name = unconfirmed.row.name();
        vec![State {
            now: START,
            items: BTreeMap::from([(key(name, &unconfirmed.who), used)]),
            sends: self.senders.iter().map(send).collect(),
            out: (0, 0),
            lost: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, send) in state.sends.iter().enumerate() {
            match send.step {
                Step::New => actions.push(Action::Go(index)),
                Step::Charged(_) => {
                    actions.push(Action::Go(index));
                    actions.push(Action::Die(index));
                    if self.fault != Fault::SendsFirst {
                        actions.push(Action::Fail(index));
                    }
                }
                Step::Failed(_) => {
                    actions.push(Action::Go(index));
                    actions.push(Action::Die(index));
                }
                Step::Sent | Step::NotSent | Step::Refused(_) | Step::Died => {}
            }
        }
        if state.now < START + 2 * COOL_DOWN_SECONDS {
            actions.push(Action::Later);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Go(index) => self.go(&mut next, index),
            Action::Fail(index) => {
                if let Step::Charged(before) = next.sends[index].step.clone() {
                    next.sends[index].step = Step::Failed(before);
                }
            }
            Action::Die(index) => {
                next.lost = true;
                next.sends[index].step = Step::Died;
            }
            Action::Later => next.now += COOL_DOWN_SECONDS,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(OWNER_NEVER_WAITS, |_, state: &State| {
                let owners = state.sends.iter().filter(|send| send.owner).count();
                let mut refused = state.sends.iter().filter(|send| send.owner);
                // Two sends of the owner keep half a minute between each other.
                owners > 1 || !refused.any(|send| matches!(send.step, Step::Refused(_)))
            }),
            Property::always(WITHIN_BUDGETS, |model: &Self, state: &State| {
                let networks: std::collections::BTreeSet<_> =
                    model.senders.iter().flatten().collect();
                let first = i64::try_from(networks.len()).unwrap().min(FIRST_ASKS_A_DAY);
                state.out.1 <= model.left + first
            }),
            Property::always(CHARGED, |_, state: &State| {
                let sent = |send: &&Send| matches!(send.step, Step::Sent);
                let sent = state.sends.iter().filter(sent).count();
                state.out.0 + state.out.1 <= i64::try_from(sent).unwrap()
            }),
            Property::always(FAILED_IS_FREE, |model: &Self, state: &State| {
                let ended = |send: &Send| matches!(send.step, Step::NotSent | Step::New);
                let all = state.sends.iter().all(ended);
                let first = &model.init_states()[0].items;
                let same = |(name, item): (&String, &Counter)| {
                    let old = first.get(name).cloned().unwrap_or_default();
                    // A network that asked twice and failed stays one that has asked.
                    let asked = item.last_at <= 1;
                    item.n == old.n && asked && item.tat <= old.tat.max(state.now)
                };
                !all || state.lost || state.items.iter().all(same)
            }),
            Property::always(NEW_NETWORK, |model: &Self, state: &State| {
                let lone = |send: &&Send| {
                    let network = Some(send.bill.asker.as_str());
                    model
                        .senders
                        .iter()
                        .filter(|sender| **sender == network)
                        .count()
                        == 1
                };
                let strangers = state.sends.iter().filter(|send| !send.owner);
                strangers
                    .filter(lone)
                    .all(|send| !matches!(send.step, Step::Refused(_)))
            }),
            Property::sometimes("the owner's mail goes out", |_, state: &State| {
                state.out.0 > 0
            }),
        ]
    }
}

/// The owner, and a stranger who asks twice.
fn mailbox(left: i64, fault: Fault) -> Mailbox {
    Mailbox {
        senders: vec![None, Some("net-1"), Some("net-1")],
        left,
        fault,
    }
}

/// The owner, and strangers from two networks.
fn networks(left: i64, fault: Fault) -> Mailbox {
    Mailbox {
        senders: vec![None, Some("net-1"), Some("net-2")],
        left,
        fault,
    }
}

#[test]
fn no_interleaving_of_a_strangers_sends_delays_the_owners() {
    holds(mailbox(0, Fault::None), 100);
    holds(mailbox(1, Fault::None), 100);
    holds(networks(0, Fault::None), 100);
}

#[test]
fn a_budget_of_the_owner_that_strangers_draw_on_is_found() {
    finds(mailbox(1, Fault::OneBudgetForAll), OWNER_NEVER_WAITS);
}

#[test]
fn a_mail_before_its_charge_is_found() {
    finds(mailbox(0, Fault::SendsFirst), CHARGED);
}

#[test]
fn a_budget_without_a_limit_is_found() {
    finds(mailbox(0, Fault::ChargesWithoutLimit), WITHIN_BUDGETS);
}

#[test]
fn a_failed_mail_that_stays_charged_is_found() {
    finds(mailbox(1, Fault::KeepsTheCharge), FAILED_IS_FREE);
}

#[test]
fn a_first_ask_that_draws_on_a_used_up_budget_is_found() {
    finds(networks(0, Fault::NoFirstAsk), NEW_NETWORK);
}
