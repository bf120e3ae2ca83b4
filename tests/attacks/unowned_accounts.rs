//! Somebody signs up with another person's address and looks for a way to enrol a
//! factor. The owner of the mailbox comes later, and is never asked for a factor of the
//! squatter's.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::factors::factor::{Channel, RecoveryCodes};
use countersign::domain::id::FactorId;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::codemaze::accounts::register as accounts;
use crate::dialects::codemaze::login::password_and_code as login;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::browser::Browser;
use crate::harness::enrolment::{MFA, MFA_SCOPES};
use crate::harness::{Answer, Service, address_factor, totp_factor};

const REQUIRED: (&str, &str) = ("COUNTERSIGN_MFA_POLICY", "required");

pub const BY_EMAIL: (&str, &str) = ("COUNTERSIGN_CONFIRMATION_REQUIRED", "email");

/// A password step in Auth0's words for the MFA API.
pub async fn for_mfa(service: &Service, name: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", name),
        ("password", password),
        ("audience", MFA),
        ("scope", MFA_SCOPES),
    ];
    service.post_form("/oauth/token", &fields).await
}

/// The account has no factor.
async fn is_bare(service: &Service, name: &str) {
    let account = service.account(name).await;
    let confirmed = account.factors.iter().filter(|factor| factor.confirmed);
    assert_eq!(confirmed.count(), 0);
    assert!(account.recovery.is_none());
    assert!(!account.user.two_factor);
}

/// The squatter tries every call that enrols a factor, with sessions of an account
/// whose address was never confirmed.
async fn squatter_tries_every_door(service: &Service, name: &str) {
    let access = for_mfa(service, name, PASSWORD).await;
    assert_eq!(access.status, 200, "{}", access.raw);
    let access = access.text("access_token");
    for body in [
        json!({ "authenticator_types": ["otp"] }),
        json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550123" }),
        json!({ "authenticator_types": ["oob"], "oob_channels": ["email"], "email": "squatter@example.org" }),
        json!({ "authenticator_types": ["recovery-code"] }),
    ] {
        let refused = service.associate(&access, &body).await;
        assert_eq!(refused.status, 403, "{body}: {}", refused.raw);
        assert_eq!(refused.text("error"), "access_denied");
    }
    let access = service.sign_in(name, PASSWORD).await.text("access_token");
    let id = service.account(name).await.user.id.dashed();
    let phone = json!({ "userId": id, "phoneNumber": "+15555550123" });
    for (path, body) in [
        ("/api/account/send-phone-number-confirmation-token", &phone),
        (
            "/api/account/my-profile/set-two-factor-enabled?enabled=true",
            &json!({}),
        ),
        ("/app/auth/two-factor/request", &json!({})),
        ("/auth/two-factor/request", &json!({ "transport": "phone" })),
    ] {
        let refused = service.post_as(Some(&access), path, body).await;
        assert!(
            [400, 403].contains(&refused.status),
            "{path}: {}",
            refused.raw
        );
    }
    let info = service
        .get("/api/account/authenticator-info", Some(&access))
        .await;
    assert_eq!(info.status, 403, "{}", info.raw);
    let browser = Browser::new(service);
    let page = browser.password("/auth/login", name, PASSWORD).await;
    assert_eq!(page.status, 403, "{}", page.raw);
    is_bare(service, name).await;
}

/// The owner of the mailbox resets the password in ABP's dialect.
pub async fn owner_resets(service: &Service, email: &str) {
    let token = service.reset_token(email).await;
    let id = service.account(email).await.user.id.dashed();
    let reset = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
}

/// The owner signs in everywhere with only the new password, and nobody else does.
pub async fn owner_is_asked_for_nothing(service: &Service, email: &str) {
    let auth0 = for_mfa(service, email, NEW_PASSWORD).await;
    assert_eq!(auth0.status, 200, "{}", auth0.raw);
    let abp = service.sign_in(email, NEW_PASSWORD).await;
    assert_eq!(abp.status, 200, "{}", abp.raw);
    let codemaze = login::login(service, email, NEW_PASSWORD).await;
    assert_eq!(codemaze.body["isAuthSuccessful"], true, "{}", codemaze.raw);
    let aidbox = service
        .aidbox_password(email, NEW_PASSWORD, &json!({}))
        .await;
    assert_eq!(aidbox.status, 200, "{}", aidbox.raw);
    let browser = Browser::new(service);
    let page = browser.password("/auth/login", email, NEW_PASSWORD).await;
    assert_eq!(page.status, 303, "{}", page.raw);
    let squatter = service.sign_in(email, PASSWORD).await;
    assert_eq!(squatter.status, 400, "{}", squatter.raw);
}

