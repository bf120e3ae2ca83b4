//! Writes what the running service holds into a file for `--seed`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::app::App;
use countersign::domain::accounts::password::{Compared, PasswordHash};
use countersign::domain::accounts::user::Account;
use countersign::domain::authorization::client::Client;
use countersign::domain::factors::factor::{Channel, folded_recovery_code};
use countersign::domain::secret::Secret;
use countersign::keyring::recovery_hash;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::export::{DepartingUser, begin_export};
use countersign::usecase::authorization::authenticate_client::client_secret_hash;
use countersign_cli::export::row::RowFields;
use serde_json::{Value, json};

use super::content::{Seed, SeedClient, SeedUser};
use super::make::ISSUER;
use crate::problem::Problem;

/// The name of the operator in the kept act.
const OPERATOR: &str = "cargo local";

/// The text of a file for `--seed`, with every client and every user.
///
/// The table has hashes only. Where a password, a secret or a code of `known` is still
/// valid, the file has it in clear, so that the page of the next start can fill it in.
///
/// # Errors
/// One line if the table or the keys do not answer, or if a user or client has a value
/// that a seed cannot hold.
pub async fn export(app: &App, known: &Seed) -> Result<String, Problem> {
    let broken = |why: &dyn std::fmt::Display| Problem::new(why.to_string());
    let mut stored = app.store.list_clients().await.map_err(|why| broken(&why))?;
    stored.sort_by(|one, other| one.id.cmp(&other.id));
    let clients: Vec<Value> = stored
        .iter()
        .map(|client| {
            let of_file = known.clients.iter();
            let of_file = of_file.clone().find(|one| one.id.as_str() == client.id);
            client_of(client, of_file, &app.config.issuer)
        })
        .collect();
    let operator = Operator::new(OPERATOR.to_owned(), app.clock.now());
    let departed = departed(app, &operator).await;
    operator.tell_failed_acts(app).await;
    let mut users = departed?;
    users.sort_by(|one, other| {
        let name = |user: &DepartingUser| user.account.user.user_name.clone();
        name(one).cmp(&name(other))
    });
    let users: Vec<Value> = users
        .iter()
        .map(|user| user_of(app, user, &known.users))
        .collect();
    let file = json!({ "clients": clients, "users": users });
    let text = serde_json::to_string_pretty(&file).map_err(|why| broken(&why))?;
    match Seed::parse(&text) {
        Ok(_) => Ok(text + "\n"),
        Err(wrong) => Err(Problem::new(format!("a seed cannot hold this: {wrong}"))),
    }
}

async fn departed(app: &App, operator: &Operator) -> Result<Vec<DepartingUser>, Problem> {
    let broken = |why: &dyn std::fmt::Display| Problem::new(why.to_string());
    let departure = begin_export(app, operator).await;
    let mut departure = departure.map_err(|why| broken(&why))?;
    let mut users = Vec::new();
    loop {
        let some = departure.next_users().await.map_err(|why| broken(&why))?;
        if some.is_empty() {
            return Ok(users);
        }
        users.extend(some);
    }
}

fn client_of(client: &Client, known: Option<&SeedClient>, issuer: &str) -> Value {
    let hash = |secret: &str| client_secret_hash(&client.id, &Secret::new(secret));
    let secrets = known.map(|known| known.secrets.iter().map(|secret| secret.as_str()));
    let (secrets, hashes) = in_clear(
        &client.secret_hashes,
        secrets.into_iter().flatten(),
        |secret| hash(secret),
    );
    let audiences = client.audiences.iter();
    let mut fields = RowFields::default();
    fields.set("id", json!(client.id));
    fields.list("secrets", &secrets);
    fields.list("secret_hashes", &hashes);
    fields.set("grants", json!(client.grants.names().collect::<Vec<_>>()));
    fields.list("scopes", &client.scopes);
    fields.list(
        "audiences",
        &audiences
            .map(|audience| match audience.strip_prefix(issuer) {
                Some(rest) => format!("{ISSUER}{rest}"),
                None => audience.clone(),
            })
            .collect::<Vec<String>>(),
    );
    fields.list("redirect_uris", &client.redirect_uris);
    fields.list("logout_uris", &client.logout_uris);
    fields.list("web_origins", &client.web_origins);
    fields.list("android_apps", &client.apps.android);
    fields.list("ios_apps", &client.apps.ios);
    if client.first_party {
        fields.set("first_party", json!(true));
    }
    fields.maybe("access_token_seconds", client.access_token_seconds);
    fields.maybe("refresh_idle_seconds", client.refresh_idle_seconds);
    fields.maybe("refresh_absolute_seconds", client.refresh_absolute_seconds);
    Value::Object(fields.0)
}

