//! The messages that the stand-ins received, in memory.

use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The maximum number of messages. The oldest are dropped first.
const MOST_KEPT: usize = 1_000;

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

/// The messages so far. Clones are cheap and share the messages.
#[derive(Clone, Debug, Default)]
pub struct Inbox(Arc<Mutex<Kept>>);

/// The content of an inbox. Messages are numbered from 0 without gaps, so a message's
/// number gives its place in the queue.
#[derive(Debug)]
struct Kept {
    /// A random name that changes whenever the inbox is emptied. It distinguishes the
    /// cursors of this inbox from others.
    run: String,
    /// The number of the next message.
    next: u64,
    newest_first: VecDeque<Message>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            run: uuid::Uuid::new_v4().simple().to_string(),
            next: 0,
            newest_first: VecDeque::new(),
        }
    }
}

/// The messages after a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The cursor for the next call.
    pub cursor: String,
    /// Whether the list has all messages, because the cursor is too old or belongs to
    /// another inbox.
    pub whole: bool,
    /// Numbers and messages, newest first.
    pub messages: Vec<(u64, Message)>,
}

impl Inbox {
    /// All messages, newest first. At most the last thousand are kept.
    pub fn messages(&self) -> Vec<Message> {
        self.kept().newest_first.iter().cloned().collect()
    }

    /// The messages after `cursor`, which an earlier call returned.
    pub fn news(&self, cursor: Option<&str>) -> News {
        let kept = self.kept();
        let count = kept.newest_first.len();
        let known = cursor
            .and_then(|cursor| cursor.split_once('.'))
            .filter(|(run, _)| *run == kept.run)
            .and_then(|(_, number)| kept.next.checked_sub(number.parse().ok()?))
            .and_then(|new| usize::try_from(new).ok())
            .filter(|new| *new <= count);
        let numbers = (0..kept.next).rev();
        let messages = numbers.zip(kept.newest_first.iter().cloned());
        News {
            cursor: format!("{}.{}", kept.run, kept.next),
            whole: known.is_none(),
            messages: messages.take(known.unwrap_or(count)).collect(),
        }
    }

    /// The message with this number, if it is still kept.
    pub fn message(&self, number: u64) -> Option<Message> {
        let kept = self.kept();
        let place = kept.next.checked_sub(number)?.checked_sub(1)?;
        kept.newest_first.get(usize::try_from(place).ok()?).cloned()
    }

    pub fn clear(&self) {
        let mut kept = self.kept();
        let next = kept.next;
        *kept = Kept {
            next,
            ..Kept::default()
        };
    }

    pub(super) fn add(&self, message: Message) {
        let mut kept = self.kept();
        kept.newest_first.push_front(message);
        kept.newest_first.truncate(MOST_KEPT);
        kept.next += 1;
    }

    /// The messages. No change can panic half way, so a panic elsewhere leaves them
    /// complete.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn a_cursor_brings_what_is_new_and_nothing_twice() {
        let inbox = Inbox::default();
        let texts = |news: &News| -> Vec<(u64, String)> {
            let all = news.messages.iter();
            all.map(|(number, one)| (*number, one.text.clone()))
                .collect()
        };
        inbox.add(sms("a"));
        inbox.add(sms("b"));
        let first = inbox.news(None);
        assert!(first.whole);
        assert_eq!(texts(&first), [(1, "b".to_owned()), (0, "a".to_owned())]);
        let none = inbox.news(Some(&first.cursor));
        assert_eq!((none.whole, texts(&none)), (false, vec![]));
        assert_eq!(none.cursor, first.cursor);
        inbox.add(sms("c"));
        let one = inbox.news(Some(&first.cursor));
        assert_eq!((one.whole, texts(&one)), (false, vec![(2, "c".to_owned())]));
        assert_eq!(inbox.message(2).unwrap().text, "c");
        assert_eq!(inbox.message(0).unwrap().text, "a");
        assert_eq!(inbox.message(3), None);
    }

    #[test]
    fn a_cursor_that_says_nothing_here_brings_the_whole_inbox() {
        let inbox = Inbox::default();
        inbox.add(sms("a"));
        let before = inbox.news(None).cursor;
        let other = Inbox::default().news(None).cursor;
        let run = before.split('.').next().unwrap().to_owned();
        for cursor in [
            "",
            "1",
            ".",
            &other,
            &format!("{run}.9"),
            &format!("{run}.-1"),
        ] {
            let news = inbox.news(Some(cursor));
            assert!(news.whole && news.messages.len() == 1, "{cursor}");
        }
        inbox.clear();
        let emptied = inbox.news(Some(&before));
        assert!(emptied.whole && emptied.messages.is_empty());
        assert_eq!(inbox.message(0), None);
        for n in 0..=MOST_KEPT {
            inbox.add(sms(&n.to_string()));
        }
        let late = inbox.news(Some(&emptied.cursor));
        assert!(late.whole && late.messages.len() == MOST_KEPT);
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