#[tokio::test]
async fn a_squatter_who_signed_up_in_abps_words_enrols_nothing_and_the_owner_is_asked_for_nothing()
{
    let service = Service::start().await;
    service.registered().await;
    squatter_tries_every_door(&service, USER_NAME).await;
    let squatter = service.sign_in_with(USER_NAME, PASSWORD, &[]).await;
    owner_resets(&service, EMAIL).await;
    assert!(service.account(EMAIL).await.user.email_confirmed);
    let profile = "/api/account/my-profile";
    let access = squatter.text("access_token");
    assert_eq!(service.get(profile, Some(&access)).await.status, 401);
    let refresh = squatter.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::ABP_CLIENT),
        ("refresh_token", &*refresh),
    ];
    assert_eq!(
        service.post_form("/connect/token", &fields).await.status,
        400
    );
    owner_is_asked_for_nothing(&service, EMAIL).await;
}

#[tokio::test]
async fn a_squatter_who_signed_up_in_codemazes_words_enrols_nothing_and_the_owner_is_asked_for_nothing()
 {
    let service = Service::start().await;
    let made = accounts::register(&service, EMAIL).await;
    assert_eq!(made.status, 201, "{}", made.raw);
    let early = login::login(&service, EMAIL, PASSWORD).await;
    assert_eq!(early.body["errorMessage"], "Email is not confirmed");
    squatter_tries_every_door(&service, EMAIL).await;
    service.advance(31);
    owner_resets(&service, EMAIL).await;
    owner_is_asked_for_nothing(&service, EMAIL).await;
}

#[tokio::test]
async fn a_squatter_who_signed_up_on_the_pages_enrols_nothing_and_the_owner_is_asked_for_nothing() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", EMAIL).with("password", PASSWORD);
    assert_eq!(browser.submit(&form).await.status, 200);
    let early = service.aidbox_password(EMAIL, PASSWORD, &json!({})).await;
    early.is_refused(400, "invalid_grant", "User is not confirmed");
    squatter_tries_every_door(&service, EMAIL).await;
    service.advance(31);
    owner_resets(&service, EMAIL).await;
    owner_is_asked_for_nothing(&service, EMAIL).await;
}

/// The data that an older version, which required no confirmed address, has left: an
/// app and recovery codes without the mark, counted as enrolments.
async fn enrolled_by_an_older_version(service: &Service) {
    service.registered().await;
    let user = service.account(EMAIL).await.user.id;
    let app = totp_factor(&service.app, user, demo::SEED, true).await;
    service.add_factor(user, &app).await;
    let codes = [
        (
            "id",
            AttributeValue::S(FactorId::random([3; 16]).to_string()),
        ),
        (
            "codes",
            AttributeValue::M([("hash".to_owned(), AttributeValue::N("1".to_owned()))].into()),
        ),
    ];
    let store = &service.app.store;
    let mut put = store
        .dynamodb()
        .put_item()
        .table_name(store.table())
        .item("PK", AttributeValue::S(format!("USER#{user}")))
        .item("SK", AttributeValue::S("PROFILE#RECOVERY".to_owned()))
        .item("v", AttributeValue::N("1".to_owned()));
    for (name, value) in codes {
        put = put.item(name, value);
    }
    put.send().await.unwrap();
    for (name, value) in [
        ("two_factor", AttributeValue::Bool(true)),
        ("enrolments", AttributeValue::N("1".to_owned())),
        ("phone", AttributeValue::S("+15555550177".to_owned())),
        ("phone_confirmed", AttributeValue::Bool(true)),
    ] {
        service.set_profile(EMAIL, name, value).await;
    }
}

#[tokio::test]
async fn a_reset_takes_away_what_an_older_version_let_a_squatter_enrol() {
    let service = Service::start().await;
    enrolled_by_an_older_version(&service).await;
    owner_resets(&service, EMAIL).await;
    is_bare(&service, EMAIL).await;
    assert!(!service.account(EMAIL).await.user.phone_confirmed);
    owner_is_asked_for_nothing(&service, EMAIL).await;
}

#[tokio::test]
async fn of_two_resets_by_one_token_one_takes_the_squatters_factors_away() {
    let service = Service::start().await;
    enrolled_by_an_older_version(&service).await;
    let token = service.reset_token(EMAIL).await;
    let id = service.account(EMAIL).await.user.id.dashed();
    let (first, second) = tokio::join!(
        service.reset(&id, &token, NEW_PASSWORD),
        service.reset(&id, &token, NEW_PASSWORD),
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 403]);
    is_bare(&service, EMAIL).await;
}

