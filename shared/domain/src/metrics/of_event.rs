//! What an event adds to the metrics: the one place that turns events into counts.

use crate::events::event::Event;
use crate::events::kind::EventKind;
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
    let budget = outcome.reason.and_then(budget_of);
    samples.extend(budget.map(Sample::budget_refused));
    if let (EventKind::DestinationMarked, Some(channel)) = (outcome.kind, channel(event.factor)) {
        samples.push(Sample::message_returned(channel));
    }
    samples
}

/// What the login was refused for, if the event is of a refused login.
fn login_refusal(event: &Event) -> Option<LoginRefusal> {
    let reason = event.outcome.reason;
    Some(match (event.outcome.kind, reason) {
        // The guess that locks a name is a wrong password.
        (EventKind::AccountLocked, _) => LoginRefusal::PasswordWrong,
        (EventKind::LoginRefused, Some("credentials_wrong")) if event.user.is_some() => {
            LoginRefusal::PasswordWrong
        }
        (EventKind::LoginRefused, Some("credentials_wrong")) => LoginRefusal::NameUnknown,
        (EventKind::LoginRefused, Some("passwords_exhausted")) => LoginRefusal::NameLocked,
        (EventKind::LoginRefused, Some("network_exhausted")) => LoginRefusal::NetworkLocked,
        (EventKind::FactorRefused, Some("code_wrong")) => LoginRefusal::CodeWrong,
        (EventKind::FactorRefused, Some("codes_exhausted" | "codes_closed")) => {
            LoginRefusal::CodesLocked
        }
        (EventKind::LoginRefused | EventKind::FactorRefused, _) => LoginRefusal::Other,
        _ => return None,
    })
}

/// The budget that a reason names. `sends_exhausted` does not say which budget of messages
/// refused.
fn budget_of(reason: &str) -> Option<RefusingBudget> {
    Some(match reason {
        "passwords_exhausted" => RefusingBudget::Passwords,
        "network_exhausted" => RefusingBudget::NetworkPasswords,
        "codes_exhausted" => RefusingBudget::Codes,
        "codes_closed" => RefusingBudget::CodesClosed,
        "requests_exhausted" => RefusingBudget::Requests,
        "send_too_soon" => RefusingBudget::CoolDown,
        _ => return None,
    })
}

fn channel(factor: Option<Method>) -> Option<Channel> {
    match factor? {
        Method::Email => Some(Channel::Email),
        Method::Sms => Some(Channel::Sms),
        Method::Webhook => Some(Channel::Webhook),
        Method::Totp | Method::RecoveryCode => None,
    }
}
