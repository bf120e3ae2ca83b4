//! Demo data, made on the first start. It is outside the password policy, and
//! it exists here only: no function contains any of it.

use crate::problem::Problem;
use crate::seed::{self, Made, Seed};
use countersign::app::App;
use countersign::wire::grants::{AUTHORIZATION_CODE, IMPLICIT, PASSWORD, REFRESH_TOKEN};
use serde_json::{Value, json};

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

/// The client of CodeMaze's dialect, public.
pub const CODEMAZE_CLIENT: &str = "codemaze";
/// Its audience, as in the articles' settings.
pub const CODEMAZE_AUDIENCE: &str = "https://localhost:5011";

/// The client of Aidbox's demo app, public.
pub const AIDBOX_CLIENT: &str = "web";
/// Its audience: the app's own server.
pub const AIDBOX_AUDIENCE: &str = "http://localhost:3000";
/// Where its browser comes back to.
pub const AIDBOX_REDIRECT_URI: &str = "http://localhost:3000/auth";

/// The demo data as a seed: what `cargo local` begins with if no file says otherwise.
///
/// # Errors
/// The field that is wrong, which a test would have found.
pub fn seed() -> Result<Seed, String> {
    let login_scopes = [
        "read:sample",
        "offline_access",
        "enroll",
        "read:authenticators",
        "remove:authenticators",
    ];
    let own = "{issuer}mfa/";
    let account = "{issuer}api/account/";
    let named = json!({ "given_name": "Demo", "family_name": "User" });
    let user = |fields: Value| {
        let mut user = named.clone();
        if let (Value::Object(user), Value::Object(fields)) = (&mut user, fields) {
            user.extend(fields);
        }
        user
    };
    let data = json!({
        "clients": [
            { "id": CLIENT, "scopes": login_scopes, "audiences": [AUDIENCE, own] },
            { "id": SERVER_CLIENT, "secrets": [SERVER_SECRET],
              "scopes": login_scopes, "audiences": [AUDIENCE, own] },
            // Without an audience in the request, its tokens are for the account too.
            { "id": ABP_CLIENT, "scopes": [ABP_SCOPE, "offline_access"],
              "audiences": [ABP_SCOPE, account] },
            { "id": CODEMAZE_CLIENT, "audiences": [CODEMAZE_AUDIENCE] },
            // Aidbox's clients name no audience either.
            { "id": AIDBOX_CLIENT, "scopes": ["offline_access"],
              "audiences": [AIDBOX_AUDIENCE, account],
              "redirect_uris": [AIDBOX_REDIRECT_URI],
              "grants": [IMPLICIT, AUTHORIZATION_CODE, PASSWORD, REFRESH_TOKEN] },
        ],
        "users": [
            user(json!({ "user_name": USER, "email": USER, "password": PASSWORD_OF_ALL,
                "phone": PHONE,
                "factors": [{ "totp": SEED }, { "sms": PHONE }, { "email": USER }],
                "recovery_codes": [RECOVERY_CODE] })),
            user(json!({ "user_name": PLAIN_USER, "email": PLAIN_USER,
                "password": PASSWORD_OF_ALL })),
            user(json!({ "user_name": ABP_USER, "email": ABP_EMAIL, "password": ABP_PASSWORD,
                "phone": ABP_PHONE, "roles": ["admin"],
                "factors": [{ "totp": ABP_SEED }, { "sms": ABP_PHONE },
                    { "email": ABP_EMAIL }] })),
        ],
    });
    Seed::parse(&data.to_string())
}

/// Makes what is missing of the demo data.
///
/// # Errors
/// One line if the table or the keys do not answer.
pub async fn make(app: &App) -> Result<Made, Problem> {
    let seed = seed().map_err(|wrong| Problem::new(format!("the demo data: {wrong}")))?;
    seed::make(app, &seed).await
}
