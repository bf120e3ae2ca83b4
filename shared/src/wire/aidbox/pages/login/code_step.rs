//! The step in which a person enters a code: which factor it is of, and the
//! other ones that there are.

use askama::Template;

use crate::domain::Timestamp;
use crate::domain::accounts::user::Account;
use crate::domain::factors::factor::{Channel, Factor};
use crate::domain::id::FactorId;
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::login::pending_login::SentTo;
use crate::domain::refusal::Refusal;
use crate::usecase::login::codes::send_code::SendTarget;
use crate::wire::aidbox::pages::authorization::request::Journey;
use crate::wire::aidbox::pages::page::{PageFrame, Problem};
use crate::wire::aidbox::pages::refusal::{Told, told};
use crate::wire::fields::Fields;

/// An authenticator app, as a form names it.
const APP: &str = "totp";
/// A recovery code, as a form names it.
const RECOVERY: &str = "recovery";

/// The page of the step.
#[derive(Template)]
#[template(path = "pages/code.html")]
pub struct CodePage {
    /// Its frame.
    pub frame: PageFrame,
    /// Where its forms post.
    pub action: String,
    /// Their token.
    pub csrf: String,
    /// What the code is of: `totp`, `recovery`, or the identifier of an address.
    pub factor: String,
    /// Who signs in: shown to whoever has the password.
    pub name: String,
    /// The address, as it is shown.
    pub place: String,
    /// Whether a code was sent there just now.
    pub sent: bool,
    /// Whether a code can be entered: not before one was sent.
    pub takes_code: bool,
    /// The other factors.
    pub choices: Vec<Choice>,
    /// What is wrong.
    pub problem: Problem,
    /// What stands on the button.
    pub button: &'static str,
    /// The way out.
    pub back: String,
    /// What stands on it.
    pub back_label: &'static str,
}

/// Another factor, or another code.
pub struct Choice {
    /// The factor.
    pub value: String,
    /// What stands on the button or the link.
    pub label: String,
    /// The page for it; none where a code has to be sent first.
    pub page: Option<String>,
}

/// The form that asks for a code, and the page that the form stands on.
pub struct CodeForm<'a> {
    /// Its frame.
    pub frame: PageFrame,
    /// Where its forms post.
    pub action: String,
    /// The page of the step for another factor, given by its name.
    pub page_for: fn(&Journey, &str) -> String,
    /// Where the page leads in the end.
    pub journey: &'a Journey,
    /// Their token.
    pub csrf: String,
    /// What stands on the button.
    pub button: &'static str,
    /// The way out, and what stands on it.
    pub back: (String, &'static str),
    /// What is wrong.
    pub problem: Problem,
}

/// Whether a code was sent, as the query of a page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent<'a> {
    /// No code was sent.
    Never,
    /// A code was sent to this factor before the last form.
    Before(&'a str),
    /// The last form sent a code to the factor that the page is for.
    JustNow,
}

impl<'a> Sent<'a> {
    /// What the query of a page says.
    pub fn of(query: &'a Fields) -> Self {
        match query.get("sent") {
            None => Self::Never,
            Some("true") => Self::JustNow,
            Some(factor) => Self::Before(factor),
        }
    }

    /// The parameter that tells the next page which factor a code was sent to,
    /// if a code was sent. `current`: the factor that this page is for.
    pub fn parameter(self, current: &'a str) -> Option<(&'static str, &'a str)> {
        let factor = match self {
            Self::Never => return None,
            Self::Before(factor) => factor,
            Self::JustNow => current,
        };
        Some(("sent", factor))
    }
}

/// What a form asks for.
pub enum CodeAsked {
    /// A code to be sent to this factor.
    Send(FactorId),
    /// The page for another factor.
    Use,
    /// The code is entered.
    Code(SubmittedCode),
}

/// Reads the form.
///
/// # Errors
/// `ParameterMissing`, `FactorUnknown`.
pub fn read_code_form(fields: &Fields) -> Result<CodeAsked, Refusal> {
    if let Some(factor) = fields.get("send") {
        let factor = FactorId::parse(factor).ok_or(Refusal::FactorUnknown)?;
        return Ok(CodeAsked::Send(factor));
    }
    if fields.get("use").is_some() {
        return Ok(CodeAsked::Use);
    }
    let code = fields.required_secret("token")?.clone();
    Ok(CodeAsked::Code(match fields.get("factor") {
        Some(RECOVERY) => SubmittedCode::Recovery { code },
        Some(factor) => match FactorId::parse(factor) {
            Some(factor) => SubmittedCode::Sent {
                code,
                to: SentTo::Factor(factor),
            },
            None => SubmittedCode::Totp { code, factor: None },
        },
        None => SubmittedCode::Totp { code, factor: None },
    }))
}

