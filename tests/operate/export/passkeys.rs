//! An export has the passkeys of a user.

use countersign::domain::factors::passkey::SecondUse;
use serde_json::{Value, json};

use crate::dialects::auth0::login::passkeys::authenticator::{enrolled, sign_in_with, start_with};
use crate::dialects::auth0::login::passkeys::second_enrolment::{self, FORCED, with_passkey};
use crate::operate::import::Files;

#[tokio::test]
async fn a_passkey_signs_its_user_in_elsewhere_and_its_counter_goes_on() {
    let (service, files) = (start_with(&[]).await, Files::new());
    let mut authenticator = enrolled(&service).await;
    authenticator.counter = 7;
    let here = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(here.status, 200, "{}", here.raw);
    let whole = files.path("whole.ndjson");
    service.operated(&["export", &whole, "--plain"]).await;
    let other = start_with(&[]).await;
    for items in ["USER#", "NAME#"] {
        other.delete_items(items).await;
    }
    let done = files.import_as(&other, "countersign", &whole, &[]).await;
    assert_eq!(done["refused"], 0, "{done}: {:?}", files.rejects());
    let there = sign_in_with(&other, &mut authenticator).await;
    assert_eq!(there.status, 200, "{}", there.raw);
    let (here, there) = (here.claims("access_token"), there.claims("access_token"));
    assert_eq!(here["sub"], there["sub"]);
    // An authenticator that was copied before the export counts from an earlier count.
    authenticator.counter = 7;
    let copied = sign_in_with(&other, &mut authenticator).await;
    assert_eq!(copied.status, 403, "{}", copied.raw);
}

#[tokio::test]
async fn a_passkey_that_is_a_second_factor_is_one_elsewhere() {
    let (service, files) = (second_enrolment::start().await, Files::new());
    let (mut authenticator, _) = with_passkey(&service).await;
    let whole = files.path("whole.ndjson");
    service.operated(&["export", &whole, "--plain"]).await;
    let other = second_enrolment::start().await;
    for items in ["USER#", "NAME#"] {
        other.delete_items(items).await;
    }
    let done = files.import_as(&other, "countersign", &whole, &[]).await;
    assert_eq!(done["refused"], 0, "{done}: {:?}", files.rejects());
    let account = other.account(FORCED).await;
    let (_, passkey) = account.passkeys().next().unwrap();
    assert_eq!(passkey.second, SecondUse::Closed);
    let tokens = second_enrolment::sign_in(&other, FORCED, &mut authenticator).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
pub async fn a_row_whose_passkey_is_of_no_use_is_refused_and_the_next_is_imported() {
    let (service, files) = (start_with(&[]).await, Files::new());
    let mut authenticator = enrolled(&service).await;
    let whole = files.path("whole.ndjson");
    service.operated(&["export", &whole, "--plain"]).await;
    let text = std::fs::read_to_string(&whole).unwrap();
    let mut rows = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let good = rows.find(|row| row["countersign"]["passkeys"][0].is_object());
    let good = good.unwrap();
    let changed = |member: &str, value: Value| {
        let mut row = good.clone();
        *row.pointer_mut(&format!("/countersign/{member}")).unwrap() = value;
        row
    };
    let key = |text: &str| changed("passkeys/0/public_key", json!(text));
    let stored = good["countersign"]["passkeys"][0]["public_key"].clone();
    let stored: Value = serde_json::from_str(stored.as_str().unwrap()).unwrap();
    let mut off_the_curve = stored.clone();
    off_the_curve["key"]["EC_EC2"]["x"] = off_the_curve["key"]["EC_EC2"]["y"].clone();
    let mut of_no_algorithm = stored.clone();
    of_no_algorithm["type_"] = json!("EDDSA");
    let unusable = "the public key of a passkey cannot be used";
    let mut twice = good.clone();
    let passkeys = twice["countersign"]["passkeys"].as_array_mut().unwrap();
    passkeys.push(passkeys[0].clone());
    let mut of_another = good.clone();
    of_another["user_id"] = json!("auth0|another");
    of_another["email"] = json!("another@example.com");
    of_another["username"] = json!("another@example.com");
    of_another["countersign"]["subject"] = json!("auth0|another");
    let refused = [
        (key("{}"), unusable),
        (key("no JSON"), unusable),
        (key(&off_the_curve.to_string()), unusable),
        (key(&of_no_algorithm.to_string()), unusable),
        (
            changed("passkeys/0/credential", json!("")),
            "the credential of a passkey is empty or too long",
        ),
        (
            changed("passkeys/0/credential", json!("A+A")),
            "a passkey is not in base64url",
        ),
        (
            changed("passkey_handle", json!(null)),
            "passkeys want a passkey_handle",
        ),
        (
            changed("passkey_handle", json!("AAAA")),
            "passkey_handle has not 32 bytes",
        ),
        (twice, "two factors have one id"),
        (
            of_another.clone(),
            "the passkey_handle belongs to another user",
        ),
    ];
    let other = start_with(&[]).await;
    for items in ["USER#", "NAME#"] {
        other.delete_items(items).await;
    }
    // The row of the handle's user comes first.
    let mut rows = vec![good];
    rows.extend(refused.iter().map(|(row, _)| row.clone()));
    let mut last = of_another;
    last["countersign"]["passkeys"] = json!([]);
    last["countersign"]["passkey_handle"] = json!(null);
    rows.push(last);
    let file = files.lines(&rows);
    let found = |dry: bool| {
        let mut reasons: Vec<&str> = refused.iter().map(|(_, reason)| *reason).collect();
        if dry {
            reasons.pop();
            reasons.push("the name, the identifier or the passkey_handle stands in an earlier row");
        }
        reasons
    };
    for (run, dry) in [(&["--dry-run"][..], true), (&[], false)] {
        let done = files.import_as(&other, "countersign", &file, run).await;
        let mut rejects = files.rejects();
        rejects.sort_by_key(|row| row["number"].as_u64());
        let reasons = rejects.iter().map(|row| row["reason"].as_str().unwrap());
        assert_eq!(reasons.collect::<Vec<_>>(), found(dry));
        assert_eq!(done["made"], json!(2), "{done}");
    }
    let there = sign_in_with(&other, &mut authenticator).await;
    assert_eq!(there.status, 200, "{}", there.raw);
}
