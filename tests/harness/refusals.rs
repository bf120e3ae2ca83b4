//! Every refusal and fault, once.

use axum::response::Response;
use countersign::domain::accounts::password_policy::PasswordProblem;
use countersign::domain::accounts::refusals::account_refusal::{AccountRefusal, TakenName};
use countersign::domain::accounts::refusals::action_refusal::ActionRefusal;
use countersign::domain::accounts::refusals::administration_refusal::AdministrationRefusal;
use countersign::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use countersign::domain::accounts::refusals::profile_refusal::ProfileRefusal;
use countersign::domain::authorization::page_refusal::PageRefusal;
use countersign::domain::authorization::proof_refusal::ProofRefusal;
use countersign::domain::authorization::token_refusal::TokenRefusal;
use countersign::domain::factors::enrolment_refusal::EnrolmentRefusal;
use countersign::domain::factors::factor::{Channel, Factor, FactorKind, Method};
use countersign::domain::id::{FactorId, UserId};
use countersign::domain::login::next_step::NextStep;
use countersign::domain::messages::payers::Row;
use countersign::domain::refusal::Refusal;
use countersign::domain::refused_value::Refused;
use countersign::domain::secret::Secret;
use countersign::failure::{Broken, Failure};
use countersign::routes::words::words_of;
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
pub fn refusals() -> Vec<Refusal> {
    let retry_at = START + 60;
    vec![
        Refusal::ParameterMissing("token"),
        Refusal::ParameterMisnamed("scope"),
        Refusal::RequestMalformed("malformed"),
        Refusal::ParameterInvalid {
            name: "scope",
            problem: "malformed",
        },
        Refusal::BodyTooLarge,
        Refusal::RouteUnknown,
        Refusal::MethodNotAllowed,
        TokenRefusal::GrantUnsupported.into(),
        Refusal::client_rejected("app", true),
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
        EnrolmentRefusal::FactorsMissing.into(),
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
        TokenRefusal::RefreshTokenInvalid.into(),
        TokenRefusal::RefreshTokenEnded.into(),
        TokenRefusal::RefreshTokenReused.into(),
        TokenRefusal::RefreshUserInactive.into(),
        TokenRefusal::StepUpImpossible.into(),
        Refusal::AccessTokenInvalid,
        Refusal::AccessTokenMissing,
        Refusal::ScopeInsufficient,
        AdministrationRefusal::RoleMissing.into(),
        AdministrationRefusal::UserUnknown.into(),
        AccountRefusal::PasswordRejected(PasswordProblem::Common).into(),
        ProfileRefusal::CurrentPasswordWrong.into(),
        AccountRefusal::SignUpClosed.into(),
        AccountRefusal::NameInvalid(TakenName::UserName("name".to_owned())).into(),
        AccountRefusal::NameTaken(TakenName::Email("user@example.com".to_owned())).into(),
        ProfileRefusal::AddressMissing.into(),
        ActionRefusal::ActionTokenInvalid.into(),
        Refusal::RequestsExhausted { retry_at },
        EnrolmentRefusal::AuthenticationInsufficient.into(),
        TokenRefusal::AuthorizationCodeInvalid.into(),
        ConnectionRefusal::ConnectionUnknown.into(),
        ConnectionRefusal::UserNameUnwanted.into(),
        ConnectionRefusal::MailboxCodeWrong.into(),
        ConnectionRefusal::PhoneCodeWrong.into(),
        ConnectionRefusal::ChallengeFailed.into(),
        ConnectionRefusal::NumberInvalid.into(),
        ConnectionRefusal::NumberUnreachable.into(),
        EnrolmentRefusal::AddressUnconfirmed.into(),
        EnrolmentRefusal::AlreadyEnrolled.into(),
        EnrolmentRefusal::FactorsFull.into(),
        EnrolmentRefusal::FactorNotFound.into(),
        EnrolmentRefusal::FactorKept.into(),
        EnrolmentRefusal::EnrolmentMissing.into(),
        ProofRefusal::ProofWrong("htm is not the method of the request").into(),
        ProofRefusal::ProofNonceWanted.into(),
        ProofRefusal::ProofMissing.into(),
        ProofRefusal::KeyWrong.into(),
        ProofRefusal::AccessTokenUnproven.into(),
        ProofRefusal::AccessProofWrong("ath is not the hash of the access token").into(),
        ProofRefusal::AccessNonceWanted.into(),
        PageRefusal::RedirectUriRejected(Refused::new("redirect_uri", "https://a.example")).into(),
        PageRefusal::WebOriginRejected.into(),
        PageRefusal::PushedRequestInvalid.into(),
        PageRefusal::ResponseTypeUnsupported.into(),
        PageRefusal::SignInRequired.into(),
        PageRefusal::SecondFactorRequired.into(),
        PageRefusal::FormRejected.into(),
    ]
}

