//! Links that sign in without a password, in Auth0's words.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::aidbox::authorization::authorize::CHALLENGE;
use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::authorization::authorize::exchange;
use crate::dialects::auth0::login::passwordless::GRANT;
use crate::harness::account::EMAIL;
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

/// Lets the client of a browser ask for links.
pub async fn allow_links(service: &Service) {
    let mut command = vec!["client", "update", "web", "--grant", GRANT];
    for grant in ["authorization_code", "refresh_token", "implicit"] {
        command.extend(["--grant", grant]);
    }
    service.operated(&command).await;
}

/// The authorization request that a link leads to.
pub fn auth_params() -> Value {
    json!({
        "redirect_uri": demo::AIDBOX_REDIRECT_URI, "response_type": "code", "state": "s1",
        "scope": "openid offline_access", "nonce": "n1", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    })
}

/// `POST /passwordless/start` that has a link sent.
pub async fn start_link(service: &Service, email: &str, auth_params: &Value) -> Answer {
    let body = json!({
        "client_id": "web", "connection": "email", "email": email, "send": "link",
        "authParams": auth_params,
    });
    service.post_json("/passwordless/start", &body).await
}

/// The path of the link in the newest message.
pub fn path_of_link(service: &Service) -> String {
    let link = service.newest_link();
    format!("{}?{}", link.path(), link.query().unwrap())
}

/// Opens the link in a browser, and presses its button.
pub async fn press(browser: &Browser<'_>, path: &str) -> Answer {
    let form = browser.get(path).await.form_of("Sign in");
    browser.submit(&form).await
}

#[tokio::test]
async fn a_link_signs_in_by_a_button_and_leads_back_to_the_app_with_a_code() {
    let service = auth0_only().await;
    allow_links(&service).await;
    let asked = start_link(&service, demo::PLAIN_USER, &auth_params()).await;
    assert_snapshot!(asked.shown(), @r#"
    200 application/json no-store no-cache
    {"_id":"[id]","email":"plain@example.com","email_verified":false}
    "#);
    let message = service.messages().remove(0);
    assert_eq!(message.to, demo::PLAIN_USER);
    let link = path_of_link(&service);
    assert!(link.starts_with("/auth/link?token="), "{link}");
    let browser = Browser::new(&service);
    let page = browser.get(&link).await;
    let (_, code) = link.rsplit_once('.').unwrap();
    assert_snapshot!(page.page().replace(code, "[code]"), @r"
    200 Sign in - Acme Bikes
    sets __Host-countersign-form
    Acme Bikes
    Sign in
    Sign in as plain@example.com and go on to web.
    form /auth/link
    [csrf]
    [token=[opaque].[code]]
    Sign in
    ");
    let signed_in = browser.submit(&page.form_of("Sign in")).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.raw);
    let given = browser.get(signed_in.location()).await;
    assert_eq!(given.status, 302, "{}", given.raw);
    assert!(given.location().starts_with(demo::AIDBOX_REDIRECT_URI));
    let (state, issuer) = (given.parameter("state"), given.parameter("iss"));
    assert_eq!(
        (state.as_str(), issuer.as_str()),
        ("s1", "https://localhost:8788/")
    );
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let claims = tokens.claims("id_token");
    assert_eq!(claims["nonce"], "n1");
    assert_eq!(
        (&claims["amr"], &claims["acr"]),
        (&json!(["otp"]), &json!("aal1"))
    );
}

#[tokio::test]
async fn the_demo_client_of_a_browser_asks_for_links() {
    let service = Service::start().await;
    let asked = start_link(&service, demo::PLAIN_USER, &auth_params()).await;
    assert_eq!(asked.status, 200, "{}", asked.raw);
    let browser = Browser::new(&service);
    let signed_in = press(&browser, &path_of_link(&service)).await;
    let given = browser.get(signed_in.location()).await;
    assert!(!given.parameter("code").is_empty(), "{}", given.location());
}

#[tokio::test]
async fn a_link_leads_through_the_page_of_the_second_factor_and_the_mailbox_is_none() {
    let service = Service::start().await;
    allow_links(&service).await;
    start_link(&service, demo::USER, &auth_params()).await;
    let link = path_of_link(&service);
    let browser = Browser::new(&service);
    let needed = press(&browser, &link).await;
    assert_eq!(needed.status, 303, "{}", needed.raw);
    assert!(
        needed.location().starts_with("/auth/login?"),
        "{}",
        needed.location()
    );
    let page = browser.get(needed.location()).await;
    assert!(!page.raw.contains("us***"), "{}", page.raw);
    let form = page.form(0).with("token", &service.totp());
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let given = browser.get(done.location()).await;
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.claims("id_token")["amr"], json!(["otp", "mfa"]));
}

