//! What an event adds to the metrics: the one place that turns events into counts.

use crate::events::event::Event;
use crate::events::kind::EventKind;
use crate::events::reason::CountedRefusal;
use crate::factors::factor::{Channel, Method};
use crate::metrics::label::{LoginRefusal, RefusingBudget};
use crate::metrics::sample::Sample;

/// The samples of an event. Messages are counted where they are sent, and messages that a
/// budget of messages refused are counted where they are charged, because one request may
/// send several messages and has one event.
pub fn samples_of(event: &Event) -> Vec<Sample> {
    let outcome = &event.outcome;
    let happened = |kind| outcome.kind == kind || outcome.also.contains(&kind);
    let mut samples = Vec::new();
    if happened(EventKind::LoginAccepted) {
        samples.push(Sample::login_accepted(event.factor));
    }
    if happened(EventKind::SessionReused) {
        samples.push(Sample::refresh_token_reused());
    }
    if outcome.kind.is_refusal() {
        samples.push(Sample::request_refused(outcome.kind));
    }
    samples.extend(login_refusal(event).map(Sample::login_refused));
    let budget = outcome.counted().and_then(budget_of);
    samples.extend(budget.map(Sample::budget_refused));
    if let (EventKind::DestinationMarked, Some(channel)) = (outcome.kind, channel(event.factor)) {
        samples.push(Sample::message_returned(channel));
    }
    samples
}

/// What the login was refused for, if the event is of a refused login.
fn login_refusal(event: &Event) -> Option<LoginRefusal> {
    let kind = event.outcome.kind;
    // The guess that locks a name is a wrong password.
    if kind == EventKind::AccountLocked {
        return Some(LoginRefusal::PasswordWrong);
    }
    let (login, factor) = (
        kind == EventKind::LoginRefused,
        kind == EventKind::FactorRefused,
    );
    if !login && !factor {
        return None;
    }
    let Some(refusal) = event.outcome.counted() else {
        return Some(LoginRefusal::Other);
    };
    Some(match refusal {
        CountedRefusal::CredentialsWrong if login && event.user.is_some() => {
            LoginRefusal::PasswordWrong
        }
        CountedRefusal::CredentialsWrong if login => LoginRefusal::NameUnknown,
        CountedRefusal::PasswordsExhausted if login => LoginRefusal::NameLocked,
        CountedRefusal::NetworkExhausted if login => LoginRefusal::NetworkLocked,
        CountedRefusal::CodeWrong if factor => LoginRefusal::CodeWrong,
        CountedRefusal::CodesExhausted | CountedRefusal::CodesClosed if factor => {
            LoginRefusal::CodesLocked
        }
        CountedRefusal::CredentialsWrong
        | CountedRefusal::PasswordsExhausted
        | CountedRefusal::NetworkExhausted
        | CountedRefusal::CodeWrong
        | CountedRefusal::CodesExhausted
        | CountedRefusal::CodesClosed
        | CountedRefusal::RequestsExhausted
        | CountedRefusal::SendTooSoon => LoginRefusal::Other,
    })
}

/// The budget that refused. `None` for a wrong guess.
fn budget_of(refusal: CountedRefusal) -> Option<RefusingBudget> {
    match refusal {
        CountedRefusal::PasswordsExhausted => Some(RefusingBudget::Passwords),
        CountedRefusal::NetworkExhausted => Some(RefusingBudget::NetworkPasswords),
        CountedRefusal::CodesExhausted => Some(RefusingBudget::Codes),
        CountedRefusal::CodesClosed => Some(RefusingBudget::CodesClosed),
        CountedRefusal::RequestsExhausted => Some(RefusingBudget::Requests),
        CountedRefusal::SendTooSoon => Some(RefusingBudget::CoolDown),
        CountedRefusal::CredentialsWrong | CountedRefusal::CodeWrong => None,
    }
}

fn channel(factor: Option<Method>) -> Option<Channel> {
    match factor? {
        Method::Email => Some(Channel::Email),
        Method::Sms => Some(Channel::Sms),
        Method::Webhook => Some(Channel::Webhook),
        Method::Totp | Method::RecoveryCode | Method::Passkey => None,
    }
}
