//! The two real AWS clients against a small HTTP server of the test's own: what goes over the
//! wire, and what each answer becomes.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};

use super::*;

/// How long a quick call may take, as by default.
const ATTEMPT: Duration = Duration::from_secs(1);

const CODE: &str = "012345";
const ADDRESS: &str = "ann@example.net";
const NUMBER: &str = "+15555550100";
const REQUEST_ID: &str = "7a62c49f-347e-4fc4-9331-6e8e7a96aa73";

#[derive(Clone, Copy)]
enum Answer {
    Sent,
    Status(u16, &'static str),
    Silence,
}

/// Answers in turn, the last one for ever, and keeps what it was asked.
#[derive(Default)]
struct Aws {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<(String, String)>>,
}

impl Aws {
    fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().unwrap().clone()
    }

    fn next_answer(&self) -> Answer {
        let mut answers = self.answers.lock().unwrap();
        match answers.len() {
            0 => Answer::Sent,
            1 => answers[0],
            _ => answers.pop_front().unwrap(),
        }
    }
}

async fn answer(State(aws): State<Arc<Aws>>, uri: Uri, body: String) -> Response {
    aws.asked.lock().unwrap().push((uri.path().into(), body));
    let ses = uri.path() != "/";
    // As AWS may: the error's text repeats the address and the number.
    let text = format!("not for {ADDRESS} or {NUMBER}: {CODE}");
    match aws.next_answer() {
        Answer::Silence => pending().await,
        Answer::Sent if ses => r#"{"MessageId":"m-1"}"#.into_response(),
        Answer::Sent => "<PublishResponse><PublishResult><MessageId>m-1</MessageId>\
                         </PublishResult></PublishResponse>"
            .into_response(),
        Answer::Status(status, code) => {
            let body = if ses {
                json!({"message": text}).to_string()
            } else {
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
                     <Message>{text}</Message></Error></ErrorResponse>"
                )
            };
            let headers = [("x-amzn-requestid", REQUEST_ID), ("x-amzn-errortype", code)];
            (StatusCode::from_u16(status).unwrap(), headers, body).into_response()
        }
    }
}

fn settings() -> NotifySettings {
    NotifySettings {
        sender: "Example <login@example.com>".into(),
        brand: Brand::new("Example", "app.example.com").unwrap(),
        sms_sender_id: Some("EXAMPLE".into()),
        sms_origination_number: Some("+15555550199".into()),
        ses_configuration_set: Some("sign-in".into()),
    }
}

fn sdk_config(endpoint: String) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build()
}

