//! What the stand-ins sent: e-mails and text messages, kept in memory.

use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More than this are not kept; the oldest go first.
const MOST_KEPT: usize = 1_000;

/// How a message was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Through SES.
    Email,
    /// Through SNS.
    Sms,
    /// Through the webhook.
    Webhook,
}

/// One message as the service handed it over. As JSON it has the fields
/// `channel, to, subject, text, html, code, at`, absent ones as `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// E-mail, SMS or the webhook.
    pub channel: Channel,
    /// The address or telephone number (for the webhook the user's address, or else identifier);
    /// several addresses are joined by a comma and a space.
    pub to: String,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The text, or the text part of an e-mail (empty when it had none).
    pub text: String,
    /// The HTML part of an e-mail.
    pub html: Option<String>,
    /// The first run of exactly six digits in the text, outside of links.
    pub code: Option<String>,
    /// When it was sent, in the service's time: seconds since 1970.
    pub at: i64,
    /// `FromEmailAddress` of an e-mail. Not in the JSON.
    #[serde(skip)]
    pub sender: Option<String>,
    /// The message attributes of an SMS, such as `AWS.SNS.SMS.SMSType`, or the headers of an
    /// e-mail or of a webhook's post. Not in the JSON.
    #[serde(skip)]
    pub attributes: BTreeMap<String, String>,
}

/// The messages sent so far; cheap to clone, and all clones are one inbox.
#[derive(Clone, Debug, Default)]
pub struct Inbox(Arc<Mutex<VecDeque<Message>>>);

impl Inbox {
    /// All messages, newest first; only the last thousand are kept.
    pub fn messages(&self) -> Vec<Message> {
        self.newest_first().iter().cloned().collect()
    }

    /// Forgets all messages.
    pub fn clear(&self) {
        self.newest_first().clear();
    }

    pub(super) fn add(&self, message: Message) {
        let mut messages = self.newest_first();
        messages.push_front(message);
        messages.truncate(MOST_KEPT);
    }

    /// Each change is one call on the queue, so it is whole even after a panic elsewhere.
    fn newest_first(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first run of exactly six ASCII digits: seven in a row are no code, nor are those that an
/// identifier or a token in a link happens to have.
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
    fn the_newest_message_comes_first_until_cleared() {
        let inbox = Inbox::default();
        inbox.add(sms("first"));
        inbox.clone().add(sms("second"));
        let texts: Vec<_> = inbox.messages().into_iter().map(|m| m.text).collect();
        assert_eq!(texts, ["second", "first"]);
        inbox.clear();
        assert_eq!(inbox.messages(), []);
    }

    #[test]
    fn a_long_run_keeps_the_last_thousand() {
        let inbox = Inbox::default();
        for n in 0..=MOST_KEPT {
            inbox.add(sms(&format!("message {n}")));
        }
        let messages = inbox.messages();
        assert_eq!(messages.len(), MOST_KEPT);
        assert_eq!(messages.first().unwrap().text, "message 1000");
        assert_eq!(messages.last().unwrap().text, "message 1");
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
