//! What the deployed binaries contain, and what they are built from.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::process::{Command, Stdio};

use countersign::routes::Function;
use countersign_local::demo;

use crate::harness::deployment::binary::binary;
use crate::tidy::source::workspace;

const LOCAL: &str = "countersign-local";

/// Texts that only the local environment may contain.
const LOCAL_ONLY: [&str; 9] = [
    demo::USER,
    demo::SEED,
    demo::RECOVERY_CODE,
    demo::SERVER_SECRET,
    demo::ABP_EMAIL,
    demo::ABP_PASSWORD,
    demo::ABP_SEED,
    "/_local",
    // The OpenAPI document.
    "Whose code `TwoFactorCode` is.",
];

/// Runs cargo in the workspace and returns its output.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo {arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Those of these texts that occur in these bytes.
fn found<'a>(bytes: &[u8], texts: &[&'a str]) -> Vec<&'a str> {
    let stands = |text: &&&str| {
        let (first, rest) = text.as_bytes().split_first().unwrap();
        let mut left = bytes;
        while left.skip_until(*first).unwrap() > 0 {
            if left.starts_with(rest) {
                return true;
            }
        }
        false
    };
    texts.iter().filter(stands).copied().collect()
}

#[test]
fn no_function_holds_demo_data_or_a_local_route_and_the_local_service_holds_all() {
    for function in Function::ALL {
        let bytes = std::fs::read(binary(function.name())).unwrap();
        assert_eq!(found(&bytes, &LOCAL_ONLY), [""; 0], "{}", function.name());
        // Checks that the search works: every function contains this text.
        assert_eq!(found(&bytes, &["mfa_token is expired"]).len(), 1);
    }
    let bytes = std::fs::read(binary(LOCAL)).unwrap();
    assert_eq!(found(&bytes, &LOCAL_ONLY), LOCAL_ONLY);
}

/// The functions that send a message.
const SENDERS: &[&str] = &["token", "send-code", "account", "enroll"];

/// The functions that hash a new password.
const HASHERS: &[&str] = &["token", "account", "enroll"];

/// Texts of single routes, use cases and clients, and the functions that contain them.
const HELD: [(&str, &[&str]); 17] = [
    ("Multifactor authentication required", &["token"]),
    ("the request is too long", &["token"]),
    ("a sign-up was not completed", &["account"]),
    ("Enable two-factor authentication", &["enroll"]),
    (
        "the table holds users but its data keys are gone",
        &["keys"],
    ),
    ("the response URL is not https", &["keys"]),
    (
        "the client is named twice",
        &["token", "send-code", "verify", "account"],
    ),
    (
        "the charge for a right guess was not given back",
        &["token", "verify", "account", "enroll"],
    ),
    // SES, SNS and the webhook's client.
    ("/v2/email/outbound-emails", SENDERS),
    ("AWS.SNS.SMS.SMSType", SENDERS),
    ("the address may not be reached", SENDERS),
    // The list of zxcvbn.
    ("qwertyuiop,123321,1234567890", HASHERS),
    // Hashes of other systems.
    ("scrypt's cost is above the cap", HASHERS),
    // What a login asks the former system.
    (
        "names a user who has another name here",
        &["token", "account"],
    ),
    // The ceremonies of passkeys, and the crate for them.
    (
        "a challenge is no state of a ceremony",
        &["token", "enroll"],
    ),
    ("Credential backup eligibility has changed!", &["token"]),
    // A text that only operators' code contains.
    ("remove what is left of a user", &[]),
];

#[test]
fn a_function_holds_its_own_routes_and_the_clients_that_they_use_and_no_other() {
    for function in Function::ALL.map(Function::name) {
        let bytes = std::fs::read(binary(function)).unwrap();
        let own = HELD
            .iter()
            .filter(|(_, holders)| holders.contains(&function));
        let own: Vec<&str> = own.map(|(text, _)| *text).collect();
        assert_eq!(
            found(&bytes, &HELD.map(|(text, _)| text)),
            own,
            "{function}"
        );
    }
}

/// The packages that these packages are built from.
fn tree(packages: &[&str]) -> BTreeSet<String> {
    let mut arguments = vec![
        "tree",
        "--locked",
        "--offline",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    for package in packages {
        arguments.extend(["--package", package]);
    }
    let lines = cargo(&arguments);
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_function_is_built_from_the_local_environment_or_a_second_cryptography() {
    let functions = tree(&Function::ALL.map(Function::name));
    assert!(functions.contains("aws-lc-rs"), "{functions:?}");
    for name in [
        LOCAL,
        "dynoxide-rs",
        "ring",
        "native-tls",
        "openssl",
        "openssl-sys",
        "insta",
        "tests",
    ] {
        assert!(!functions.contains(name), "a function is built from {name}");
    }
    assert!(tree(&[LOCAL]).contains("dynoxide-rs"));
}
