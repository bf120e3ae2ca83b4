//! Tables of the claims of each kind of token.

use super::*;
use crate::factors::factor::Method;
use crate::id::UserId;
use crate::sessions::authentication::FirstFactor;

fn ann() -> User {
    User {
        email: Some("ann@example.com".into()),
        email_confirmed: true,
        epoch: 4,
        ..User::new(UserId::from_bytes([1; 16]), "ann", 0)
    }
}

fn authorized(scope: &str, audience: &[&str], key: Option<&str>) -> Authorized {
    Authorized {
        client: "app".into(),
        scope: Scope::parse(scope),
        audience: audience.iter().map(|one| (*one).to_owned()).collect(),
        key: key.and_then(KeyThumbprint::parse),
        code: None,
    }
}

fn issuing(dialect: Dialect) -> Issuing<'static> {
    Issuing {
        issuer: "https://login.example.com/",
        client: "app",
        dialect,
        now: 1000,
        seconds: 60,
    }
}

fn to_issue<'a>(user: &'a User, authorized: &'a Authorized, method: Option<Method>) -> ToIssue<'a> {
    ToIssue {
        user,
        authorized,
        authentication: Authentication {
            at: 900,
            first: FirstFactor::Password,
            method,
            key: None,
        },
        session: None,
        session_id: SessionId::from_bytes([2; 16]),
        nonce: None,
        named_as_auth0: false,
    }
}

fn value(claims: &IssuedClaims, wanted: &str) -> Option<ClaimValue> {
    let mut found = claims.0.iter().filter(|(name, _)| *name == wanted);
    let value = found.next().map(|(_, value)| value.clone());
    assert!(found.next().is_none(), "{wanted} stands twice");
    value
}

fn text(text: &str) -> Option<ClaimValue> {
    Some(ClaimValue::Text(text.to_owned()))
}

fn list(texts: &[&str]) -> Option<ClaimValue> {
    let texts = texts.iter().map(|text| (*text).to_owned());
    Some(ClaimValue::List(texts.collect()))
}

#[test]
fn an_access_token_says_who_signed_in_when_and_how() {
    let (user, authorized) = (ann(), authorized("openid", &["api"], None));
    let issue = to_issue(&user, &authorized, Some(Method::Totp));
    let claims = issue.access_claims(issuing(Dialect::Auth0), "jti".into());
    for (name, expected) in [
        ("iss", text("https://login.example.com/")),
        ("sub", text(&user.subject())),
        ("aud", text("api")),
        ("client_id", text("app")),
        ("azp", text("app")),
        ("scope", text("openid")),
        ("iat", Some(ClaimValue::Number(1000))),
        ("exp", Some(ClaimValue::Number(1060))),
        ("jti", text("jti")),
        ("auth_time", Some(ClaimValue::Number(900))),
        ("acr", text("aal2")),
        ("amr", list(&["pwd", "otp", "mfa"])),
        ("epoch", Some(ClaimValue::Count(4))),
        ("sid", text(&issue.session_id.dashed())),
        ("cnf", None),
        ("name", None),
    ] {
        assert_eq!(value(&claims, name), expected, "{name}");
    }
}

#[test]
fn several_audiences_are_a_list_and_a_bound_token_names_its_key() {
    let key = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    let (user, authorized) = (ann(), authorized("", &["a", "b"], Some(key)));
    let issue = to_issue(&user, &authorized, None);
    let claims = issue.access_claims(issuing(Dialect::Auth0), "jti".into());
    assert_eq!(value(&claims, "aud"), list(&["a", "b"]));
    let bound = Some(ClaimValue::BoundKey(key.to_owned()));
    assert_eq!(value(&claims, "cnf"), bound);
    assert_eq!(token_type(authorized.key.as_ref()), "DPoP");
    assert_eq!(token_type(None), "Bearer");
}

