//! What people paste: codes with white space, invisible characters, dashes and digits
//! of another script, in every dialect. A text that cannot be a code costs no guess.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::password as login;
use crate::dialects::abp::login::password::connect;
use crate::dialects::abp::login::refusals::{Emailed, emailed};
use crate::dialects::codemaze::accounts::register::{register, with_app};
use crate::dialects::codemaze::login::password_and_code::{begin as begin_codemaze, second_step};
use crate::harness::account::PASSWORD;
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

/// The code with each kind of character that people paste with it.
fn pasted(code: &str) -> Vec<String> {
    let (first, rest) = code.split_at(3);
    let script = |zero: u32| -> String {
        let digit = |digit: char| char::from_u32(zero + digit.to_digit(10).unwrap()).unwrap();
        code.chars().map(digit).collect()
    };
    vec![
        format!("\t{first} {rest}\r\n"),
        format!("{first}\u{2011}{rest}\u{200b}"),
        format!("\u{feff}{first}\u{202f}{rest}\u{200e}"),
        script(0x0660),
        script(0xff10),
        format!("{first}.{rest}."),
        format!("\u{201c}{first}\u{b7}{rest}\u{201d}"),
        format!("'{first}_{rest}'"),
    ]
}

/// Texts that cannot be a six-digit code.
const NO_CODES: [&str; 5] = ["12345", "1234567", "12345a", "one two", "123/456"];

/// The places where the demo user enters a code.
#[derive(Clone, Copy, Debug)]
enum Place {
    Auth0Otp,
    Auth0Oob,
    Auth0Verify,
    AbpToken,
    AbpVerify,
    AbpVerifyAlone,
    CodeMaze,
    Aidbox,
    Page,
}

const PLACES: [Place; 9] = [
    Place::Auth0Otp,
    Place::Auth0Oob,
    Place::Auth0Verify,
    Place::AbpToken,
    Place::AbpVerify,
    Place::AbpVerifyAlone,
    Place::CodeMaze,
    Place::Aidbox,
    Place::Page,
];

/// Enters the result of `as_typed` for a right code, at the end of a new login.
async fn shown(service: &Service, place: Place, as_typed: impl Fn(&str) -> String) -> Answer {
    match place {
        Place::Auth0Otp => {
            let token = service.begin().await;
            service.redeem_otp(&token, &as_typed(&service.totp())).await
        }
        Place::Auth0Oob => {
            let token = service.begin().await;
            let oob = service.challenge(&token, "email").await.text("oob_code");
            let code = as_typed(&service.newest_code());
            service.redeem_oob(&token, &oob, &code).await
        }
        Place::Auth0Verify => {
            let token = service.begin().await;
            service.verify(&token, &as_typed(&service.totp())).await
        }
        Place::AbpToken => {
            let code = as_typed(&login::totp(service));
            let beside = [
                ("TwoFactorProvider", "Authenticator"),
                ("TwoFactorCode", code.as_str()),
            ];
            connect(service, &beside).await
        }
        Place::AbpVerify => {
            let Emailed { user, token, code } = emailed(service).await;
            login::verify(service, &user, Some(&token), "Email", &as_typed(&code)).await
        }
        Place::AbpVerifyAlone => {
            let Emailed { user, code, .. } = emailed(service).await;
            login::verify(service, &user, None, "Email", &as_typed(&code)).await
        }
        Place::CodeMaze => {
            let code = begin_codemaze(service).await;
            second_step(service, demo::USER, &as_typed(&code)).await
        }
        Place::Aidbox => {
            let code = as_typed(&service.totp());
            service.aidbox_login(demo::USER, Some(&code)).await
        }
        Place::Page => {
            let browser = Browser::new(service);
            let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
            let step = browser.password("/auth/login", user, password).await;
            let code = as_typed(&service.totp());
            browser.submit(&step.form(0).with("token", &code)).await
        }
    }
}

fn is_right(place: Place, answer: &Answer) -> bool {
    match place {
        Place::AbpVerify | Place::AbpVerifyAlone => answer.raw == "true",
        Place::Page => answer.status == 303,
        _ => answer.status == 200,
    }
}

