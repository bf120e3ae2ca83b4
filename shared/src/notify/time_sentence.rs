//! Writes the time and the device of a change for a message.

use aws_sdk_sesv2::primitives::{DateTime, DateTimeFormat};

use crate::domain::device::Seen;

/// `It was done on Fri, 15 Jan 2027 at 08:00 UTC, from an iPhone or iPad.` `what` is
/// the beginning of the sentence. The device is one of a few fixed names.
pub(super) fn time_sentence(what: &str, seen: Seen) -> String {
    let device = seen.device.in_words();
    match when(seen) {
        Some((day, minute)) => format!("{what} on {day} at {minute} UTC, from {device}."),
        // The time is out of range.
        None => format!("{what} from {device}."),
    }
}

/// Day and minute: `Fri, 15 Jan 2027` and `08:00`.
fn when(seen: Seen) -> Option<(String, String)> {
    let text = DateTime::from_secs(seen.at).fmt(DateTimeFormat::HttpDate);
    let text = text.ok()?;
    let time = text.strip_suffix(" GMT")?;
    let (day, time) = time.rsplit_once(' ')?;
    let (minute, _seconds) = time.rsplit_once(':')?;
    Some((day.to_owned(), minute.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::time_sentence;
    use crate::domain::device::{Device, Seen};

    #[test]
    fn a_time_is_told_to_the_minute_in_utc() {
        let seen = |at| Seen {
            at,
            device: Device::Mac,
        };
        assert_eq!(
            time_sentence("It was done", seen(1_800_000_000)),
            "It was done on Fri, 15 Jan 2027 at 08:00 UTC, from a Mac."
        );
        assert_eq!(
            time_sentence("It was done", seen(i64::MAX)),
            "It was done from a Mac."
        );
    }
}