#[test]
fn each_dialect_names_the_user_as_its_apps_read_it() {
    for (dialect, roles, claim, expected) in [
        (Dialect::Auth0, &["admin"][..], "preferred_username", None),
        (Dialect::Aidbox, &["admin"], NAME_CLAIM, None),
        (Dialect::Abp, &[], "preferred_username", text("ann")),
        (Dialect::Abp, &[], "unique_name", text("ann")),
        (Dialect::Abp, &[], "role", list(&[])),
        (Dialect::Abp, &["admin"], "role", text("admin")),
        (Dialect::Abp, &["a", "b"], "role", list(&["a", "b"])),
        (Dialect::CodeMaze, &[], NAME_CLAIM, text("ann@example.com")),
        (Dialect::CodeMaze, &[], ROLE_CLAIM, None),
        (Dialect::CodeMaze, &["admin"], ROLE_CLAIM, text("admin")),
    ] {
        let user = User {
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..ann()
        };
        let authorized = authorized("", &["api"], None);
        let issue = to_issue(&user, &authorized, None);
        let claims = issue.access_claims(issuing(dialect), "jti".into());
        assert_eq!(value(&claims, claim), expected, "{dialect:?} {claim}");
    }
}

#[test]
fn the_second_level_has_auth0s_name_where_the_app_asked_for_it() {
    let (user, authorized) = (ann(), authorized("openid", &["api"], None));
    for (method, named_as_auth0, acr) in [
        (None, false, "aal1"),
        (None, true, "aal1"),
        (Some(Method::Totp), false, "aal2"),
        (Some(Method::Totp), true, MULTI_FACTOR),
        (Some(Method::Email), true, "aal1"),
    ] {
        let issue = ToIssue {
            named_as_auth0,
            nonce: Some("n-0S6"),
            ..to_issue(&user, &authorized, method)
        };
        let claims = issue.id_claims(issuing(Dialect::Auth0), Some("hash".into()));
        assert_eq!(
            value(&claims, "acr"),
            text(acr),
            "{method:?} {named_as_auth0}"
        );
        assert_eq!(value(&claims, "aud"), text("app"));
        assert_eq!(value(&claims, "nonce"), text("n-0S6"));
        assert_eq!(value(&claims, "epoch"), None);
    }
}

#[test]
fn a_scope_gives_its_claims_of_the_user_and_no_others() {
    let user = User {
        given_name: Some("Ann".into()),
        family_name: Some("Lee".into()),
        phone: Some("+15555550100".into()),
        roles: vec!["admin".into()],
        ..ann()
    };
    for (scope, expected) in [
        ("", "sub"),
        ("openid", "sub"),
        (
            "profile",
            "sub name preferred_username given_name family_name",
        ),
        ("email", "sub email email_verified"),
        ("phone", "sub phone_number phone_number_verified"),
        ("roles", "sub role"),
        ("role", "sub role"),
    ] {
        let claims = identity_claims(&user, &Scope::parse(scope));
        let names: Vec<&str> = claims.0.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.join(" "), expected, "{scope}");
    }
    let nothing = User {
        email: None,
        ..User::new(user.id, "ann", 0)
    };
    let all = Scope::parse("email phone roles");
    assert_eq!(identity_claims(&nothing, &all).0.len(), 1);
}

#[test]
fn the_full_name_is_the_apps_or_that_of_the_person_or_the_user_name() {
    let some = |text: &str| Some(text.to_owned());
    for (written, given, family, name) in [
        (some("Dr. Ann"), some("Ann"), None, "Dr. Ann"),
        (None, some("Ann"), some("Lee"), "Ann Lee"),
        (None, None, some("Lee"), "Lee"),
        (None, None, None, "ann"),
    ] {
        let mut user = User {
            given_name: given,
            family_name: family,
            ..ann()
        };
        user.profile.name = written;
        let claims = identity_claims(&user, &Scope::parse("profile"));
        assert_eq!(value(&claims, "name"), text(name));
    }
}

#[test]
fn the_token_of_a_machine_says_so_and_names_no_user() {
    for (dialect, scope, sub) in [
        (Dialect::Auth0, "read:items", "app@clients"),
        (Dialect::Abp, "", "app"),
    ] {
        let authorized = authorized(scope, &["api"], None);
        let claims = machine_claims(&authorized, issuing(dialect), "jti".into());
        assert_eq!(value(&claims, "sub"), text(sub));
        assert_eq!(value(&claims, "gty"), text(CLIENT_GRANT));
        assert_eq!(value(&claims, "aud"), text("api"));
        let scope = text(scope).filter(|_| !scope.is_empty());
        assert_eq!(value(&claims, "scope"), scope);
        for absent in ["sid", "epoch", "amr", "acr", "auth_time"] {
            assert_eq!(value(&claims, absent), None, "{absent}");
        }
    }
}
