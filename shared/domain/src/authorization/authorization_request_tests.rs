//! What a browser has to do before a request is granted, as a table.
#![allow(clippy::unwrap_used)]

use super::{AuthorizationRequest, AuthorizationStep, Grantable, Hinted};
use crate::authorization::client::{Client, OwnAudiences};
use crate::authorization::grant::{Grant, Grants};
use crate::authorization::page_refusal::PageRefusal;
use crate::authorization::request_parameters::{Demand, SignedIn};
use crate::id::UserId;
use crate::refusal::Refusal;

const NOW: i64 = 1_800_000_000;

type Step = Result<AuthorizationStep<()>, Refusal>;

const GIVE: Step = Ok(AuthorizationStep::Give(()));
const ASK: Step = Ok(AuthorizationStep::Ask(()));
const REFUSED: Step = Err(Refusal::Page(PageRefusal::SignInRequired));

fn sign_in(since: Option<i64>, user: Option<UserId>) -> Step {
    Ok(AuthorizationStep::SignIn(Demand { since, user }))
}

fn user(byte: u8) -> UserId {
    UserId::from_bytes([byte; 16])
}

/// This user signed in so many seconds ago.
fn ago(byte: u8, seconds: i64) -> Option<SignedIn> {
    Some(SignedIn {
        user: user(byte),
        at: NOW - seconds,
        lacks_factor: false,
    })
}

fn client() -> Client {
    Client {
        grants: Grants::from([Grant::Implicit]),
        ..Client::new("app")
    }
}

fn grantable(asked: &AuthorizationRequest<'_>) -> Result<Grantable, Refusal> {
    let own = OwnAudiences {
        userinfo: "userinfo".into(),
        account: "account".into(),
    };
    asked.grantable(&client(), &own)
}

fn step(asked: AuthorizationRequest<'_>, hinted: Hinted, signed_in: Option<SignedIn>) -> Step {
    let asked = AuthorizationRequest {
        response_type: Some("token"),
        ..asked
    };
    asked.next_step(
        &grantable(&asked)?,
        hinted,
        signed_in.map(|who| (who, ())),
        NOW,
    )
}

fn prompt(prompt: &str) -> AuthorizationRequest<'_> {
    AuthorizationRequest {
        prompt: Some(prompt),
        ..AuthorizationRequest::default()
    }
}

fn max_age(seconds: &str) -> AuthorizationRequest<'_> {
    AuthorizationRequest {
        max_age: Some(seconds),
        ..AuthorizationRequest::default()
    }
}

fn noted(since: Option<i64>, user: Option<UserId>) -> AuthorizationRequest<'static> {
    AuthorizationRequest {
        noted: Demand { since, user },
        ..AuthorizationRequest::default()
    }
}

#[test]
fn a_session_that_lacks_a_second_factor_is_not_enough() {
    let lacking = ago(1, 0).map(|signed_in| SignedIn {
        lacks_factor: true,
        ..signed_in
    });
    let plain = AuthorizationRequest::default();
    let factor = Err(Refusal::Page(PageRefusal::SecondFactorRequired));
    let silent_and_old = AuthorizationRequest {
        prompt: Some("none"),
        ..max_age("0")
    };
    let (nobody, other) = (Hinted::Nobody, Hinted::User(user(2)));
    let alone = |since, user| Ok(AuthorizationStep::ShowFactor((), Demand { since, user }));
    for (asked, hinted, expected) in [
        (plain, nobody, alone(None, None)),
        (max_age("60"), nobody, alone(Some(NOW - 60), None)),
        (plain, Hinted::User(user(1)), alone(None, Some(user(1)))),
        (prompt("consent"), nobody, alone(None, None)),
        (prompt("select_account"), nobody, sign_in(None, None)),
        (prompt("login"), nobody, sign_in(Some(NOW), None)),
        (max_age("0"), nobody, sign_in(Some(NOW), None)),
        (plain, other, sign_in(Some(NOW), Some(user(2)))),
        (plain, Hinted::Unknown, sign_in(Some(NOW), None)),
        (prompt("none"), nobody, factor),
        // A factor alone would not be enough.
        (silent_and_old, nobody, REFUSED),
        (prompt("none"), other, REFUSED),
    ] {
        assert_eq!(step(asked, hinted, lacking), expected, "{asked:?}");
    }
}

