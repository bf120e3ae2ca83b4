//! Where the budgets of messages stand, and the counts of a day.

use crate::domain::Timestamp;
use crate::domain::messages::payers::{FirstAsks, Limit, Payer, day_of, next_day};
use crate::store::item::{KEPT_AFTER_EXPIRY, Key, number_value};
use crate::store::write::Change;

pub(in crate::store) fn row_key(row: &str, who: &str) -> Key {
    Key::new(format!("BUDGET#send#{row}#{who}"), "BUDGET")
}

/// The row of a count of first asks, and whose count it is.
pub(in crate::store) fn first_asks_name(payer: &Payer, first_asks: FirstAsks) -> (String, String) {
    let who = match first_asks {
        FirstAsks::OfAll => payer.who.clone(),
        FirstAsks::OfResets => format!("{}#reset", payer.who),
    };
    (format!("{}-first-asks", payer.row.name()), who)
}

/// Where the counts of today's first asks stand, for a budget that has such counts.
pub(in crate::store) fn first_asks_keys(payer: &Payer, now: Timestamp) -> Vec<Key> {
    let counts = match payer.limit {
        Limit::Open { .. } => [FirstAsks::OfAll, FirstAsks::OfResets].as_slice(),
        Limit::Steady { .. } | Limit::Day(_) => &[],
    };
    let key = |first_asks: &FirstAsks| {
        let (row, who) = first_asks_name(payer, *first_asks);
        day_key(&row, &who, now)
    };
    counts.iter().map(key).collect()
}

/// Where a day's count stands.
fn day_key(row: &str, who: &str, now: Timestamp) -> Key {
    row_key(row, &format!("{who}#{}", day_of(now)))
}

/// One charge of a day's count, and the refund.
pub(in crate::store) fn daily(row: &str, who: &str, most: i64, now: Timestamp) -> (Change, Change) {
    let key = day_key(row, who, now);
    // Without an item, the condition compares no count, but the first charge needs room
    // too.
    let room = match most {
        ..=0 => "#n < :most",
        _ => "attribute_not_exists(#n) OR #n < :most",
    };
    let change = Change::of(key.clone(), room)
        .set("#n = if_not_exists(#n, :zero) + :one")
        .set("#ttl = :ttl")
        .value(":most", number_value(most))
        .value(":zero", number_value(0))
        .value(":one", number_value(1))
        .value(":ttl", number_value(next_day(now) + KEPT_AFTER_EXPIRY));
    let refund = Change::of(key, "#n > :zero")
        .set("#n = #n - :one")
        .value(":zero", number_value(0))
        .value(":one", number_value(1));
    (change, refund)
}
