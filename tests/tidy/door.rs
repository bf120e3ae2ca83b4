//! One file answers who is calling. So no endpoint forgets a sign-out, an audience or
//! a scope.

use crate::tidy::source::{code, sources};

const DOOR: &str = "shared/src/usecase/sessions/authenticate.rs";

/// What only the door may use: the check of an access token, the reading of a browser's
/// cookie, and the reads of a session for a caller.
const OF_THE_DOOR: [&str; 6] = [
    ".check_access_token(",
    "AccessClaims",
    "TokenBody::browser,",
    ".read_user_and_session(",
    ".read_session_alone(",
    "session: Some(self.session)",
];

#[test]
fn one_file_authenticates_access_tokens_and_the_cookies_of_browsers() {
    let mut read = 0;
    let all = ["shared/src/usecase", "shared/src/wire"];
    for (path, text) in all.iter().flat_map(|folder| sources(folder)) {
        read += 1;
        // An operator is no caller of an endpoint.
        if path.contains("/administration/") {
            continue;
        }
        let code = code(&text);
        for used in OF_THE_DOOR {
            assert_eq!(code.contains(used), path == DOOR, "{path}: {used}");
        }
    }
    assert!(read > 150, "{read}");
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
    // `read_login` and its neighbours belong to a caller whose session is not read yet.
    assert_eq!(names, ["authenticate", "user", "login", "read_login"]);
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
        let lookups = code.matches(".app.client(").count();
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
