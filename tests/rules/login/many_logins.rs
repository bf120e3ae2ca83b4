//! The number of a user's other logins decides nothing: neither whether a right code is
//! accepted, nor whether a verified login gets its tokens.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::Dialect;
use countersign_local::demo;

use crate::dialects::abp::login::password::{begin as begin_abp, connect, verify};
use crate::dialects::abp::login::refusals::{Emailed, emailed};
use crate::dialects::codemaze::login::password_and_code::{
    begin as begin_codemaze, login, second_step,
};
use crate::harness::Service;
use crate::rules::requests::login::Counted;

/// More logins than one query reads, in every dialect.
const OTHERS: usize = 25;

async fn others(service: &Service) {
    for _ in 0..OTHERS {
        service.begin().await;
        begin_abp(service).await;
    }
}

#[tokio::test]
async fn a_right_codemaze_code_is_right_however_many_logins_began_since() {
    let service = Service::start().await;
    let code = begin_codemaze(&service).await;
    others(&service).await;
    for _ in 0..OTHERS {
        // It is too soon for another code, so these logins have no code of their own.
        let again = login(&service, demo::USER, demo::PASSWORD_OF_ALL).await;
        assert_eq!(again.status, 200, "{}", again.raw);
    }
    let done = second_step(&service, demo::USER, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_verified_abp_login_gets_its_tokens_however_many_began_since() {
    let service = Service::start().await;
    let Emailed { user, code, .. } = emailed(&service).await;
    let verified = verify(&service, &user, None, "Email", &code).await;
    assert_eq!(verified.raw, "true");
    for _ in 0..OTHERS {
        begin_abp(&service).await;
    }
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    let done = connect(&service, &beside).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn two_verified_logins_leave_room_for_one_that_waits_for_its_code() {
    let service = Service::start().await;
    for _ in 0..2 {
        let Emailed { user, token, code } = emailed(&service).await;
        let verified = verify(&service, &user, Some(&token), "Email", &code).await;
        assert_eq!(verified.raw, "true");
        service.advance(30);
    }
    let code = emailed(&service).await.code;
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    let done = connect(&service, &beside).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn more_than_one_page_of_logins_is_read_to_its_end() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let code = begin_codemaze(&service).await;
    // Twelve later logins of 100 KB each, because a page is a megabyte.
    let item = service.items().await.into_iter().find(|item| {
        let sort = item["SK"].as_s().unwrap();
        sort.starts_with("LOGIN#")
    });
    let store = &service.app.store;
    for number in 0..12 {
        let mut item = item.clone().unwrap();
        let sort = format!("LOGIN#ffffffffffff7000800000000000{number:04}");
        item.insert("SK".to_owned(), AttributeValue::S(sort));
        item.insert("state".to_owned(), AttributeValue::S("pending".to_owned()));
        let padding = "x".repeat(100_000);
        item.insert("padding".to_owned(), AttributeValue::S(padding));
        let put = store.dynamodb().put_item().table_name(store.table());
        put.set_item(Some(item)).send().await.unwrap();
    }
    let live = store.live_logins(user, Dialect::CodeMaze, true, service.now());
    assert_eq!(live.await.unwrap().len(), 1);
    let done = second_step(&service, demo::USER, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_code_step_costs_no_more_for_fifty_other_logins() {
    let counted = Counted::start().await;
    let code = begin_codemaze(&counted.service).await;
    others(&counted.service).await;
    let done = second_step(&counted.service, demo::USER, &code);
    assert_eq!(counted.cost(200, done).await.1, 6);
}
