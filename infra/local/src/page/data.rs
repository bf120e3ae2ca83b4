//! The data that the page fills in: for each dialect, the clients and users of the
//! table that fit it.

use crate::seed::{Seed, SeedClient, SeedFactor, SeedUser};
use countersign::config::Config;
use countersign::domain::Dialect;
use countersign::domain::authorization::grant::Grant;
use serde_json::{Map, Value, json};

/// The maximum number of users that the page offers.
const MOST_USERS: usize = 12;

/// The scopes that an Auth0 client needs to change second factors.
const CHANGES: [&str; 3] = ["enroll", "read:authenticators", "remove:authenticators"];

/// The name of logins without a browser in the page's switch.
const FIRST_PARTY: &str = "first-party";

const OFFLINE_ACCESS: &str = "offline_access";

/// The page's data for this port and these settings.
pub(super) fn data(http_port: u16, config: &Config, seed: &Seed) -> Value {
    let issuer = &config.issuer;
    let app = password_client(seed, |client| has(client, "{issuer}mfa/"));
    let mut auth0 = fields(issuer, app);
    let changes = [&[OFFLINE_ACCESS], CHANGES.as_slice()].concat().join(" ");
    if let Value::Object(auth0) = &mut auth0 {
        let audience = format!("{issuer}mfa/");
        auth0.insert(
            "factors".to_owned(),
            json!({ "scope": changes, "audience": audience }),
        );
        auth0.insert("passkeys".to_owned(), passkeys(config, app));
    }
    let first_party = seed.clients.iter().find(|client| client.first_party);
    let mut native = fields(issuer, first_party);
    for app in [&mut auth0, &mut native] {
        app["users"] = users(seed, true, SeedUser::login_name);
        app["trusts"] = config.trusted_device_seconds.is_some().into();
    }
    let abp = password_client(seed, |client| has(client, "{issuer}api/account/"));
    let mut abp = fields(issuer, abp);
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
        "missing": missing(config, first_party.is_some()),
        "auth0": auth0,
        FIRST_PARTY: native,
        "abp": abp,
        "aidbox": format!("{issuer}auth/two-factor"),
        "codemaze": { "users": users(seed, true, email) },
    })
}

/// What is missing for each way to sign in that cannot be tried.
fn missing(config: &Config, first_party: bool) -> Value {
    let unserved = |dialect: &Dialect| !config.dialects.contains(dialect);
    let why = "COUNTERSIGN_DIALECTS does not name it";
    let each = Dialect::ALL.into_iter().filter(unserved);
    let mut missing: Map<String, Value> = each
        .map(|dialect| (dialect.name().to_owned(), why.into()))
        .collect();
    let client = (!first_party).then(|| "no client is first-party".into());
    // The steps are called in Auth0's words.
    if let Some(why) = missing.get("auth0").cloned().or(client) {
        missing.insert(FIRST_PARTY.to_owned(), why);
    }
    Value::Object(missing)
}

/// The domain of passkeys, if the client takes them.
fn passkeys(config: &Config, client: Option<&SeedClient>) -> Value {
    let takes = client.is_some_and(|client| grants(client, Grant::Passkey));
    let domain = config.passkeys.domain.as_deref().filter(|_| takes);
    domain.into()
}

fn has(client: &SeedClient, audience: &str) -> bool {
    client.audiences.iter().any(|one| one.as_str() == audience)
}

fn email(user: &SeedUser) -> &str {
    user.email.as_ref().map_or("", |email| email.as_str())
}

/// Whether the client may use the grant.
fn grants(client: &SeedClient, grant: Grant) -> bool {
    match &client.grants {
        None => Grant::OF_A_PASSWORD_LOGIN.contains(&grant),
        Some(grants) => grants.iter().any(|known| known.as_str() == grant.name()),
    }
}

/// The first client with the password grant that `fits`, or else the first client with
/// the password grant.
fn password_client(seed: &Seed, fits: impl Fn(&SeedClient) -> bool) -> Option<&SeedClient> {
    let with_password = |client: &&SeedClient| grants(client, Grant::Password);
    let mut all = seed.clients.iter().filter(with_password);
    all.clone().find(|client| fits(client)).or(all.next())
}

/// What a form fills in of the client.
fn fields(issuer: &str, client: Option<&SeedClient>) -> Value {
    let Some(client) = client else {
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
