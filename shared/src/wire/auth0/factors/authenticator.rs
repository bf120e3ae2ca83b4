//! Authenticators with Auth0's names, and their list.

use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::Timestamp;
use crate::domain::accounts::user::{Account, User};
use crate::domain::factors::factor::{Channel, Factor, FactorKind, Method, RecoveryCodes};
use crate::domain::factors::passkey::KeyPlace;
use crate::domain::id::FactorId;

/// `totp|dev_…`, `sms|dev_…`, `email|dev_…`, `webhook|dev_…`,
/// `recovery-code|dev_…`, `passkey|dev_…`.
pub fn authenticator_id(method: Method, factor: FactorId) -> String {
    format!("{}|dev_{factor}", prefix(method))
}

/// The method and the identifier in such a name. `None` if the name has another form.
pub fn parse_id(text: &str) -> Option<(Method, FactorId)> {
    let (kind, rest) = text.split_once('|')?;
    let method = [
        Method::Totp,
        Method::Sms,
        Method::Email,
        Method::Webhook,
        Method::RecoveryCode,
        Method::Passkey,
    ]
    .into_iter()
    .find(|method| prefix(*method) == kind)?;
    Some((method, FactorId::parse(rest.strip_prefix("dev_")?)?))
}

fn prefix(method: Method) -> &'static str {
    match method {
        Method::Totp => "totp",
        Method::Sms => "sms",
        Method::Email => "email",
        Method::Webhook => "webhook",
        Method::RecoveryCode => "recovery-code",
        Method::Passkey => "passkey",
    }
}

/// The `type` in `mfa_requirements` and in lists. Auth0 has no webhook factor, and
/// Auth0's SDKs refuse a whole list that contains an unknown `type`. So a webhook is
/// listed as `phone`, because most webhooks pass codes on as text messages.
pub fn requirement(method: Method) -> &'static str {
    match method {
        Method::Totp => "otp",
        Method::Sms | Method::Webhook => "phone",
        Method::Email => "email",
        Method::RecoveryCode => "recovery-code",
        Method::Passkey => "webauthn",
    }
}

/// Auth0's `oob_channel` for a channel.
fn oob_channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms | Channel::Webhook => "sms",
        Channel::Email => "email",
    }
}

/// The `type` of each method, without repetition.
pub fn requirements(methods: &[Method]) -> Value {
    let mut types: Vec<&str> = Vec::new();
    for method in methods {
        let kind = requirement(*method);
        if !types.contains(&kind) {
            types.push(kind);
        }
    }
    types.iter().map(|kind| json!({ "type": kind })).collect()
}

/// The list that `GET /mfa/authenticators` returns. Recovery codes come first, as in
/// Auth0. A factor whose enrolment was never completed and has expired is left out.
pub fn authenticator_list(account: &Account, now: Timestamp) -> Value {
    let recovery = account
        .recovery
        .iter()
        .filter(|codes| !codes.hashes.is_empty())
        .map(recovery);
    let live = account
        .factors
        .iter()
        .filter(|one| one.is_second() && one.is_live(now));
    let listed = live.map(|one| with_mark(factor(one), one, &account.user));
    recovery.chain(listed).collect()
}

/// A factor of a list. A factor whose messages came back says so: Auth0 has no member for
/// that, and its SDKs ignore a member that they do not know.
pub(super) fn with_mark(mut listed: Value, factor: &Factor, user: &User) -> Value {
    if user.has_trouble_with(factor) {
        listed["undeliverable"] = json!(true);
    }
    listed
}

fn recovery(codes: &RecoveryCodes) -> Value {
    json!({
        "id": authenticator_id(Method::RecoveryCode, codes.id),
        "authenticator_type": "recovery-code",
        "type": requirement(Method::RecoveryCode),
        "active": true,
    })
}

