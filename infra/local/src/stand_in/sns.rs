//! A stand-in for SNS: `Publish` to a telephone number, in the query protocol (a form
//! in the request, XML in the answer).

use super::fault::Fault;
use super::inbox::{Channel, Message, find_code};
use std::collections::{BTreeMap, HashMap};

/// Reads the form of `Action=Publish` as a message sent at `at` (seconds since 1970).
/// Refuses any other action. Like SNS, refuses an empty text, and a number that is not
/// E.164.
pub(super) fn publish(body: &[u8], at: i64) -> Result<Message, Fault> {
    let mut form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    if form.get("Action").map(String::as_str) != Some("Publish") {
        return Err(Fault::new(
            "InvalidAction",
            "this stand-in answers SNS Publish only",
        ));
    }
    let attributes = attributes(&mut form);
    let to = form
        .remove("PhoneNumber")
        .filter(|number| is_e164(number))
        .ok_or_else(|| invalid("Invalid parameter: PhoneNumber is not in E.164 form"))?;
    let text = form
        .remove("Message")
        .filter(|text| !text.is_empty())
        .ok_or_else(|| invalid("Invalid parameter: Empty message"))?;
    Ok(Message {
        channel: Channel::Sms,
        to,
        subject: None,
        code: find_code(&text),
        text,
        html: None,
        at,
        sender: None,
        attributes,
    })
}

/// The answer to an accepted message.
pub(super) fn published(message_id: &str) -> String {
    format!(
        "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <PublishResult><MessageId>{message_id}</MessageId></PublishResult>\
         <ResponseMetadata><RequestId>{message_id}</RequestId></ResponseMetadata>\
         </PublishResponse>"
    )
}

/// The answer to a refused call. The texts of the faults need no escaping.
pub(super) fn refused(fault: &Fault) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>\
         </ErrorResponse>",
        fault.kind, fault.message
    )
}

/// Reads `MessageAttributes.entry.N.{Name, Value.StringValue}`, with N from 1.
fn attributes(form: &mut HashMap<String, String>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for n in 1.. {
        let entry = format!("MessageAttributes.entry.{n}");
        let Some(name) = form.remove(&format!("{entry}.Name")) else {
            break;
        };
        let value = form.remove(&format!("{entry}.Value.StringValue"));
        found.insert(name, value.unwrap_or_default());
    }
    found
}

/// A plus and 7 to 15 digits.
fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn invalid(message: &str) -> Fault {
    Fault::new("InvalidParameter", message)
}
