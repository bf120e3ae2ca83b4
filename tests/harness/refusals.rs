//! One of every refusal and fault.

use countersign::domain::accounts::password_policy::PasswordProblem;
use countersign::domain::factors::factor::{Channel, Factor, FactorKind, Method};
use countersign::domain::id::{FactorId, UserId};
use countersign::domain::messages::payers::Row;
use countersign::domain::refusal::{Refusal, TakenName};
use countersign::domain::refused::Refused;
use countersign::domain::secret::Secret;
use countersign::failure::{Broken, Failure};
use countersign::routes::words_of;
use countersign::wire::failure;

use crate::harness::{Answer, START};
use crate::tidy::source::read;

fn factor() -> Factor {
    Factor {
        id: FactorId::from_bytes([7; 16]),
        kind: FactorKind::Address {
            channel: Channel::Sms,
            to: "+15555550100".to_owned(),
        },
        confirmed: true,
        created_at: START,
    }
}

/// One of every refusal.
fn refusals() -> Vec<Refusal> {
    let retry_at = START + 60;
    let user = UserId::from_bytes([7; 16]);
    vec![
        Refusal::ParameterMissing("token"),
        Refusal::ParameterMisnamed("scope"),
        Refusal::RequestMalformed("malformed"),
        Refusal::BodyTooLarge,
        Refusal::RouteUnknown,
        Refusal::MethodNotAllowed,
        Refusal::GrantUnsupported,
        Refusal::client("app", true),
        Refusal::GrantNotAllowed,
        Refusal::ScopeNotAllowed(Refused::new("scope", "read")),
        Refusal::AudienceNotAllowed(Refused::new("audience", "api")),
        Refusal::CredentialsWrong,
        Refusal::PasswordsExhausted { retry_at },
        Refusal::NetworkExhausted { retry_at },
        Refusal::AccountInactive,
        Refusal::LoginTokenMalformed,
        Refusal::LoginExpired,
        Refusal::CodeMissing(Method::Totp),
        Refusal::CodeWrong(Method::Email),
        Refusal::CodesExhausted { retry_at },
        Refusal::CodesClosed,
        Refusal::FactorsMissing,
        Refusal::FactorUnknown,
        Refusal::SendTooSoon { retry_at },
        Refusal::SendsExhausted {
            retry_at,
            row: Row::Confirmed(Channel::Sms),
            limit: 10,
            others: vec![factor()],
        },
        Refusal::DeliveryFailed {
            others: vec![factor()],
        },
        Refusal::RefreshTokenInvalid,
        Refusal::RefreshTokenEnded,
        Refusal::RefreshTokenReused,
        Refusal::RefreshUserInactive,
        Refusal::AccessTokenInvalid,
        Refusal::AccessTokenMissing,
        Refusal::ScopeInsufficient,
        Refusal::RoleMissing,
        Refusal::UserUnknown,
        Refusal::PasswordRejected(PasswordProblem::Common),
        Refusal::CurrentPasswordWrong,
        Refusal::NameInvalid(TakenName::UserName("name".to_owned())),
        Refusal::NameTaken(TakenName::Email("user@example.com".to_owned())),
        Refusal::AddressMissing,
        Refusal::ActionTokenInvalid,
        Refusal::UserUnconfirmed {
            user,
            email: Some("user@example.com".to_owned()),
            phone: None,
        },
        Refusal::PasswordChangeRequired {
            user,
            token: Secret::new("token"),
        },
        Refusal::RequestsExhausted { retry_at },
        Refusal::AuthenticationInsufficient,
        Refusal::AlreadyEnrolled,
        Refusal::FactorsFull,
        Refusal::FactorNotFound,
        Refusal::FactorKept,
        Refusal::EnrolmentMissing,
        Refusal::RedirectUriRejected(Refused::new("redirect_uri", "https://a.example")),
        Refusal::ResponseTypeUnsupported,
        Refusal::AuthorizationCodeInvalid,
        Refusal::SignInRequired,
        Refusal::FormRejected,
    ]
}

/// Every refusal, and both kinds of faults.
pub fn every_way_of_saying_no() -> Vec<Failure> {
    let faults = [true, false].map(|transient| {
        let mut broken = Broken::internal("a part failed");
        broken.transient = transient;
        Failure::Broken(broken)
    });
    let refused = refusals().into_iter().map(Failure::from);
    refused.chain(faults).collect()
}

/// What a path answers to every refusal and fault, in its dialect's words:
/// above each answer stand the names of those that get it.
pub async fn answers_of(path: &str) -> String {
    let mut told: Vec<(String, Vec<&'static str>)> = Vec::new();
    for no in every_way_of_saying_no() {
        let name = match &no {
            Failure::Refused(refusal) => refusal.name(),
            Failure::Broken(broken) if broken.transient => "broken for a while",
            Failure::Broken(_) => "broken",
        };
        let answer = Answer::read(failure(words_of(path), no, START)).await;
        let shown = match answer.raw.starts_with("<!") {
            true => answer.page(),
            false => answer.in_short(),
        };
        match told.iter_mut().find(|(known, _)| *known == shown) {
            Some((_, names)) => names.push(name),
            None => told.push((shown, vec![name])),
        }
    }
    let line = |(shown, names): &(String, Vec<_>)| format!("- {}\n{shown}", names.join(", "));
    let lines: Vec<String> = told.iter().map(line).collect();
    lines.join("\n")
}

#[test]
fn the_list_of_refusals_is_whole() {
    let text = read("shared/domain/src/refusal.rs");
    let names = text.split("pub fn name(&self)").nth(1).unwrap();
    let names = names.split("\n    }\n").next().unwrap();
    let names: Vec<&str> = names
        .split('"')
        .enumerate()
        .filter(|(at, _)| at % 2 == 1)
        .map(|(_, name)| name)
        .collect();
    let listed = refusals();
    let listed: Vec<&str> = listed.iter().map(Refusal::name).collect();
    assert_eq!(listed, names);
}