fn user_of(app: &App, departing: &DepartingUser, known: &[SeedUser]) -> Value {
    let user = &departing.account.user;
    let known = known.iter().find(|one| one.login_name() == user.user_name);
    let mut fields = RowFields::default();
    fields.set("id", json!(user.id.dashed()));
    fields.maybe("subject", user.former_subject.as_ref());
    fields.set("user_name", json!(user.user_name));
    fields.maybe("email", user.email.as_ref());
    fields.set("email_confirmed", json!(user.email_confirmed));
    fields.maybe("phone", user.phone.as_ref());
    fields.set("phone_confirmed", json!(user.phone_confirmed));
    if let Some(hash) = &user.password {
        let of_file = known.and_then(|known| known.password.as_ref());
        match of_file.filter(|password| fits(app, password.as_str(), hash)) {
            Some(password) => fields.set("password", json!(password.as_str())),
            None => fields.set("password_hash", json!(hash.as_str())),
        }
    }
    fields.set("must_change_password", json!(user.must_change_password));
    fields.maybe("given_name", user.given_name.as_ref());
    fields.maybe("family_name", user.family_name.as_ref());
    fields.maybe("name", user.profile.name.as_ref());
    fields.maybe("nickname", user.profile.nickname.as_ref());
    fields.maybe("picture", user.profile.picture.as_ref());
    if !user.profile.metadata.is_empty() {
        fields.set("user_metadata", json!(user.profile.metadata));
    }
    fields.list("roles", &user.roles);
    fields.set("active", json!(user.active));
    fields.set("two_factor", json!(user.two_factor));
    let handle = user.passkey_handle;
    let handle = handle.map(|handle| URL_SAFE_NO_PAD.encode(handle.as_bytes()));
    fields.maybe("passkey_handle", handle);
    fields.list("factors", &factors(departing));
    set_recovery_codes(&mut fields, &departing.account, known);
    Value::Object(fields.0)
}

fn fits(app: &App, password: &str, hash: &PasswordHash) -> bool {
    let compared = app.hasher.compare(&Secret::new(password), Some(hash));
    compared.is_ok_and(|compared| compared != Compared::Wrong)
}

/// The confirmed factors. An enrolment that is under way ends with this service.
fn factors(departing: &DepartingUser) -> Vec<Value> {
    let confirmed = departing.account.factors.iter();
    let confirmed = confirmed.filter(|factor| factor.confirmed);
    confirmed
        .map(|factor| match (factor.address(), factor.passkey()) {
            (None, Some(passkey)) => {
                let mut about = RowFields::default();
                about.passkey(passkey);
                json!({ "passkey": about.0 })
            }
            (None, None) => {
                let mut seeds = departing.seeds.iter();
                let seed = seeds.find(|(id, _)| *id == factor.id);
                let seed = seed.map(|(_, seed)| seed.to_base32());
                json!({ "totp": seed.as_ref().map(Secret::expose) })
            }
            (Some((Channel::Sms, to)), _) => json!({ "sms": to }),
            (Some((Channel::Email, to)), _) => json!({ "email": to }),
            (Some((Channel::Webhook, to)), _) => json!({ "webhook": to }),
        })
        .collect()
}

fn set_recovery_codes(fields: &mut RowFields, account: &Account, known: Option<&SeedUser>) {
    let Some(recovery) = &account.recovery else {
        return;
    };
    let hash = |code: &str| {
        let code = folded_recovery_code(&Secret::new(code));
        recovery_hash(account.user.id, &code)
    };
    let codes = known.map(|known| known.recovery_codes.iter().map(|code| code.as_str()));
    let (codes, hashes) = in_clear(&recovery.hashes, codes.into_iter().flatten(), hash);
    fields.list("recovery_codes", &codes);
    fields.list("recovery_code_hashes", &hashes);
}

/// The texts of `known` whose hash is stored, and the hashes of which no text is known.
fn in_clear<'a>(
    stored: &[String],
    known: impl Iterator<Item = &'a str>,
    hash: impl Fn(&str) -> String,
) -> (Vec<String>, Vec<String>) {
    let mut left = stored.to_vec();
    let mut texts = Vec::new();
    for text in known {
        let own = hash(text);
        if left.contains(&own) {
            left.retain(|hash| *hash != own);
            texts.push(text.to_owned());
        }
    }
    (texts, left)
}
