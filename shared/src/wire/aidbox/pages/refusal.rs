//! Every refusal as a sentence for the user, with the form field that it is about.

use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::domain::accounts::password_policy::PasswordProblem;
use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::refusal::Refusal;
use crate::domain::{Dialect, Timestamp};
use crate::wire::aidbox::pages::page::{MessagePage, PageFrame, bare_page, refused_page};
use crate::wire::{Fault, Shape, Words};

/// The words of every page.
pub const PAGE_WORDS: Words = Words {
    dialect: Dialect::Aidbox,
    shape: Shape::AidboxPage,
    refusal: page,
    fault: Fault::Page(fault),
};

/// The answer to the user.
pub struct Told {
    /// The status of the answer.
    pub status: StatusCode,
    /// The form field that the sentence is about. Empty if it is about no field.
    pub field: &'static str,
    /// The sentence.
    pub text: String,
}

impl Told {
    fn new(status: StatusCode, field: &'static str, text: &str) -> Self {
        Self {
            status,
            field,
            text: text.to_owned(),
        }
    }
}

const BAD: StatusCode = StatusCode::BAD_REQUEST;
const WHO: StatusCode = StatusCode::UNAUTHORIZED;
const NO: StatusCode = StatusCode::FORBIDDEN;
const MANY: StatusCode = StatusCode::TOO_MANY_REQUESTS;

/// The sentence for a refusal, with the time to wait.
pub fn told_on_page(refusal: &Refusal, now: Timestamp) -> Told {
    let told = words(refusal);
    let text = match refusal.wait(now) {
        Some(wait) if told.status == MANY => {
            format!("{} {}", told.text, wait_text(wait.retry_at - now))
        }
        Some(_) | None => told.text,
    };
    Told { text, ..told }
}

fn wait_text(seconds: i64) -> String {
    let minutes = (seconds + 59) / 60;
    if minutes <= 1 {
        "Try again in a minute.".to_owned()
    } else {
        format!("Try again in {minutes} minutes.")
    }
}

fn words(refusal: &Refusal) -> Told {
    let bad = |field, text| Told {
        status: BAD,
        field,
        text,
    };
    let told = match refusal {
        Refusal::ParameterMissing(name) => return bad(name, missing(name)),
        Refusal::ParameterMisnamed(name) => {
            let text =
                format!("This request cannot be read. The parameter must be named exactly {name}.");
            return bad("", text);
        }
        Refusal::RequestMalformed(problem) | Refusal::ParameterInvalid { problem, .. } => {
            return bad("", format!("This request cannot be read: {problem}."));
        }
        Refusal::BodyTooLarge => {
            Told::new(StatusCode::PAYLOAD_TOO_LARGE, "", "That is too much text.")
        }
        // No page is a token endpoint, names a connection or is an administrator's.
        Refusal::RouteUnknown
        | Refusal::Administration(_)
        | Refusal::Connection(_)
        | Refusal::Profile(_)
        | Refusal::Proof(_)
        | Refusal::Token(_) => Told::new(StatusCode::NOT_FOUND, "", "There is no such page."),
        Refusal::MethodNotAllowed => Told::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "",
            "This page cannot be used in this way.",
        ),
        Refusal::ClientRejected { .. } => Told::new(
            BAD,
            "",
            "The app that sent you here is not known to this service.",
        ),
        Refusal::Page(PageRefusal::RedirectUriRejected(_)) => Told::new(
            BAD,
            "",
            "The app that sent you here wants to send you to an address that is not registered for \
             the app.",
        ),
        Refusal::Page(PageRefusal::WebOriginRejected) => Told::new(
            BAD,
            "",
            "The app that sent you here wants an answer at an address that is not registered for \
             the app.",
        ),
        Refusal::Page(PageRefusal::PushedRequestInvalid) => Told::new(
            BAD,
            "",
            "That took too long. Please begin again in the app.",
        ),
        Refusal::GrantNotAllowed
        | Refusal::ScopeNotAllowed(_)
        | Refusal::AudienceNotAllowed(_)
        | Refusal::Page(PageRefusal::ResponseTypeUnsupported) => Told::new(
            BAD,
            "",
            "The app that sent you here asks for something that it may not have.",
        ),
        Refusal::CredentialsWrong => {
            Told::new(WHO, "password", "The name or the password is wrong.")
        }
        Refusal::PasswordsExhausted { .. } => {
            Told::new(MANY, "password", "Too many wrong passwords.")
        }
        Refusal::AccountInactive => Told::new(NO, "", "This account is switched off."),
        Refusal::LoginTokenMalformed | Refusal::LoginExpired => {
            Told::new(WHO, "", "That took too long. Please sign in again.")
        }
        Refusal::CodeMissing(_) => Told::new(BAD, "token", "Enter the code."),
        Refusal::CodeWrong(Method::RecoveryCode) => {
            Told::new(WHO, "token", "This recovery code is wrong or was used.")
        }
        Refusal::CodeWrong(Method::Passkey) => {
            Told::new(WHO, "", "This passkey did not work. Please try again.")
        }
        Refusal::CodeWrong(Method::Totp | Method::Email | Method::Sms | Method::Webhook) => {
            Told::new(WHO, "token", "This code is wrong or too old.")
        }
        Refusal::CodesExhausted { .. } => Told::new(MANY, "token", "Too many wrong codes."),
        Refusal::CodesClosed => Told::new(
            MANY,
            "token",
            "There were too many wrong codes: only a recovery code signs you in.",
        ),
        Refusal::FactorUnknown
        | Refusal::Enrolment(EnrolmentRefusal::FactorsMissing | EnrolmentRefusal::FactorNotFound) => {
            Told::new(BAD, "", "You have not set up a second factor of this kind.")
        }
        Refusal::SendTooSoon { .. } => Told::new(MANY, "", "A code was sent just now."),
        Refusal::SendsExhausted { .. } => Told::new(
            MANY,
            "",
            "Too many messages were sent. Wait, or use another way.",
        ),
        Refusal::DeliveryFailed { .. } => Told::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "",
            "The message could not be sent. Try again, or use another way.",
        ),
        Refusal::AccessTokenInvalid
        | Refusal::AccessTokenMissing
        | Refusal::Page(PageRefusal::SignInRequired | PageRefusal::SecondFactorRequired) => {
            Told::new(WHO, "", "Please sign in again.")
        }
        Refusal::ScopeInsufficient => Told::new(NO, "", "You may not do this with this account."),
        Refusal::Account(AccountRefusal::PasswordRejected(problem)) => {
            let field = "new_password";
            return bad(field, password_words(*problem));
        }
        Refusal::Account(AccountRefusal::SignUpClosed) => {
            Told::new(NO, "", "Nobody can sign up here.")
        }
        Refusal::Account(AccountRefusal::NameInvalid(_)) => {
            Told::new(BAD, "email", "Enter a valid e-mail address.")
        }
        Refusal::Account(AccountRefusal::NameTaken(_)) => {
            Told::new(BAD, "email", "This address cannot be used.")
        }
        Refusal::Action(ActionRefusal::ActionTokenInvalid) => {
            Told::new(BAD, "", "This link is not valid any more.")
        }
        Refusal::Enrolment(EnrolmentRefusal::AddressUnconfirmed) => {
            Told::new(NO, "", "Please confirm your e-mail address first.")
        }
        Refusal::NetworkExhausted { .. } | Refusal::RequestsExhausted { .. } => {
            Told::new(MANY, "", "Too many requests from your network.")
        }
        Refusal::Enrolment(EnrolmentRefusal::AuthenticationInsufficient) => Told::new(
            NO,
            "",
            "For this, you have to have signed in within the last ten minutes, with your \
             strongest second factor. Please sign in again.",
        ),
        Refusal::Enrolment(EnrolmentRefusal::AlreadyEnrolled) => {
            Told::new(BAD, "", "Two-factor authentication is on already.")
        }
        Refusal::Enrolment(EnrolmentRefusal::FactorsFull) => {
            Told::new(BAD, "", "You have set up too many second factors.")
        }
        Refusal::Enrolment(EnrolmentRefusal::FactorKept) => Told::new(
            NO,
            "",
            "Two-factor authentication may not be turned off here.",
        ),
        Refusal::Enrolment(EnrolmentRefusal::EnrolmentMissing) => {
            Told::new(BAD, "", "That took too long. Please start again.")
        }
        Refusal::Page(PageRefusal::FormRejected) => Told::new(
            NO,
            "",
            "This form is too old, or was not sent by this browser: somebody may have signed in, \
             signed out or begun again in another tab. Nothing was changed. Cookies have to be \
             allowed here.",
        ),
    };
    Told {
        text: refusal.sentence(&told.text),
        ..told
    }
}

