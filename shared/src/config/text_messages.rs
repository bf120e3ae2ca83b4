//! How many text messages may go to numbers that nobody has confirmed.
//!
//! | variable | what it is | default |
//! |---|---|---|
//! | `COUNTERSIGN_SMS_DAILY_TO_PREFIX` | the most text messages in a day (UTC) to unconfirmed numbers of one calling code, 1 to 1000000. A country behind a shared code counts alone, such as `+1876` | `100` |
//! | `COUNTERSIGN_SMS_DAILY` | the most text messages in a day (UTC) to unconfirmed numbers in all, 1 to 1000000 | `200` |

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
