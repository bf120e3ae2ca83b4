//! Attributes that several kinds of items have.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Dialect;
use crate::domain::authorization::client::{Authorized, Scope};
use crate::domain::factors::factor::Method;
use crate::domain::sessions::authentication::Authentication;
use crate::failure::Broken;
use crate::store::item::{Item, text_value};

pub(in crate::store) fn read_method(name: &str) -> Result<Method, Broken> {
    [
        ("totp", Method::Totp),
        ("email", Method::Email),
        ("sms", Method::Sms),
        ("webhook", Method::Webhook),
        ("recovery-code", Method::RecoveryCode),
    ]
    .into_iter()
    .find(|(known, _)| *known == name)
    .map(|(_, method)| method)
    .ok_or_else(|| Broken::internal("a stored session has an unknown method"))
}

/// The mark of an authentication whose first factor was a code and not the password.
pub(in crate::store) fn write_by_code(authentication: Authentication) -> Option<AttributeValue> {
    authentication.by_code.then_some(AttributeValue::Bool(true))
}

pub(in crate::store) fn write_method(method: Method) -> AttributeValue {
    text_value(match method {
        Method::Totp => "totp",
        Method::Email => "email",
        Method::Sms => "sms",
        Method::Webhook => "webhook",
        Method::RecoveryCode => "recovery-code",
    })
}

pub(in crate::store) fn read_authorized(item: Item<'_>) -> Result<Authorized, Broken> {
    Ok(Authorized {
        client: item.text("client")?.to_owned(),
        scope: Scope::parse(item.text("scope")?),
        audience: item.texts("audience")?,
    })
}

pub(in crate::store) fn read_dialect(item: Item<'_>) -> Result<Dialect, Broken> {
    item.id("dialect", Dialect::from_name)
}
