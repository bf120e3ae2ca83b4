//! Passwords that are too common, in every dialect: a repeated pair of keys, however
//! long, and a word of the product's name.

use serde_json::json;

use crate::dialects::codemaze::accounts::register::{registration, with_app};
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD, USER_NAME};
use crate::harness::browser::Browser;

const TOO_COMMON: &str = "This password is too common. Choose another.";

/// A walk over the keyboard that changes its direction at nearly every key.
const LONG_WALK: &str = "zsxdcfvgbhnjmkijuhygtfrdeswaqw3e4r5t6y7u8i9o0p";

fn repeated_pairs() -> Vec<String> {
    let pairs = ["12", "69", "aq", "qw", "zx", ".,", "Aq"];
    let lengths = [15, 17, 50, 500];
    let repeat = |pair: &str| lengths.map(|times| pair.repeat(times));
    pairs.into_iter().flat_map(repeat).collect()
}

#[tokio::test]
async fn a_repeated_pair_of_keys_is_too_common_at_a_registration_in_every_dialect() {
    let service = with_app().await;
    for password in repeated_pairs() {
        // Registrations are rate-limited by network.
        service.advance(3600);
        let abp = service.register(USER_NAME, EMAIL, &password).await;
        abp.is_rest_refused(403, TOO_COMMON);
        let mut body = registration(EMAIL);
        body["password"] = json!(password);
        body["confirmPassword"] = json!(password);
        let codemaze = service.post_json("/api/accounts/registration", &body).await;
        assert_eq!(codemaze.status, 400, "{password} {}", codemaze.raw);
        assert!(codemaze.raw.contains(TOO_COMMON), "{}", codemaze.raw);
        let browser = Browser::new(&service);
        let form = browser.get("/auth/signup").await.form(0);
        let form = form.with("email", EMAIL).with("password", &password);
        let page = browser.submit(&form).await;
        assert_eq!(page.status, 400, "{password} {}", page.raw);
        assert!(page.raw.contains("too common"), "{}", page.raw);
    }
}

#[tokio::test]
async fn a_repeated_pair_of_keys_is_too_common_where_a_signed_in_user_changes_the_password() {
    let service = Service::start().await;
    service.registered().await;
    let access = service.sign_in(EMAIL, PASSWORD).await.text("access_token");
    for password in repeated_pairs() {
        service.advance(60);
        let body = json!({ "currentPassword": PASSWORD, "newPassword": password });
        let path = "/api/account/my-profile/change-password";
        let answer = service.post_as(Some(&access), path, &body).await;
        answer.is_rest_refused(403, TOO_COMMON);
    }
}

#[tokio::test]
async fn a_long_walk_over_the_keyboard_that_nobody_guesses_is_taken() {
    let service = Service::start().await;
    let made = service.register(USER_NAME, EMAIL, LONG_WALK).await;
    assert_eq!(made.status, 200, "{}", made.raw);
    let twice = LONG_WALK.repeat(2);
    let other = "other@example.net";
    let made = service.register("another", other, &twice).await;
    assert_eq!(made.status, 200, "{}", made.raw);
    let signed_in = service.sign_in(other, &twice).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.raw);
}

#[tokio::test]
async fn a_word_of_the_products_name_is_no_password() {
    let service = Service::start().await;
    for password in ["Countersign", "countersign1"] {
        let refused = service.register("somebody", EMAIL, password).await;
        assert_eq!(refused.status, 403, "{}", refused.raw);
        assert_eq!(service.messages().len(), 0);
    }
}