/// One authenticator. Only the last four digits of a phone number are shown.
pub fn factor(factor: &Factor) -> Value {
    let name = authenticator_id(factor.method(), factor.id);
    let kind = requirement(factor.method());
    match &factor.kind {
        FactorKind::Passkey(passkey) => json!({
            "id": name,
            "authenticator_type": match passkey.key_place() {
                KeyPlace::Hardware => "webauthn-roaming",
                KeyPlace::Software => "webauthn-platform",
            },
            "type": kind,
            "active": factor.confirmed,
        }),
        FactorKind::Totp { .. } => json!({
            "id": name,
            "authenticator_type": "otp",
            "type": kind,
            "active": factor.confirmed,
        }),
        FactorKind::Address { channel, to } => json!({
            "id": name,
            "authenticator_type": "oob",
            "type": kind,
            "active": factor.confirmed,
            "oob_channel": oob_channel(*channel),
            "oob_channels": [oob_channel(*channel)],
            "name": match channel {
                Channel::Email | Channel::Webhook => to.clone(),
                Channel::Sms => masked(to),
            },
        }),
    }
}

pub(super) fn masked(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(4);
    number
        .chars()
        .enumerate()
        .map(|(at, digit)| if at < hidden { 'X' } else { digit })
        .collect()
}

/// Kinds of factors.
#[derive(ToSchema)]
pub enum FactorType {
    /// An authenticator app.
    #[schema(rename = "otp")]
    Otp,
    /// Text messages, and what the operator's webhook sends.
    #[schema(rename = "phone")]
    Phone,
    /// E-mail.
    #[schema(rename = "email")]
    Email,
    /// Recovery codes.
    #[schema(rename = "recovery-code")]
    RecoveryCode,
    /// Passkeys. Not Auth0's.
    #[schema(rename = "webauthn")]
    Webauthn,
}

/// How codes are made known.
#[derive(ToSchema)]
pub enum AuthenticatorType {
    /// By an authenticator app.
    #[schema(rename = "otp")]
    Otp,
    /// By a message.
    #[schema(rename = "oob")]
    Oob,
    /// They were shown once.
    #[schema(rename = "recovery-code")]
    RecoveryCode,
    /// By a passkey whose key stays in one device.
    #[schema(rename = "webauthn-roaming")]
    WebauthnRoaming,
    /// By a passkey whose key may be copied to the user's devices.
    #[schema(rename = "webauthn-platform")]
    WebauthnPlatform,
}

/// Channels of messages.
#[derive(ToSchema)]
pub enum OobChannel {
    /// Text messages, and what the operator's webhook sends.
    #[schema(rename = "sms")]
    Sms,
    /// E-mail.
    #[schema(rename = "email")]
    Email,
}

/// A factor of a user.
#[derive(ToSchema)]
pub struct Authenticator {
    /// Its identifier.
    #[schema(example = "totp|dev_0123456789abcdef0123456789abcdef")]
    pub id: String,
    /// How its codes are made known.
    pub authenticator_type: AuthenticatorType,
    /// Its kind.
    #[schema(rename = "type")]
    pub kind: FactorType,
    /// Whether it was confirmed.
    pub active: bool,
    /// The channel of its messages.
    #[schema(nullable = false)]
    pub oob_channel: Option<OobChannel>,
    /// The same, as a list.
    #[schema(nullable = false)]
    pub oob_channels: Option<Vec<OobChannel>>,
    /// The address, a phone number by its last four digits.
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// True if messages came back, so that codes may not arrive.
    #[schema(nullable = false)]
    pub undeliverable: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::{FactorId, Method, authenticator_id, masked, parse_id};

    #[test]
    fn an_authenticator_id_reads_back() {
        for method in [
            Method::Totp,
            Method::Sms,
            Method::Email,
            Method::Webhook,
            Method::RecoveryCode,
            Method::Passkey,
        ] {
            let factor = FactorId::from_bytes([7; 16]);
            assert_eq!(
                parse_id(&authenticator_id(method, factor)),
                Some((method, factor))
            );
        }
        assert_eq!(parse_id("push|dev_07070707070707070707070707070707"), None);
        assert_eq!(parse_id("totp"), None);
    }

    #[test]
    fn a_phone_number_shows_its_last_four_digits() {
        assert_eq!(masked("+15555550100"), "XXXXXXXX0100");
    }
}
