//! `response_type=id_token`: an id token alone, as express-openid-connect asks for by default.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::authorization::authorize::sign_in_at;
use crate::harness::Answer;
use crate::harness::browser::Browser;

const NONCE: &str = "n-0S6_WzA2Mj";

/// The request of express-openid-connect's defaults.
fn request(more: &str) -> String {
    format!(
        "/authorize?client_id=web&response_type=id_token&state=s1&scope=openid+profile+email\
         &redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fauth{more}"
    )
}

fn with_nonce(more: &str) -> String {
    request(&format!("&nonce={NONCE}{more}"))
}

/// The claims of an id token, not verified.
fn decoded(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The parameters in the fragment of the address that an answer redirects to.
fn fragment(answer: &Answer, name: &str) -> Option<String> {
    let (_, fragment) = answer.location().split_once('#')?;
    let mut pairs = url::form_urlencoded::parse(fragment.as_bytes());
    pairs
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn an_app_gets_an_id_token_in_a_form_and_nothing_else() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let given = sign_in_at(&browser, &with_nonce("&response_mode=form_post")).await;
    assert_eq!(given.status, 200, "{}", given.raw);
    let form = given.form(0);
    assert_eq!(form.action, demo::AIDBOX_REDIRECT_URI);
    let mut names: Vec<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["id_token", "iss", "state"]);
    let claims = decoded(form.value("id_token"));
    assert_eq!(claims["nonce"], NONCE);
    assert_eq!(claims["aud"], "web");
    assert_eq!(claims["email"], demo::PLAIN_USER);
    assert_eq!(claims.get("at_hash"), None);
    assert_eq!(claims["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn without_a_response_mode_the_id_token_stands_in_the_fragment_and_never_in_the_query() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let given = sign_in_at(&browser, &with_nonce("")).await;
    assert_eq!(given.status, 302, "{}", given.raw);
    let token = fragment(&given, "id_token").unwrap();
    assert_eq!(decoded(&token)["nonce"], NONCE);
    assert_eq!(fragment(&given, "access_token"), None);
    assert_eq!(fragment(&given, "state").as_deref(), Some("s1"));
    let in_query = browser.get(&with_nonce("&response_mode=query")).await;
    assert_eq!(
        fragment(&in_query, "error").as_deref(),
        Some("invalid_request")
    );
}

#[tokio::test]
async fn a_request_for_an_id_token_without_a_nonce_or_openid_is_refused_before_the_sign_in() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let without_openid = with_nonce("").replace("openid+", "");
    for (path, why) in [
        (request(""), "an id_token needs a nonce"),
        (without_openid, "an id_token needs the scope openid"),
    ] {
        let refused = browser.get(&path).await;
        assert_eq!(refused.status, 302, "{}", refused.raw);
        assert_eq!(
            fragment(&refused, "error").as_deref(),
            Some("invalid_request")
        );
        assert_eq!(
            fragment(&refused, "error_description").as_deref(),
            Some(why)
        );
    }
    // Several types at once are not there.
    let hybrid = with_nonce("").replace("response_type=id_token", "response_type=code+id_token");
    let refused = browser.get(&hybrid).await;
    assert_eq!(
        fragment(&refused, "error").as_deref(),
        Some("unsupported_response_type")
    );
}

#[tokio::test]
async fn a_client_without_the_implicit_grant_gets_no_id_token() {
    let service = auth0_only().await;
    let grants = ["client", "update", "web", "--grant", "authorization_code"];
    service.operated(&grants).await;
    let refused = Browser::new(&service).get(&with_nonce("")).await;
    assert_eq!(
        fragment(&refused, "error").as_deref(),
        Some("unauthorized_client")
    );
}
