//! The rows of the table of budgets for codes that sign in.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::accounts::sign_up::sign_up;
use crate::dialects::auth0::login::passwordless;
use crate::dialects::auth0::login::phone_codes::{
    NUMBER, OWNER, by_name, challenge_phone, start_phone, with_phone,
};
use crate::harness::Service;
use crate::harness::account::EMAIL;
use crate::rules::messages::budget_walk::{RESET_TAKEN, Walk};

const FIRST: &str = "code that signs in, from an unknown network";
const TEXT: &str = "code that signs in by a text message, from an unknown network";
const FIRST_KNOWN: &str = "code that signs in, from a known network";

/// Codes that sign in: by a stranger, then from a network that completed a login.
pub async fn all(walk: &mut Walk) {
    let service = Service::start().await;
    for message in [FIRST, FIRST_KNOWN] {
        if message == FIRST_KNOWN {
            let token = service.begin().await;
            let done = service.redeem_otp(&token, &service.totp()).await;
            assert_eq!(done.status, 200, "{}", done.raw);
        }
        let asked = passwordless::challenge(&service, demo::USER, false);
        walk.sends(&service, message, "POST /otp/challenge", asked)
            .await;
        service.advance(86_400);
        let asked = passwordless::start(&service, demo::USER);
        walk.sends(&service, message, "POST /passwordless/start", asked)
            .await;
        service.advance(86_400);
    }
    by_text(walk).await;
    // An account that nobody owns gets a link instead.
    sign_up(&service, EMAIL, &json!({})).await;
    for route in ["POST /otp/challenge", "POST /passwordless/start"] {
        service.advance(86_400);
        let asked = async {
            match route {
                "POST /otp/challenge" => passwordless::challenge(&service, EMAIL, true).await,
                _ => passwordless::start(&service, EMAIL).await,
            }
        };
        walk.sends(&service, RESET_TAKEN, route, asked).await;
    }
}

/// Codes by text message. A network that completed a login by the number pays as one that
/// completed a login by the address.
async fn by_text(walk: &mut Walk) {
    let service = Service::start().await;
    with_phone(&service, OWNER).await;
    for message in [TEXT, FIRST_KNOWN] {
        let asked = challenge_phone(&service, NUMBER);
        walk.sends(&service, message, "POST /otp/challenge", asked)
            .await;
        service.advance(86_400);
        let asked = start_phone(&service, NUMBER);
        walk.sends(&service, message, "POST /passwordless/start", asked)
            .await;
        let done = by_name(&service, "sms", NUMBER, &service.newest_code()).await;
        assert_eq!(done.status, 200, "{}", done.raw);
        service.advance(86_400);
    }
}
