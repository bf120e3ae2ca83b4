//! The data that the page fills in: for each dialect, the clients and users of the
//! table that fit it.

use crate::seed::{Seed, SeedClient, SeedFactor, SeedUser};
use countersign::config::Config;
use countersign::domain::Dialect;
use countersign::domain::authorization::grant::Grant;
use serde_json::{Value, json};

/// The maximum number of users that the page offers.
const MOST_USERS: usize = 12;

/// The scopes that an Auth0 client needs to change second factors.
const CHANGES: [&str; 3] = ["enroll", "read:authenticators", "remove:authenticators"];

const OFFLINE_ACCESS: &str = "offline_access";

/// The page's data for this port and these settings.
pub(super) fn data(http_port: u16, config: &Config, seed: &Seed) -> Value {
    let issuer = &config.issuer;
    let mut auth0 = client(issuer, seed, |client| has(client, "{issuer}mfa/"));
    let changes = [&[OFFLINE_ACCESS], CHANGES.as_slice()].concat().join(" ");
    if let Value::Object(auth0) = &mut auth0 {
        let audience = format!("{issuer}mfa/");
        auth0.insert(
            "factors".to_owned(),
            json!({ "scope": changes, "audience": audience }),
        );
        auth0.insert("users".to_owned(), users(seed, true, SeedUser::login_name));
    }
    let mut abp = client(issuer, seed, |client| has(client, "{issuer}api/account/"));
    if let Value::Object(abp) = &mut abp {
        // ABP's clients name no audience.
        abp.remove("audience");
        abp.insert("users".to_owned(), users(seed, false, SeedUser::login_name));
    }
    json!({
        "address": format!("http://127.0.0.1:{http_port}"),
        // What a proof of a key names.
        "issuer": issuer,
        // A new value after each start, because the data that the page stored earlier
        // may be gone.
        "run": uuid::Uuid::new_v4().to_string(),
        "served": served(config),
        "auth0": auth0,
        "abp": abp,
        "aidbox": format!("{issuer}auth/two-factor"),
        "codemaze": { "users": users(seed, true, email) },
    })
}

/// The name of each dialect, and whether its paths are there.
fn served(config: &Config) -> Value {
    let each = Dialect::ALL.map(|dialect| {
        let is_served = config.dialects.contains(&dialect);
        (dialect.name().to_owned(), Value::Bool(is_served))
    });
    Value::Object(each.into_iter().collect())
}

fn has(client: &SeedClient, audience: &str) -> bool {
    client.audiences.iter().any(|one| one.as_str() == audience)
}

fn email(user: &SeedUser) -> &str {
    user.email.as_ref().map_or("", |email| email.as_str())
}

/// The first client with the password grant that `fits`, or else the first client with
/// the password grant.
fn client(issuer: &str, seed: &Seed, fits: impl Fn(&SeedClient) -> bool) -> Value {
    let with_password = |client: &&SeedClient| match &client.grants {
        None => true,
        Some(grants) => grants
            .iter()
            .any(|grant| grant.as_str() == Grant::Password.name()),
    };
    let mut all = seed.clients.iter().filter(with_password);
    let found = all.clone().find(|client| fits(client)).or(all.next());
    let Some(client) = found else {
        return json!({ "client": "", "scope": "openid profile email" });
    };
    let mut scope = vec!["openid", "profile", "email"];
    let own = client.scopes.iter().map(|scope| scope.as_str());
    scope.extend(own.filter(|scope| !CHANGES.contains(scope)));
    json!({
        "client": client.id.as_str(),
        "secret": client.secrets.first().map(|secret| secret.as_str()),
        "scope": scope.join(" "),
        "audience": client.audiences.first().map(|one| one.as_str().replace("{issuer}", issuer)),
    })
}

/// The users that have a password and a name by `name`. `by_address` says whether users
/// whose user name is their e-mail address come first or last.
fn users(seed: &Seed, by_address: bool, name: fn(&SeedUser) -> &str) -> Value {
    let mut users: Vec<&SeedUser> = seed
        .users
        .iter()
        .filter(|user| !name(user).is_empty() && user.password.is_some())
        .collect();
    users.sort_by_key(|user| (user.login_name() == email(user)) != by_address);
    let shown = users.into_iter().take(MOST_USERS);
    shown.map(|one| user(name(one), one)).collect()
}

fn user(name: &str, user: &SeedUser) -> Value {
    let factor = |kind: fn(&SeedFactor) -> Option<&str>| user.factors.iter().find_map(kind);
    json!({
        "name": name,
        "password": user.password.as_ref().map(|password| password.as_str()),
        "email": user.email.as_ref().map(|email| email.as_str()),
        "phone": factor(|factor| factor.sms.as_ref().map(|number| number.as_str()))
            .or(user.phone.as_ref().map(|number| number.as_str())),
        "seed": factor(|factor| factor.totp.as_ref().map(|seed| seed.as_str())),
        "recovery_code": user.recovery_codes.first().map(|code| code.as_str()),
        "plain": user.factors.is_empty(),
    })
}
