//! Tables of the users of another system that are taken, and of the reasons why not.

use super::*;

fn ann() -> FormerUser {
    FormerUser {
        email: Some("ann@example.com".into()),
        ..FormerUser::default()
    }
}

fn reason(user: FormerUser) -> Option<String> {
    user.into_checked().err()
}

#[test]
fn a_wrong_field_is_the_reason_and_its_value_is_not() {
    let text = |text: &str| Some(text.to_owned());
    let factor = |parts: [Option<&str>; 3]| FormerUser {
        factors: vec![parts.map(|part| part.map(str::to_owned))],
        ..ann()
    };
    let long = "x".repeat(257);
    let unusable = |field: &str| format!("{field} cannot be used here");
    let one_kind = "an element of mfa_factors is not one of totp, phone, email";
    let no_line =
        |field: &str| format!("{field} is longer than 256 characters or has control characters");
    for (user, expected) in [
        (FormerUser::default(), "neither email nor username".into()),
        (
            FormerUser {
                email: text("ann"),
                ..ann()
            },
            unusable("email"),
        ),
        (
            FormerUser {
                user_name: text("a b"),
                ..ann()
            },
            unusable("username"),
        ),
        (
            FormerUser {
                identifier: text(""),
                ..ann()
            },
            "user_id is empty".into(),
        ),
        (
            FormerUser {
                phone_number: text("555"),
                ..ann()
            },
            unusable("phone_number"),
        ),
        (
            FormerUser {
                given_name: Some(long),
                ..ann()
            },
            no_line("given_name"),
        ),
        (
            FormerUser {
                family_name: text("a\nb"),
                ..ann()
            },
            no_line("family_name"),
        ),
        (
            FormerUser {
                roles: vec![" ".into()],
                ..ann()
            },
            "the roles are not a list of names".into(),
        ),
        (
            factor([Some("short"), None, None]),
            "the secret of a totp factor is no base32 of 10 to 64 bytes".into(),
        ),
        (
            factor([None, Some("555"), None]),
            "the value of a phone factor is no phone number".into(),
        ),
        (
            factor([None, None, Some("ann")]),
            "the value of an email factor is no e-mail address".into(),
        ),
        (factor([None, None, None]), one_kind.into()),
        (factor([Some("a"), Some("b"), None]), one_kind.into()),
        (
            FormerUser {
                factors: vec![[None, None, text("ann@example.com")]; 11],
                ..ann()
            },
            "more than ten second factors".into(),
        ),
    ] {
        assert_eq!(reason(user), Some(expected));
    }
    assert_eq!(reason(ann()), None);
}

#[test]
fn a_bulk_import_has_no_strategy_and_its_tokens_have() {
    let uuid = "0198c0de-0000-7000-8000-0000000000aa";
    for (user_id, subject) in [
        ("583c", "auth0|583c"),
        ("auth0|583c", "auth0|583c"),
        ("google-oauth2|7", "google-oauth2|7"),
        (uuid, uuid),
    ] {
        let user = FormerUser {
            identifier: Some(user_id.to_owned()),
            ..ann()
        };
        let checked = user.into_checked().ok().unwrap();
        assert_eq!(checked.former_id.as_deref(), Some(subject));
    }
}

#[test]
fn a_user_with_factors_has_to_show_one_and_a_blocked_user_may_not_sign_in() {
    for (factors, blocked) in [(0, false), (1, true)] {
        let user = FormerUser {
            factors: vec![[None, Some("+15555550100".into()), None]; factors],
            blocked,
            ..ann()
        };
        let arrival = user.into_checked().ok().unwrap().arrival;
        assert_eq!(
            (arrival.two_factor, arrival.active),
            (factors > 0, !blocked)
        );
    }
}

#[test]
fn a_seed_is_read_however_people_group_it() {
    for (text, length) in [
        ("JBSW Y3DP EHPK 3PXP", Some(10)),
        ("jbsw-y3dp-ehpk-3pxp", Some(10)),
        ("JBSWY3DPEHPK3PXP====", Some(10)),
        ("JBSWY3DP", None),
        ("not base32!", None),
    ] {
        let seed = seed_of_another(text);
        assert_eq!(seed.map(|seed| seed.expose().len()), length, "{text}");
    }
}
