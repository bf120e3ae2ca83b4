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
use countersign::wire::grants::{
    AUTHORIZATION_CODE, IMPLICIT, MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE, PASSWORD, PASSWORD_REALM,
    REFRESH_TOKEN,
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

/// The ABP client, public.
pub const ABP_CLIENT: &str = "AbpSolution1_App";
/// Its scope, which is its audience too.
pub const ABP_SCOPE: &str = "AbpSolution1";
/// The ABP user.
pub const ABP_USER: &str = "admin";
/// That user's password.
pub const ABP_PASSWORD: &str = "1q2w3E*";
/// That user's e-mail address.
pub const ABP_EMAIL: &str = "admin@example.com";
/// That user's phone.
pub const ABP_PHONE: &str = "+15555550101";
/// That user's authenticator seed, in base32.
pub const ABP_SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// The client of ASP.NET's dialect, public.
pub const ASPNET_CLIENT: &str = "codemaze";
/// Its audience, as in the articles' settings.
pub const ASPNET_AUDIENCE: &str = "https://localhost:5011";

/// The client of Aidbox's demo app, public.
pub const AIDBOX_CLIENT: &str = "web";
/// Its audience: the app's own server.
pub const AIDBOX_AUDIENCE: &str = "http://localhost:3000";
/// Where its browser comes back to.
pub const AIDBOX_REDIRECT_URI: &str = "http://localhost:3000/auth";

/// A demo user.
struct Demo {
    user_name: &'static str,
    email: &'static str,
    password: &'static str,
    roles: &'static [&'static str],
    factors: Option<Factors>,
}

/// The factors of a demo user.
struct Factors {
    phone: &'static str,
    seed: &'static str,
    recovery_code: Option<&'static str>,
}

const USERS: [Demo; 3] = [
    Demo {
        user_name: USER,
        email: USER,
        password: PASSWORD_OF_ALL,
        roles: &[],
        factors: Some(Factors {
            phone: PHONE,
            seed: SEED,
            recovery_code: Some(RECOVERY_CODE),
        }),
    },
    Demo {
        user_name: PLAIN_USER,
        email: PLAIN_USER,
        password: PASSWORD_OF_ALL,
        roles: &[],
        factors: None,
    },
    Demo {
        user_name: ABP_USER,
        email: ABP_EMAIL,
        password: ABP_PASSWORD,
        roles: &["admin"],
        factors: Some(Factors {
            phone: ABP_PHONE,
            seed: ABP_SEED,
            recovery_code: None,
        }),
    },
];

/// Makes what is missing of the demo data.
///
/// # Errors
/// `Broken` if the table or the keys do not answer.
pub async fn make(app: &App) -> Result<(), Broken> {
    let abp = Client {
        scopes: vec![ABP_SCOPE.to_owned(), "offline_access".to_owned()],
        // Without an audience in the request, its tokens are for the account too.
        audiences: vec![ABP_SCOPE.to_owned(), app.config.account_audience()],
        ..client(app, ABP_CLIENT, None)
    };
    let aspnet = Client {
        scopes: Vec::new(),
        audiences: vec![ASPNET_AUDIENCE.to_owned()],
        ..client(app, ASPNET_CLIENT, None)
    };
    let aidbox = Client {
        scopes: vec!["offline_access".to_owned()],
        // Aidbox's clients name no audience either.
        audiences: vec![AIDBOX_AUDIENCE.to_owned(), app.config.account_audience()],
        redirect_uris: vec![AIDBOX_REDIRECT_URI.to_owned()],
        grants: [IMPLICIT, AUTHORIZATION_CODE, PASSWORD, REFRESH_TOKEN]
            .map(str::to_owned)
            .to_vec(),
        ..client(app, AIDBOX_CLIENT, None)
    };
    let demo = client(app, CLIENT, None);
    let server = client(app, SERVER_CLIENT, Some(SERVER_SECRET));
    for client in [demo, server, abp, aspnet, aidbox] {
        app.store.put_client(&client).await?;
    }
    for demo in &USERS {
        let mut names: Vec<LoginName> = [demo.user_name, demo.email]
            .into_iter()
            .filter_map(LoginName::parse)
            .collect();
        names.dedup();
        let Some(first) = names.first() else { continue };
        if app.store.find_name(first).await?.is_none() {
            let account = account(app, demo).await?;
            app.store
                .create_user(NewAccount {
                    account: &account,
                    names: &names,
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
        scopes: texts(&[
            "read:sample",
            "offline_access",
            "enroll",
            "read:authenticators",
            "remove:authenticators",
        ]),
        audiences: vec![AUDIENCE.to_owned(), app.config.mfa_audience()],
        access_token_seconds: None,
        redirect_uris: Vec::new(),
        refresh_idle_seconds: None,
        refresh_absolute_seconds: None,
    }
}

async fn account(app: &App, demo: &Demo) -> Result<Account, Broken> {
    let (id, now) = (UserId::random(random()?), app.clock.now());
    let hashed = app.hasher.hash(&Secret::new(demo.password), random()?);
    let password = hashed.map_err(|unusable| Broken::internal(unusable.0))?;
    let user = User {
        id,
        user_name: demo.user_name.to_owned(),
        email: Some(demo.email.to_owned()),
        email_confirmed: true,
        phone: demo
            .factors
            .as_ref()
            .map(|factors| factors.phone.to_owned()),
        phone_confirmed: demo.factors.is_some(),
        given_name: Some("Demo".to_owned()),
        family_name: Some("User".to_owned()),
        roles: demo.roles.iter().map(|role| (*role).to_owned()).collect(),
        password: Some(password),
        epoch: 1,
        active: true,
        two_factor: demo.factors.is_some(),
        created_at: now,
        must_change_password: false,
        password_changed_at: None,
        reset_by: None,
        codes_opened: false,
        enrolments: 0,
    };
    let Some(with) = &demo.factors else {
        return Ok(Account {
            user,
            factors: Vec::new(),
            recovery: None,
            closed_factor: false,
        });
    };
    let totp = FactorId::random(random()?);
    let seed = Seed::from_base32(with.seed).ok_or_else(|| Broken::internal("the demo seed"))?;
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
        address(Channel::Sms, with.phone)?,
        address(Channel::Email, demo.email)?,
    ];
    let recovery = match with.recovery_code {
        None => None,
        Some(code) => Some(RecoveryCodes {
            id: FactorId::random(random()?),
            hashes: vec![recovery_hash(id, &Secret::new(code))],
        }),
    };
    Ok(Account {
        user,
        factors,
        recovery,
        closed_factor: false,
    })
}
