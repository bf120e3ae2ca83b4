//! A user as an operator sees the user: without hashes, seeds and codes.

use countersign::app::App;
use countersign::domain::Timestamp;
use countersign::domain::accounts::user::{Account, User};
use countersign::domain::factors::factor::Factor;
use countersign::domain::messages::delivery::{DeliveryMark, Trouble};
use countersign::domain::sessions::trusted_device::TrustedDevice;
use countersign::store::KeptAct;
use countersign::usecase::administration::tell::NoticesSent;
use countersign::usecase::administration::users::unlock::read_lockout;
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::report::time;

/// How many acts the sheet shows. `user events` lists the others.
const NEWEST_ACTS: usize = 20;

/// A user in a table.
pub fn row(user: &User) -> Value {
    json!({
        "id": user.id.dashed(),
        "user_name": user.user_name,
        "email": user.email,
        "email_confirmed": user.email_confirmed,
        "phone": user.phone,
        "phone_confirmed": user.phone_confirmed,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "roles": user.roles,
        "active": user.active,
        "has_password": user.password.is_some(),
        "must_change_password": user.must_change_password,
        "two_factor": user.two_factor,
        "created_at": time(user.created_at),
        "password_changed_at": user.password_changed_at.map(time),
    })
}

/// Everything about a user.
///
/// # Errors
/// One line if the table does not answer.
pub async fn sheet(app: &App, account: &Account, now: Timestamp) -> Result<Value, Problem> {
    let user = &account.user;
    let sessions = app.store.list_sessions(user.id).await?;
    let live = sessions.iter().filter(|one| one.is_live(user.epoch, now));
    let acts = app
        .store
        .list_acts(&user.id.to_string(), NEWEST_ACTS)
        .await?;
    let mut sheet = row(user);
    if let Value::Object(fields) = &mut sheet {
        let locked_until = read_lockout(app, user, now).await?;
        fields.insert("subject".to_owned(), json!(user.subject()));
        fields.insert("locked_until".to_owned(), json!(locked_until.map(time)));
        let factors: Vec<Value> = account.factors.iter().map(factor).collect();
        fields.insert("factors".to_owned(), json!(factors));
        let came_back: Vec<Value> = user.troubles().map(came_back).collect();
        fields.insert("came_back".to_owned(), json!(came_back));
        let codes = account
            .recovery
            .as_ref()
            .map_or(0, |codes| codes.hashes.len());
        fields.insert("recovery_codes".to_owned(), json!(codes));
        let devices = app.store.list_devices(user.id).await?;
        let seconds = app.config.trusted_device_seconds.unwrap_or(0);
        let devices = devices.into_iter().map(|device| device.within(seconds));
        let trusted = devices.filter(|device| device.is_trusted(user, now));
        let devices: Vec<Value> = trusted.map(|one| device(&one)).collect();
        fields.insert("trusted_devices".to_owned(), json!(devices));
        fields.insert("live_sessions".to_owned(), json!(live.count()));
        let acts: Vec<Value> = acts.iter().map(act).collect();
        fields.insert("acts".to_owned(), json!(acts));
    }
    Ok(sheet)
}

fn factor(factor: &Factor) -> Value {
    let (kind, to) = match factor.address() {
        None => (factor.method().name(), None),
        Some((channel, to)) => (channel.name(), Some(to)),
    };
    json!({
        "id": factor.id.dashed(),
        "kind": kind,
        "to": to,
        "confirmed": factor.confirmed,
        "created_at": time(factor.created_at),
    })
}

fn device(device: &TrustedDevice) -> Value {
    json!({
        "id": device.key.as_str(),
        "name": device.name,
        "client": device.client,
        "remembered_at": time(device.remembered_at),
        "used_at": device.used_at.map(time),
        "expires_at": time(device.expires_at),
    })
}

/// What SES or SNS reported about a destination of the user.
pub fn came_back(mark: &DeliveryMark) -> Value {
    json!({
        "to": mark.place(),
        "kind": mark.trouble.map(Trouble::name),
        "at": time(mark.at),
    })
}

/// An act in a table.
pub fn act(act: &KeptAct) -> Value {
    json!({
        "at": time(act.at),
        "act": act.what,
        "by": act.by,
        "reason": act.reason,
    })
}

/// Whether the user was told.
pub fn told_sentence(told: NoticesSent) -> String {
    let by_message = match (told.sent, told.failed) {
        (0, 0) => "Nobody was told: the user has confirmed no address and no number.".to_owned(),
        (sent, 0) => format!("The user was told by {sent} message(s)."),
        (sent, failed) => format!(
            "The user was told by {sent} message(s); {failed} could not be sent: call the user."
        ),
    };
    match told.webhooks {
        0 => by_message,
        _ => format!("{by_message} Nothing went to the webhook, which takes codes only."),
    }
}
