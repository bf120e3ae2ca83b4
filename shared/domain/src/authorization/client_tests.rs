//! What a client may ask for.
#![allow(clippy::unwrap_used)]

use super::{
    Client, Grant, Grants, LONGEST_SCOPE, OwnAudiences, PageRefusal, Refusal, Refused, Scope,
};

const USERINFO: &str = "https://issuer/userinfo";

fn own() -> OwnAudiences {
    OwnAudiences {
        userinfo: USERINFO.into(),
        account: "https://issuer/account".into(),
    }
}

fn client() -> Client {
    Client {
        grants: Grants::from([Grant::Password]),
        scopes: vec!["read:sample".into(), "offline_access".into()],
        audiences: vec!["https://api".into(), "https://other".into()],
        ..Client::new("app")
    }
}

#[test]
fn only_a_registered_redirect_uri_is_taken_and_the_only_one_may_be_left_out() {
    let mut client = client();
    let none = |asked| {
        let refused = Refused::new("redirect_uri", asked);
        Err(Refusal::Page(PageRefusal::RedirectUriRejected(refused)))
    };
    assert_eq!(client.redirect_uri(None), none("(none)"));
    client.redirect_uris = vec!["https://a.example/cb".into()];
    assert_eq!(client.redirect_uri(None), Ok("https://a.example/cb"));
    assert_eq!(
        client.redirect_uri(Some("https://a.example/cb/")),
        none("https://a.example/cb/")
    );
    client.redirect_uris.push("https://a.example/other".into());
    assert_eq!(client.redirect_uri(None), none("(none)"));
    for bad in [
        "https://a.example/#x",
        "/relative",
        "javascript:alert(1)",
        "https://a b",
    ] {
        client.redirect_uris = vec![bad.into()];
        assert_eq!(client.redirect_uri(Some(bad)), none(bad), "{bad}");
    }
}

#[test]
fn an_absent_audience_is_the_clients_default() {
    let authorized = client()
        .authorized_for(Some("read:sample"), None, &own())
        .unwrap();
    assert_eq!(authorized.audience, ["https://api"]);
}

#[test]
fn with_openid_the_token_is_for_userinfo_too() {
    let authorized = client()
        .authorized_for(Some("openid"), Some("https://other"), &own())
        .unwrap();
    assert_eq!(authorized.audience, ["https://other", USERINFO]);
}

#[test]
fn a_client_that_lists_the_account_gets_it_beside_its_default_unless_it_names_one() {
    let mut client = client();
    client.audiences.push("https://issuer/account".into());
    let authorized = client.authorized_for(None, None, &own()).unwrap();
    assert_eq!(
        authorized.audience,
        ["https://api", "https://issuer/account"]
    );
    let named = client.authorized_for(None, Some("https://other"), &own());
    assert_eq!(named.unwrap().audience, ["https://other"]);
}

#[test]
fn what_is_outside_the_lists_is_refused() {
    let scope = client().authorized_for(Some("openid admin"), None, &own());
    let refused = scope.unwrap_err();
    assert_eq!(refused.name(), "scope_not_allowed");
    let named = refused.refused_value().map(Refused::text);
    assert_eq!(named.as_deref(), Some("scope \"admin\""));
    let audience = client().authorized_for(None, Some("https://stranger"), &own());
    let named = audience.unwrap_err().refused_value().map(Refused::text);
    assert_eq!(named.as_deref(), Some("audience \"https://stranger\""));
    assert_eq!(
        client().check_grant(Grant::RefreshToken),
        Err(Refusal::GrantNotAllowed)
    );
}

#[test]
fn what_is_asked_for_twice_is_granted_once_and_in_its_order() {
    let scope = client().authorized_for(Some(" profile openid\tprofile "), None, &own());
    assert_eq!(scope.unwrap().scope.to_text(), "profile openid");
    assert_eq!(Scope::parse("b a b").into_list(), ["b", "a"]);
}

#[test]
fn a_list_of_scopes_that_costs_time_to_read_is_refused() {
    let asked = |count: usize| "openid ".repeat(count);
    let most = LONGEST_SCOPE / "openid ".len();
    let granted = client().authorized_for(Some(&asked(most)), None, &own());
    assert_eq!(granted.unwrap().scope.to_text(), "openid");
    let refused = client().authorized_for(Some(&asked(most + 1)), None, &own());
    assert_eq!(refused.unwrap_err().name(), "scope_not_allowed");
}

#[test]
fn an_absent_scope_gives_no_refresh_token() {
    let authorized = client().authorized_for(None, None, &own()).unwrap();
    assert_eq!(authorized.scope.to_text(), "read:sample");
}
