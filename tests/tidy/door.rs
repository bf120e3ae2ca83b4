//! One file answers who is calling. So no endpoint forgets a sign-out, an audience or
//! a scope.

use std::collections::BTreeSet;

use crate::tidy::source::{code, sources};

const DOOR: &str = "shared/src/usecase/sessions/authenticate.rs";

/// The other files of the door: the token that a client asks about, and the caller whose
/// session is read with a login.
const BESIDE_DOOR: [&str; 2] = [
    "shared/src/usecase/sessions/seen_token.rs",
    "shared/src/usecase/sessions/unread_bearer.rs",
];

/// What decides in one place what a bearer token is.
const KIND_OF_BEARER: &str = "token.contains('.')";

/// What only the door may use: the check of an access token, the reading of a browser's
/// cookie, and the reads of a session for a caller.
const OF_THE_DOOR: [&str; 8] = [
    ".check_access_or_reread(",
    ".claims_or_reread(",
    "AccessClaims",
    "TokenBody::browser,",
    ".read_user_and_session(",
    ".read_session_alone(",
    "session: Some(self.session)",
    // Only the door knows that a refused cookie is nobody's.
    "Credential::Browser(cookie), required",
];

#[test]
fn one_door_authenticates_access_tokens_and_the_cookies_of_browsers() {
    let mut read = 0;
    let mut found = BTreeSet::new();
    let all = ["shared/src/usecase", "shared/src/wire"];
    for (path, text) in all.iter().flat_map(|folder| sources(folder)) {
        read += 1;
        // An operator is no caller of an endpoint.
        if path.contains("/administration/") {
            continue;
        }
        let code = code(&text);
        let is_door = path == DOOR || BESIDE_DOOR.contains(&path.as_str());
        for used in OF_THE_DOOR {
            assert!(!code.contains(used) || is_door, "{path}: {used}");
            found.extend(code.contains(used).then_some(used));
        }
        let requirement = path == "shared/src/usecase/sessions/requirement.rs";
        let text = code.replace("bearer.contains(", "token.contains(");
        assert_eq!(text.contains(KIND_OF_BEARER), requirement, "{path}");
    }
    assert!(read > 150, "{read}");
    assert_eq!(found, BTreeSet::from(OF_THE_DOOR));
}

/// The public functions of the door, and what its types let others do.
#[test]
fn the_door_is_one_function_and_its_argument_states_what_is_required() {
    let text = sources("shared/src/usecase/sessions");
    let (_, text) = text.iter().find(|(path, _)| path == DOOR).unwrap();
    let code = code(text);
    let public = code.lines().filter(|line| {
        let line = line.trim_start();
        line.starts_with("pub") && line.contains("fn ")
    });
    let names: Vec<&str> = public
        .filter_map(|line| line.split("fn ").nth(1)?.split(['(', '<']).next())
        .collect();
    // `of` makes the token of `seen_token`.
    let expected = ["authenticate", "signed_in_browser", "unless_refused", "of"];
    assert_eq!(names, expected);
    let fields = ["audience", "scope", "session", "role", "read"];
    let requirement = sources("shared/src/usecase/sessions");
    let (_, text) = requirement
        .iter()
        .find(|(path, _)| path.ends_with("/requirement.rs"))
        .unwrap();
    let required = text
        .split("pub(crate) struct Required<'a, R> {")
        .nth(1)
        .unwrap();
    let required = required.split("\n}").next().unwrap();
    let stated = required.lines().filter_map(|line| {
        let line = line.trim_start().strip_prefix("pub ")?;
        Some(line.split(':').next().unwrap())
    });
    assert_eq!(stated.collect::<Vec<_>>(), fields);
    assert!(!text.contains("impl Default for Required"), "no defaults");
    let mut stating = 0;
    for (path, text) in ["shared/src/usecase", "shared/src/wire"]
        .iter()
        .flat_map(|folder| sources(folder))
    {
        for required in text.split("= Required {").skip(1) {
            stating += 1;
            let required = required.split("};").next().unwrap();
            assert!(!required.contains(".."), "{path} leaves a requirement out");
        }
    }
    assert!(stating > 15, "{stating}");
}

#[test]
fn a_client_is_looked_up_by_two_files_and_every_other_step_gets_the_one_that_was_found() {
    let all = ["shared/src/usecase", "shared/src/wire"];
    let mut looking = Vec::new();
    for (path, text) in all.iter().flat_map(|folder| sources(folder)) {
        let code: String = code(&text).split_whitespace().collect();
        let lookups = code.matches(".app.find_known_client(").count();
        if lookups > 0 {
            looking.push((path, lookups));
        }
    }
    looking.sort();
    let folder = "shared/src/usecase/authorization";
    // CodeMaze's requests name no client, so a setting names it. What anybody may ask for
    // names a client without a secret.
    let authenticated = (format!("{folder}/authenticate_client.rs"), 3);
    // An authorization request names its client without a secret.
    let addressee = (format!("{folder}/authorize.rs"), 1);
    assert_eq!(looking, [authenticated, addressee]);
}

/// What looks up the client that makes the request.
const LOOKUPS: [&str; 4] = [
    "addressee(",
    "authenticate_client(",
    "named_client(",
    "codemaze_client(",
];

#[test]
fn no_step_after_the_client_is_known_looks_the_client_up_again() {
    let all = ["shared/src/usecase", "shared/src/wire"];
    let (mut with_client, mut looking) = (0, 0);
    for (path, text) in all.iter().flat_map(|folder| sources(folder)) {
        let code = code(&text);
        for function in code.split("fn ").skip(1) {
            let knows = usize::from(function.contains("&ClientContext"));
            with_client += knows;
            // The name of the function itself is no call.
            let body = function.split_once('(').map_or("", |(_, body)| body);
            let calls = LOOKUPS.map(|lookup| body.matches(lookup).count());
            let calls: usize = calls.iter().sum();
            looking += calls;
            let name: String = function.chars().take(40).collect();
            assert!(knows + calls <= 1, "{path}: {name}");
        }
    }
    assert!(with_client > 30 && looking > 10, "{with_client} {looking}");
}

#[test]
fn one_file_demands_a_factor_and_one_writes_the_change() {
    let all = ["shared/src/usecase", "shared/src/wire"];
    let only = [
        (
            ".check_may_change(",
            "shared/src/usecase/sessions/requirement.rs",
        ),
        (
            ".change_factors(",
            "shared/src/usecase/factors/factors_delta.rs",
        ),
        ("MayChange {", "shared/src/usecase/sessions/requirement.rs"),
    ];
    for (used, home) in only {
        let mut users = Vec::new();
        for (path, text) in all.iter().flat_map(|folder| sources(folder)) {
            if code(&text).contains(used) {
                users.push(path);
            }
        }
        assert_eq!(users, [home], "{used}");
    }
}
