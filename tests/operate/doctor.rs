//! `doctor`: a healthy deployment has no findings, and each planted fault is found
//! with the command that mends it. AWS is a stand-in over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use countersign_cli::problem::Problem;
use countersign_cli::report::Report;
use countersign_cli::stack::AlarmSettings;
use countersign_cli::upkeep::doctor::{Patient, doctor, examine};
use countersign_local::demo;
use countersign_local::storage::database::sdk_config;
use serde_json::{Value, json};

use crate::harness::Service;

/// `START` as AWS writes it in an answer.
const START_DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:login-alarms";
const DAY: i64 = 86_400;

/// What AWS answers, by the operation.
type Answers = BTreeMap<String, (u16, String)>;

fn xml(action: &str, result: &str) -> String {
    format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")
}

fn subscriptions(arn: &str) -> String {
    let member = format!("<member><SubscriptionArn>{arn}</SubscriptionArn></member>");
    xml(
        "ListSubscriptionsByTopic",
        &format!("<Subscriptions>{member}</Subscriptions>"),
    )
}

fn spend_limit(dollars: &str) -> String {
    let entry = format!("<entry><key>MonthlySpendLimit</key><value>{dollars}</value></entry>");
    xml(
        "GetSMSAttributes",
        &format!("<attributes>{entry}</attributes>"),
    )
}

fn sandbox(is_in: bool) -> String {
    let status = format!("<IsInSandbox>{is_in}</IsInSandbox>");
    xml("GetSMSSandboxAccountStatus", &status)
}

fn account(production: bool, sending: bool, sent: i64) -> Value {
    json!({
        "ProductionAccessEnabled": production,
        "SendingEnabled": sending,
        "SendQuota": { "Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": sent },
    })
}

fn identity(verified: bool, dkim: &str) -> Value {
    json!({
        "VerifiedForSendingStatus": verified,
        "DkimAttributes": { "SigningEnabled": true, "Status": dkim },
    })
}

fn table(status: &str, protected: bool) -> Value {
    json!({ "Table": { "TableStatus": status, "DeletionProtectionEnabled": protected } })
}

fn recovery(status: &str) -> Value {
    json!({ "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": status },
    } })
}

fn cleaned(status: &str, attribute: &str) -> Value {
    json!({ "TimeToLiveDescription": { "TimeToLiveStatus": status, "AttributeName": attribute } })
}

fn key(state: &str) -> Value {
    json!({ "KeyMetadata": { "KeyId": "one", "KeyState": state } })
}

/// The answers of a deployment that lacks nothing.
fn healthy() -> Answers {
    let json = [
        ("DescribeTable", table("ACTIVE", true)),
        ("DescribeContinuousBackups", recovery("ENABLED")),
        ("DescribeTimeToLive", cleaned("ENABLED", "ttl")),
        ("DescribeKey", key("Enabled")),
        ("account", account(true, true, 10)),
        ("identities/example.com", identity(true, "SUCCESS")),
    ];
    let xml = [
        ("GetSMSSandboxAccountStatus", sandbox(false)),
        ("GetSMSAttributes", spend_limit("50")),
        (
            "ListSubscriptionsByTopic",
            subscriptions("arn:aws:sns:us-east-1:123456789012:login-alarms:1"),
        ),
    ];
    let json = json
        .into_iter()
        .map(|(name, body)| (name, body.to_string()));
    let all = json.chain(xml);
    let answers = all.map(|(name, body)| (name.to_owned(), (200, body)));
    answers.collect()
}

/// The operation that a request to AWS names.
fn operation(uri: &Uri, headers: &HeaderMap, body: &Bytes) -> String {
    if let Some(target) = headers.get("x-amz-target") {
        return target
            .to_str()
            .unwrap()
            .split_once('.')
            .unwrap()
            .1
            .to_owned();
    }
    if let Some(email) = uri.path().strip_prefix("/v2/email/") {
        return email.to_owned();
    }
    let fields = url::form_urlencoded::parse(body);
    let mut actions = fields.filter(|(name, _)| name == "Action");
    actions.next().unwrap().1.into_owned()
}