#[tokio::test]
async fn a_link_signs_up_where_that_is_allowed() {
    let service = auth0_only().await;
    allow_links(&service).await;
    start_link(&service, EMAIL, &auth_params()).await;
    let browser = Browser::new(&service);
    let signed_in = press(&browser, &path_of_link(&service)).await;
    let given = browser.get(signed_in.location()).await;
    assert!(!given.parameter("code").is_empty(), "{}", given.location());
    assert!(service.account(EMAIL).await.user.email_confirmed);
}

#[tokio::test]
async fn what_a_request_for_a_link_lacks_is_told_in_auth0s_words() {
    let service = auth0_only().await;
    allow_links(&service).await;
    let ask = async |name: &str, value: Value| {
        let mut params = auth_params();
        match value {
            Value::Null => drop(params.as_object_mut().unwrap().remove(name)),
            value => params[name] = value,
        }
        start_link(&service, EMAIL, &params).await.in_short()
    };
    assert_snapshot!(ask("redirect_uri", json!("https://evil.example/")).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_request","description":"The redirect_uri is not in the client's list of allowed callback URLs.","statusCode":400,"error":"invalid_request","error_description":"The redirect_uri is not in the client's list of allowed callback URLs."}
    "#);
    assert_snapshot!(ask("code_challenge", Value::Null).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_request","description":"code_challenge is required","statusCode":400,"error":"invalid_request","error_description":"code_challenge is required"}
    "#);
    assert_snapshot!(ask("response_type", json!("nonsense")).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"unsupported_response_type","description":"The response_type has to be code, token or id_token.","statusCode":400,"error":"unsupported_response_type","error_description":"The response_type has to be code, token or id_token."}
    "#);
    assert_snapshot!(ask("scope", json!("openid admin")).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_scope","description":"The client may not ask for one of these scopes.","statusCode":400,"error":"invalid_scope","error_description":"The client may not ask for one of these scopes."}
    "#);
    assert_snapshot!(ask("request_uri", json!("https://evil.example/")).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_request","description":"Send the parameters themselves.","statusCode":400,"error":"invalid_request","error_description":"Send the parameters themselves."}
    "#);
    assert_snapshot!(ask("state", json!(["a"])).await, @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_request","description":"authParams is no object whose members are texts.","statusCode":400,"error":"invalid_request","error_description":"authParams is no object whose members are texts."}
    "#);
    let phone = json!({
        "client_id": "web", "connection": "sms", "phone_number": "+15555550144", "send": "link",
    });
    assert_snapshot!(service.post_json("/passwordless/start", &phone).await.in_short(), @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_request","description":"A phone gets a code only.","statusCode":400,"error":"invalid_request","error_description":"A phone gets a code only."}
    "#);
    // A request without a redirect_uri gets no link.
    let other = json!({
        "client_id": demo::CLIENT, "connection": "email", "email": EMAIL, "send": "link",
    });
    assert_snapshot!(service.post_json("/passwordless/start", &other).await.in_short(), @r#"
    400 application/json
    {"name":"BadRequestError","code":"invalid_request","description":"The redirect_uri is not in the client's list of allowed callback URLs.","statusCode":400,"error":"invalid_request","error_description":"The redirect_uri is not in the client's list of allowed callback URLs."}
    "#);
    assert!(service.messages().is_empty());
}
