//! The reports that the function `feedback` gets. EventBridge reports that an e-mail
//! came back or that its reader called it spam. CloudWatch Logs reports that a text
//! message failed. Only a caller who may invoke the function can send a report.
//!
//! SES's events are described in its guide, "Monitoring SES events using
//! EventBridge". SNS has no such events for text messages: it writes its log
//! `sns/<region>/<account>/DirectPublishToPhoneNumber/Failure`, and a
//! subscription of that log brings the lines here.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::accounts::user::EmailAddress;
use crate::domain::factors::factor::Channel;
use crate::domain::messages::delivery::Trouble;
use crate::domain::messages::phone_number::PhoneNumber;
use crate::failure::Broken;
use crate::usecase::messages::delivery_report::{DeliveryReport, mark_reported};
use crate::wire::log::task_measured;

/// The function that gets reports.
const FUNCTION: &str = "feedback";

/// The most bytes that are unpacked of one event. CloudWatch Logs sends batches
/// of at most one MiB.
const MOST_BYTES: u64 = 8 << 20;

/// What an event says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// The destinations that take no messages. None for a failure that may pass,
    /// and for an event of another kind.
    pub reports: Vec<DeliveryReport>,
    /// What this program cannot read: the names of the fields. AWS has changed
    /// the form then.
    pub unread: Vec<&'static str>,
}

impl Reported {
    fn unreadable(field: &'static str) -> Self {
        Self {
            reports: Vec::new(),
            unread: vec![field],
        }
    }

    /// Adds what another part of the event says.
    fn and(mut self, other: Result<Vec<DeliveryReport>, &'static str>) -> Self {
        match other {
            Ok(reports) => self.reports.extend(reports),
            Err(field) => self.unread.push(field),
        }
        self
    }
}

/// Reads an event of EventBridge, or a batch of lines of CloudWatch Logs.
pub fn reported(event: &Value) -> Reported {
    if let Some(packed) = event["awslogs"]["data"].as_str() {
        return match unpacked(packed) {
            Some(batch) => of_texts(&batch),
            None => Reported::unreadable("awslogs.data"),
        };
    }
    if event["source"] != "aws.ses" {
        return Reported::unreadable("source");
    }
    Reported::default().and(match event["detail-type"].as_str() {
        Some("Email Bounced") => bounced(&event["detail"]),
        Some("Email Complaint Received") => complained(&event["detail"]),
        Some(_) => Ok(Vec::new()),
        None => Err("detail-type"),
    })
}

/// A transient bounce says nothing about the next message.
fn bounced(detail: &Value) -> Result<Vec<DeliveryReport>, &'static str> {
    let bounce = &detail["bounce"];
    match bounce["bounceType"].as_str() {
        Some("Permanent") => {
            let at = rfc3339(&bounce["timestamp"]).ok_or("bounce.timestamp")?;
            let recipients = &bounce["bouncedRecipients"];
            of_mail(detail, recipients, Trouble::Bounced, at).ok_or("bounce.bouncedRecipients")
        }
        Some(_) => Ok(Vec::new()),
        None => Err("bounce.bounceType"),
    }
}

/// A reader may also report that a mail is not spam.
fn complained(detail: &Value) -> Result<Vec<DeliveryReport>, &'static str> {
    let complaint = &detail["complaint"];
    if complaint["complaintFeedbackType"] == "not-spam" {
        return Ok(Vec::new());
    }
    let at = rfc3339(&complaint["timestamp"]).ok_or("complaint.timestamp")?;
    let recipients = &complaint["complainedRecipients"];
    of_mail(detail, recipients, Trouble::Complained, at).ok_or("complaint.complainedRecipients")
}

/// The reports about a mail. Each of our mails has one recipient, and that is
/// the address that we store; a mailbox that forwards makes SES name the
/// mailbox behind it as the recipient.
fn of_mail(
    detail: &Value,
    recipients: &Value,
    trouble: Trouble,
    at: Timestamp,
) -> Option<Vec<DeliveryReport>> {
    let recipients = recipients.as_array()?.iter();
    let named: Option<Vec<&str>> = recipients.map(|one| one["emailAddress"].as_str()).collect();
    let named = named?;
    let sent_to = detail["mail"]["destination"].as_array();
    let addresses = match sent_to.map(Vec::as_slice) {
        Some([only]) => vec![only.as_str()?],
        _ => named,
    };
    let report = |address: &str| {
        let address = EmailAddress::parse(address)?;
        Some(DeliveryReport {
            channel: Channel::Email,
            to: address.as_str().to_owned(),
            trouble,
            at,
        })
    };
    addresses.into_iter().map(report).collect()
}

