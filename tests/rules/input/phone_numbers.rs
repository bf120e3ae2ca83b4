//! Phone numbers as people write them, at each place that takes a number. A number that
//! no country has is refused before anything is charged.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::auth0::factors::enrolment::{FORCED, with_forced_user};
use crate::harness::{Answer, Service};

async fn associate(service: &Service, token: &str, number: &str) -> Answer {
    let body = json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": number,
    });
    service.associate(token, &body).await
}

async fn bind(service: &Service, access: &str, number: &str) -> Answer {
    let user = service.account(demo::PLAIN_USER).await.user.id.to_string();
    let body = json!({ "userId": user, "phoneNumber": number });
    let path = "/api/account/send-phone-number-confirmation-token";
    service.post_as(Some(access), path, &body).await
}

fn sent_to(service: &Service) -> Vec<String> {
    let messages = service.messages();
    messages.into_iter().map(|message| message.to).collect()
}

const NO_NUMBERS: [&str; 7] = [
    "+1 (0)555 555 0116",
    "+1 555 555 011",
    "+999 5555 5501",
    "+44 0020 7946 0000",
    "5555550116",
    "+1555CALLME",
    "+881 6 1234 5678",
];

/// How many items the table has, without the events, which tell of a refusal too.
async fn items_without_events(service: &Service) -> usize {
    let items = service.items().await;
    let partitions = items.iter().map(|item| item["PK"].as_s().unwrap());
    let others = partitions.filter(|partition| !partition.starts_with("EVENTS#"));
    others.count()
}

#[tokio::test]
async fn a_number_that_no_country_has_is_refused_before_anything_is_charged() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    let plain = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let access = plain.text("access_token");
    let before = items_without_events(&service).await;
    for number in NO_NUMBERS {
        let refused = associate(&service, &token, number).await;
        let told = "the phone number is not in E.164 form, such as +15555550100";
        refused.is_refused(400, "invalid_request", told);
        let refused = bind(&service, &access, number).await;
        assert_eq!(refused.status, 400, "{number}: {}", refused.raw);
    }
    assert_eq!(items_without_events(&service).await, before);
    assert_eq!(sent_to(&service), [""; 0]);
}

#[tokio::test]
async fn a_message_goes_to_the_number_that_was_meant_however_it_was_written() {
    for (typed, number) in [
        ("+44 (0)20 7946 0000", "+442079460000"),
        (
            "\u{202a}+1\u{a0}(555)\u{a0}555\u{2011}0123\u{202c}",
            "+15555550123",
        ),
        ("001 555/555-0123", "+15555550123"),
        ("+١٥٥٥٥٥٥٠١٢٣", "+15555550123"),
    ] {
        let changes = [("COUNTERSIGN_SMS_COUNTRIES", "+1,+44")];
        let service = Service::start_with(&changes).await;
        service.add_user(FORCED, |_| {}).await;
        let token = service.begin_shown(FORCED).await;
        let begun = associate(&service, &token, typed).await;
        assert_eq!(begun.status, 200, "{typed}: {}", begun.raw);
        service.advance(3600);
        let plain = service.sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL);
        let access = plain.await.text("access_token");
        let bound = bind(&service, &access, typed).await;
        assert_eq!(bound.status, 204, "{typed}: {}", bound.raw);
        assert_eq!(sent_to(&service), [number, number]);
        let factors = service.account(FORCED).await.factors;
        assert_eq!(factors[0].address().unwrap().1, number);
    }
}

#[tokio::test]
async fn a_calling_code_does_not_let_a_country_in_that_only_shares_it() {
    for (countries, jamaica, texas) in [
        ("+1", 400, 200),
        ("+1,+1876", 200, 200),
        ("+1876", 200, 400),
        ("+1,+1876,-1876555", 400, 200),
        ("+1,-+1512", 400, 400),
    ] {
        let changes = [("COUNTERSIGN_SMS_COUNTRIES", countries)];
        let service = Service::start_with(&changes).await;
        service.add_user(FORCED, |_| {}).await;
        let token = service.begin_shown(FORCED).await;
        for (number, status) in [("+1 876 555 0123", jamaica), ("+1 512 555 0123", texas)] {
            let answer = associate(&service, &token, number).await;
            assert_eq!(
                answer.status, status,
                "{countries} {number}: {}",
                answer.raw
            );
            service.advance(60);
        }
    }
}

#[tokio::test]
async fn a_number_of_another_type_than_text_is_read_as_what_it_says() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    let body = |number: Value| {
        json!({
            "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": number,
        })
    };
    for number in [
        json!(["+15555550123"]),
        json!({}),
        json!(15_555_550_123_u64),
    ] {
        let answer = service.associate(&token, &body(number)).await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
    }
    assert_eq!(sent_to(&service), [""; 0]);
}
