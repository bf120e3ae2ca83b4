//! The budgets of wrong codes. Each user has three, over all factors and logins:
//! one for callers who have shown the password or the login's token, and two for
//! callers who have shown neither.
//!
//! Why there is no budget for each network beside a wide budget: only the wide
//! budget would limit an attacker, because a /48 holds 65,536 of IPv6's /64. With
//! 10 guesses for a network, ten networks use up a wide budget of 100, which is
//! ten times the guesses of a budget of 10. Take an owner who signs in ten times a
//! day while somebody guesses each time. With 100 guesses at each code, the
//! attacker's chance is 1 in 1000 a day and 3 in 10 a year. With ten guesses, the
//! chance is 1 in 10,000 a day and 4 in 100 a year.

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::id::UserId;
use crate::domain::login::throttle::{CODES, Guesser, WRONG_CODES_IN_A_ROW, WrongCodes};
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::store::item::{Attributes, Item, Key, number_value};
use crate::store::table::{Store, broken};
use crate::store::table_keys::partition;
use crate::store::write::{Change, Written};

/// How often the two writes of a charge are tried. A right code must not be refused
/// because other requests with right codes charge and give back at the same moment.
const CHARGE_ATTEMPTS: u32 = 3;

/// The item of this budget.
pub(in crate::store) fn guesses_key(guesser: Guesser) -> Key {
    match guesser {
        Guesser::User(user) => Key::new(partition(user), "GUESSES"),
        Guesser::Stranger(user) => Key::new(format!("BUDGET#codes#{user}"), "BUDGET"),
        Guesser::Near(user) => Key::new(format!("BUDGET#codes#{user}#near"), "BUDGET"),
    }
}

/// The kind of code that is about to be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeGuess {
    /// A six-digit code. Six-digit codes are closed after a hundred wrong ones
    /// in a row.
    SixDigits,
    /// A recovery code, or the signature of a passkey, which nobody guesses. It is never
    /// closed, and opens six-digit codes again.
    Unguessable,
}

/// Parts of a transaction that makes a user with these wrong codes.
pub(in crate::store) fn wrong_codes_parts(
    codes: WrongCodes,
    table: &str,
    user: UserId,
) -> Result<Vec<TransactWriteItem>, Broken> {
    let all = [
        (Guesser::User(user), codes.user),
        (Guesser::Stranger(user), codes.stranger),
        (Guesser::Near(user), codes.near),
    ];
    let some = all.into_iter().filter(|(_, count)| *count > 0);
    let set = |(guesser, count): (Guesser, i64)| {
        Change::always(guesses_key(guesser))
            .set("#wrong_in_a_row = :count")
            .value(":count", number_value(count))
            .into_part(table)
    };
    some.map(set).collect()
}

/// Parts of a transaction that set a user's wrong codes in a row to zero, in
/// all three budgets. The rates stay, so a person who resets a password gains
/// no faster guesses.
pub(in crate::store) fn opened_parts(
    table: &str,
    user: UserId,
) -> Result<Vec<TransactWriteItem>, Broken> {
    let all = [
        Guesser::User(user),
        Guesser::Stranger(user),
        Guesser::Near(user),
    ];
    let open = |guesser: Guesser| {
        Change::always(guesses_key(guesser))
            .set("#wrong_in_a_row = :zero")
            .value(":zero", number_value(0))
            .into_part(table)
    };
    all.into_iter().map(open).collect()
}

/// Gives back the guess of a right code in the transaction that consumes the code, as
/// `give_back` does in a write of its own.
pub(in crate::store) fn given_back(guesser: Guesser) -> Change {
    Change::of(guesses_key(guesser), "attribute_exists(#tat)")
        .set("#tat = #tat - :interval")
        .set("#wrong_in_a_row = :zero")
        .value(":interval", number_value(CODES.interval))
        .value(":zero", number_value(0))
}