fn rfc3339(value: &Value) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()?;
    Some(time.unix_timestamp())
}

/// What a subscription of CloudWatch Logs packs: JSON, gzip, base64.
fn unpacked(packed: &str) -> Option<Value> {
    let bytes = STANDARD.decode(packed).ok()?;
    let mut json = Vec::new();
    let mut unpacking = GzDecoder::new(bytes.as_slice()).take(MOST_BYTES);
    unpacking.read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

/// The lines of a batch. CloudWatch Logs also sends a message that only checks
/// that somebody is there.
fn of_texts(batch: &Value) -> Reported {
    match batch["messageType"].as_str() {
        Some("DATA_MESSAGE") => {}
        Some("CONTROL_MESSAGE") => return Reported::default(),
        _ => return Reported::unreadable("messageType"),
    }
    let Some(lines) = batch["logEvents"].as_array() else {
        return Reported::unreadable("logEvents");
    };
    let lines = lines.iter().map(of_text);
    lines.fold(Reported::default(), Reported::and)
}

/// One line: SNS's log of a text message.
fn of_text(line: &Value) -> Result<Vec<DeliveryReport>, &'static str> {
    let milliseconds = line["timestamp"].as_i64().ok_or("logEvents.timestamp")?;
    let message = line["message"].as_str().ok_or("logEvents.message")?;
    let log: Value = serde_json::from_str(message).map_err(|_| "logEvents.message")?;
    match log["status"].as_str() {
        Some("FAILURE") => {}
        Some("SUCCESS") => return Ok(Vec::new()),
        _ => return Err("status"),
    }
    let delivery = &log["delivery"];
    let answer = delivery["providerResponse"].as_str();
    let Some(trouble) = trouble_of(answer.ok_or("delivery.providerResponse")?) else {
        return Ok(Vec::new());
    };
    let number = delivery["destination"]
        .as_str()
        .and_then(PhoneNumber::parse);
    Ok(vec![DeliveryReport {
        channel: Channel::Sms,
        to: number.ok_or("delivery.destination")?.as_str().to_owned(),
        trouble,
        at: milliseconds.div_euclid(1000),
    }])
}

/// What SNS's answer says about the number (its guide, "SMS delivery failure
/// reasons"). Most answers are about the message, the carrier or the account:
/// the next text message may arrive.
fn trouble_of(answer: &str) -> Option<Trouble> {
    match answer.trim().trim_end_matches('.') {
        "Invalid phone number"
        | "Destination is on a blocked list"
        | "Phone is on a blocked list"
        | "Phone has blocked SMS" => Some(Trouble::Bounced),
        "Phone number is opted out" => Some(Trouble::Complained),
        _ => None,
    }
}

/// Marks what was reported; gives how many profiles were marked, as JSON.
///
/// # Errors
/// One line if DynamoDB does not answer, or if something was unreadable. What
/// was readable is marked all the same. Lambda counts the failure, tries the
/// event again, and keeps the event in the queue.
pub async fn carry_out_reports(app: &App, reported: Reported) -> Result<Value, String> {
    let marked = task_measured(app, FUNCTION, mark_all(app, &reported.reports)).await;
    let marked = marked.map_err(|broken| broken.to_string())?;
    match reported.unread.first() {
        None => Ok(json!({ "reports": reported.reports.len(), "marked": marked })),
        Some(field) => Err(format!("a report of a delivery lacks {field}")),
    }
}

/// Marks the destinations of these reports. Returns how many profiles were marked.
async fn mark_all(app: &App, reports: &[DeliveryReport]) -> Result<usize, Broken> {
    let mut marked = 0;
    for report in reports {
        marked += mark_reported(app, report).await?;
    }
    Ok(marked)
}
