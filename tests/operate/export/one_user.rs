//! `user export`: everything of one user.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::proxy::{Fault, Proxy};
use crate::operate::import::Files;
use crate::rules::messages::delivery_events::bounce;

#[tokio::test]
async fn a_user_who_asks_gets_everything_but_what_would_let_others_in() {
    let service = Service::start().await;
    let begun = service.begin().await;
    let code = service.totp();
    let tokens = service.redeem_otp(&begun, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    service
        .operated(&["user", "set-roles", demo::USER, "auditor"])
        .await;
    let report = bounce("Permanent", demo::USER, service.now());
    service.report(&report).await.unwrap();
    let shown = service
        .operate(&["user", "export", demo::USER])
        .await
        .unwrap();
    let user = &shown.json;
    assert_eq!(user["email"], demo::USER);
    assert_eq!(user["app_metadata"], json!({ "roles": ["auditor"] }));
    assert_eq!(
        user["mfa_factors"][1],
        json!({ "phone": { "value": demo::PHONE } })
    );
    assert_eq!(user["countersign"]["sessions"][0]["client"], demo::CLIENT);
    // Acts of one second have no order.
    let acts = user["countersign"]["acts"].as_array().unwrap().iter();
    let mut acts: Vec<&str> = acts.map(|act| act["act"].as_str().unwrap()).collect();
    acts.sort_unstable();
    assert_eq!(acts, ["user export", "user set-roles"]);
    let events = user["countersign"]["events"].as_array().unwrap().iter();
    let mut types: Vec<&str> = events
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    types.sort_unstable();
    assert_eq!(types, ["destination_marked", "mfar", "s", "sapi", "sapi"]);
    let came_back = &user["countersign"]["came_back"];
    assert_eq!(came_back[0]["to"], demo::USER);
    assert_eq!(came_back[0]["kind"], "bounced");
    assert_eq!(user["custom_password_hash"], "left out");
    assert_eq!(user["mfa_factors"][0]["totp"]["secret"], "left out");
    assert_eq!(user["countersign"]["recovery_codes"]["hashes"], "left out");
    assert!(!shown.text.contains("argon2") && !shown.text.contains(demo::SEED));
    // People read the same JSON.
    assert_eq!(serde_json::from_str::<Value>(&shown.text).unwrap(), *user);

    let (code, line) = service.not_operated(&["user", "export", "nobody"]).await;
    assert_eq!((code, line.as_str()), (3, "there is no user nobody"));
}

#[tokio::test]
async fn a_user_is_not_exported_if_the_act_cannot_be_kept() {
    let dynamodb = Proxy::start().await;
    let through = dynamodb.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (through.before(dynamodb), others)).await;
    let files = Files::new();
    let path = files.path("user.json");
    dynamodb.always("TransactWriteItems", Fault::ServerError);
    for more in [&[][..], &["--to", &path, "--plain"]] {
        let command = [&["user", "export", demo::USER][..], more].concat();
        let (code, line) = service.not_operated(&command).await;
        assert_eq!(code, 1);
        assert!(line.starts_with("DynamoDB: keep an act"), "{line}");
    }
    assert!(!std::path::Path::new(&path).exists());
}

#[tokio::test]
async fn a_user_in_a_file_comes_back_after_a_deletion_and_no_token_from_before_counts() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("user.json");
    let begun = service.begin().await;
    let code = service.totp();
    let tokens = service.redeem_otp(&begun, &code).await;
    let before = service.account(demo::USER).await.user;
    let export = ["user", "export", demo::USER, "--to", &path];
    let (code, _) = service.not_operated(&export).await;
    assert_eq!(code, 2);
    service
        .operated(&[&export[..], &["--plain"]].concat())
        .await;
    service
        .operated(&["user", "delete", demo::USER, "--yes"])
        .await;
    let done = files.import_as(&service, "countersign", &path, &[]).await;
    assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
    let after = service.account(demo::USER).await.user;
    assert_eq!(after.id, before.id);
    assert!(after.password == before.password);
    assert_eq!(
        service.refresh(&tokens.text("refresh_token")).await.status,
        403
    );
    service.advance(30);
    let token = service.begin().await;
    let code = service.totp();
    assert_eq!(service.redeem_otp(&token, &code).await.status, 200);
}

#[tokio::test]
pub async fn a_row_that_an_export_did_not_write_is_refused_with_its_reason() {
    let service = Service::start().await;
    let files = Files::new();
    let path = files.path("user.json");
    let export = ["user", "export", demo::PLAIN_USER, "--to", &path, "--plain"];
    service.operated(&export).await;
    let text = std::fs::read_to_string(&path).unwrap();
    let row: Value = serde_json::from_str(&text).unwrap();
    let changed = |pointer: &str, value: Value| {
        let mut row = row.clone();
        *row.pointer_mut(pointer).unwrap() = value;
        row
    };
    let codes =
        json!({ "id": "0198c0de-0000-7000-8000-0000000000aa", "owned": true, "hashes": ["x"] });
    let mut with_codes = row.clone();
    with_codes["countersign"]["recovery_codes"] = codes;
    let mut reset_by_nobody = row.clone();
    reset_by_nobody["countersign"]["reset_by"] = json!("nobody");
    let mut of_another = row.clone();
    of_another["countersign"]["subject"] = json!("auth0|1");
    let mut twice = row.clone();
    twice["countersign"]["password_hash"] = json!("$2b$05$x");
    let rows = [
        (of_another, "countersign.subject is not the user's"),
        (
            json!({ "email": "a@example.com" }),
            "no row of an export: countersign.version is missing",
        ),
        (
            changed("/countersign/version", json!(2)),
            "the export is of another version of this tool",
        ),
        (
            changed("/countersign/epoch", json!("x")),
            "countersign: invalid type: string \"x\", expected u64",
        ),
        (
            changed(
                "/mfa_factors",
                json!([{ "phone": { "value": demo::PHONE } }]),
            ),
            "countersign.factors is not as long as mfa_factors",
        ),
        (
            changed(
                "/countersign/webhooks",
                json!([{ "id": "x", "created_at": 1, "owned": true }]),
            ),
            "a webhook has no value",
        ),
        (
            changed(
                "/countersign/webhooks",
                json!([{ "id": "x", "created_at": 1, "owned": true, "value": "phone" }]),
            ),
            "the id of a factor is no UUID",
        ),
        (reset_by_nobody, "reset_by is no e-mail address"),
        (with_codes, "recovery_codes has no hashes of this service"),
        (twice, "two password hashes"),
    ];
    let only: Vec<Value> = rows.iter().map(|(row, _)| row.clone()).collect();
    let file = files.lines(&only);
    let done = files.import_as(&service, "countersign", &file, &[]).await;
    assert_eq!(done["made"], json!(0));
    let reasons: Vec<Value> = files
        .rejects()
        .iter()
        .map(|row| row["reason"].clone())
        .collect();
    let wanted: Vec<&str> = rows.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(reasons, wanted);
}