impl Store {
    /// Charges one guess before it is compared. One write, one more when the
    /// budget is in use.
    ///
    /// # Errors
    /// `CodesExhausted`, `CodesClosed`; `Broken` if DynamoDB does not answer.
    pub async fn count_attempt(
        &self,
        guesser: Guesser,
        guess: CodeGuess,
        now: Timestamp,
    ) -> Result<(), Failure> {
        for _ in 0..CHARGE_ATTEMPTS {
            let idle = "attribute_not_exists(#tat) OR #tat <= :now";
            let idle = counted(guesser, idle, guess, now)
                .set("#tat = :next")
                .value(":next", number_value(now + CODES.interval));
            let busy = counted(guesser, "#tat > :now AND #tat <= :latest", guess, now)
                .set("#tat = #tat + :interval")
                .value(":latest", number_value(CODES.latest(now)))
                .value(":interval", number_value(CODES.interval));
            for change in [idle, busy] {
                let old = match self.change(change).await? {
                    Written::Done(_) => return Ok(()),
                    Written::Refused(old) => old,
                };
                if let Some(refusal) = refusal(&old, guess, now)? {
                    return Err(refusal.into());
                }
            }
            // The budget became idle between the two writes, because another
            // request gave its right guess back.
        }
        Err(Refusal::CodesExhausted { retry_at: now + 1 }.into())
    }

    /// The wrong codes of a user. One batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn wrong_codes(&self, user: UserId) -> Result<WrongCodes, Broken> {
        let all = [
            Guesser::User(user),
            Guesser::Stranger(user),
            Guesser::Near(user),
        ];
        let keys = all.map(guesses_key);
        let items = self.read_batch(&keys).await?;
        let mut counts = [0; 3];
        for (count, key) in counts.iter_mut().zip(&keys) {
            if let Some(item) = items.iter().map(Item).find(|item| item.stands_at(key)) {
                *count = item.maybe_number("wrong_in_a_row")?.unwrap_or(0);
            }
        }
        let [user, stranger, near] = counts;
        Ok(WrongCodes {
            user,
            stranger,
            near,
        })
    }

    /// Opens six-digit codes without a token again, if a hundred wrong codes in
    /// a row have closed them. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn open_to_strangers(&self, user: UserId) -> Result<(), Broken> {
        let change = Change::of(
            guesses_key(Guesser::Stranger(user)),
            "#wrong_in_a_row >= :closed",
        )
        .set("#wrong_in_a_row = :zero")
        .value(":closed", number_value(WRONG_CODES_IN_A_ROW))
        .value(":zero", number_value(0));
        self.change(change).await.map(|_| ())
    }

    /// Gives back the guess of a right code, and sets the wrong codes in a row
    /// to zero. This write is never retried, because a second write would give
    /// back a wrong guess.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer; the guess then stays charged.
    pub async fn give_back(&self, guesser: Guesser) -> Result<(), Broken> {
        let once = aws_sdk_dynamodb::config::Builder::new().retry_config(RetryConfig::disabled());
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(guesses_key(guesser).to_attributes()))
            .condition_expression("attribute_exists(tat)")
            .update_expression("SET tat = tat - :interval, wrong_in_a_row = :zero")
            .expression_attribute_values(":interval", number_value(CODES.interval))
            .expression_attribute_values(":zero", number_value(0))
            .customize()
            .config_override(once)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| broken("give a guess back", &error))
    }
}

fn counted(guesser: Guesser, condition: &str, guess: CodeGuess, now: Timestamp) -> Change {
    let change = match guess {
        CodeGuess::Unguessable => Change::of(guesses_key(guesser), condition),
        CodeGuess::SixDigits => {
            let open = "(attribute_not_exists(#wrong_in_a_row) OR #wrong_in_a_row < :closed)";
            Change::of(guesses_key(guesser), format!("({condition}) AND {open}"))
                .value(":closed", number_value(WRONG_CODES_IN_A_ROW))
        }
    };
    change
        .set("#wrong_in_a_row = if_not_exists(#wrong_in_a_row, :zero) + :one")
        .value(":now", number_value(now))
        .value(":zero", number_value(0))
        .value(":one", number_value(1))
}

fn refusal(old: &Attributes, guess: CodeGuess, now: Timestamp) -> Result<Option<Refusal>, Broken> {
    let old = Item(old);
    let wrong_in_a_row: i64 = old.maybe_number("wrong_in_a_row")?.unwrap_or(0);
    if guess == CodeGuess::SixDigits && wrong_in_a_row >= WRONG_CODES_IN_A_ROW {
        return Ok(Some(Refusal::CodesClosed));
    }
    let tat: Timestamp = old.maybe_number("tat")?.unwrap_or(0);
    let retry_at = CODES.allowed_at(tat);
    Ok((retry_at > now).then_some(Refusal::CodesExhausted { retry_at }))
}