#[test]
fn a_session_is_enough_unless_the_request_demands_more() {
    let plain = AuthorizationRequest::default();
    let agreed = AuthorizationRequest {
        agreed: true,
        ..prompt("consent")
    };
    let nobody = Hinted::Nobody;
    for (asked, signed_in, expected) in [
        (plain, None, sign_in(None, None)),
        (plain, ago(1, 9_999), GIVE),
        (prompt("none"), None, REFUSED),
        (prompt("none"), ago(1, 9_999), GIVE),
        (prompt("login"), ago(1, 0), sign_in(Some(NOW), None)),
        (prompt("consent"), ago(1, 0), ASK),
        (prompt("select_account"), ago(1, 0), ASK),
        (prompt("consent"), None, sign_in(None, None)),
        (agreed, ago(1, 0), GIVE),
        (max_age("60"), ago(1, 60), GIVE),
        (max_age("60"), ago(1, 61), sign_in(Some(NOW - 60), None)),
        (max_age("0"), ago(1, 0), sign_in(Some(NOW), None)),
        (noted(Some(NOW - 5), None), ago(1, 5), GIVE),
        (
            noted(Some(NOW - 5), None),
            ago(1, 6),
            sign_in(Some(NOW - 5), None),
        ),
        // No sign-in is in the future.
        (noted(Some(NOW + 61), None), ago(1, 6), GIVE),
    ] {
        assert_eq!(step(asked, nobody, signed_in), expected, "{asked:?}");
    }
}

#[test]
fn the_session_of_another_user_leads_to_a_new_sign_in_and_never_to_a_grant() {
    let plain = AuthorizationRequest::default();
    let one = Hinted::User(user(1));
    for (asked, hinted, signed_in, expected) in [
        (plain, one, ago(1, 5), GIVE),
        (plain, one, ago(2, 5), sign_in(Some(NOW), Some(user(1)))),
        (prompt("none"), one, ago(2, 5), REFUSED),
        (plain, Hinted::Unknown, ago(1, 5), sign_in(Some(NOW), None)),
        // Another user than our page noted has just signed in.
        (
            noted(Some(NOW - 9), Some(user(1))),
            Hinted::Nobody,
            ago(2, 5),
            REFUSED,
        ),
        (
            noted(Some(NOW - 9), Some(user(1))),
            Hinted::Nobody,
            ago(1, 5),
            GIVE,
        ),
        // The other user had signed in before.
        (
            noted(Some(NOW - 9), Some(user(1))),
            Hinted::Nobody,
            ago(2, 10),
            sign_in(Some(NOW), Some(user(1))),
        ),
    ] {
        assert_eq!(step(asked, hinted, signed_in), expected, "{asked:?}");
    }
}

#[test]
fn a_request_that_no_sign_in_makes_right_is_refused_before_the_sign_in() {
    let with = |response_type| AuthorizationRequest {
        response_type,
        ..AuthorizationRequest::default()
    };
    let token = with(Some("token"));
    let long = "n".repeat(513);
    let nonce = AuthorizationRequest {
        nonce: Some(&long),
        ..token
    };
    let longest = AuthorizationRequest {
        nonce: Some(&long[1..]),
        ..token
    };
    assert!(grantable(&token).is_ok());
    assert!(grantable(&longest).is_ok());
    for (asked, refusal) in [
        (with(None), Refusal::ParameterMissing("response_type")),
        (
            with(Some("code id_token")),
            PageRefusal::ResponseTypeUnsupported.into(),
        ),
        (
            with(Some("id_token")),
            Refusal::RequestMalformed("an id_token needs a nonce"),
        ),
        // The client has the grant `implicit` alone.
        (with(Some("code")), Refusal::GrantNotAllowed),
        (nonce, Refusal::RequestMalformed("nonce is too long")),
    ] {
        assert_eq!(grantable(&asked), Err(refusal), "{asked:?}");
    }
}