#[tokio::test]
async fn a_wrong_address_that_an_operator_brought_in_does_not_cost_the_account() {
    let service = Service::start().await;
    let app = totp_factor(
        &service.app,
        service.account(demo::PLAIN_USER).await.user.id,
        demo::SEED,
        true,
    )
    .await;
    service
        .add_user(EMAIL, |account| {
            account.user.email_confirmed = false;
            account.factors = vec![app, address_factor(Channel::Sms, "+15555550188", true)];
            account.recovery = Some(RecoveryCodes {
                id: FactorId::random([4; 16]),
                hashes: vec!["hash".to_owned()],
            });
        })
        .await;
    owner_resets(&service, EMAIL).await;
    let account = service.account(EMAIL).await;
    assert_eq!(account.active_factors().count(), 2);
    assert!(account.recovery.is_some() && account.user.two_factor);
    let asked = for_mfa(&service, EMAIL, NEW_PASSWORD).await;
    assert_eq!(asked.text("error"), "mfa_required", "{}", asked.raw);
}

#[tokio::test]
async fn what_an_owner_enrolled_with_a_confirmed_address_stays_at_a_reset() {
    let service = Service::start().await;
    let id = service.registered_and_confirmed().await;
    let access = for_mfa(&service, EMAIL, PASSWORD)
        .await
        .text("access_token");
    let seed = service.associate_app(&access).await;
    let done = service.redeem_otp(&access, &service.app_code(&seed)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    service.advance(31);
    let token = service.reset_token(EMAIL).await;
    assert_eq!(service.reset(&id, &token, NEW_PASSWORD).await.status, 204);
    let account = service.account(EMAIL).await;
    assert!(account.default_totp().is_some() && account.recovery.is_some());
}

#[tokio::test]
async fn a_code_that_comes_to_the_own_address_confirms_it_and_makes_it_a_factor() {
    let service = Service::start().await;
    service.registered().await;
    let access = for_mfa(&service, EMAIL, PASSWORD)
        .await
        .text("access_token");
    let body = json!({ "authenticator_types": ["oob"], "oob_channels": ["email"] });
    let begun = service.associate(&access, &body).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let code = service.newest_code();
    let done = service
        .redeem_oob(&access, &begun.text("oob_code"), &code)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let account = service.account(EMAIL).await;
    assert!(account.user.email_confirmed);
    assert_eq!(account.active_factors().count(), 1);
}

#[tokio::test]
async fn an_enrolment_that_an_older_version_began_is_not_confirmed_while_the_address_is_not() {
    let service = Service::start().await;
    service.registered_and_confirmed().await;
    let access = for_mfa(&service, EMAIL, PASSWORD)
        .await
        .text("access_token");
    let seed = service.associate_app(&access).await;
    service
        .set_profile(EMAIL, "email_confirmed", AttributeValue::Bool(false))
        .await;
    let refused = service.redeem_otp(&access, &service.app_code(&seed)).await;
    assert_eq!(refused.text("error"), "access_denied", "{}", refused.raw);
    is_bare(&service, EMAIL).await;
}

#[tokio::test]
async fn a_user_without_any_address_was_brought_in_by_an_operator_and_enrols() {
    let service = Service::start_with(&[REQUIRED, BY_EMAIL]).await;
    service
        .add_user("nomail", |account| account.user.email = None)
        .await;
    let begun = for_mfa(&service, "nomail", demo::PASSWORD_OF_ALL).await;
    let token = begun.text("mfa_token");
    let seed = service.associate_app(&token).await;
    let done = service.redeem_otp(&token, &service.app_code(&seed)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

pub async fn sign_up(browser: &Browser<'_>, password: &str) {
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", EMAIL).with("password", password);
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn an_account_that_a_stranger_made_for_an_address_falls_to_the_owner_of_the_mailbox() {
    let service = Service::start().await;
    let (stranger, owner) = (Browser::new(&service), Browser::new(&service));
    sign_up(&stranger, PASSWORD).await;
    // Nobody signs in with an address that is not confirmed.
    let early = stranger.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(early.status, 403, "{}", early.raw);
    let token = service.aidbox_password(EMAIL, PASSWORD, &json!({})).await;
    token.is_refused(400, "invalid_grant", "User is not confirmed");
    service.advance(31);
    sign_up(&owner, NEW_PASSWORD).await;
    let link = service.newest_link();
    service.watch_secret(&service.link_parameter("token"));
    assert!(
        link.as_str()
            .starts_with("https://localhost:8788/auth/reset?"),
        "{link}"
    );
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    let form = owner.get(&path).await.form(0);
    let reset = owner.submit(&form.with("new_password", NEW_PASSWORD)).await;
    assert_eq!(reset.status, 200, "{}", reset.raw);
    let stranger = stranger.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(stranger.status, 401, "{}", stranger.raw);
    // The link that reset the password confirmed the address.
    let signed_in = owner.password("/auth/login", EMAIL, NEW_PASSWORD).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.raw);
}
