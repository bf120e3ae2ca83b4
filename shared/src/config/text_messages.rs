//! How many text messages may go to numbers that nobody has confirmed.

use super::reader::Reader;
use crate::domain::messages::payers::TextCeilings;

const MOST: i64 = 1_000_000;

impl Reader<'_> {
    pub(super) fn text_ceilings(&mut self) -> TextCeilings {
        TextCeilings {
            to_prefix: self.number("COUNTERSIGN_SMS_DAILY_TO_PREFIX", 100, 1, MOST),
            in_all: self.number("COUNTERSIGN_SMS_DAILY", 200, 1, MOST),
        }
    }
}
