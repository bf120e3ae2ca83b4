//! A stand-in of AWS over HTTP, which answers what `doctor` asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// `START` as AWS writes it in an answer.
pub const START_DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";
pub const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:login-alarms";

/// What AWS answers, by the operation.
pub type Answers = BTreeMap<String, (u16, String)>;

pub fn xml(action: &str, result: &str) -> String {
    format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")
}

pub fn subscriptions(arn: &str) -> String {
    let member = format!("<member><SubscriptionArn>{arn}</SubscriptionArn></member>");
    xml(
        "ListSubscriptionsByTopic",
        &format!("<Subscriptions>{member}</Subscriptions>"),
    )
}

pub fn spend_limit(dollars: &str) -> String {
    let entry = format!("<entry><key>MonthlySpendLimit</key><value>{dollars}</value></entry>");
    xml(
        "GetSMSAttributes",
        &format!("<attributes>{entry}</attributes>"),
    )
}

pub fn sandbox(is_in: bool) -> String {
    let status = format!("<IsInSandbox>{is_in}</IsInSandbox>");
    xml("GetSMSSandboxAccountStatus", &status)
}

pub fn account(production: bool, sending: bool, sent: i64) -> Value {
    json!({
        "ProductionAccessEnabled": production,
        "SendingEnabled": sending,
        "SendQuota": { "Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": sent },
    })
}

pub fn identity(verified: bool, dkim: &str) -> Value {
    json!({
        "VerifiedForSendingStatus": verified,
        "DkimAttributes": { "SigningEnabled": true, "Status": dkim },
    })
}

pub fn table(status: &str, protected: bool) -> Value {
    json!({ "Table": { "TableStatus": status, "DeletionProtectionEnabled": protected } })
}

pub fn recovery(status: &str) -> Value {
    json!({ "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": status },
    } })
}

pub fn cleaned(status: &str, attribute: &str) -> Value {
    json!({ "TimeToLiveDescription": { "TimeToLiveStatus": status, "AttributeName": attribute } })
}

pub fn key(state: &str) -> Value {
    json!({ "KeyMetadata": { "KeyId": "one", "KeyState": state } })
}

/// The answers of a deployment that lacks nothing.
pub fn healthy() -> Answers {
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
pub async fn stand_in(answers: Answers, date: &'static str) -> String {
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
                    let known = ["identities/", "configuration-sets/"];
                    let expected = known.iter().any(|known| asked.starts_with(known));
                    assert!(expected, "{asked} is not expected");
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
