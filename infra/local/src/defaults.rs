//! The default settings of `cargo local`.

use countersign::domain::Dialect;
use url::Url;

use crate::demo;
use crate::stand_in::webhook;

/// The default settings of `cargo local`. The environment of `cargo local` overrides
/// them. `others` is the address of the stand-ins for KMS, SES, SNS and the webhook's
/// receiver.
pub fn settings(issuer: &str, others: &str) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("COUNTERSIGN_TABLE", TABLE.to_owned()),
        ("COUNTERSIGN_KMS_KEY", "alias/countersign".to_owned()),
        ("COUNTERSIGN_STACK", "local".to_owned()),
        ("COUNTERSIGN_ISSUER", issuer.to_owned()),
        ("COUNTERSIGN_PRODUCT_NAME", "Countersign Demo".to_owned()),
        (
            "COUNTERSIGN_EMAIL_FROM",
            "Countersign Demo <login@example.com>".to_owned(),
        ),
        (
            "COUNTERSIGN_DIALECTS",
            Dialect::ALL.map(Dialect::name).join(","),
        ),
        (
            "COUNTERSIGN_CODEMAZE_CLIENT",
            demo::CODEMAZE_CLIENT.to_owned(),
        ),
        // The demo users have every factor, and a developer should be able to try each.
        ("COUNTERSIGN_AAL_POLICY", "aal1".to_owned()),
        ("COUNTERSIGN_SMS_COUNTRIES", "+1".to_owned()),
        // A user who signs up in the demo can sign in and enrol at once. Confirming an
        // address can be tried too.
        ("COUNTERSIGN_CONFIRMATION_REQUIRED", "none".to_owned()),
        (
            "COUNTERSIGN_SIGN_UP",
            Dialect::ALL.map(Dialect::name).join(","),
        ),
        ("COUNTERSIGN_UNCONFIRMED_ENROLLMENT", "allowed".to_owned()),
        // A laptop that compiles at the same time is slow, so the time limits are long.
        ("COUNTERSIGN_AWS_ATTEMPT_MILLISECONDS", "20000".to_owned()),
        (
            "COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS",
            "5000".to_owned(),
        ),
        // The AuthConfig from Aidbox's demo.
        ("COUNTERSIGN_TWO_FACTOR_ISSUER", "Demo".to_owned()),
        (
            "COUNTERSIGN_WEBHOOK_ENDPOINT",
            format!("{others}{}", webhook::PATH),
        ),
        (
            "COUNTERSIGN_WEBHOOK_HEADERS",
            format!("{{\"authorization\": \"{}\"}}", webhook::AUTHORIZATION),
        ),
    ];
    // Messages name a domain. An IP address, such as the emulator's, is not a domain.
    let host = Url::parse(issuer);
    if !host.is_ok_and(|url| url.domain().is_some()) {
        settings.push(("COUNTERSIGN_WEB_DOMAIN", "localhost".to_owned()));
    }
    settings
}

/// The name of the table.
pub const TABLE: &str = "countersign";

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::config::Config;

    #[test]
    fn a_busy_laptop_has_twenty_seconds_for_what_a_function_does_in_one() {
        let settings = settings("https://localhost:8788/", "http://127.0.0.1:8789");
        let read = |named: &str| {
            let found = settings.iter().find(|(known, _)| *known == named);
            found.map(|(_, value)| value.clone())
        };
        let attempt = Config::read(read).unwrap().attempt_at_aws;
        assert_eq!(attempt, std::time::Duration::from_secs(20));
        let bare = |named: &str| read(named).filter(|_| !named.contains("MILLISECONDS"));
        let attempt = Config::read(bare).unwrap().attempt_at_aws;
        assert_eq!(attempt, std::time::Duration::from_secs(1));
    }

    #[test]
    fn every_issuer_that_the_options_take_is_one_that_a_function_starts_with() {
        for issuer in [
            "https://localhost:8788/",
            "http://127.0.0.1:8787/",
            "https://10.0.2.2:8788/",
            "https://[::1]:8788/",
            "https://login.example.com/",
        ] {
            let settings = settings(issuer, "http://127.0.0.1:8789");
            let value = |name: &str| {
                let found = settings.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.clone())
            };
            let config = Config::read(value).unwrap();
            assert_eq!(config.issuer, issuer);
        }
    }
}
