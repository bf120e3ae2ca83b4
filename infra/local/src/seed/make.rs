//! Writes the file's clients and users into the table, as the service itself would.

use countersign::app::App;
use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::accounts::user::{Account, User};
use countersign::domain::authorization::client::Client;
use countersign::domain::authorization::clients::native_apps::NativeApps;
use countersign::domain::authorization::grant::{Grant, Grants};
use countersign::domain::factors::factor::{
    Channel, Factor, FactorKind, RecoveryCodes, folded_recovery_code,
};
use countersign::domain::factors::totp;
use countersign::domain::id::{FactorId, UserId};
use countersign::domain::secret::Secret;
use countersign::failure::Broken;
use countersign::keyring::{random_bytes, recovery_hash};
use countersign::store::{Created, NewAccount};
use countersign::usecase::authorization::authenticate_client::client_secret_hash;

use countersign_cli::import::exported::read_handle;

use super::content::{Seed, SeedClient, SeedFactor, SeedUser};
use super::field::{AndroidPackage, AppleApp, Line, RecoveryCode, RedirectUri};
use crate::problem::Problem;

/// The placeholder for the issuer in an audience.
pub(super) const ISSUER: &str = "{issuer}";

/// The result of writing a seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The number of clients that were written.
    pub clients: usize,
    /// The number of users that were made.
    pub users: usize,
    /// The number of users that already existed. They were not changed.
    pub kept: usize,
}

/// Writes every client, and makes the users that are missing. Existing users stay
/// unchanged, because somebody may have changed them on purpose.
///
/// # Errors
/// One line if the table or the keys do not answer, or if a name in the file belongs to
/// another user of the table.
pub async fn make(app: &App, seed: &Seed) -> Result<Made, Problem> {
    let broken = |broken: Broken| Problem::new(broken.to_string());
    let mut made = Made::default();
    for client in &seed.clients {
        let client = stored_client(app, client);
        app.store.put_client(&client).await.map_err(broken)?;
        made.clients += 1;
    }
    for (index, user) in seed.users.iter().enumerate() {
        let names = names(user);
        let found = match names.first() {
            Some(first) => app.store.find_name(first).await.map_err(broken)?,
            None => None,
        };
        if found.is_some() {
            made.kept += 1;
            continue;
        }
        let account = account(app, user).await.map_err(broken)?;
        let new = NewAccount {
            account: &account,
            names: &names,
        };
        match app.store.create_user(new).await.map_err(broken)? {
            Created::Done => made.users += 1,
            Created::NameTaken(_) => {
                return Err(Problem::new(format!(
                    "users[{index}] of the seed: {} belongs to another user of this folder; \
                     choose another with --data DIR, or delete it",
                    user.email
                        .as_ref()
                        .map_or(user.login_name(), |email| email.as_str())
                )));
            }
        }
    }
    Ok(made)
}

/// The user's names, normalised.
fn names(user: &SeedUser) -> Vec<LoginName> {
    let email = user.email.as_ref().map(|email| email.as_str());
    let texts = [Some(user.login_name()), email].into_iter().flatten();
    let mut names: Vec<LoginName> = texts.filter_map(LoginName::parse).collect();
    names.dedup();
    names
}

fn stored_client(app: &App, client: &SeedClient) -> Client {
    let id = client.id.as_str();
    let grants = match &client.grants {
        None => Grants::from(Grant::OF_A_PASSWORD_LOGIN),
        Some(grants) => grants
            .iter()
            .filter_map(|grant| Grant::from_name(grant.as_str()))
            .collect(),
    };
    let hash = |secret: &str| client_secret_hash(id, &Secret::new(secret));
    let audience = |text: &str| text.replace(ISSUER, &app.config.issuer);
    Client {
        id: id.to_owned(),
        secret_hashes: client
            .secrets
            .iter()
            .map(|secret| hash(secret.as_str()))
            .chain(
                client
                    .secret_hashes
                    .iter()
                    .map(|hash| hash.as_str().to_owned()),
            )
            .collect(),
        grants,
        scopes: client
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        audiences: client
            .audiences
            .iter()
            .map(|one| audience(one.as_str()))
            .collect(),
        access_token_seconds: client.access_token_seconds.map(|seconds| seconds.0),
        redirect_uris: texts(&client.redirect_uris),
        logout_uris: texts(&client.logout_uris),
        web_origins: texts(&client.web_origins),
        first_party: client.first_party,
        apps: NativeApps {
            android: own_texts(&client.android_apps, AndroidPackage::as_str),
            ios: own_texts(&client.ios_apps, AppleApp::as_str),
        },
        refresh_idle_seconds: client.refresh_idle_seconds.map(|seconds| seconds.0),
        refresh_absolute_seconds: client.refresh_absolute_seconds.map(|seconds| seconds.0),
    }
}

