//! The machine, without its name and without paths.

use std::fs::read_to_string;

use serde_json::{Value, json};

pub fn describe() -> Value {
    let cpu = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let of = |field: &str| {
        let line = cpu.lines().find(|line| line.starts_with(field));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(
            || "unknown".to_owned(),
            |(_, value)| value.trim().to_owned(),
        )
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let seconds = i64::try_from(crate::stopwatch::seconds_since_1970()).unwrap_or_default();
    json!({
        "date": date(seconds),
        "cpu": of("model name"),
        "architecture": std::env::consts::ARCH,
        "cores": cores,
        "load": load(),
        "pinned": crate::process::can_pin(),
    })
}

/// How many processes waited for a core in the last minute, in the mean.
pub fn load() -> Value {
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    let first = load
        .split(' ')
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    json!(first)
}

/// The date of a time in seconds since 1970 (Howard Hinnant's `civil_from_days`).
fn date(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_time_has_the_date_of_the_calendar() {
        assert_eq!(super::date(0), "1970-01-01");
        assert_eq!(super::date(951_782_400), "2000-02-29");
        assert_eq!(super::date(1_800_000_000), "2027-01-15");
    }
}
