//! The step in which the user enters a code. The page is for one factor, and lists the
//! user's other factors.

use askama::Template;

use crate::domain::Timestamp;
use crate::domain::accounts::user::Account;
use crate::domain::factors::factor::{Channel, Factor};
use crate::domain::factors::send_target::SendTarget;
use crate::domain::id::FactorId;
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::login::pending_login::SentTo;
use crate::domain::refusal::Refusal;

use crate::wire::aidbox::pages::authorization::request::Journey;
use crate::wire::aidbox::pages::page::{PageFrame, Problem};
use crate::wire::aidbox::pages::refusal::{Told, told_on_page};
use crate::wire::fields::Fields;

/// The name of an authenticator app in a form.
const APP: &str = "totp";
/// The name of a recovery code in a form.
const RECOVERY: &str = "recovery";

/// The page of the step.
#[derive(Template)]
#[template(path = "pages/code.html")]
pub struct CodePage {
    pub frame: PageFrame,
    /// The path that the page's forms post to.
    pub action: String,
    /// The token of the page's forms.
    pub csrf: String,
    /// The factor of the code: `totp`, `recovery`, or the identifier of an address
    /// factor.
    pub factor: String,
    /// The user name of the login. The page may show it, because the browser has sent
    /// the right password.
    pub name: String,
    /// The address, with most of it hidden.
    pub place: String,
    /// Whether the last form sent a code to this address.
    pub sent: bool,
    /// Whether the page has a field for a code. The field is missing until a code was
    /// sent.
    pub takes_code: bool,
    /// The other factors.
    pub choices: Vec<Choice>,
    /// The problem with the last form.
    pub problem: Problem,
    /// The label of the button.
    pub button: &'static str,
    /// The box that has the browser remembered, if the form has one.
    pub remember: Option<RememberBox>,
    /// The path of the link that leaves the step.
    pub back: String,
    /// The label of that link.
    pub back_label: &'static str,
}

/// The box that has the browser remembered.
pub struct RememberBox {
    /// For how many days.
    pub days: i64,
    /// Whether the last form had the box ticked.
    pub ticked: bool,
}

/// Another factor, or another code to the same address.
pub struct Choice {
    /// The factor's name.
    pub value: String,
    /// The label of the button or the link.
    pub label: String,
    /// The page for the factor. `None` if a code must be sent first.
    pub page: Option<String>,
}

/// The data of the form that asks for a code.
pub struct CodeForm<'a> {
    pub frame: PageFrame,
    /// The path that the page's forms post to.
    pub action: String,
    /// Makes the path of the page for another factor, from the factor's name.
    pub page_for: fn(&Journey, &str) -> String,
    /// The authorization request that the page returns to.
    pub journey: &'a Journey,
    /// The token of the page's forms.
    pub csrf: String,
    /// The label of the button.
    pub button: &'static str,
    /// The box that has the browser remembered, where the form may have one.
    pub remember: Option<RememberBox>,
    /// The path and the label of the link that leaves the step.
    pub back: (String, &'static str),
    /// The problem with the last form.
    pub problem: Problem,
}

/// Whether a code was sent, from the query of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent<'a> {
    /// No code was sent.
    Never,
    /// A code was sent to this factor before the last form.
    Earlier(&'a str),
    /// The last form sent a code to the factor that the page is for.
    JustNow,
}

impl<'a> Sent<'a> {
    /// Reads the query of the page.
    pub fn of(query: &'a Fields) -> Self {
        match query.get("sent") {
            None => Self::Never,
            Some("true") => Self::JustNow,
            Some(factor) => Self::Earlier(factor),
        }
    }

    /// The query parameter that tells the next page which factor a code was sent to, if
    /// a code was sent. `current` is the factor of this page.
    pub fn parameter(self, current: &'a str) -> Option<(&'static str, &'a str)> {
        let factor = match self {
            Self::Never => return None,
            Self::Earlier(factor) => factor,
            Self::JustNow => current,
        };
        Some(("sent", factor))
    }
}

/// What a form asks for.
pub enum CodeAsked {
    /// Send a code to this factor.
    Send(FactorId),
    /// Show the page for another factor.
    Use,
    /// Check this code.
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

/// The message for a refused code. If the user typed letters where six digits belong,
/// the message says where to enter a recovery code.
pub fn told_of(fields: &Fields, refusal: &Refusal, now: Timestamp) -> Told {
    let told = told_on_page(refusal, now);
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

/// The factor that a form names, if any.
pub fn factor_of_form(fields: &Fields) -> Option<&str> {
    let names = ["send", "use", "factor"];
    names.into_iter().find_map(|name| fields.get(name))
}

/// The target for `send_code`: this factor, over any channel.
pub fn send_target(factor: FactorId) -> SendTarget {
    SendTarget {
        user: None,
        factor: Some(factor),
        passkey: false,
        totp: false,
        channels: Channel::ALL.to_vec(),
    }
}

impl CodePage {
    /// The page for the named factor, or else for the first factor by rank.
    pub fn of(form: CodeForm<'_>, account: &Account, named: Option<&str>, sent: Sent<'_>) -> Self {
        let factors: Vec<&Factor> = account.active_factors().collect();
        let first = factors
            .first()
            .map_or(RECOVERY.to_owned(), |one| name_of(one));
        let known = |name: &str| {
            (name == RECOVERY && recovers(account))
                || factors.iter().any(|one| name_of(one) == name)
        };
        let named = named.filter(|name| known(name));
        let factor = named.map_or_else(|| first.clone(), str::to_owned);
        let current = factors.iter().find(|one| name_of(one) == factor);
        let address = current.and_then(|one| one.address());
        let place = address.map_or_else(String::new, |(channel, to)| place(channel, to));
        Self {
            takes_code: address.is_none() || named.is_some(),
            choices: choices(&form, account, (&factor, sent)),
            name: account.user.user_name.clone(),
            frame: form.frame,
            action: form.action,
            csrf: form.csrf,
            place,
            sent: sent == Sent::JustNow,
            problem: form.problem,
            button: form.button,
            // A recovery code stands for a factor that the user has lost.
            remember: form.remember.filter(|_| factor != RECOVERY),
            factor,
            back: form.back.0,
            back_label: form.back.1,
        }
    }
}

/// Whether the user has recovery codes.
fn recovers(account: &Account) -> bool {
    let recovery = account.recovery.as_ref();
    recovery.is_some_and(|codes| !codes.hashes.is_empty())
}

fn choices(
    form: &CodeForm<'_>,
    account: &Account,
    (current, sent): (&str, Sent<'_>),
) -> Vec<Choice> {
    let page_of = |name: &str| Some((form.page_for)(form.journey, name));
    let mut choices: Vec<Choice> = account
        .active_factors()
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
                Some((channel, to)) => {
                    let place = place(channel, to);
                    let doubt = match account.user.is_troubled(channel, to) {
                        true => " (messages there may not arrive)",
                        false => "",
                    };
                    Choice {
                        page: None,
                        value,
                        label: format!("Send a code by {channel} to {place}{again}{doubt}"),
                    }
                }
            }
        })
        .collect();
    if recovers(account) && current != RECOVERY {
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

/// The address, as its owner recognises it. Most of an e-mail address or number is
/// hidden, because the browser has shown the password but not the factor.
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
