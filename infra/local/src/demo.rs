//! The demo data, which the first start makes. The demo passwords break the password
//! policy. No function contains this data.

use crate::problem::Problem;
use crate::seed::{self, Made, Seed};
use countersign::app::App;
use countersign::domain::authorization::grant::Grant;
use serde_json::{Value, json};

/// The password of both demo users.
pub const PASSWORD_OF_ALL: &str = "pwd";
/// The user with every factor.
pub const USER: &str = "user@example.com";
/// The user without a second factor.
pub const PLAIN_USER: &str = "plain@example.com";
/// The phone number of `USER`.
pub const PHONE: &str = "+15555550100";
/// The authenticator seed of `USER`, in base32.
pub const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// The recovery code of `USER`.
pub const RECOVERY_CODE: &str = "COUNTERSIGN2RECOVER4DEMO";
pub const CLIENT: &str = "demo";
pub const SERVER_CLIENT: &str = "demo-server";
/// The secret of `SERVER_CLIENT`.
pub const SERVER_SECRET: &str = "demo-secret";
/// The app that takes passwords and codes on its own screens, and gets authorization codes.
pub const APP_CLIENT: &str = "demo-app";
/// The audience of these clients.
pub const AUDIENCE: &str = "https://someapi.com/api";

/// The public ABP client.
pub const ABP_CLIENT: &str = "AbpSolution1_App";
/// The scope of the ABP client, which is also its audience.
pub const ABP_SCOPE: &str = "AbpSolution1";
pub const ABP_USER: &str = "admin";
/// The password of `ABP_USER`.
pub const ABP_PASSWORD: &str = "1q2w3E*";
/// The e-mail address of `ABP_USER`.
pub const ABP_EMAIL: &str = "admin@example.com";
/// The phone number of `ABP_USER`.
pub const ABP_PHONE: &str = "+15555550101";
/// The authenticator seed of `ABP_USER`, in base32.
pub const ABP_SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// The public client of CodeMaze's dialect.
pub const CODEMAZE_CLIENT: &str = "codemaze";
/// The audience of that client, from the settings in CodeMaze's articles.
pub const CODEMAZE_AUDIENCE: &str = "https://localhost:5011";

/// The public client of Aidbox's demo app.
pub const AIDBOX_CLIENT: &str = "web";
/// The audience of that client: the app's own server.
pub const AIDBOX_AUDIENCE: &str = "http://localhost:3000";
/// The redirect URI of that client.
pub const AIDBOX_REDIRECT_URI: &str = "http://localhost:3000/auth";
/// Where the client of a browser may send the browser after a sign-out.
pub const LOGOUT_URI: &str = "http://localhost:3000/bye";
/// The origin of the client of a browser.
pub const WEB_ORIGIN: &str = "http://localhost:3000";

/// The demo data as a seed. `cargo local` uses it if no file is given. The page of `cargo
/// local` is on `page_port`, and may use passkeys.
///
/// # Errors
/// Names the wrong field. A test makes sure that no field is wrong.
pub fn seed(page_port: u16) -> Result<Seed, String> {
    let page = format!("http://localhost:{page_port}");
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
    let grants = [
        Grant::Implicit,
        Grant::AuthorizationCode,
        Grant::Password,
        Grant::RefreshToken,
        Grant::MailboxCode,
    ];
    let app_grants = [Grant::AuthorizationCode, Grant::RefreshToken];
    let login_grants = Grant::OF_A_PASSWORD_LOGIN.into_iter();
    let login_grants: Vec<&str> = login_grants
        .chain([Grant::MailboxCode, Grant::Passkey])
        .map(Grant::name)
        .collect();
    let data = json!({
        "clients": [
            { "id": CLIENT, "scopes": login_scopes, "audiences": [AUDIENCE, own],
              "grants": login_grants, "web_origins": [page] },
            { "id": SERVER_CLIENT, "secrets": [SERVER_SECRET],
              "scopes": login_scopes, "audiences": [AUDIENCE, own],
              "grants": login_grants },
            { "id": APP_CLIENT, "first_party": true, "scopes": ["read:sample", "offline_access"],
              "audiences": [AUDIENCE], "grants": (app_grants.map(Grant::name)),
              // Where the app's browser returns to, if a login has to go on in a browser.
              "redirect_uris": [AIDBOX_REDIRECT_URI] },
            // ABP's requests name no audience. So the tokens of this client are for the
            // account too.
            { "id": ABP_CLIENT, "scopes": [ABP_SCOPE, "offline_access"],
              "audiences": [ABP_SCOPE, account] },
            { "id": CODEMAZE_CLIENT, "audiences": [CODEMAZE_AUDIENCE] },
            // Aidbox's clients name no audience either.
            { "id": AIDBOX_CLIENT, "scopes": ["offline_access"],
              "audiences": [AIDBOX_AUDIENCE, account],
              "redirect_uris": [AIDBOX_REDIRECT_URI],
              "logout_uris": [LOGOUT_URI], "web_origins": [WEB_ORIGIN],
              "grants": (grants.map(Grant::name)) },
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

/// Makes the parts of the demo data that are missing.
///
/// # Errors
/// One line if the table or the keys do not answer.
pub async fn make_demo(app: &App) -> Result<Made, Problem> {
    let seed = seed(8787).map_err(|wrong| Problem::new(format!("the demo data: {wrong}")))?;
    seed::make(app, &seed).await
}
