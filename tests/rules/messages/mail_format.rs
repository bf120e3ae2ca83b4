//! Mails as programs read them.

use countersign_local::demo;
use countersign_local::stand_in::Channel;
use serde_json::json;

use crate::harness::Service;
use crate::harness::account::{PASSWORD, USER_NAME};

#[tokio::test]
async fn every_mail_says_that_a_program_wrote_it_so_that_no_program_answers() {
    let service = Service::start().await;
    let id = service.registered().await;
    let token = service.begin().await;
    service.challenge(&token, "email").await;
    service.forgot(demo::PLAIN_USER).await;
    let tokens = service.sign_in(USER_NAME, PASSWORD).await;
    let bearer = tokens.text("access_token");
    service.ask_to_confirm_email(Some(&bearer), &id).await;
    let body = json!({ "email": demo::USER, "password": demo::PASSWORD_OF_ALL });
    service.advance(31);
    service.post_json("/api/accounts/login", &body).await;
    let messages = service.messages();
    let mails: Vec<_> = messages
        .iter()
        .filter(|message| message.channel == Channel::Email)
        .collect();
    assert!(mails.len() >= 4, "{}", mails.len());
    for mail in mails {
        let said = mail.attributes.get("Auto-Submitted").map(String::as_str);
        assert_eq!(said, Some("auto-generated"), "{:?}", mail.subject);
    }
}
