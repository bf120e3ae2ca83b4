//! Whole logins, step by step.

use serde_json::Value;

use crate::local::Local;
use crate::measure::calls;
use crate::outcome::Outcome;
use crate::runtime_api::{Function, Invoked};
use crate::users::{User, code_of};

/// A step of a flow, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Password,
    CodeOfApp,
    SendEmail,
    EmailedCode,
    SendSms,
    TextedCode,
    Refresh,
}

impl Step {
    pub const ALL: [Self; 7] = [
        Self::Password,
        Self::CodeOfApp,
        Self::SendEmail,
        Self::EmailedCode,
        Self::SendSms,
        Self::TextedCode,
        Self::Refresh,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::CodeOfApp => "code of an app",
            Self::SendEmail => "send by e-mail",
            Self::EmailedCode => "code by e-mail",
            Self::SendSms => "send by SMS",
            Self::TextedCode => "code by SMS",
            Self::Refresh => "refresh",
        }
    }
}

/// The functions that a login meets.
pub struct Functions {
    pub token: Function,
    pub send_code: Function,
}

/// The invocations of a login.
pub type Steps = Vec<(Step, Invoked)>;

/// The password, up to the answer that asks for the second factor.
pub fn password(token: &Function, user: User) -> Outcome<Invoked> {
    let begun = token.invoke(&calls::right_password(user))?;
    expect(&begun, 403)?;
    Ok(begun)
}

/// A whole login with the code of an app. Returns the refresh token too.
pub fn with_app(token: &Function, user: User) -> Outcome<(Steps, Value)> {
    let begun = password(token, user)?;
    let User::App(number) = user else {
        return Err("a user without an app".into());
    };
    let code = code_of(number);
    let done = token.invoke(&calls::code_of_app(user, &begun.body["mfa_token"], &code))?;
    expect(&done, 200)?;
    let refresh_token = done.body["refresh_token"].clone();
    let steps = vec![(Step::Password, begun), (Step::CodeOfApp, done)];
    Ok((steps, refresh_token))
}

/// A whole login with a code by e-mail or SMS.
pub fn with_sent_code(functions: &Functions, local: &Local, user: User) -> Outcome<Steps> {
    let (channel, send, code) = match user {
        User::Phone(_) => ("sms", Step::SendSms, Step::TextedCode),
        _ => ("email", Step::SendEmail, Step::EmailedCode),
    };
    let begun = password(&functions.token, user)?;
    let mfa_token = &begun.body["mfa_token"];
    let sent = functions
        .send_code
        .invoke(&calls::send(user, mfa_token, channel))?;
    expect(&sent, 200)?;
    let oob_code = &sent.body["oob_code"];
    let event = calls::sent_code(user, mfa_token, oob_code, &local.code()?);
    let done = functions.token.invoke(&event)?;
    expect(&done, 200)?;
    Ok(vec![(Step::Password, begun), (send, sent), (code, done)])
}

/// A refresh. Returns the next refresh token too.
pub fn refresh(token: &Function, user: User, refresh_token: &Value) -> Outcome<(Invoked, Value)> {
    let done = token.invoke(&calls::refresh(user, refresh_token))?;
    expect(&done, 200)?;
    let next = done.body["refresh_token"].clone();
    Ok((done, next))
}

fn expect(invoked: &Invoked, status: u16) -> Outcome<()> {
    if invoked.status == status {
        Ok(())
    } else {
        Err(format!("{} and not {status}: {}", invoked.status, invoked.body).into())
    }
}