fn texts(uris: &[RedirectUri]) -> Vec<String> {
    own_texts(uris, RedirectUri::as_str)
}

fn own_texts<T>(fields: &[T], text: fn(&T) -> &str) -> Vec<String> {
    fields.iter().map(|field| text(field).to_owned()).collect()
}

async fn account(app: &App, seed: &SeedUser) -> Result<Account, Broken> {
    let now = app.clock.now();
    let id = match seed.given_id() {
        Some(id) => id,
        None => UserId::random(random_bytes()?),
    };
    let stored = seed.password_hash.as_ref();
    let password = match &seed.password {
        None => stored.map(|hash| PasswordHash::from_stored(hash.as_str())),
        Some(password) => {
            let hashed = app
                .hasher
                .hash(&Secret::new(password.as_str()), random_bytes()?);
            Some(hashed.map_err(|unusable| Broken::internal(unusable.0))?)
        }
    };
    let line = |text: &Line| text.as_str().to_owned();
    let handle = seed.passkey_handle.as_deref().map(read_handle);
    let user = User {
        id,
        email: seed.email.as_ref().map(|email| email.as_str().to_owned()),
        email_confirmed: seed.email.is_some() && seed.email_confirmed,
        phone: seed.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        phone_confirmed: seed.phone.is_some() && seed.phone_confirmed,
        given_name: seed.given_name.as_ref().map(line),
        family_name: seed.family_name.as_ref().map(line),
        profile: seed.profile(),
        roles: seed.roles.iter().map(line).collect(),
        password,
        active: seed.active,
        two_factor: seed.two_factor.unwrap_or(!seed.factors.is_empty()),
        must_change_password: seed.must_change_password,
        former_subject: seed.subject.as_ref().map(|sub| sub.as_str().to_owned()),
        passkey_handle: handle.transpose().map_err(unreadable)?,
        ..User::new(id, seed.login_name(), now)
    };
    let mut factors = Vec::new();
    for factor in &seed.factors {
        factors.push(stored_factor(app, id, factor).await?);
    }
    Ok(Account {
        user,
        factors,
        recovery: recovery(id, seed)?,
        closed_factor: false,
    })
}

/// A value that the check of the file lets through, and that cannot be read.
fn unreadable(what: String) -> Broken {
    Broken::internal(format!("the seed file: {what}"))
}

async fn stored_factor(app: &App, user: UserId, factor: &SeedFactor) -> Result<Factor, Broken> {
    let (id, now) = (FactorId::random(random_bytes()?), app.clock.now());
    let address = |channel, to: &str| FactorKind::Address {
        channel,
        to: to.to_owned(),
    };
    let kind = match factor {
        SeedFactor {
            totp: Some(seed), ..
        } => {
            let seed = totp::Seed::from_base32(seed.as_str());
            let seed = seed.ok_or_else(|| unreadable("an authenticator app".to_owned()))?;
            let ring = app.keyring.current_ring(now).await?;
            let seed = ring.seal_seed(user, id, &seed)?;
            FactorKind::Totp {
                seed,
                last_step: None,
            }
        }
        SeedFactor { sms: Some(to), .. } => address(Channel::Sms, to.as_str()),
        SeedFactor {
            email: Some(to), ..
        } => address(Channel::Email, to.as_str()),
        SeedFactor {
            passkey: Some(passkey),
            ..
        } => FactorKind::Passkey(Box::new(passkey.read().map_err(unreadable)?)),
        SeedFactor { webhook, .. } => {
            let name = webhook.as_ref().map(|name| name.as_str());
            address(Channel::Webhook, name.unwrap_or_default())
        }
    };
    Ok(Factor {
        id,
        kind,
        confirmed: factor.confirmed,
        created_at: now,
    })
}

fn recovery(user: UserId, seed: &SeedUser) -> Result<Option<RecoveryCodes>, Broken> {
    let stored = seed.recovery_code_hashes.iter();
    let stored = stored.map(|hash| hash.as_str().to_owned());
    if seed.recovery_codes.is_empty() && seed.recovery_code_hashes.is_empty() {
        return Ok(None);
    }
    let hash = |code: &RecoveryCode| {
        recovery_hash(user, &folded_recovery_code(&Secret::new(code.as_str())))
    };
    Ok(Some(RecoveryCodes {
        id: FactorId::random(random_bytes()?),
        hashes: seed.recovery_codes.iter().map(hash).chain(stored).collect(),
    }))
}
