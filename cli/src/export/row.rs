//! A user in the file: a row of Auth0's bulk import. The member `countersign` has the
//! data that Auth0's schema has no member for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::factors::factor::{Channel, Factor};
use countersign::domain::factors::passkey::{Passkey, SecondUse};
use countersign::usecase::administration::users::export::DepartingUser;
use serde_json::{Map, Value, json};

/// The version of the member `countersign`.
pub const VERSION: u64 = 1;

/// The row of a user.
pub fn exported_row(departing: &DepartingUser) -> Value {
    let user = &departing.account.user;
    let mut row = RowFields::default();
    row.set("user_id", json!(user.id.dashed()));
    row.maybe("email", user.email.as_ref());
    if user.email.is_some() {
        row.set("email_verified", json!(user.email_confirmed));
    }
    row.set("username", json!(user.user_name));
    row.maybe("phone_number", user.phone.as_ref());
    if user.phone.is_some() {
        row.set("phone_verified", json!(user.phone_confirmed));
    }
    row.maybe("given_name", user.given_name.as_ref());
    row.maybe("family_name", user.family_name.as_ref());
    row.maybe("name", user.profile.name.as_ref());
    row.maybe("nickname", user.profile.nickname.as_ref());
    row.maybe("picture", user.profile.picture.as_ref());
    row.set("blocked", json!(!user.active));
    if !user.profile.metadata.is_empty() {
        row.set("user_metadata", json!(user.profile.metadata));
    }
    row.set("app_metadata", json!({ "roles": user.roles }));
    let mut own = own_fields(departing);
    if let Some(hash) = &user.password {
        set_password(&mut row, &mut own, hash);
    }
    set_factors(&mut row, &mut own, departing);
    row.set("countersign", Value::Object(own.0));
    Value::Object(row.0)
}

/// The member `countersign`: the data that Auth0's schema has no member for.
fn own_fields(departing: &DepartingUser) -> RowFields {
    let user = &departing.account.user;
    let mut own = RowFields::default();
    own.set("version", json!(VERSION));
    own.maybe("subject", user.former_subject.as_ref());
    own.set("created_at", json!(user.created_at));
    own.set("epoch", json!(user.epoch));
    own.set("two_factor", json!(user.two_factor));
    own.set("must_change_password", json!(user.must_change_password));
    own.maybe("password_changed_at", user.password_changed_at);
    own.maybe("reset_by", user.reset_by.as_ref());
    own.maybe("reset_at", user.reset_at);
    own.set("enrolments", json!(user.enrolments));
    let handle = user.passkey_handle;
    own.maybe(
        "passkey_handle",
        handle.map(|handle| URL_SAFE_NO_PAD.encode(handle.as_bytes())),
    );
    if let Some(recovery) = &departing.account.recovery {
        let codes = json!({
            "id": recovery.id.dashed(),
            "owned": !departing.unowned.recovery,
            "hashes": recovery.hashes,
        });
        own.set("recovery_codes", codes);
    }
    let wrong = departing.wrong_codes;
    let wrong = json!({ "user": wrong.user, "stranger": wrong.stranger, "near": wrong.near });
    own.set("wrong_codes", wrong);
    own
}

/// A hash of a kind that Auth0 knows goes into the member that Auth0 reads. Any other
/// hash goes under `countersign`, as the table stores the hash.
fn set_password(row: &mut RowFields, own: &mut RowFields, hash: &PasswordHash) {
    let text = hash.as_str();
    let whole = |algorithm: &str| {
        let hash = json!({ "value": text, "encoding": "utf8" });
        json!({ "algorithm": algorithm, "hash": hash })
    };
    if ["$2a$", "$2b$", "$2y$"]
        .iter()
        .any(|kind| text.starts_with(kind))
    {
        row.set("password_hash", json!(text));
    } else if text.starts_with("$argon2") {
        row.set("custom_password_hash", whole("argon2"));
    } else if text.starts_with("$pbkdf2-") {
        row.set("custom_password_hash", whole("pbkdf2"));
    } else {
        own.set("password_hash", json!(text));
    }
}

/// Writes the confirmed factors. A factor that is still being enrolled is left out.
/// Auth0 has no webhook factors, and its import takes no passkeys, so both stand under
/// `countersign`.
fn set_factors(row: &mut RowFields, own: &mut RowFields, departing: &DepartingUser) {
    let (mut known, mut beside, mut webhooks) = (Vec::new(), Vec::new(), Vec::new());
    let mut passkeys = Vec::new();
    let confirmed = departing
        .account
        .factors
        .iter()
        .filter(|factor| factor.confirmed);
    for factor in confirmed {
        let mut about = RowFields::default();
        about.set("id", json!(factor.id.dashed()));
        about.set("created_at", json!(factor.created_at));
        let owned = !departing.unowned.factors.contains(&factor.id);
        about.set("owned", json!(owned));
        if let Some(passkey) = factor.passkey() {
            about.passkey(passkey);
            passkeys.push(Value::Object(about.0));
            continue;
        }
        match factor.address() {
            None => {
                let seed = departing.seeds.iter().find(|(id, _)| *id == factor.id);
                let seed = seed.map(|(_, seed)| seed.to_base32());
                let secret = seed.as_ref().map(|seed| seed.expose());
                known.push(json!({ "totp": { "secret": secret } }));
                about.maybe("last_step", last_step(factor));
                beside.push(Value::Object(about.0));
            }
            Some((Channel::Webhook, to)) => {
                about.set("value", json!(to));
                webhooks.push(Value::Object(about.0));
            }
            Some((channel, to)) => {
                let name = match channel {
                    Channel::Sms => "phone",
                    Channel::Email | Channel::Webhook => "email",
                };
                known.push(json!({ name: { "value": to } }));
                beside.push(Value::Object(about.0));
            }
        }
    }
    row.set("mfa_factors", Value::Array(known));
    own.set("factors", Value::Array(beside));
    own.set("webhooks", Value::Array(webhooks));
    if !passkeys.is_empty() {
        own.set("passkeys", Value::Array(passkeys));
    }
}

fn last_step(factor: &Factor) -> Option<u64> {
    use countersign::domain::factors::factor::FactorKind;
    match factor.kind {
        FactorKind::Totp { last_step, .. } => last_step,
        FactorKind::Address { .. } | FactorKind::Passkey(_) => None,
    }
}

/// An unfinished JSON object, in the order of its fields.
#[derive(Default)]
pub struct RowFields(pub Map<String, Value>);

impl RowFields {
    /// Sets a field.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Sets a field, if there is a value.
    pub fn maybe(&mut self, name: &str, value: Option<impl serde::Serialize>) {
        if let Some(value) = value {
            self.set(name, json!(value));
        }
    }

    /// Sets the fields of a passkey. None is secret: the public key, and what the
    /// authenticator chose.
    pub fn passkey(&mut self, passkey: &Passkey) {
        let credential = URL_SAFE_NO_PAD.encode(&passkey.credential);
        self.set("credential", json!(credential));
        self.set("public_key", json!(passkey.public_key));
        self.set("counter", json!(passkey.counter));
        self.set("may_be_copied", json!(passkey.may_be_copied));
        self.set("is_copied", json!(passkey.is_copied));
        self.maybe("last_used_at", passkey.last_used_at);
        let second = passkey.second != SecondUse::Nothing;
        self.maybe("second", second.then_some(true));
    }

    /// Sets a field, if the list has a value.
    pub fn list(&mut self, name: &str, values: &[impl serde::Serialize]) {
        if !values.is_empty() {
            self.set(name, json!(values));
        }
    }
}