/// What is said of a code that was refused. A recovery code has a field of its
/// own: one that was typed in another is told where.
pub fn told_of(fields: &Fields, refusal: &Refusal, now: Timestamp) -> Told {
    let told = told(refusal, now);
    let letters = |code: &str| code.bytes().any(|byte| byte.is_ascii_alphabetic());
    let elsewhere = fields.get("factor") != Some(RECOVERY);
    match elsewhere && told.field == "token" && fields.get("token").is_some_and(letters) {
        true => Told {
            text: "This is no code of six digits. A recovery code has a page of its own: choose \
                   it below."
                .to_owned(),
            ..told
        },
        false => told,
    }
}

/// The factor that a form is about, if it says so.
pub fn factor_of_form(fields: &Fields) -> Option<&str> {
    let names = ["send", "use", "factor"];
    names.into_iter().find_map(|name| fields.get(name))
}

/// What `send_code` is asked for: this factor, however it is reached.
pub fn wanted(factor: FactorId) -> SendTarget {
    SendTarget {
        user: None,
        factor: Some(factor),
        totp: false,
        channels: Channel::ALL.to_vec(),
    }
}

impl CodePage {
    /// The page for the factor that is named, or the first by rank.
    pub fn of(form: CodeForm<'_>, account: &Account, named: Option<&str>, sent: Sent<'_>) -> Self {
        let factors: Vec<&Factor> = account.active_factors().collect();
        let recovery = account.recovery.as_ref();
        let recovers = recovery.is_some_and(|codes| !codes.hashes.is_empty());
        let first = factors
            .first()
            .map_or(RECOVERY.to_owned(), |one| name_of(one));
        let known = |name: &str| {
            (name == RECOVERY && recovers) || factors.iter().any(|one| name_of(one) == name)
        };
        let named = named.filter(|name| known(name));
        let factor = named.map_or_else(|| first.clone(), str::to_owned);
        let current = factors.iter().find(|one| name_of(one) == factor);
        let address = current.and_then(|one| one.address());
        let place = address.map_or_else(String::new, |(channel, to)| place(channel, to));
        Self {
            takes_code: address.is_none() || named.is_some(),
            choices: choices(&form, &factors, (&factor, sent), recovers),
            name: account.user.user_name.clone(),
            frame: form.frame,
            action: form.action,
            csrf: form.csrf,
            factor,
            place,
            sent: sent == Sent::JustNow,
            problem: form.problem,
            button: form.button,
            back: form.back.0,
            back_label: form.back.1,
        }
    }
}

fn choices(
    form: &CodeForm<'_>,
    factors: &[&Factor],
    (current, sent): (&str, Sent<'_>),
    recovers: bool,
) -> Vec<Choice> {
    let page_of = |name: &str| Some((form.page_for)(form.journey, name));
    let mut choices: Vec<Choice> = factors
        .iter()
        .filter(|factor| !factor.is_totp() || name_of(factor) != current)
        .map(|factor| {
            let value = name_of(factor);
            let again = match sent.parameter(current) {
                Some((_, factor)) if factor == value => " again",
                Some(_) | None => "",
            };
            match factor.address() {
                None => Choice {
                    page: page_of(&value),
                    value,
                    label: "Use your authenticator app".to_owned(),
                },
                Some((channel, to)) => Choice {
                    page: None,
                    value,
                    label: format!("Send a code by {channel} to {}{again}", place(channel, to)),
                },
            }
        })
        .collect();
    if recovers && current != RECOVERY {
        choices.push(Choice {
            page: page_of(RECOVERY),
            value: RECOVERY.to_owned(),
            label: "Use a recovery code".to_owned(),
        });
    }
    choices
}

fn name_of(factor: &Factor) -> String {
    match factor.is_totp() {
        true => APP.to_owned(),
        false => factor.id.to_string(),
    }
}

/// Where a code goes, as its owner knows it. Of an address no more is shown than
/// that needs: whoever is here has the password, not the factor.
fn place(channel: Channel, to: &str) -> String {
    match channel {
        Channel::Email => {
            let (local, domain) = to.split_once('@').unwrap_or((to, ""));
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        Channel::Sms => {
            let hidden = to.chars().count().saturating_sub(4);
            let shown: String = to.chars().skip(hidden).collect();
            format!("the number that ends in {shown}")
        }
        Channel::Webhook => format!("\u{201c}{to}\u{201d}"),
    }
}
