//! What the file takes, and how it is refused.

use super::Seed;

fn refused(text: &str) -> String {
    Seed::parse(text).err().unwrap()
}

#[test]
fn a_wrong_field_is_named_with_its_place_and_what_it_wants() {
    for (text, wanted) in [
        (
            "{\n  \"users\": [\n    {\"email\": \"a@example.com\", \"phone\": \"0155\"}\n  ]\n}",
            "users[0].phone: wants a phone number with its country's code, \"+15555550100\" \
             at line 3 column",
        ),
        (
            r#"{"users": [{"email": "a@example.com"}, {"email": "nobody"}]}"#,
            "users[1].email: wants an e-mail address at line 1 column",
        ),
        (
            r#"{"users": [{"user_name": "a", "factors": [{"totp": "1"}]}]}"#,
            "users[0].factors[0].totp: wants a seed of 10 bytes or more in base32 at line 1",
        ),
        (
            r#"{"users": [{"user_name": "a", "recovery_codes": ["short"]}]}"#,
            "users[0].recovery_codes[0]: wants 24 letters and digits",
        ),
        (
            r#"{"users": [{"user_name": "a", "recovery_codes":
                ["COUNTERSIGN2RECOVER4DEMO", "c0un-ters-lgn2-reco-ver4-demo"]}]}"#,
            "users[0].recovery_codes[1]: stands twice, where O is 0 and I and L are 1",
        ),
        (
            r#"{"users": [{"user_name": "a", "id": "1"}]}"#,
            "users[0].id: wants a UUID",
        ),
        (
            r#"{"clients": [{"id": "a", "grants": ["implicit", "magic"]}]}"#,
            "clients[0].grants[1]: wants a grant type: password",
        ),
        (
            r#"{"clients": [{"id": "a", "redirect_uris": ["/here"]}]}"#,
            "clients[0].redirect_uris[0]: wants a URI with a scheme",
        ),
        (
            r#"{"clients": [{"id": "a", "access_token_seconds": 0}]}"#,
            "clients[0].access_token_seconds: wants a whole number of seconds from 1 to 2592000",
        ),
        (
            r#"{"clients": [{"id": ""}]}"#,
            "clients[0].id: wants 1 to 256 printable ASCII characters",
        ),
    ] {
        let said = refused(text);
        assert!(said.starts_with(wanted), "{said}");
    }
}

#[test]
fn a_wrong_type_and_an_unknown_field_are_refused() {
    for (text, wanted) in [
        (
            r#"{"users": [{"email": "a@example.com", "pasword": "x"}]}"#,
            "users[0].pasword: unknown field `pasword`, expected one of `id`, `subject`",
        ),
        (r#"{"client": []}"#, "client: unknown field `client`"),
        (
            r#"{"users": [{"email": 5}]}"#,
            "users[0].email: invalid type: integer `5`, expected an e-mail address",
        ),
        (
            r#"{"users": [{"email": "a@example.com", "active": "yes"}]}"#,
            "users[0].active: invalid type: string \"yes\", expected a boolean",
        ),
        (
            r#"{"clients": [{"id": "a", "id": "b"}]}"#,
            "clients[0]: duplicate field `id`",
        ),
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{} {}", "trailing characters at line 1 column 4"),
    ] {
        let said = refused(text);
        assert!(said.starts_with(wanted), "{said}");
    }
}

#[test]
fn nobody_stands_twice_and_a_factor_is_one_factor() {
    for (text, wanted) in [
        (
            r#"{"users": [{"email": "a@example.com"}, {"user_name": "A@Example.com"}]}"#,
            "users[1].user_name: the name a@example.com stands twice",
        ),
        (
            r#"{"clients": [{"id": "a"}, {"id": "a"}]}"#,
            "clients[1].id: the client a stands twice",
        ),
        (
            r#"{"users": [{"password": "x"}]}"#,
            "users[0]: wants user_name or email",
        ),
        (
            r#"{"users": [{"user_name": "a", "factors": [{}]}]}"#,
            "users[0].factors[0]: wants one of totp, sms, email, webhook, passkey",
        ),
        (
            r#"{"users": [{"user_name": "a", "factors": [{"sms": "+15555550100"}, {"sms": "+1 555 555 0100"}]}]}"#,
            "users[0].factors[1]: the number +15555550100 stands twice",
        ),
        (
            r#"{"users": [{"user_name": "a", "factors": [{"sms": "+15555550100", "email": "a@example.com"}]}]}"#,
            "users[0].factors[0]: wants one of",
        ),
    ] {
        assert!(refused(text).starts_with(wanted), "{}", refused(text));
    }
    let own = r#"{"users": [{"user_name": "a@example.com", "email": "A@example.com"}]}"#;
    assert!(Seed::parse(own).is_ok());
}

#[test]
fn what_an_editor_adds_and_what_people_write_is_understood() {
    let seed = Seed::parse(
        "\u{feff}{\"users\": [{\"email\": \"a@example.com\", \"factors\": \
         [{\"totp\": \"jbsw y3dp ehpk 3pxp\"}]}]}",
    )
    .unwrap_or_else(|wrong| panic!("{wrong}"));
    let totp = seed.users[0].factors[0].totp.as_ref().unwrap();
    assert_eq!(totp.as_str(), "JBSWY3DPEHPK3PXP");
    assert_eq!(seed.users[0].login_name(), "a@example.com");
}

const HASH: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn hashes_that_nobody_can_compare_or_that_belong_to_nobody_are_refused() {
    for (text, wanted) in [
        (
            r#"{"users": [{"user_name": "a", "password_hash": "pwd"}]}"#.to_owned(),
            "users[0].password_hash: wants a password hash that the service can compare",
        ),
        (
            r#"{"users": [{"user_name": "a", "password": "pwd", "password_hash":
                "$2b$10$abcdefghijklmnopqrstuuMzmS7rqLGW1cFwMBtYbGPkGpmjGqGoW"}]}"#
                .to_owned(),
            "users[0].password_hash: wants no password beside it",
        ),
        (
            format!(r#"{{"users": [{{"user_name": "a", "recovery_code_hashes": ["{HASH}"]}}]}}"#),
            "users[0].recovery_code_hashes: wants the id that is in each hash",
        ),
        (
            r#"{"clients": [{"id": "a", "secret_hashes": ["secret"]}]}"#.to_owned(),
            "clients[0].secret_hashes[0]: wants a hash as the export writes it",
        ),
        (
            format!(
                r#"{{"clients": [{{"id": "a", "secrets": ["one", "two"],
                "secret_hashes": ["{HASH}"]}}]}}"#
            ),
            "clients[0].secrets: wants two at most",
        ),
        (
            r#"{"users": [{"user_name": "a", "picture": "here"}]}"#.to_owned(),
            "users[0]: The picture is no web address",
        ),
    ] {
        let said = refused(&text);
        assert!(said.starts_with(wanted), "{said}");
    }
}

