//! The events that SES and SNS send, in the form that AWS documents.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::routes::Function;
use countersign::wire::delivery_report::{carry_out_reports, reported};
use countersign_local::demo;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::harness::{START, Service};

/// A time of the first hour of a test, as SES writes it.
fn rfc3339(at: i64) -> String {
    let seconds = at - START;
    assert!((0..3600).contains(&seconds), "{seconds}");
    format!("2027-01-15T08:{:02}:{:02}.669Z", seconds / 60, seconds % 60)
}

fn mail(to: &str, at: i64) -> Value {
    json!({
        "timestamp": rfc3339(at),
        "source": "Countersign <login@example.com>",
        "sourceArn": "arn:aws:ses:us-east-1:123456789012:identity/example.com",
        "sendingAccountId": "123456789012",
        "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
        "destination": [to],
        "headersTruncated": false,
        "headers": [
            { "name": "From", "value": "Countersign <login@example.com>" },
            { "name": "To", "value": to },
        ],
        "commonHeaders": { "to": [to], "subject": "Your code" },
        "tags": {
            "ses:configuration-set": ["codes"],
            "ses:source-ip": ["192.0.2.0"],
            "ses:from-domain": ["example.com"],
        },
    })
}

fn envelope(kind: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": "12345678-1234-1234-1234-123456789012",
        "detail-type": kind,
        "source": "aws.ses",
        "account": "123456789012",
        "time": "2027-01-15T08:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:ses:us-east-1:123456789012:configuration-set/codes"],
        "detail": detail,
    })
}

/// A bounce of this type: `Permanent`, `Transient` or `Undetermined`.
pub fn bounce(kind: &str, to: &str, at: i64) -> Value {
    let detail = json!({
        "eventType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": "General",
            "bouncedRecipients": [{
                "emailAddress": to,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 a text of the other server's choice",
            }],
            "timestamp": rfc3339(at),
            "feedbackId": "010001861d78ff4a-7c191be4-5e9a-4db9-a02f-94d12a87dd00-000000",
            "reportingMTA": "dsn; mta.example.com",
        },
        "mail": mail(to, at),
    });
    envelope("Email Bounced", detail)
}

/// A complaint with this type of feedback: `abuse`, `not-spam` …
pub fn complaint(feedback: &str, to: &str, at: i64) -> Value {
    let detail = json!({
        "eventType": "Complaint",
        "complaint": {
            "complainedRecipients": [{ "emailAddress": to }],
            "timestamp": rfc3339(at),
            "feedbackId": "010001861d78ff4a-7c191be4-5e9a-4db9-a02f-94d12a87dd00-000000",
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": feedback,
            "arrivalDate": rfc3339(at),
        },
        "mail": mail(to, at),
    });
    envelope("Email Complaint Received", detail)
}

/// SNS's line about a text message.
pub fn text_message(status: &str, to: &str, answer: &str) -> Value {
    json!({
        "notification": {
            "messageId": "1077257a-92f3-5ca3-bc97-6a915b310625",
            "timestamp": "2027-01-15 08:00:00.559",
        },
        "delivery": {
            "mnc": 0,
            "numberOfMessageParts": 1,
            "destination": to,
            "priceInUSD": 0.00645,
            "smsType": "Transactional",
            "mcc": 0,
            "providerResponse": answer,
            "dwellTimeMs": 1420,
            "dwellTimeMsUntilDeviceAck": 1692,
        },
        "status": status,
    })
}

/// Lines of SNS's log, as CloudWatch Logs brings them.
pub fn log_lines(lines: &[Value], at: i64) -> Value {
    let event = |line: &Value| {
        json!({
            "id": "31953106606966983378809025079804211143289615424298221568",
            "timestamp": at * 1000 + 559,
            "message": line.to_string(),
        })
    };
    packed(&json!({
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "sns/us-east-1/123456789012/DirectPublishToPhoneNumber/Failure",
        "logStream": "6f7ce9ba-5d0f-4ba2-9fa9-9a1c7a1d8c7f",
        "subscriptionFilters": ["local-SmsFailures-1"],
        "logEvents": lines.iter().map(event).collect::<Vec<_>>(),
    }))
}

/// A batch of CloudWatch Logs: JSON, gzip, base64.
pub fn packed(batch: &Value) -> Value {
    let mut packing = GzEncoder::new(Vec::new(), Compression::default());
    packing.write_all(batch.to_string().as_bytes()).unwrap();
    let bytes = packing.finish().unwrap();
    json!({ "awslogs": { "data": STANDARD.encode(bytes) } })
}

/// A batch with one failed text message.
pub fn failed_text(answer: &str, at: i64) -> Value {
    log_lines(&[text_message("FAILURE", demo::PHONE, answer)], at)
}

/// What `user show` says about the destinations of a user.
pub async fn came_back(service: &Service, user: &str) -> Value {
    service.operated(&["user", "show", user]).await["came_back"].clone()
}

/// Sends the demo user a code by this channel.
pub async fn send(service: &Service, channel: &str) {
    let token = service.begin().await;
    assert_eq!(service.challenge(&token, channel).await.status, 200);
}

impl Service {
    /// Has a cold start of `feedback` take an event.
    pub async fn report(&self, event: &Value) -> Result<Value, String> {
        let feedback = self.restarted_as(Function::Feedback, &[]);
        carry_out_reports(&feedback, reported(event)).await
    }

    /// The same for an event that must be taken: how many profiles it marked.
    pub async fn reports(&self, event: &Value) -> i64 {
        let taken = self.report(event).await.unwrap();
        taken["marked"].as_i64().unwrap()
    }
}
