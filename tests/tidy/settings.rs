//! The declared settings are the settings that the program reads, with the defaults and
//! limits that the program has.

use std::collections::{BTreeMap, BTreeSet};

use countersign::config::Config;
use countersign::config::declared::declared_settings;
use countersign::config::declared::setting::{Absent, Setting};

use crate::tidy::source::{code, files, read};

const PREFIX: &str = "COUNTERSIGN_";

/// The settings that the program declares.
pub fn declared_names() -> BTreeSet<String> {
    declared_settings()
        .map(|setting| setting.name.to_owned())
        .collect()
}

/// The settings that stand in quotes in the code that reads them.
fn read_in_the_code() -> BTreeSet<String> {
    let mut texts = files("shared/src/config", ".rs");
    texts.retain(|(path, _)| !path.contains("/declared"));
    texts.push(("config.rs".to_owned(), read("shared/src/config.rs")));
    let part = |character: char| character.is_ascii_uppercase() || character == '_';
    let mut found = BTreeSet::new();
    for (_, text) in texts {
        let code = code(&text);
        for rest in code.split(&format!("\"{PREFIX}")).skip(1) {
            let end = rest.find(|character| !part(character)).unwrap();
            // Their common prefix alone is not a setting.
            if end > 0 {
                found.insert(format!("{PREFIX}{}", &rest[..end]));
            }
        }
    }
    found
}

#[test]
fn every_setting_that_is_read_is_declared_and_every_declared_setting_is_read() {
    let declared = declared_names();
    assert_eq!(
        declared.len(),
        declared_settings().count(),
        "a setting stands twice"
    );
    assert_eq!(Config::names(), declared);
    assert_eq!(read_in_the_code(), declared);
}

/// Values with which a start succeeds, whatever else is set, and with which every other
/// setting has an effect.
fn needed() -> BTreeMap<&'static str, String> {
    let mut values = BTreeMap::from([
        (
            "COUNTERSIGN_WEBHOOK_ENDPOINT",
            "https://codes.example.com/".to_owned(),
        ),
        (
            "COUNTERSIGN_MIGRATION_URL",
            "https://former.example.com/".to_owned(),
        ),
        ("COUNTERSIGN_MFA_POLICY", "required".to_owned()),
    ]);
    for setting in declared_settings() {
        if matches!(setting.absent, Absent::Refused) {
            let value = match setting.name {
                "COUNTERSIGN_ISSUER" => "https://login.example.com/",
                "COUNTERSIGN_EMAIL_FROM" => "login@example.com",
                _ => "Example",
            };
            values.insert(setting.name, value.to_owned());
        }
    }
    values
}

/// The settings that a start reads with this value beside what it needs.
fn with(setting: &Setting, value: Option<String>) -> Result<String, String> {
    let mut values = needed();
    values.remove(setting.name);
    values.extend(value.map(|value| (setting.name, value)));
    let read = Config::read(|name| values.get(name).cloned());
    read.map(|config| format!("{config:?}"))
        .map_err(|wrong| wrong.to_string())
}

#[test]
fn without_a_value_a_setting_is_what_it_is_declared_to_be() {
    for setting in declared_settings() {
        let absent = with(setting, None);
        match setting.absent {
            Absent::Refused => {
                let problem = absent.unwrap_err();
                assert!(problem.starts_with(setting.name), "{problem}");
            }
            Absent::Value(value) => {
                let given = with(setting, Some(value.to_owned()));
                assert_eq!(absent.unwrap(), given.unwrap(), "{}", setting.name);
            }
            Absent::Told(words) => {
                assert!(!words.is_empty());
                absent.unwrap();
            }
        }
    }
}

#[test]
fn a_number_is_taken_up_to_its_declared_limits_and_not_beyond() {
    let mut checked = 0;
    for setting in declared_settings() {
        let Some((least, most)) = setting.range else {
            let number = matches!(setting.absent, Absent::Value(value)
                if value.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(!number, "{} has no limits", setting.name);
            continue;
        };
        let taken = |number: i64| with(setting, Some(number.to_string())).is_ok();
        assert!(taken(least) && taken(most), "{}", setting.name);
        assert!(!taken(least - 1) && !taken(most + 1), "{}", setting.name);
        checked += 1;
    }
    assert!(checked > 10, "{checked}");
}
