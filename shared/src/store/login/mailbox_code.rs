//! Codes that are a first factor. They stand in partitions of their mailboxes and phones,
//! because anybody can ask for such a code.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::factors::factor::Channel;
use crate::domain::factors::sent_code::CODE_SECONDS;
use crate::domain::id::{LoginId, UserId};
use crate::domain::login::codes::mailbox_code::{CodeGuesser, MailboxCode};
use crate::failure::Broken;
use crate::store::item::{Closed, Item, KEPT_AFTER_EXPIRY, Key, NewItem, number_value, text_value};
use crate::store::table::{Store, broken};
use crate::store::write::{Change, Written};

/// How many codes of a mailbox are read at once. The budgets of sends allow fewer within
/// the life of a code, except from networks that completed a login.
const MOST_READ: i32 = 60;

/// The count of the guesses of this kind in a code's item.
fn guesses_name(guesser: CodeGuesser) -> &'static str {
    match guesser {
        CodeGuesser::Token => "guesses_by_token",
        CodeGuesser::Asker => "guesses_by_asker",
        CodeGuesser::Elsewhere => "guesses_elsewhere",
    }
}

fn partition(mailbox: UserId) -> String {
    format!("FIRSTCODE#{mailbox}")
}

fn key(mailbox: UserId, id: LoginId) -> Key {
    Key::new(partition(mailbox), id.to_string())
}

impl Store {
    /// Stores a code before it is sent. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn keep_mailbox_code(&self, code: &MailboxCode) -> Result<(), Broken> {
        let (user, epoch) = (code.user.map(|one| one.0), code.user.map(|one| one.1));
        let item = NewItem::of_key(&key(code.mailbox_id, code.id))
            .with("mailbox", text_value(&code.mailbox))
            .with("channel", text_value(code.channel.name()))
            .with("client", text_value(&code.client))
            .with("has_token", AttributeValue::Bool(code.has_token))
            .with("asked_from", text_value(&code.asked_from))
            .maybe("user", user.map(|user| text_value(user.to_string())))
            .maybe("epoch", epoch.map(number_value))
            .maybe("request", code.request.as_ref().map(text_value))
            .with("at", number_value(code.at))
            .with("code_key", number_value(code.key))
            .with(
                "ttl",
                number_value(code.at + CODE_SECONDS + KEPT_AFTER_EXPIRY),
            );
        if self.put_new("keep a mailbox code", item.0).await? {
            return Ok(());
        }
        Err(Broken::internal("a new code's identifier is taken"))
    }

    /// The codes of a mailbox that were sent in the last five minutes and were not spent,
    /// newest first. With an identifier, only that code. One query.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn mailbox_codes(
        &self,
        mailbox: UserId,
        only: Option<LoginId>,
        now: Timestamp,
    ) -> Result<Vec<MailboxCode>, Broken> {
        let (condition, sort) = match only {
            // Identifiers sort by time.
            None => (
                "PK = :mailbox AND SK > :code",
                LoginId::at(now - CODE_SECONDS, [0; 10]),
            ),
            Some(code) => ("PK = :mailbox AND SK = :code", code),
        };
        let values = HashMap::from([
            (":mailbox".to_owned(), text_value(partition(mailbox))),
            (":code".to_owned(), text_value(sort.to_string())),
        ]);
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .scan_index_forward(false)
            .limit(MOST_READ)
            .send()
            .await
            .map_err(|error| broken("read mailbox codes", &error))?;
        let items = page.items.unwrap_or_default();
        let unspent = items.iter().filter(|item| !item.contains_key("spent_at"));
        Ok(unspent
            .filter_map(|item| read_mailbox_code(mailbox, Item(item)).newer("a mailbox code"))
            .collect())
    }

    /// Charges one guess at a live code before the guess is compared. Returns whether the
    /// code has a guess left. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn charge_mailbox_code(
        &self,
        code: &MailboxCode,
        guesser: CodeGuesser,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let left = "attribute_not_exists(#guesses) OR #guesses < :most";
        let change = live(code, now)
            .and(&format!("({left})"))
            .name("#guesses", guesses_name(guesser))
            .set("#guesses = if_not_exists(#guesses, :zero) + :one")
            .value(":most", number_value(guesser.most()))
            .value(":zero", number_value(0))
            .value(":one", number_value(1));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }

    /// Spends a code, once. Returns whether this call spent the code. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn spend_mailbox_code(
        &self,
        code: &MailboxCode,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let change = live(code, now)
            .set("#spent_at = :now")
            .value(":now", number_value(now));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }
}

/// A change of a code that is live.
fn live(code: &MailboxCode, now: Timestamp) -> Change {
    Change::of(
        key(code.mailbox_id, code.id),
        "#client = :client AND #at > :oldest AND attribute_not_exists(#spent_at)",
    )
    .value(":client", text_value(&code.client))
    .value(":oldest", number_value(now - CODE_SECONDS))
}

fn read_mailbox_code(mailbox_id: UserId, item: Item<'_>) -> Result<MailboxCode, Broken> {
    let user = match item.maybe_text("user")? {
        None => None,
        Some(_) => Some((item.id("user", UserId::parse)?, item.number("epoch")?)),
    };
    // An older version sent codes to mailboxes only, and names no channel.
    let channel = match item.maybe_text("channel")? {
        None => Channel::Email,
        Some(_) => item.id("channel", Channel::from_name)?,
    };
    Ok(MailboxCode {
        mailbox_id,
        id: item.id("SK", LoginId::parse)?,
        channel,
        mailbox: item.text("mailbox")?.to_owned(),
        client: item.text("client")?.to_owned(),
        // An older version kept neither of the two.
        has_token: item.flag("has_token")?,
        asked_from: item.owned("asked_from")?.unwrap_or_default(),
        user,
        request: item.owned("request")?,
        at: item.number("at")?,
        key: item.number("code_key")?,
    })
}