fn missing(name: &str) -> String {
    const SENTENCES: [(&str, &str); 5] = [
        ("username", "Enter your e-mail address or user name."),
        ("password", "Enter a password."),
        ("new_password", "Enter a password."),
        ("email", "Enter your e-mail address."),
        ("token", "Enter the code."),
    ];
    let known = SENTENCES.into_iter().find(|(field, _)| *field == name);
    known.map_or_else(
        || format!("The app that sent you here left out {name}."),
        |(_, sentence)| sentence.to_owned(),
    )
}

/// The rule for new passwords, which the form shows in advance.
pub fn password_rule(app: &App) -> String {
    let minimum = app.config.password_policy.minimum_length;
    format!(
        "At least {minimum} characters of any kind. Not one that is guessed first, and not made \
         of your name or address."
    )
}

fn password_words(problem: PasswordProblem) -> String {
    match problem {
        PasswordProblem::TooShort { minimum } => {
            format!("A password must have at least {minimum} characters.")
        }
        PasswordProblem::TooLong { .. } => "This password is too long.".to_owned(),
        PasswordProblem::Common => "This password is too common.".into(),
        PasswordProblem::OwnName => "This password is too close to your name or address.".into(),
        PasswordProblem::Unchanged => "This is your present password. Choose another.".into(),
    }
}

fn page(refusal: &Refusal, now: Timestamp) -> Response {
    let told = told_on_page(refusal, now);
    let again = matches!(refusal, Refusal::Page(PageRefusal::FormRejected));
    let message = MessagePage {
        link: onward(refusal),
        ..message(told.text)
    };
    refused_page(bare_page(told.status, message, again), refusal, now)
}

/// The link on a page for a refusal, if the user can go on from there.
fn onward(refusal: &Refusal) -> Option<(String, &'static str)> {
    let over = matches!(
        refusal,
        Refusal::Action(ActionRefusal::ActionTokenInvalid)
            | Refusal::LoginExpired
            | Refusal::LoginTokenMalformed
            | Refusal::Page(PageRefusal::SignInRequired | PageRefusal::SecondFactorRequired)
            | Refusal::AccessTokenInvalid
            | Refusal::AccessTokenMissing
            | Refusal::Page(PageRefusal::FormRejected)
    );
    over.then(|| ("/auth/login".to_owned(), "Sign in"))
}

fn fault(status: StatusCode, sentence: &str) -> Response {
    bare_page(status, message(sentence.to_owned()), false)
}

fn message(text: String) -> MessagePage {
    MessagePage {
        frame: PageFrame::bare("This did not work"),
        text,
        alert: true,
        form: None,
        link: None,
    }
}
