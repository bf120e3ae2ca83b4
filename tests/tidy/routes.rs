//! What the routes declare about themselves.

use std::collections::BTreeMap;

use countersign::domain::events::attempt::Attempt;
use countersign::routes::ROUTES;
use countersign::routes::words::words_of;
use countersign::wire::Shape;

use crate::tidy::source::{files, workspace};

#[test]
fn whatever_follows_from_the_routes_and_settings_stands_as_cargo_xtask_writes_it() {
    let derived = xtask::derived(&workspace()).unwrap();
    let mut names = Vec::new();
    for file in derived {
        let kept = std::fs::read_to_string(workspace().join(&file.path)).unwrap_or_default();
        assert!(
            kept == file.text,
            "{} is not what follows from the routes and settings: cargo xtask routes",
            file.path
        );
        names.push(file.path);
    }
    // A missing event would appear in this list.
    let all = [
        "Cargo.toml",
        "infra/template.yaml",
        "docs/reference/settings.md",
        "docs/openapi.json",
        "shared/src/wire/documented_fields.rs",
        "events/README.md",
    ];
    assert_eq!(names, all);
}

#[test]
fn a_path_says_no_in_one_way_whatever_its_method() {
    let mut known = BTreeMap::new();
    for route in ROUTES {
        let words = (route.kind.words.dialect, route.kind.words.shape);
        let first = *known.entry(route.path).or_insert(words);
        assert_eq!(first, words, "{} {}", route.method, route.path);
        let found = words_of(route.path);
        assert_eq!((found.dialect, found.shape), words, "{}", route.path);
    }
    assert!(known.len() < ROUTES.len());
}

#[test]
fn a_path_that_is_no_routes_says_no_as_the_paths_around_it_do() {
    for (path, shape) in [
        ("/connect/nothing", Shape::AbpToken),
        ("/abp/nothing", Shape::AbpToken),
        (
            "/.well-known/oauth-authorization-server/abp/nothing",
            Shape::AbpToken,
        ),
        ("/api/account/nothing", Shape::AbpRest),
        ("/api/identity/nothing", Shape::AbpRest),
        ("/api/two-factor-token/nothing", Shape::AbpRest),
        ("/api/accounts/nothing", Shape::CodeMazeText),
        ("/api/accounts/login/nothing", Shape::CodeMazeText),
        ("/auth/two-factor/nothing", Shape::AidboxTwoFactor),
        ("/app/auth/two-factor/nothing", Shape::AidboxTwoFactor),
        ("/auth/nothing", Shape::Aidbox),
        ("/app/auth/nothing", Shape::Aidbox),
        ("/aidbox/nothing", Shape::Aidbox),
        ("/Session/nothing", Shape::Auth0),
        ("/nothing", Shape::Auth0),
        ("/", Shape::Auth0),
        ("", Shape::Auth0),
        // A path that fits a parameter belongs to that route.
        ("/mfa/authenticators/recovery-code|1", Shape::Auth0),
        ("/api/identity/users/by-email/a@example.com", Shape::AbpRest),
    ] {
        assert_eq!(words_of(path).shape, shape, "{path}");
    }
}

#[test]
fn every_route_is_for_something_except_those_that_publish_keys_and_settings() {
    for route in ROUTES {
        let publishes = route.path.contains("/.well-known/");
        let nothing = route.attempt == Attempt::Nothing;
        assert_eq!(nothing, publishes, "{} {}", route.method, route.path);
    }
}

#[test]
fn a_routes_method_and_path_stand_in_its_line_alone() {
    for (path, text) in files("shared/src/wire", ".rs") {
        let states = concat!("utoipa", "::path");
        assert!(!text.contains(states), "{path}: write #[operation(…)]");
    }
}
