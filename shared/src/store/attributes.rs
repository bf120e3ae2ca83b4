//! Attributes that several kinds of items have.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Dialect;
use crate::domain::authorization::client::{Authorized, Scope};
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::request_parameters::CodeWanted;
use crate::domain::factors::factor::Method;
use crate::domain::factors::passkey::{KeyPlace, SecondKey};
use crate::domain::sessions::authentication::{Authentication, FirstFactor};
use crate::failure::Broken;
use crate::store::item::{Item, NewItem, number_value, text_value};

fn read_method(name: &str) -> Result<Method, Broken> {
    [
        ("totp", Method::Totp),
        ("email", Method::Email),
        ("sms", Method::Sms),
        ("webhook", Method::Webhook),
        ("recovery-code", Method::RecoveryCode),
        ("passkey", Method::Passkey),
    ]
    .into_iter()
    .find(|(known, _)| *known == name)
    .map(|(_, method)| method)
    .ok_or_else(|| Broken::internal("a stored session has an unknown method"))
}

/// The attributes that say what an authentication's first factor was. Without them it was
/// the password.
fn write_first(item: NewItem, first: FirstFactor) -> NewItem {
    match first {
        FirstFactor::Password => item,
        FirstFactor::PasswordOnDevice => item.with("on_device", AttributeValue::Bool(true)),
        // An older version reads such a browser as a device, which may as little.
        FirstFactor::PasswordInBrowser => item
            .with("on_device", AttributeValue::Bool(true))
            .with("in_browser", AttributeValue::Bool(true)),
        FirstFactor::Code => item.with("by_code", AttributeValue::Bool(true)),
        // An older version reads such a code as a code to a mailbox.
        FirstFactor::TextCode => item
            .with("by_code", AttributeValue::Bool(true))
            .with("by_text", AttributeValue::Bool(true)),
        FirstFactor::Passkey(kind) => item.with("passkey", text_value(kind.name())),
    }
}

fn read_first(item: Item<'_>) -> Result<FirstFactor, Broken> {
    let by_text = item.flag("by_text")?;
    Ok(match (read_key_place(item)?, item.flag("by_code")?) {
        (Some(kind), _) => FirstFactor::Passkey(kind),
        (None, true) if by_text => FirstFactor::TextCode,
        (None, true) => FirstFactor::Code,
        (None, false) if item.flag("in_browser")? => FirstFactor::PasswordInBrowser,
        (None, false) if item.flag("on_device")? => FirstFactor::PasswordOnDevice,
        (None, false) => FirstFactor::Password,
    })
}

/// Where the key of the passkey is kept that stood in place of the password, if one did.
pub(in crate::store) fn read_key_place(item: Item<'_>) -> Result<Option<KeyPlace>, Broken> {
    let named = item.maybe_text("passkey")?;
    named
        .map(|_| item.id("passkey", KeyPlace::from_name))
        .transpose()
}

/// The attributes that say how and when a user authenticated.
pub(in crate::store) fn write_authentication(item: NewItem, shown: Authentication) -> NewItem {
    write_first(item, shown.first)
        .with("authenticated_at", number_value(shown.at))
        .maybe("method", shown.method.map(write_method))
        .maybe("second_key", shown.key.map(|key| text_value(key.name())))
}

/// How and when a user authenticated.
pub(in crate::store) fn read_authentication(item: Item<'_>) -> Result<Authentication, Broken> {
    let key = item.maybe_text("second_key")?;
    let key = key.map(|_| item.id("second_key", SecondKey::from_name));
    Ok(Authentication {
        first: read_first(item)?,
        at: item.number("authenticated_at")?,
        method: item.maybe_text("method")?.map(read_method).transpose()?,
        key: key.transpose()?,
    })
}

fn write_method(method: Method) -> AttributeValue {
    text_value(match method {
        Method::Totp => "totp",
        Method::Email => "email",
        Method::Sms => "sms",
        Method::Webhook => "webhook",
        Method::RecoveryCode => "recovery-code",
        Method::Passkey => "passkey",
    })
}

pub(in crate::store) fn read_authorized(item: Item<'_>) -> Result<Authorized, Broken> {
    Ok(Authorized {
        client: item.text("client")?.to_owned(),
        scope: Scope::parse(item.text("scope")?),
        audience: item.texts("audience")?,
        key: read_key(item)?,
        code: item.map(CODE_ASKED)?.map(read_code_asked).transpose()?,
    })
}

/// The attribute of the key that something is bound to.
pub(in crate::store) const KEY: &str = "bound_key";

pub(in crate::store) fn write_key(authorized: &Authorized) -> Option<AttributeValue> {
    authorized.key.as_ref().map(|key| text_value(key.as_str()))
}

/// The attribute of a login that gives a code in place of tokens.
pub(in crate::store) const CODE_ASKED: &str = "code_asked";

pub(in crate::store) fn write_code_asked(authorized: &Authorized) -> Option<AttributeValue> {
    let asked = authorized.code.as_ref()?;
    let item = NewItem::nested()
        .maybe("challenge", asked.challenge.as_ref().map(text_value))
        .maybe("nonce", asked.nonce.as_ref().map(text_value))
        .with("acr_of_auth0", AttributeValue::Bool(asked.named_as_auth0));
    Some(item.into_value())
}

fn read_code_asked(item: Item<'_>) -> Result<CodeWanted, Broken> {
    Ok(CodeWanted {
        challenge: item.owned("challenge")?,
        nonce: item.owned("nonce")?,
        named_as_auth0: item.flag("acr_of_auth0")?,
    })
}

fn read_key(item: Item<'_>) -> Result<Option<KeyThumbprint>, Broken> {
    let unreadable = || Broken::internal("a stored thumbprint of a key is unreadable");
    let read = |key| KeyThumbprint::parse(key).ok_or_else(unreadable);
    item.maybe_text(KEY)?.map(read).transpose()
}

pub(in crate::store) fn read_dialect(item: Item<'_>) -> Result<Dialect, Broken> {
    item.id("dialect", Dialect::from_name)
}