async fn serve(answers: &[Answer]) -> (Arc<Aws>, SdkConfig) {
    let aws = Arc::new(Aws::default());
    aws.answers.lock().unwrap().extend(answers);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().fallback(answer).with_state(aws.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (aws, sdk_config(endpoint))
}

/// Sends to both channels and gives what came of each, with the number of requests it took.
async fn send_both(answers: &[Answer]) -> [(Result<(), DeliveryFailed>, usize); 2] {
    let mut results = Vec::new();
    for to in [Destination::Email(ADDRESS), Destination::Sms(NUMBER)] {
        let (aws, sdk) = serve(answers).await;
        let sent = Notify::new(&sdk, settings(), ATTEMPT)
            .send_code_message(to, CODE, 5)
            .await;
        if let Err(failed) = &sent {
            assert_eq!(failed.channel, to.channel());
            assert_silent(failed);
        }
        results.push((sent, aws.asked().len()));
    }
    results.try_into().unwrap()
}

fn assert_silent(failed: &DeliveryFailed) {
    let said = format!("{failed} {failed:?} {failed:#?}");
    for secret in [CODE, ADDRESS, NUMBER, "5555550100", "ann@", "not for"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}

#[tokio::test]
async fn an_email_goes_over_the_wire_as_ses_reads_it() {
    let (aws, sdk) = serve(&[]).await;
    let notify = Notify::new(&sdk, settings(), ATTEMPT);
    let to = Destination::Email(ADDRESS);
    notify.send_code_message(to, CODE, 5).await.unwrap();
    let [(path, body)] = aws.asked().try_into().unwrap();
    assert_eq!(path, "/v2/email/outbound-emails");
    let mail = message::sign_in_code_email(&settings().brand, CODE, 5);
    let part = |data: &str| json!({"Data": data, "Charset": "UTF-8"});
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({
            "FromEmailAddress": "Example <login@example.com>",
            "Destination": {"ToAddresses": [ADDRESS]},
            "Content": {"Simple": {
                "Subject": part("Your Example sign-in code"),
                "Body": {"Text": part(&mail.text), "Html": part(&mail.html)},
                "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
            }},
            "ConfigurationSetName": "sign-in",
        })
    );
}

#[tokio::test]
async fn an_sms_goes_over_the_wire_as_sns_reads_it() {
    let (aws, sdk) = serve(&[]).await;
    let to = Destination::Sms(NUMBER);
    let notify = Notify::new(&sdk, settings(), ATTEMPT);
    notify.send_code_message(to, CODE, 5).await.unwrap();
    let bare = NotifySettings {
        sms_sender_id: None,
        sms_origination_number: None,
        ..settings()
    };
    let notify = Notify::new(&sdk, bare, ATTEMPT);
    notify.send_code_message(to, CODE, 5).await.unwrap();

    let [full, bare] = aws.asked().try_into().unwrap();
    let (fields, attributes) = read_publish(&full);
    let message = "012345 is your Example code. It expires in 5 minutes. Do not share it.\
                   \n\n@app.example.com #012345";
    let expected = [
        ("Action", "Publish"),
        ("Version", "2010-03-31"),
        ("PhoneNumber", NUMBER),
        ("Message", message),
    ];
    assert_eq!(fields, expected.map(|(k, v)| (k.into(), v.into())).into());
    let pair = |name: &str, value: &str| (name.to_owned(), ("String".into(), value.to_owned()));
    assert_eq!(
        attributes,
        BTreeMap::from([
            pair("AWS.SNS.SMS.SMSType", "Transactional"),
            pair("AWS.SNS.SMS.SenderID", "EXAMPLE"),
            pair("AWS.MM.SMS.OriginationNumber", "+15555550199"),
        ])
    );
    assert_eq!(
        read_publish(&bare).1,
        BTreeMap::from([pair("AWS.SNS.SMS.SMSType", "Transactional")])
    );
}

type Attributes = BTreeMap<String, (String, String)>;

/// The plain fields of a Publish, and its attributes by name as (type, value).
fn read_publish((path, body): &(String, String)) -> (BTreeMap<String, String>, Attributes) {
    assert_eq!(path, "/");
    let form: BTreeMap<String, String> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let of = |n: usize, what: &str| form.get(&format!("MessageAttributes.entry.{n}.{what}"));
    let attributes = (1..)
        .map_while(|n| Some((n, of(n, "Name")?)))
        .map(|(n, name)| {
            let kind = of(n, "Value.DataType").unwrap().clone();
            let value = of(n, "Value.StringValue").unwrap().clone();
            (name.clone(), (kind, value))
        })
        .collect();
    let plain = form
        .iter()
        .filter(|(k, _)| !k.starts_with("MessageAttributes."))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    (plain, attributes)
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again() {
    let answers = [Answer::Status(500, "InternalError"), Answer::Sent];
    for (sent, requests) in send_both(&answers).await {
        sent.unwrap();
        assert_eq!(requests, 2);
    }
}

#[tokio::test]
async fn each_refusal_has_its_reason() {
    use DeliveryFailureReason::{Rejected, Throttled, Unavailable};
    for (status, code, reason, requests) in [
        (500, "InternalError", Unavailable, 2),
        (400, "MessageRejected", Rejected, 1),
        (400, "InvalidParameter", Rejected, 1),
        (403, "AuthorizationError", Rejected, 1),
        (429, "TooManyRequestsException", Throttled, 2),
        (400, "Throttling", Throttled, 2),
    ] {
        for (sent, asked) in send_both(&[Answer::Status(status, code)]).await {
            let failed = sent.unwrap_err();
            assert_eq!(failed.reason, reason, "{failed:?}");
            assert_eq!(failed.code.as_deref(), Some(code));
            assert_eq!(failed.request_id.as_deref(), Some(REQUEST_ID));
            assert_eq!(asked, requests, "{failed:?}");
        }
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    // Bound, so that no other test gets the port, but not listening.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = format!("http://{}", closed.local_addr().unwrap());
    let notify = Notify::new(&sdk_config(endpoint), settings(), ATTEMPT);
    for to in [Destination::Email(ADDRESS), Destination::Sms(NUMBER)] {
        let failed = notify.send_code_message(to, CODE, 5).await.unwrap_err();
        assert_eq!(failed.reason, DeliveryFailureReason::Unavailable);
        assert_eq!(failed.code.as_deref(), Some("ConnectFailed"));
        assert_silent(&failed);
    }
}

#[tokio::test]
async fn a_hung_attempt_is_given_up_and_tried_again() {
    let limits = Limits {
        attempt: Duration::from_millis(200),
        ..Limits::DEFAULT
    };
    for to in [Destination::Email(ADDRESS), Destination::Sms(NUMBER)] {
        let (_aws, sdk) = serve(&[Answer::Silence, Answer::Sent]).await;
        let notify = Notify::with_limits(&sdk, settings(), &limits);
        notify.send_code_message(to, CODE, 5).await.unwrap();
    }
}

#[tokio::test]
async fn a_hung_service_times_out() {
    let limits = Limits {
        operation: Duration::from_millis(100),
        ..Limits::DEFAULT
    };
    for to in [Destination::Email(ADDRESS), Destination::Sms(NUMBER)] {
        let (_aws, sdk) = serve(&[Answer::Silence]).await;
        let notify = Notify::with_limits(&sdk, settings(), &limits);
        // Far more than the operation's limit, and less than one attempt's.
        let patience = Duration::from_millis(1900);
        let sent = tokio::time::timeout(patience, notify.send_code_message(to, CODE, 5));
        let failed = sent.await.unwrap().unwrap_err();
        assert_eq!(failed.reason, DeliveryFailureReason::TimedOut);
        assert_silent(&failed);
    }
    let limits = Limits::DEFAULT;
    let longest = limits.attempt * limits.attempts + limits.longest_backoff;
    assert!(longest <= limits.operation && limits.operation <= Duration::from_secs(5));
}

#[test]
fn debug_shows_no_address() {
    for to in [Destination::Email(ADDRESS), Destination::Sms(NUMBER)] {
        let said = format!("{to:?} {to:#?}");
        assert!(!said.contains(ADDRESS) && !said.contains(NUMBER), "{said}");
    }
    let notify = Notify::new(
        &sdk_config("http://127.0.0.1:1".into()),
        settings(),
        ATTEMPT,
    );
    assert!(!format!("{notify:?}").contains("Client"));
}
