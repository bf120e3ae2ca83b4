//! What the template's parameters take: nothing that the program then refuses, because a
//! stack would be made whose functions do not start.

use std::sync::LazyLock;

use countersign::config::Config;
use countersign::domain::authorization::client::may_lead_back;
use countersign::domain::messages::sms_countries::SmsCountries;
use countersign::notify::Brand;
use countersign::notify::post::SecretHeaders;
use countersign_cli::settings_file::parameter::Parameter;

use serde_json::{Value, json};

use crate::harness::deployment::cloud::SENDER;
use crate::harness::deployment::template::{Stack, template};

fn declared(parameter: &str) -> Parameter {
    static TEMPLATE: LazyLock<Value> = LazyLock::new(template);
    let declared = &TEMPLATE["Parameters"][parameter];
    assert!(declared.is_object(), "no parameter {parameter}");
    serde_json::from_value(declared.clone()).unwrap()
}

/// Whether CloudFormation takes this value of a parameter.
pub fn takes(parameter: &str, value: &str) -> bool {
    declared(parameter).takes(value)
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

const URL_PARAMETERS: [&str; 6] = [
    "PasskeyPage",
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
        ("CorsOrigins", ""),
        (
            "CorsOrigins",
            "https://app.example.com, https://app.example.com:8443",
        ),
        ("CorsOrigins", "http://localhost:4200,https://localhost"),
        (
            "FirstClientRedirectUris",
            "https://app.example.com/auth com.example.app://login datacentre:/in",
        ),
        ("SmsCountries", "+1,-1876,+7,+49151,-+420"),
        ("WebhookHeaders", "{\"hostname\": \"a\", \"x-host\": \"b\"}"),
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
        ("CorsOrigins", "junk"),
        ("CorsOrigins", "https://app.example.com/"),
        ("CorsOrigins", "https://app.example.com:443"),
        (
            "CorsOrigins",
            "https://app.example.com,https://APP.example.com",
        ),
        ("CorsOrigins", "http://app.example.com"),
        ("FirstClientRedirectUris", "javascript:alert(1)"),
        (
            "FirstClientRedirectUris",
            "https://app.example.com/ JavaScript:alert(1)",
        ),
        ("FirstClientRedirectUris", "data:text/html,x"),
        ("FirstClientRedirectUris", "https://app.example.com/#in"),
        ("FirstClientRedirectUris", "/in"),
        ("SmsCountries", "+999"),
        ("SmsCountries", "+1,+21"),
        ("SmsCountries", "+1,"),
        ("WebhookHeaders", "{\"host\": \"example.com\"}"),
        (
            "WebhookHeaders",
            "{\"a\": \"b\", \"Content-Length\": \"1\"}",
        ),
        ("MigrationHeaders", "{\"TE\": \"trailers\"}"),
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
    // A pattern cannot compare two members of a list.
    assert!(takes("SmsCountries", "+1,+1"));
    assert!(!starts_with("SmsCountries", "+1,+1"));
}

#[test]
fn the_template_and_the_program_know_the_same_calling_codes() {
    let declared = declared("SmsCountries");
    for digits in 1..=9999 {
        let value = format!("+{digits}");
        let known = SmsCountries::parse([value.as_str()]).is_some();
        assert_eq!(declared.takes(&value), known, "{value}");
    }
}

#[test]
fn the_template_and_the_program_know_the_same_headers_that_frame_a_message() {
    for name in [
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "accept",
        "authorization",
        "cookie",
        "user-agent",
        "x-api-key",
        "test",
    ] {
        for parameter in ["WebhookHeaders", "MigrationHeaders"] {
            for name in [name.to_owned(), name.to_uppercase()] {
                let value = json!({ name: "a" }).to_string();
                let known = SecretHeaders::parse(&value).is_some();
                assert_eq!(takes(parameter, &value), known, "{parameter}: {value}");
            }
        }
    }
}

#[test]
fn what_the_template_takes_as_the_first_client_is_a_client_for_the_program() {
    for (parameter, value) in right().into_iter().chain(wrong()) {
        if parameter == "FirstClientRedirectUris" {
            let uris: Vec<String> = value.split(' ').map(str::to_owned).collect();
            let known = uris.iter().all(|uri| may_lead_back(uri));
            assert_eq!(takes(parameter, value), known, "{value}");
        }
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
