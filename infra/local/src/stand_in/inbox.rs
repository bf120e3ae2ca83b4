//! The messages that the stand-ins received, in memory.

use super::feed::Feed;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a message was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Through SES.
    Email,
    /// Through SNS.
    Sms,
    Webhook,
}

/// A message from the service. In JSON, it has the fields `channel, to, subject, text,
/// html, code, at`. A missing field is `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// E-mail, SMS or the webhook.
    pub channel: Channel,
    /// The address or telephone number. For the webhook, the user's e-mail address or
    /// else identifier. Several addresses are joined by a comma and a space.
    pub to: String,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The text, or the text part of an e-mail. Empty if there is none.
    pub text: String,
    /// The HTML part of an e-mail.
    pub html: Option<String>,
    /// The first run of exactly six digits in the text, outside of links.
    pub code: Option<String>,
    /// When the message was sent, by the service's clock, in seconds since 1970.
    pub at: i64,
    /// `FromEmailAddress` of an e-mail. Not in the JSON.
    #[serde(skip)]
    pub sender: Option<String>,
    /// The message attributes of an SMS, such as `AWS.SNS.SMS.SMSType`, or the headers of an
    /// e-mail or of a webhook's post. Not in the JSON.
    #[serde(skip)]
    pub attributes: BTreeMap<String, String>,
}

/// The messages so far.
pub type Inbox = Feed<Message>;

impl Inbox {
    /// All messages, newest first. At most the last thousand are kept.
    pub fn messages(&self) -> Vec<Message> {
        self.all()
    }
}

/// The first run of exactly six ASCII digits, outside of links. Longer runs are not
/// codes. Identifiers and tokens in links may contain six digits by chance.
pub(super) fn find_code(text: &str) -> Option<String> {
    text.split_whitespace()
        .filter(|word| !word.contains("://"))
        .flat_map(|word| word.split(|character: char| !character.is_ascii_digit()))
        .find(|run| run.len() == 6)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sms(text: &str) -> Message {
        Message {
            channel: Channel::Sms,
            to: "+15555550100".to_owned(),
            subject: None,
            text: text.to_owned(),
            html: None,
            code: find_code(text),
            at: 7,
            sender: None,
            attributes: BTreeMap::from([("AWS.SNS.SMS.SMSType".to_owned(), "x".to_owned())]),
        }
    }

    #[test]
    fn a_code_is_exactly_six_digits() {
        for (text, code) in [
            ("123456", Some("123456")),
            ("Your code is 012345.", Some("012345")),
            ("Call +15555550100: 654321 or 111111", Some("654321")),
            ("@example.com #246810", Some("246810")),
            ("1234567", None),
            ("12345", None),
            ("123 456", None),
            ("١٢٣٤٥٦", None),
            ("code 12345é678901", Some("678901")),
            ("https://a.example/?userId=ab123456-0&token=x_654321", None),
            ("https://a.example/?id=123456\n\n654321", Some("654321")),
            ("", None),
        ] {
            assert_eq!(find_code(text).as_deref(), code, "{text:?}");
        }
    }

    #[test]
    fn the_json_has_these_fields_in_this_order() {
        let json = serde_json::to_string(&sms("code 123456")).unwrap();
        assert_eq!(
            json,
            r#"{"channel":"sms","to":"+15555550100","subject":null,"text":"code 123456","html":null,"code":"123456","at":7}"#
        );
    }
}
