//! The stand-ins as the AWS clients see them, over the wire.

use super::*;
use crate::storage::database::sdk_config;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message as Mail};
use aws_sdk_sns::types::MessageAttributeValue;

fn stand_in() -> StandIn {
    StandIn::start([1; 32], Arc::new(|| 1_234)).unwrap()
}

fn part(text: &str) -> Content {
    Content::builder()
        .data(text)
        .charset("UTF-8")
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_email_lands_in_the_inbox() {
    let stand_in = stand_in();
    let ses = aws_sdk_sesv2::Client::new(&sdk_config(stand_in.endpoint()));
    let mail = Mail::builder()
        .subject(part("Your code"))
        .body(
            Body::builder()
                .text(part("Enter 123456\nor not"))
                .html(part("<b>123456</b>"))
                .build(),
        )
        .build();
    let sent = ses
        .send_email()
        .from_email_address("login@example.com")
        .destination(
            Destination::builder()
                .to_addresses("user@example.com")
                .build(),
        )
        .content(EmailContent::builder().simple(mail).build())
        .send()
        .await
        .unwrap();
    assert!(sent.message_id().is_some());
    let wanted = Message {
        channel: Channel::Email,
        to: "user@example.com".to_owned(),
        subject: Some("Your code".to_owned()),
        text: "Enter 123456\nor not".to_owned(),
        html: Some("<b>123456</b>".to_owned()),
        code: Some("123456".to_owned()),
        at: 1_234,
        sender: Some("login@example.com".to_owned()),
        attributes: Default::default(),
    };
    assert_eq!(stand_in.inbox().messages(), [wanted]);
}

#[tokio::test]
async fn a_mail_to_nobody_is_refused_and_not_kept() {
    let stand_in = stand_in();
    let ses = aws_sdk_sesv2::Client::new(&sdk_config(stand_in.endpoint()));
    let mail = Mail::builder()
        .subject(part("s"))
        .body(Body::builder().text(part("t")).build())
        .build();
    let refused = ses
        .send_email()
        .from_email_address("login@example.com")
        .destination(Destination::builder().build())
        .content(EmailContent::builder().simple(mail).build())
        .send()
        .await
        .unwrap_err();
    assert!(refused.into_service_error().is_bad_request_exception());
    assert_eq!(stand_in.inbox().messages(), []);
}

#[tokio::test]
async fn a_text_message_lands_in_the_inbox_with_its_attributes() {
    let stand_in = stand_in();
    let sns = aws_sdk_sns::Client::new(&sdk_config(stand_in.endpoint()));
    let attribute = |value: &str| {
        MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value)
            .build()
            .unwrap()
    };
    let sent = sns
        .publish()
        .phone_number("+15555550100")
        .message("654321 & more\n\n@example.com #654321")
        .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional"))
        .message_attributes("AWS.SNS.SMS.SenderID", attribute("Login"))
        .send()
        .await
        .unwrap();
    assert!(sent.message_id().is_some());
    let message = stand_in.inbox().messages().remove(0);
    assert_eq!(message.text, "654321 & more\n\n@example.com #654321");
    assert_eq!(message.code.as_deref(), Some("654321"));
    assert_eq!(message.attributes["AWS.SNS.SMS.SMSType"], "Transactional");
    assert_eq!(message.attributes["AWS.SNS.SMS.SenderID"], "Login");
}

#[tokio::test]
async fn a_text_message_to_no_number_is_refused() {
    let stand_in = stand_in();
    let sns = aws_sdk_sns::Client::new(&sdk_config(stand_in.endpoint()));
    let refused = sns
        .publish()
        .phone_number("555")
        .message("m")
        .send()
        .await
        .unwrap_err();
    assert!(
        refused
            .into_service_error()
            .is_invalid_parameter_exception()
    );
    assert_eq!(stand_in.inbox().messages(), []);
}

#[tokio::test]
async fn a_data_key_survives_a_restart_with_the_same_master_key() {
    let first = stand_in();
    let kms = aws_sdk_kms::Client::new(&sdk_config(first.endpoint()));
    let made = kms
        .generate_data_key()
        .key_id("alias/countersign")
        .key_spec(DataKeySpec::Aes256)
        .encryption_context("purpose", "codes")
        .send()
        .await
        .unwrap();
    drop(first);

    let second = stand_in();
    let kms = aws_sdk_kms::Client::new(&sdk_config(second.endpoint()));
    let blob = made.ciphertext_blob().unwrap();
    let open = |purpose: &str, blob: &Blob| {
        kms.decrypt()
            .ciphertext_blob(blob.clone())
            .encryption_context("purpose", purpose)
            .send()
    };
    let opened = open("codes", blob).await.unwrap();
    assert_eq!(opened.plaintext(), made.plaintext());
    let refused = open("seeds", blob).await.unwrap_err();
    assert!(
        refused
            .into_service_error()
            .is_invalid_ciphertext_exception()
    );
}

#[tokio::test]
async fn a_call_that_is_not_used_is_refused_as_aws_would() {
    let stand_in = stand_in();
    let config = sdk_config(stand_in.endpoint());
    let ses = aws_sdk_sesv2::Client::new(&config)
        .get_account()
        .send()
        .await;
    let kms = aws_sdk_kms::Client::new(&config).list_keys().send().await;
    let sns = aws_sdk_sns::Client::new(&config).list_topics().send().await;
    let kinds = [
        ses.unwrap_err()
            .into_service_error()
            .meta()
            .code()
            .map(str::to_owned),
        kms.unwrap_err()
            .into_service_error()
            .meta()
            .code()
            .map(str::to_owned),
        sns.unwrap_err()
            .into_service_error()
            .meta()
            .code()
            .map(str::to_owned),
    ];
    assert_eq!(
        kinds
            .each_ref()
            .map(|kind| kind.as_deref().unwrap_or("none")),
        [
            "UnknownOperationException",
            "UnknownOperationException",
            "InvalidAction"
        ]
    );
}
