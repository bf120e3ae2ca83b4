//! What is read of a body or a query, and what is refused.

use super::{Fields, MOST, Refusal};

const FORM: &str = "application/x-www-form-urlencoded";

fn scope(body: &str) -> Option<String> {
    let fields = Fields::parse(Some(FORM), body.as_bytes());
    fields.unwrap().get("scope").map(str::to_owned)
}

fn malformed(kind: &str, body: &[u8]) -> bool {
    let refused = Fields::parse(Some(kind), body).err();
    matches!(
        refused,
        Some(Refusal::RequestMalformed(_) | Refusal::ParameterInvalid { .. })
    )
}

#[test]
fn a_form_may_send_spaces_raw_as_plus_or_encoded() {
    for body in [
        "scope=openid profile",
        "scope=openid+profile",
        "scope=openid%20profile",
    ] {
        assert_eq!(scope(body).as_deref(), Some("openid profile"));
    }
}

#[test]
fn a_body_that_begins_with_a_brace_is_json_under_any_content_type() {
    assert_eq!(scope(" {\"scope\": \"openid\"}").as_deref(), Some("openid"));
}

#[test]
fn a_byte_order_mark_before_json_or_a_form_is_ignored() {
    for body in ["\u{feff}{\"scope\": \"openid\"}", "\u{feff}scope=openid"] {
        assert_eq!(scope(body).as_deref(), Some("openid"));
    }
    let query = Fields::from_form("\u{feff}scope=openid".as_bytes()).unwrap();
    assert_eq!(query.get("scope"), Some("openid"));
}

#[test]
fn null_and_empty_mean_absent() {
    assert_eq!(scope("{\"scope\": null}"), None);
    assert_eq!(scope("{\"scope\": \"\"}"), None);
    assert_eq!(scope("scope="), None);
}

#[test]
fn a_list_by_nature_is_joined_and_an_empty_one_is_there() {
    let list = |body: &str| scope(body).unwrap();
    assert_eq!(list("{\"scope\": [\"a\", \"b\"]}"), "a b");
    assert_eq!(list("{\"scope\": [\"a b\"]}"), "a b");
    for empty in ["{\"scope\": []}", "{\"scope\": [\"\"]}"] {
        assert_eq!(list(empty).trim(), "");
        let fields = Fields::parse(None, empty.as_bytes()).unwrap();
        assert_eq!(fields.list("scope"), [""; 0]);
    }
}

#[test]
fn an_array_or_an_object_in_place_of_a_text_is_malformed() {
    for body in [
        "{\"audience\": [\"https://api\"]}",
        "{\"Audience\": [\"https://api\"]}",
        "{\"password\": {\"$ne\": \"\"}}",
        "{\"scope\": {\"0\": \"openid\"}}",
        "{\"scope\": [\"openid\", 1]}",
        "{\"scope\": [[\"openid\"]]}",
        "{\"scope\": [null]}",
        "{\"token\": []}",
    ] {
        assert!(malformed("application/json", body.as_bytes()), "{body}");
    }
}

#[test]
fn what_is_no_parameter_of_ours_may_be_anything_and_never_counts_as_absent() {
    let body = "{\"extraProperties\": {\"a\": [1]}, \"scope\": \"openid\"}";
    let fields = Fields::parse(None, body.as_bytes()).unwrap();
    assert_eq!(fields.get("scope"), Some("openid"));
    assert_eq!(fields.get("extraProperties"), Some("{\"a\":[1]}"));
}

#[test]
fn a_number_or_a_boolean_in_json_is_its_text() {
    assert_eq!(scope("{\"scope\": 123456}").as_deref(), Some("123456"));
    assert_eq!(scope("{\"scope\": true}").as_deref(), Some("true"));
}

#[test]
fn a_name_is_found_in_the_case_that_is_asked_for_or_in_any() {
    let fields = Fields::parse(None, b"{\"UserName\": \"ann\"}").unwrap();
    assert_eq!(fields.get("userName"), None);
    assert_eq!(fields.get("UserName"), Some("ann"));
    assert_eq!(fields.get_any_case("userName"), Some("ann"));
}

#[test]
fn a_parameter_that_stands_twice_in_whatever_case_is_malformed() {
    for (kind, body) in [
        (FORM, "scope=a&scope=b"),
        (FORM, "email=a&Email=b"),
        ("application/json", "{\"scope\": \"a\", \"scope\": \"b\"}"),
        ("application/json", "{\"scope\": \"a\", \"scope\": null}"),
        ("application/json", "{\"email\": \"a\", \"EMAIL\": \"a\"}"),
    ] {
        assert!(malformed(kind, body.as_bytes()), "{body}");
    }
    let query = Fields::from_form(b"token=a&Token=b");
    let (name, problem) = ("token", "a parameter stands twice");
    let twice = Refusal::ParameterInvalid { name, problem };
    assert_eq!(query.err(), Some(twice));
    let query = Fields::from_form(b"unknown=a&Unknown=b");
    assert_eq!(query.err(), Some(Refusal::RequestMalformed(problem)));
}

#[test]
fn what_cannot_be_read_is_malformed() {
    for (kind, body) in [
        ("application/json", "scope=openid"),
        ("application/json; charset=utf-8", "[1]"),
        ("application/json", "{\"scope\": "),
        ("application/json", "{\"scope\": \"a\"} {}"),
    ] {
        assert!(malformed(kind, body.as_bytes()), "{body}");
    }
}

#[test]
fn more_parameters_than_any_request_has_are_malformed() {
    let form = |count: usize| -> String { (0..count).map(|at| format!("a{at}=1&")).collect() };
    let json = |count: usize| -> String {
        let members: Vec<String> = (0..count).map(|at| format!("\"a{at}\": 1")).collect();
        format!("{{{}}}", members.join(","))
    };
    for (most, more) in [
        (form(MOST - 1), form(MOST + 1)),
        (json(MOST), json(MOST + 1)),
    ] {
        assert!(Fields::parse(None, most.as_bytes()).is_ok());
        assert!(malformed(FORM, more.as_bytes()));
    }
    let empty = "a=&".repeat(MOST + 1);
    assert!(malformed(FORM, empty.as_bytes()));
}

#[test]
fn json_that_is_nested_deeper_than_a_stack_is_malformed_and_no_crash() {
    let deep = format!("{{\"a\": {}", "[".repeat(60_000));
    assert!(malformed("application/json", deep.as_bytes()));
}
