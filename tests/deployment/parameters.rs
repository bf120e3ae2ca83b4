//! What the template's parameters take: nothing that the program then refuses, because a
//! stack would be made whose functions do not start.

use countersign::config::Config;
use countersign::notify::Brand;
use countersign_cli::settings_file::parameter::Parameter;

use crate::harness::deployment::cloud::SENDER;
use crate::harness::deployment::template::{Stack, template};

/// Whether CloudFormation takes this value of a parameter.
pub fn takes(parameter: &str, value: &str) -> bool {
    let declared = &template()["Parameters"][parameter];
    assert!(declared.is_object(), "no parameter {parameter}");
    let declared: Parameter = serde_json::from_value(declared.clone()).unwrap();
    declared.takes(value)
}

/// Whether the functions start with this value of a parameter.
fn starts_with(parameter: &str, value: &str) -> bool {
    let mut parameters = vec![
        ("ProductName", "Example"),
        ("SenderAddress", SENDER),
        ("CodeMazeClient", "app"),
        ("MigrationUrl", "https://former.example.com/login"),
        (
            "CertificateArn",
            "arn:aws:acm:us-east-1:123456789012:certificate/1",
        ),
    ];
    parameters.retain(|(known, _)| *known != parameter);
    parameters.push((parameter, value));
    let environment = Stack::new("local", &parameters, &[]).environment();
    Config::read(|name| environment.get(name).cloned()).is_ok()
}

const URL_PARAMETERS: [&str; 5] = [
    "ThemeStyleUrl",
    "ThemeForgotPasswordUrl",
    "WebhookEndpoint",
    "MigrationUrl",
    "MigrationUserUrl",
];

/// Values that both take.
fn right() -> Vec<(&'static str, &'static str)> {
    let mut right = vec![
        ("ProductName", "My Shop"),
        ("ProductName", "Bob's & Son (2)"),
        ("SenderAddress", "no-reply@mail.example.com"),
        ("SenderName", "My Shop"),
        ("WebDomain", "shop.example.com"),
        ("DomainName", "login.example.com"),
        ("DomainName", "login.xn--80ak6aa92e.com"),
        ("SmsCountries", "+1,+44,-4470"),
        ("SmsSenderId", "MyShop"),
        ("SmsOriginationNumber", "+15555550100"),
        ("Dialects", "auth0,abp,codemaze,aidbox"),
        ("Dialects", "abp,aidbox"),
        ("TwoFactorIssuer", "Où est-ce ?"),
        ("ThemeTitle", "Come in"),
        (
            "LinkOrigins",
            "https://app.example.com,https://app.example.com:8443",
        ),
        ("LinkOrigins", "https://app.example.com:444"),
        (
            "WebhookHeaders",
            "{\"authorization\": \"Bearer a b\", \"x-key\": \"a\\\"b\"}",
        ),
        ("MigrationHeaders", "{}"),
        ("MigrationRoles", "roles"),
        ("EdgeSecret", "0123456789abcdef0123456789abcdef"),
    ];
    for parameter in URL_PARAMETERS {
        right.push((parameter, "https://codes.example.com"));
        right.push((parameter, "https://codes.example.com:8443/in?key=1&b=%20"));
    }
    right
}

/// Values that the program refuses or that are a slip, so that CloudFormation must
/// refuse them before anything is made.
fn wrong() -> Vec<(&'static str, &'static str)> {
    let mut wrong = vec![
        ("ProductName", " "),
        ("ProductName", "サイン"),
        ("SenderAddress", "nobody"),
        ("WebDomain", "localhost:80"),
        ("WebDomain", "-.-"),
        ("DomainName", "login.1"),
        ("DomainName", "login.example.com/"),
        ("DomainName", "LOGIN.example.com"),
        ("SmsSenderId", "0123456789"),
        ("SmsOriginationNumber", "+1555CALLME"),
        ("Dialects", "auth0,auth0"),
        ("Dialects", "codemaze,codemaze"),
        ("Dialects", "auth0, abp"),
        ("TwoFactorIssuer", "two\u{85}parts"),
        ("ThemeTitle", "two\tparts"),
        ("LinkOrigins", "https://app.example.com:443"),
        ("LinkOrigins", "https://app.example.com/"),
        ("LinkOrigins", "https://app.example.com:99999"),
        ("LinkOrigins", "https://app.1"),
        ("LinkOrigins", "https://..,https://-"),
        ("WebhookHeaders", "{'authorization': 'Bearer a'}"),
        ("WebhookHeaders", "{\"authorization\": 1}"),
        ("WebhookHeaders", "{\"a b\": \"c\"}"),
        ("WebhookHeaders", "{\"a\": \"ü\"}"),
        ("WebhookHeaders", "{junk}"),
        ("MigrationHeaders", "{\"a\": [\"b\"]}"),
        ("MigrationRoles", "my roles"),
        ("EdgeSecret", "short"),
    ];
    for parameter in URL_PARAMETERS {
        for value in [
            "http://codes.example.com/",
            "https://:80/",
            "https://codes.example.com:99999/",
            "https://[::1",
            "https://1.2.3.999/",
            "https://codes.1/",
            "https://a b.example.com/",
            "https://exa<mple.com/",
            "https://user@example.com/",
        ] {
            wrong.push((parameter, value));
        }
    }
    wrong
}

#[test]
fn a_value_with_which_the_functions_do_not_start_is_refused_before_anything_is_made() {
    for (parameter, value) in wrong() {
        assert!(!takes(parameter, value), "{parameter} takes {value:?}");
    }
    for (parameter, value) in right() {
        assert!(takes(parameter, value), "{parameter} refuses {value:?}");
        assert!(starts_with(parameter, value), "{parameter}: {value:?}");
    }
}

#[test]
fn what_only_the_program_can_know_is_refused_by_the_functions() {
    // A pattern cannot list the calling codes and the headers that frame a message.
    for (parameter, value) in [
        ("SmsCountries", "+999"),
        ("SmsCountries", "+1,+1"),
        ("WebhookHeaders", "{\"host\": \"example.com\"}"),
    ] {
        assert!(takes(parameter, value), "{parameter} refuses {value:?}");
        assert!(!starts_with(parameter, value), "{parameter}: {value:?}");
    }
}

#[test]
fn the_longest_product_name_fits_a_text_message_with_the_apis_own_address() {
    let host = "abcdefghij.execute-api.ap-southeast-1.amazonaws.com";
    let longest = "N".repeat(30);
    assert!(takes("ProductName", &longest));
    assert!(!takes("ProductName", &format!("{longest}N")));
    Brand::new(longest, host).unwrap();
}
