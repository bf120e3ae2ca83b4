//! What the settings accept and refuse.
#![allow(clippy::unwrap_used)]

use super::Config;
use crate::domain::Dialect;
use crate::domain::factors::offer::AalPolicy;

fn read(changes: &[(&str, &str)]) -> Result<Config, String> {
    Config::read(|name| {
        let changed = changes.iter().find(|(changed, _)| *changed == name);
        let value = changed.map(|(_, value)| *value).or(match name {
            "COUNTERSIGN_TABLE" => Some("countersign"),
            "COUNTERSIGN_KMS_KEY" => Some("alias/countersign"),
            "COUNTERSIGN_STACK" => Some("test"),
            "COUNTERSIGN_ISSUER" => Some("https://login.example.com/"),
            "COUNTERSIGN_PRODUCT_NAME" => Some("Example"),
            "COUNTERSIGN_EMAIL_FROM" => Some("Example <login@example.com>"),
            _ => None,
        });
        value.map(str::to_owned)
    })
    .map_err(|wrong| wrong.to_string())
}

#[test]
fn what_is_not_set_has_its_documented_default() {
    let config = read(&[]).unwrap();
    assert_eq!(config.messages.brand.domain, "login.example.com");
    assert_eq!(config.totp_past_steps, 1);
    assert_eq!(config.refresh_grace_seconds, 60);
    assert_eq!(config.dialects, [Dialect::Auth0]);
    assert_eq!(config.offer.aal, AalPolicy::PreferAal2);
    assert!(config.confirmation.email && !config.confirmation.phone);
    assert!(config.offer.sms_countries.is_empty());
    assert_eq!(config.signing_key_seconds, 90 * 86_400);
}

#[test]
fn every_required_variable_is_named_when_it_is_missing_or_empty() {
    for name in [
        "TABLE",
        "KMS_KEY",
        "STACK",
        "ISSUER",
        "PRODUCT_NAME",
        "EMAIL_FROM",
    ] {
        let name = format!("COUNTERSIGN_{name}");
        let message = read(&[(&name, "")]).unwrap_err();
        assert!(
            message.starts_with(&format!("{name} is missing: it wants ")),
            "{message}"
        );
    }
}

#[test]
fn a_wrong_value_is_refused_with_what_the_variable_wants() {
    for (name, value) in [
        ("ISSUER", "https://login.example.com"),
        ("ISSUER", "http://login.example.com/"),
        ("ISSUER", "https://LOGIN.example.com/"),
        ("EMAIL_FROM", "nobody"),
        ("SMS_SENDER_ID", "much too long id"),
        ("SMS_ORIGINATION_NUMBER", "+1555CALLME"),
        ("SIGNING_ALGORITHM", "HS256"),
        ("DIALECTS", "auth0, saml"),
        ("AAL_POLICY", "aal3"),
        ("SMS_COUNTRIES", "+1,44"),
        ("SIGNING_KEY_DAYS", "6"),
        ("TOTP_PAST_STEPS", "6"),
        ("ACCESS_TOKEN_SECONDS", "soon"),
        ("REFRESH_GRACE_SECONDS", "29"),
        ("DPOP_REPLAY", "no"),
        ("PASSWORD_MINIMUM_LENGTH", "7"),
        ("CONFIRMATION_REQUIRED", "mail"),
        ("SIGN_UP", "auth0,none"),
        ("UNCONFIRMED_ENROLLMENT", "yes"),
        ("LINK_ORIGINS", "https://app.example.com/path"),
        ("LINK_ORIGINS", "https://a@app.example.com"),
        ("LINK_ORIGINS", "http://app.example.com"),
        ("LINK_ORIGINS", "app.example.com"),
        ("MFA_POLICY", "always"),
        ("MFA_GRACE_SECONDS", "-1"),
        ("SMS_COUNTRIES", "US"),
        ("SMS_COUNTRIES", "+1,-1"),
        ("SMS_COUNTRIES", "+999"),
    ] {
        let name = format!("COUNTERSIGN_{name}");
        let message = read(&[(&name, value)]).unwrap_err();
        assert!(
            message.starts_with(&format!("{name} is wrong: it wants ")),
            "{message}"
        );
    }
}

#[test]
fn a_product_name_that_no_text_message_can_carry_is_refused() {
    let message = read(&[("COUNTERSIGN_PRODUCT_NAME", "サイン")]).unwrap_err();
    assert!(message.contains("COUNTERSIGN_PRODUCT_NAME"), "{message}");
}

#[test]
fn a_policy_that_leaves_a_user_without_a_number_no_way_in_is_refused() {
    let disabled = ("COUNTERSIGN_MFA_POLICY", "disabled");
    for policy in ["phone", "both"] {
        let policy = ("COUNTERSIGN_CONFIRMATION_REQUIRED", policy);
        let message = read(&[policy, disabled]).unwrap_err();
        assert!(
            message.contains("MFA_POLICY other than disabled"),
            "{message}"
        );
        assert!(read(&[policy]).is_ok());
    }
    assert!(read(&[disabled]).is_ok());
}

#[test]
fn several_wrong_variables_are_all_named() {
    let message = read(&[
        ("COUNTERSIGN_TABLE", ""),
        ("COUNTERSIGN_TOTP_PAST_STEPS", "x"),
    ])
    .unwrap_err();
    assert!(message.contains("COUNTERSIGN_TABLE") && message.contains("TOTP_PAST_STEPS"));
}

#[test]
fn lists_are_read_with_and_without_spaces() {
    let config = read(&[
        ("COUNTERSIGN_DIALECTS", "abp, auth0"),
        ("COUNTERSIGN_SMS_COUNTRIES", " +44 ,+1876,"),
    ])
    .unwrap();
    assert_eq!(config.dialects, [Dialect::Abp, Dialect::Auth0]);
    assert!(config.offer.may_text("+442079460000") && config.offer.may_text("+18765550100"));
}