/// A stand-in of AWS that answers so, at this date.
async fn stand_in(answers: Answers, date: &'static str) -> String {
    let answers = Arc::new(answers);
    let answer = move |_: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let answers = answers.clone();
        async move {
            let asked = operation(&uri, &headers, &body);
            let json = !asked.starts_with("GetSMS") && !asked.starts_with("List");
            let kind = if json { "application/json" } else { "text/xml" };
            let (status, body) = match answers.get(&asked) {
                Some((status, body)) => (*status, body.clone()),
                None => {
                    assert!(asked.starts_with("identities/"), "{asked} is not expected");
                    (404, json!({ "message": "none" }).to_string())
                }
            };
            let error = match status {
                404 => "NotFoundException",
                _ => "AccessDeniedException",
            };
            let status = StatusCode::from_u16(status).unwrap();
            let mut response: Response = (status, body).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            headers.insert(header::DATE, date.parse().unwrap());
            if !status.is_success() {
                headers.insert("x-amzn-errortype", error.parse().unwrap());
            }
            response
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

fn alarms() -> AlarmSettings {
    AlarmSettings {
        topics: vec![TOPIC.to_owned()],
        email: Some("ops@example.com".to_owned()),
    }
}

/// What `doctor` says of this service, in this AWS.
async fn examined(service: &Service, answers: Answers, alarms: &AlarmSettings) -> Report {
    let endpoint = stand_in(answers, START_DATE).await;
    let aws = sdk_config(&endpoint);
    let patient = Patient {
        app: &service.app,
        aws: Some(&aws),
        alarms: Some(alarms),
    };
    examine(&patient).await.unwrap()
}

/// The findings: area, text, remedy.
fn found(report: &Report) -> Vec<[String; 3]> {
    let value: Value = serde_json::from_str(&report.text(true)).unwrap();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let all = value["findings"].as_array().unwrap().iter();
    let each = all.map(|one| ["area", "finding", "remedy"].map(|name| text(one, name)));
    each.collect()
}

/// Fails unless there is one finding, with these words and this command.
fn only(report: &Report, words: &str, command: &str) {
    let found = found(report);
    let [[_, finding, remedy]] = found.as_slice() else {
        panic!("{words}: {found:#?}");
    };
    assert!(finding.contains(words), "{finding}");
    assert!(remedy.starts_with(command), "{remedy}");
    assert_eq!(report.exit_code(), 6);
    let text = report.text(false);
    assert!(text.contains(finding) && text.contains(remedy), "{text}");
}

#[tokio::test]
async fn a_healthy_deployment_has_no_findings() {
    let service = Service::start().await;
    let report = examined(&service, healthy(), &alarms()).await;
    assert_eq!(
        report.text(false),
        "Nothing was found. Checked: keys, clients, table, KMS key, e-mail, clock, text messages, \
         alarms.\n"
    );
    assert_eq!(report.exit_code(), 0);
    // By the tool's own command, on a `cargo local`: what AWS alone has is left out.
    let local = service.operate(&["doctor"]).await.unwrap();
    assert_eq!(local.text, "Nothing was found. Checked: keys, clients.\n");
}

#[tokio::test]
async fn each_fault_in_aws_is_found_with_the_command_that_mends_it() {
    let service = Service::start().await;
    let denied = json!({ "message": "not authorized" }).to_string();
    let found_by = |operation: &str, body: String| {
        let mut answers = healthy();
        answers.insert(operation.to_owned(), (200, body));
        answers
    };
    let refused = |operation: &str| {
        let mut answers = healthy();
        answers.insert(operation.to_owned(), (400, denied.clone()));
        answers
    };
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        (
            "DescribeTable",
            table("ACTIVE", false),
            "nothing protects the table",
            "aws dynamodb update-table",
        ),
        (
            "DescribeTable",
            table("ARCHIVED", true),
            "not active, but ARCHIVED",
            "aws dynamodb wait",
        ),
        (
            "DescribeContinuousBackups",
            recovery("DISABLED"),
            "point-in-time recovery is off",
            "aws dynamodb update-continuous-backups",
        ),
        (
            "DescribeTimeToLive",
            cleaned("DISABLED", "ttl"),
            "nothing cleans up",
            "aws dynamodb update-time-to-live",
        ),
        (
            "DescribeTimeToLive",
            cleaned("ENABLED", "expires"),
            "nothing cleans up",
            "aws dynamodb update-time-to-live",
        ),
        (
            "DescribeKey",
            key("Disabled"),
            "not enabled, but Disabled",
            "aws kms enable-key",
        ),
        (
            "DescribeKey",
            key("PendingDeletion"),
            "will be deleted",
            "aws kms cancel-key-deletion",
        ),
        (
            "account",
            account(false, true, 10),
            "SES's sandbox",
            "aws sesv2 put-account-details",
        ),
        (
            "account",
            account(true, false, 10),
            "stopped sending",
            "aws sesv2 put-account-sending-attributes",
        ),
        (
            "account",
            account(true, true, 45_000),
            "45000 of 50000",
            "aws service-quotas",
        ),
        (
            "identities/example.com",
            identity(false, "SUCCESS"),
            "is verified in SES",
            "aws sesv2 create-email-identity --email-identity example.com",
        ),
        (
            "identities/example.com",
            identity(true, "FAILED"),
            "no DKIM key",
            "aws sesv2 put-email-identity-dkim-attributes",
        ),
    ];
    for (operation, body, words, command) in cases {
        let answers = found_by(operation, body.to_string());
        only(
            &examined(&service, answers, &alarms()).await,
            words,
            command,
        );
    }
    let texts = [
        (
            "GetSMSSandboxAccountStatus",
            sandbox(true),
            "SNS's sandbox",
            "aws sns create-sms-sandbox-phone-number",
        ),
        (
            "GetSMSAttributes",
            spend_limit("1"),
            "1 US dollar(s) a month",
            "aws sns set-sms-attributes",
        ),
        (
            "GetSMSAttributes",
            xml("GetSMSAttributes", "<attributes></attributes>"),
            "1 US dollar(s) a month",
            "aws sns set-sms-attributes",
        ),
        (
            "ListSubscriptionsByTopic",
            subscriptions("PendingConfirmation"),
            "nobody has confirmed",
            "aws sns subscribe",
        ),
    ];
    for (operation, body, words, command) in texts {
        let answers = found_by(operation, body);
        only(
            &examined(&service, answers, &alarms()).await,
            words,
            command,
        );
    }
    for (operation, words) in [
        (
            "DescribeTable",
            "the table's state is not known: not authorized",
        ),
        (
            "DescribeContinuousBackups",
            "point-in-time recovery is not known",
        ),
        ("DescribeTimeToLive", "the time to live is not known"),
        ("DescribeKey", "the key's state is not known"),
        ("account", "the account's state is not known"),
        (
            "identities/example.com",
            "the identity example.com is not known",
        ),
    ] {
        let report = examined(&service, refused(operation), &alarms()).await;
        only(&report, words, "aws sts get-caller-identity");
    }
}

#[tokio::test]
async fn alarms_without_a_topic_are_found() {
    let service = Service::start().await;
    let report = examined(&service, healthy(), &AlarmSettings::default()).await;
    only(&report, "the alarms have no topic", "sam deploy");
}

#[tokio::test]
async fn a_clock_that_differs_from_that_of_aws_is_found() {
    let service = Service::start().await;
    for (advance, words) in [
        (61, "61 seconds ahead of AWS"),
        (-122, "61 seconds behind AWS"),
    ] {
        service.advance(advance);
        let report = examined(&service, healthy(), &alarms()).await;
        only(&report, words, "timedatectl set-ntp true");
    }
}

#[tokio::test]
async fn items_whose_time_to_live_is_in_milliseconds_are_found() {
    let service = Service::start().await;
    let milliseconds = AttributeValue::N("1800000000000".to_owned());
    service.set_profile(demo::USER, "ttl", milliseconds).await;
    let report = examined(&service, healthy(), &alarms()).await;
    only(
        &report,
        "1 item(s) have a ttl that is not in seconds",
        "aws dynamodb scan",
    );
}

#[tokio::test]
async fn data_keys_that_do_not_open_are_found() {
    let service = Service::start().await;
    let mut other = healthy();
    other.insert(
        "Decrypt".to_owned(),
        (400, json!({ "message": "no" }).to_string()),
    );
    let endpoint = stand_in(other.clone(), START_DATE).await;
    let app = service.restarted_at(&endpoint);
    let aws = sdk_config(&endpoint);
    let patient = Patient {
        app: &app,
        aws: Some(&aws),
        alarms: Some(&alarms()),
    };
    let report = examine(&patient).await.unwrap();
    only(
        &report,
        "the data keys do not open",
        "aws kms get-key-policy",
    );
}

/// The one finding of `doctor` on a `cargo local`.
async fn only_at_home(service: &Service, words: &str, command: &str) {
    let local = Patient {
        app: &service.app,
        aws: None,
        alarms: None,
    };
    only(&examine(&local).await.unwrap(), words, command);
}

#[tokio::test]
async fn keys_that_are_old_missing_or_from_the_future_are_found() {
    let service = Service::start().await;
    service.advance(93 * DAY + 1);
    only_at_home(
        &service,
        "RS256-1 is 93 days old: the daily schedule",
        "countersign keys rotate pair",
    )
    .await;
    service.operated(&["keys", "rotate", "pair"]).await;
    service.advance(-DAY);
    only_at_home(
        &service,
        "RS256-2 was made 86400 seconds from now",
        "timedatectl",
    )
    .await;
    service.advance(DAY);
    assert_eq!(service.operated(&["doctor"]).await["findings"], json!([]));

    for _ in 0..6 {
        service.operated(&["keys", "rotate", "tokens"]).await;
        service.advance(900);
    }
    only_at_home(
        &service,
        "6 old keys are kept beside tokens-1",
        "countersign keys retire",
    )
    .await;
    service.advance(401 * DAY);
    let all = service.operated(&["doctor"]).await;
    let all = all["findings"].to_string();
    for kind in ["tokens", "seeds", "signing", "pair"] {
        assert!(
            all.contains(&format!("countersign keys rotate {kind}")),
            "{all}"
        );
    }
    service.delete_items("KEYS").await;
    let none = service.operated(&["doctor"]).await;
    assert_eq!(none["findings"].as_array().unwrap().len(), 4, "{none}");
    assert!(
        none.to_string().contains("no key of the kind seeds"),
        "{none}"
    );
}

#[tokio::test]
async fn clients_that_lack_what_the_dialects_need_are_found() {
    let service = Service::start().await;
    let own = "https://localhost:8788/mfa/".to_owned();
    service
        .add_client("bare", |client| client.audiences = vec![own])
        .await;
    let command = "countersign client update bare --audience https://api.example.com/ --audience \
                   https://localhost:8788/mfa/";
    only_at_home(&service, "bare lacks the audience of an API", command).await;
    service.operated(&["client", "remove", "bare"]).await;

    service
        .operated(&["client", "remove", demo::CODEMAZE_CLIENT])
        .await;
    only_at_home(
        &service,
        "the dialect codemaze is on, and its client codemaze is not there",
        "countersign client add codemaze",
    )
    .await;
    let clients = service.operated(&["client", "list"]).await;
    for client in clients.as_array().unwrap() {
        let id = client["id"].as_str().unwrap();
        service.operated(&["client", "remove", id]).await;
    }
    only_at_home(&service, "there is no client", "countersign client add app").await;
    let audience = ["--audience", "https://api.example.com/"];
    let add = ["client", "add", "codemaze", "--for", "mobile"];
    service.operated(&[&add[..], &audience].concat()).await;
    let missing = service.operated(&["doctor"]).await["findings"].to_string();
    for dialect in ["abp", "aidbox"] {
        let words = format!("the dialect {dialect} is on, and no client has the audience");
        assert!(missing.contains(&words), "{missing}");
    }
}

#[tokio::test]
async fn a_setting_that_the_functions_would_refuse_is_found() {
    let wrong = "COUNTERSIGN_ISSUER is wrong: it wants an https URL";
    let report = doctor(Err(Problem::settings(wrong))).await.unwrap();
    only(&report, wrong, "sam deploy --guided");
    let none = doctor(Err(Problem::broken("there is no stack login"))).await;
    assert_eq!(none.unwrap_err().exit_code(), 1);
}
