//! Demo data, made on the first start. It is outside the password policy, and
//! it exists here only: no function contains any of it.

use countersign::app::App;
use countersign::domain::client::Client;
use countersign::domain::factor::{Channel, Factor, FactorKind, RecoveryCodes};
use countersign::domain::id::{FactorId, UserId};
use countersign::domain::secret::Secret;
use countersign::domain::totp::Seed;
use countersign::domain::user::{Account, LoginName, User};
use countersign::failure::Broken;
use countersign::keyring::{random, recovery_hash};
use countersign::store::NewAccount;
use countersign::usecase::authenticate_client::client_secret_hash;
use countersign::wire::auth0::token::{
    MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE, PASSWORD, PASSWORD_REALM, REFRESH_TOKEN,
};

/// The password of both demo users.
pub const PASSWORD_OF_ALL: &str = "pwd";
/// The user with every factor.
pub const USER: &str = "user@example.com";
/// The user without a second factor.
pub const PLAIN_USER: &str = "plain@example.com";
/// The first user's phone.
pub const PHONE: &str = "+15555550100";
/// The first user's authenticator seed, in base32.
pub const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// The first user's recovery code.
pub const RECOVERY_CODE: &str = "COUNTERSIGN2RECOVER4DEMO";
/// The public client.
pub const CLIENT: &str = "demo";
/// The confidential client.
pub const SERVER_CLIENT: &str = "demo-server";
/// Its secret.
pub const SERVER_SECRET: &str = "demo-secret";
/// The audience of both clients.
pub const AUDIENCE: &str = "https://someapi.com/api";

/// Makes what is missing of the demo data.
///
/// # Errors
/// `Broken` if the table or the keys do not answer.
pub async fn make(app: &App) -> Result<(), Broken> {
    for client in [
        client(app, CLIENT, None),
        client(app, SERVER_CLIENT, Some(SERVER_SECRET)),
    ] {
        app.store.put_client(&client).await?;
    }
    for (email, every_factor) in [(USER, true), (PLAIN_USER, false)] {
        let Some(name) = LoginName::parse(email) else {
            continue;
        };
        if app.store.find_name(&name).await?.is_none() {
            let account = account(app, email, every_factor).await?;
            app.store
                .create_user(NewAccount {
                    account: &account,
                    names: &[name],
                })
                .await?;
        }
    }
    Ok(())
}

fn client(app: &App, id: &str, secret: Option<&str>) -> Client {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let hash = |secret: &str| client_secret_hash(id, &Secret::new(secret));
    Client {
        id: id.to_owned(),
        secret_hashes: secret.map(hash).into_iter().collect(),
        grants: texts(&[
            PASSWORD,
            PASSWORD_REALM,
            MFA_OTP,
            MFA_OOB,
            MFA_RECOVERY_CODE,
            REFRESH_TOKEN,
        ]),
        scopes: texts(&["read:sample", "offline_access", "read:authenticators"]),
        audiences: vec![AUDIENCE.to_owned(), app.config.mfa_audience()],
        access_token_seconds: None,
        refresh_idle_seconds: None,
        refresh_absolute_seconds: None,
    }
}

async fn account(app: &App, email: &str, every_factor: bool) -> Result<Account, Broken> {
    let (id, now) = (UserId::random(random()?), app.clock.now());
    let hashed = app.hasher.hash(&Secret::new(PASSWORD_OF_ALL), random()?);
    let password = hashed.map_err(|unusable| Broken::internal(unusable.0))?;
    let user = User {
        id,
        user_name: email.to_owned(),
        email: Some(email.to_owned()),
        email_confirmed: true,
        phone: every_factor.then(|| PHONE.to_owned()),
        phone_confirmed: every_factor,
        given_name: Some("Demo".to_owned()),
        family_name: Some("User".to_owned()),
        roles: Vec::new(),
        password: Some(password),
        epoch: 1,
        active: true,
        two_factor: every_factor,
        created_at: now,
    };
    if !every_factor {
        return Ok(Account {
            user,
            factors: Vec::new(),
            recovery: None,
        });
    }
    let totp = FactorId::random(random()?);
    let seed = Seed::from_base32(SEED).ok_or_else(|| Broken::internal("the demo seed"))?;
    let seed = app.keyring.ring(now).await?.seal_seed(id, totp, &seed)?;
    let address = |channel, to: &str| -> Result<Factor, Broken> {
        let kind = FactorKind::Address {
            channel,
            to: to.to_owned(),
        };
        Ok(Factor {
            id: FactorId::random(random()?),
            kind,
            confirmed: true,
            created_at: now,
        })
    };
    let kind = FactorKind::Totp {
        seed,
        last_step: None,
    };
    let factors = vec![
        Factor {
            id: totp,
            kind,
            confirmed: true,
            created_at: now,
        },
        address(Channel::Sms, PHONE)?,
        address(Channel::Email, email)?,
    ];
    let code = Secret::new(RECOVERY_CODE);
    let recovery = RecoveryCodes {
        id: FactorId::random(random()?),
        hashes: vec![recovery_hash(id, &code)],
    };
    Ok(Account {
        user,
        factors,
        recovery: Some(recovery),
    })
}