/// Every next step of a login, once.
pub fn next_steps() -> Vec<NextStep> {
    let user = UserId::from_bytes([7; 16]);
    vec![
        NextStep::ConfirmAddress {
            user,
            email: Some("user@example.com".to_owned()),
            phone: None,
        },
        NextStep::ChangePassword {
            user,
            token: Secret::new("token"),
            recovery_codes: Vec::new(),
        },
        NextStep::Enrol,
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

/// The names that the functions `name` in these files of the domain return.
fn names(files: &[&str]) -> Vec<String> {
    let texts = files
        .iter()
        .map(|file| read(&format!("shared/domain/src/{file}.rs")));
    let names = texts.flat_map(|text| {
        let names = text.split("pub fn name(&self)").nth(1).unwrap();
        let names = names.split("\n    }\n").next().unwrap();
        let names = names.split('"').skip(1).step_by(2);
        names.map(str::to_owned).collect::<Vec<_>>()
    });
    names.collect()
}

/// The answers of a path to every refusal and fault, in its dialect's words. Above each
/// answer are the names of the refusals that get it.
pub async fn answers_of(path: &str) -> String {
    let mut told = Told::default();
    for no in every_way_of_saying_no() {
        let name = match &no {
            Failure::Refused(refusal) => refusal.name(),
            Failure::Broken(broken) if broken.transient => "broken for a while",
            Failure::Broken(_) => "broken",
        };
        told.add(name, failure(words_of(path), no, START)).await;
    }
    told.text()
}

/// The answers for every next step of a login.
pub async fn next_steps_in(words: fn(&NextStep) -> Response) -> String {
    let mut told = Told::default();
    for next in next_steps() {
        told.add(next.name(), words(&next)).await;
    }
    told.text()
}

/// Answers, each with the names of the refusals that get it.
#[derive(Default)]
struct Told(Vec<(String, Vec<&'static str>)>);

impl Told {
    async fn add(&mut self, name: &'static str, response: Response) {
        let answer = Answer::read(response).await;
        let shown = match answer.raw.starts_with("<!") {
            true => answer.page(),
            false => answer.in_short(),
        };
        match self.0.iter_mut().find(|(known, _)| *known == shown) {
            Some((_, names)) => names.push(name),
            None => self.0.push((shown, vec![name])),
        }
    }

    fn text(&self) -> String {
        let line = |(shown, names): &(String, Vec<_>)| format!("- {}\n{shown}", names.join(", "));
        let lines: Vec<String> = self.0.iter().map(line).collect();
        lines.join("\n")
    }
}

#[test]
fn the_list_of_refusals_is_whole() {
    let files = [
        "refusal",
        "accounts/refusals/account_refusal",
        "accounts/refusals/action_refusal",
        "accounts/refusals/profile_refusal",
        "accounts/refusals/administration_refusal",
        "accounts/refusals/connection_refusal",
        "factors/enrolment_refusal",
        "authorization/page_refusal",
        "authorization/proof_refusal",
        "authorization/token_refusal",
    ];
    let listed = refusals();
    let mut listed: Vec<&str> = listed.iter().map(Refusal::name).collect();
    let mut defined = names(&files);
    listed.sort_unstable();
    defined.sort_unstable();
    assert_eq!(listed, defined);
}

#[test]
fn the_list_of_next_steps_is_whole() {
    let listed = next_steps();
    let listed: Vec<&str> = listed.iter().map(NextStep::name).collect();
    assert_eq!(listed, names(&["login/next_step"]));
}
