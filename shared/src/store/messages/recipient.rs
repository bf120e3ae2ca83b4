//! The item of a confirmed destination's budget also stores the user of the last
//! code that went there. So a report about the destination finds the user, and a
//! send writes no additional item.

use crate::domain::messages::payers::{Bill, Payer, Row};
use crate::store::item::{KEPT_AFTER_EXPIRY, text_value};
use crate::store::write::Change;

/// How long the budget of a confirmed destination stays after it is full again,
/// in seconds. A carrier may report for 72 hours that a text message failed.
const KEPT_FOR_REPORTS: i64 = 4 * KEPT_AFTER_EXPIRY;

/// The charge of this payer, which also keeps the user whom the message is for.
pub(super) fn noting_recipient(change: Change, bill: &Bill, payer: &Payer) -> Change {
    match (payer.row, bill.recipient) {
        (Row::Confirmed(_), Some(user)) => change
            .set("#user = :user")
            .value(":user", text_value(user.to_string())),
        _ => change,
    }
}

/// How long a budget of this row stays after it is full again, in seconds.
pub(super) fn kept_when_full(row: Row) -> i64 {
    match row {
        Row::Confirmed(_) => KEPT_FOR_REPORTS,
        _ => KEPT_AFTER_EXPIRY,
    }
}
