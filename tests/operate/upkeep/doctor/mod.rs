//! `doctor`: a healthy deployment has no findings, and each planted fault is found
//! with the command that mends it. AWS is a stand-in over HTTP.

mod own_parts;
pub mod stand_in;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::http::StatusCode;
use countersign_cli::connection::open_stack;
use countersign_cli::problem::Problem;
use countersign_cli::report::Report;
use countersign_cli::upkeep::alarm_settings::AlarmSettings;
use countersign_cli::upkeep::doctor::{Patient, doctor, examine};
use countersign_local::demo;
use countersign_local::storage::database::sdk_config;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::deployment::template::Stack;
use crate::operate::stack::{described, stand_in as cloud_formation};
use crate::operate::upkeep::doctor::stand_in::{
    Answers, START_DATE, TOPIC, account, cleaned, healthy, identity, key, recovery, sandbox,
    spend_limit, stand_in, subscriptions, table, xml,
};

pub fn alarms() -> AlarmSettings {
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
pub fn only(report: &Report, words: &str, command: &str) {
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
    let cases = [
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
        ("GetSMSSandboxAccountStatus", "the sandbox is not known"),
        ("GetSMSAttributes", "the spend limit is not known"),
        (
            "ListSubscriptionsByTopic",
            "who hears of arn:aws:sns:us-east-1:123456789012:login-alarms is not known",
        ),
    ] {
        let report = examined(&service, refused(operation), &alarms()).await;
        only(
            &report,
            words,
            "aws configure set profile.countersign.role_arn",
        );
    }
}

#[tokio::test]
async fn a_configuration_set_that_is_missing_or_stopped_is_found() {
    let set = [("COUNTERSIGN_SES_CONFIGURATION_SET", "codes")];
    let service = Service::start_with(&set).await;
    let with = |status: u16, body: Value| {
        let mut answers = healthy();
        let path = "configuration-sets/codes".to_owned();
        answers.insert(path, (status, body.to_string()));
        answers
    };
    let sending = |on: bool| json!({ "SendingOptions": { "SendingEnabled": on } });
    let report = examined(&service, with(200, sending(true)), &alarms()).await;
    assert_eq!(report.exit_code(), 0);
    for (answers, words, command) in [
        (
            with(200, sending(false)),
            "stopped sending under the configuration set codes",
            "aws sesv2 put-configuration-set-sending-options --configuration-set-name codes",
        ),
        (
            with(404, json!({})),
            "no configuration set codes: no e-mail goes out",
            "aws sesv2 create-configuration-set --configuration-set-name codes",
        ),
        (
            with(400, json!({ "message": "not authorized" })),
            "the configuration set codes is not known: not authorized",
            "aws configure set profile.countersign.role_arn",
        ),
    ] {
        let report = examined(&service, answers, &alarms()).await;
        only(&report, words, command);
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
async fn every_page_of_the_table_is_searched_for_milliseconds() {
    let service = Service::start().await;
    // A page has a megabyte.
    let filler = AttributeValue::S("x".repeat(100 * 1024));
    for at in 0..30 {
        let text = |text: String| AttributeValue::S(text);
        let put = service.app.store.dynamodb().put_item();
        put.table_name(service.app.store.table())
            .item("PK", text(format!("OLD#{at}")))
            .item("SK", text("OLD".to_owned()))
            .item("ttl", AttributeValue::N("1800000000000".to_owned()))
            .item("filler", filler.clone())
            .send()
            .await
            .unwrap();
    }
    let report = examined(&service, healthy(), &alarms()).await;
    let words = "30 item(s) have a ttl that is not in seconds";
    only(&report, words, "aws dynamodb scan");
}

#[tokio::test]
async fn a_parameter_of_the_stack_that_the_functions_would_refuse_is_found() {
    let parameters = [
        ("ProductName", "Example"),
        ("SenderAddress", "login@example.com"),
        ("Dialects", "auth0,nonsense"),
    ];
    let stack = Stack::new("login", &parameters, &[("Table", "login-table")]);
    let endpoint = cloud_formation(StatusCode::OK, described(&stack)).await;
    let opened = open_stack(sdk_config(&endpoint), "login").await;
    let report = doctor(opened).await.unwrap();
    let words = "COUNTERSIGN_DIALECTS";
    only(&report, words, "countersign doctor --settings answers.toml");
}

#[tokio::test]
async fn a_setting_that_the_functions_would_refuse_is_found() {
    let wrong = "COUNTERSIGN_ISSUER is wrong: it wants an https URL";
    let report = doctor(Err(Problem::settings(wrong))).await.unwrap();
    only(&report, wrong, "countersign doctor --settings answers.toml");
    let none = doctor(Err(Problem::broken("there is no stack login"))).await;
    assert_eq!(none.unwrap_err().exit_code(), 1);
}