#[tokio::test]
async fn a_code_is_taken_however_it_was_pasted_in_every_dialect() {
    let service = Service::start().await;
    for place in PLACES {
        for at in 0..pasted("123456").len() {
            // Long enough for another code of the app, and past the cool-down.
            service.advance(3600);
            let answer = shown(&service, place, |code| pasted(code).remove(at)).await;
            assert!(is_right(place, &answer), "{place:?} {at}: {}", answer.raw);
        }
    }
}

/// How many budgets of codes were charged. The first charge makes a budget's item.
async fn charged(service: &Service) -> usize {
    let items = service.items().await;
    let text = |item: &HashMap<String, AttributeValue>, name: &str| {
        item[name].as_s().cloned().unwrap_or_default()
    };
    let budgets = items.iter().filter(|item| {
        text(item, "SK") == "GUESSES" || text(item, "PK").starts_with("BUDGET#codes#")
    });
    budgets.count()
}

#[tokio::test]
async fn what_cannot_be_a_code_uses_up_no_guess_in_any_dialect() {
    for place in PLACES {
        let service = Service::start().await;
        for no_code in NO_CODES {
            service.advance(360);
            let answer = shown(&service, place, |_| no_code.to_owned()).await;
            let refused = !is_right(place, &answer) && answer.status < 429;
            assert!(refused, "{place:?} {no_code}: {}", answer.raw);
        }
        assert_eq!(charged(&service).await, 0, "{place:?}");
        service.advance(360);
        let answer = shown(&service, place, |_| "000000".to_owned()).await;
        assert!(!is_right(place, &answer), "{place:?}: {}", answer.raw);
        assert_eq!(charged(&service).await, 1, "{place:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_code_is_refused_alike_for_known_and_unknown_users() {
    let service = Service::start().await;
    let nobody = "0123456789abcdef0123456789abcdef";
    let user = emailed(&service).await.user;
    begin_codemaze(&service).await;
    for no_code in NO_CODES {
        let known = second_step(&service, demo::USER, no_code).await;
        let unknown = second_step(&service, "nobody@example.com", no_code).await;
        assert_eq!((known.status, &known.raw), (unknown.status, &unknown.raw));
        let known = login::verify(&service, &user, None, "Email", no_code).await;
        let unknown = login::verify(&service, nobody, None, "Email", no_code).await;
        assert_eq!((known.status, &*known.raw), (200, "false"));
        assert_eq!((unknown.status, &*unknown.raw), (200, "false"));
    }
}

#[tokio::test]
async fn a_phones_code_is_taken_as_pasted_and_what_is_none_uses_up_no_guess() {
    let service = Service::start().await;
    let answer = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let access = answer.text("access_token");
    let user = service.account(demo::PLAIN_USER).await.user.id.to_string();
    let body = json!({ "userId": user, "phoneNumber": "+1 555 555 0177" });
    let path = "/api/account/send-phone-number-confirmation-token";
    let sent = service.post_as(Some(&access), path, &body).await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    let code = service.newest_code();
    let confirm = |token: String| {
        let body = json!({ "userId": user, "token": token });
        let (service, access) = (&service, &access);
        async move {
            let path = "/api/account/confirm-phone-number";
            service.post_as(Some(access), path, &body).await
        }
    };
    for _ in 0..3 {
        for no_code in NO_CODES {
            let answer = confirm(no_code.to_owned()).await;
            assert_eq!(answer.status, 403, "{}", answer.raw);
        }
    }
    let answer = confirm(pasted(&code).remove(2)).await;
    assert_eq!(answer.status, 204, "{}", answer.raw);
}

#[tokio::test]
async fn a_new_factor_is_confirmed_by_a_pasted_code_and_no_code_uses_up_no_guess() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let seed = service.two_factor_seed(&access).await;
    for _ in 0..3 {
        for no_code in NO_CODES {
            let body = json!({ "token": no_code });
            let answer = service.two_factor("confirm", &access, &body).await;
            answer.is_refused(422, "wrong_token", "Wrong token");
        }
    }
    let body = json!({ "token": pasted(&service.app_code(&seed)).remove(3) });
    let answer = service.two_factor("confirm", &access, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_recovery_code_is_shown_in_groups_and_taken_with_letters_for_digits() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let (_, codes) = service.two_factor_on(&access).await;
    for (at, code) in codes.iter().enumerate() {
        let groups: Vec<&str> = code.split('-').collect();
        assert!(groups.len() == 6 && groups.iter().all(|group| group.len() == 4));
        let mistaken = code.to_lowercase().replace('0', "o").replace('1', "l");
        let typed = match at % 2 {
            0 => mistaken.replace('-', "\u{a0}"),
            _ => mistaken.to_uppercase().replace('-', "\u{2013}"),
        };
        service.watch_secret(&typed);
        let answer = service.aidbox_login(demo::PLAIN_USER, Some(&typed)).await;
        assert_eq!(answer.status, 200, "{at}: {}", answer.raw);
    }
    let again = service
        .aidbox_login(demo::PLAIN_USER, Some(&codes[0]))
        .await;
    again.is_refused(400, "invalid_grant", "Wrong token");
}

#[tokio::test]
async fn what_cannot_be_a_recovery_code_uses_up_no_guess() {
    let service = Service::start().await;
    let token = service.begin().await;
    for no_code in [
        "123456",
        "COUNTERSIGN2RECOVER4DEM",
        "COUNTERSIGN2RECOVER4DEM!",
    ]
    .repeat(4)
    {
        let answer = service.redeem_recovery(&token, no_code).await;
        answer.is_refused(403, "invalid_grant", "MFA Authorization rejected.");
    }
    let typed = "\u{202a}coun ters ign2 reco ver4 demo\u{202c}\n";
    let answer = service.redeem_recovery(&token, typed).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_recovery_code_that_was_brought_in_is_taken_with_its_letters_and_with_digits() {
    for typed in [
        demo::RECOVERY_CODE,
        "C0UN-TERS-1GN2-REC0-VER4-DEM0",
        "coun ters lgn2 rec0 ver4 demo",
    ] {
        let service = Service::start().await;
        let token = service.begin().await;
        let answer = service.redeem_recovery(&token, typed).await;
        assert_eq!(answer.status, 200, "{typed} {}", answer.raw);
        let token = service.begin().await;
        let again = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
        again.is_refused(403, "invalid_grant", "MFA Authorization rejected.");
    }
}

#[tokio::test]
async fn white_space_and_invisible_characters_around_a_name_make_no_difference_at_a_login() {
    let service = Service::start().await;
    let (email, password) = (demo::PLAIN_USER, demo::PASSWORD_OF_ALL);
    for name in [
        format!("{email}\u{200b}"),
        format!("\u{feff}{email}\n"),
        format!("\u{202a}{email}\u{202c}"),
        format!("\u{a0}{}\u{3000}", email.to_uppercase()),
    ] {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", name.as_str()),
            ("password", password),
        ];
        let auth0 = service.post_form("/oauth/token", &fields).await;
        let abp = service.sign_in(&name, password).await;
        let aidbox = service.aidbox_login(&name, None).await;
        let codemaze = json!({ "email": name, "password": password });
        let codemaze = service.post_json("/api/accounts/login", &codemaze).await;
        let statuses = [auth0, abp, aidbox, codemaze].map(|answer| answer.status);
        assert_eq!(statuses, [200; 4], "{name:?}");
        let browser = Browser::new(&service);
        let page = browser.password("/auth/login", &name, password).await;
        assert_eq!(page.status, 303, "{name:?} {}", page.raw);
    }
}

#[tokio::test]
async fn an_address_with_a_plus_is_confirmed_by_a_link_that_angular_has_rewritten() {
    let service = with_app().await;
    let made = register(&service, "ann+tag@example.net").await;
    assert_eq!(made.status, 201, "{}", made.raw);
    let token = service.link_parameter("token");
    let path = "/api/accounts/emailconfirmation?email=ann+tag@example.net";
    let answer = service.get(&format!("{path}&token={token}"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn an_address_with_an_apostrophe_is_a_user_name_where_it_is_the_address() {
    let service = with_app().await;
    let made = register(&service, "o'brien@example.net").await;
    assert_eq!(made.status, 201, "{}", made.raw);
    let named = service
        .register("o'brien", "other@example.net", PASSWORD)
        .await;
    assert_eq!(named.status, 403, "{}", named.raw);
}