#[test]
fn a_user_may_have_two_apps_with_seeds_of_their_own_and_no_seed_twice() {
    let (one, other) = (
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    );
    let file = |second: &str| {
        format!(
            r#"{{"users": [{{"user_name": "a",
            "factors": [{{"totp": "{one}"}}, {{"totp": "{second}"}}]}}]}}"#
        )
    };
    assert!(Seed::parse(&file(other)).is_ok());
    let said = refused(&file(one));
    assert_eq!(
        said,
        "users[0].factors[1]: the authenticator app's seed stands twice"
    );
}

#[test]
fn a_sub_and_a_passkey_that_do_not_fit_the_user_are_refused() {
    let handle = HASH;
    // The generator of P-256.
    let key = serde_json::json!({
        "type_": "ES256", "key": { "EC_EC2": {
            "curve": "SECP256R1",
            "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
            "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
        } },
    });
    let key = serde_json::json!(key.to_string());
    let passkey = |credential: &str| {
        format!(
            r#"{{"passkey": {{"credential": "{credential}", "public_key": {key}, "counter": 0,
            "may_be_copied": true, "is_copied": true}}}}"#
        )
    };
    let user = |fields: &str| format!(r#"{{"users": [{{"user_name": "a", {fields}}}]}}"#);
    let id = "5f0f0a3e-3c1c-4a7a-9d8b-2d8a9e1f7c11";
    let (one, none) = (passkey("AQID"), passkey(""));
    for (text, wanted) in [
        (
            user(r#""subject": "a b""#),
            "users[0].subject: wants a sub:",
        ),
        (
            user(&format!(r#""subject": "auth0|1", "id": "{id}""#)),
            "users[0].subject: wants the id ",
        ),
        (
            user(r#""passkey_handle": "AAAA""#),
            "users[0].passkey_handle: passkey_handle has not 32 bytes",
        ),
        (
            user(&format!(r#""factors": [{one}]"#)),
            "users[0].factors[0].passkey: wants a passkey_handle of the user",
        ),
        (
            user(&format!(
                r#""passkey_handle": "{handle}", "factors": [{none}]"#
            )),
            "users[0].factors[0].passkey: the credential of a passkey is empty or too long",
        ),
        (
            user(&format!(
                r#""passkey_handle": "{handle}", "factors": [{one}, {one}]"#
            )),
            "users[0].factors[1].passkey: the passkey [1, 2, 3] stands twice",
        ),
    ] {
        let said = refused(&text);
        assert!(said.starts_with(wanted), "{said}");
    }
    let subject = user(&format!(r#""subject": "{id}", "id": "{id}""#));
    assert!(Seed::parse(&subject).is_ok());
}
