//! What apps show of a user and keep with the user: names, a picture, `user_metadata`.

use countersign::domain::accounts::profile::{Profile, UserMetadata};
use serde_json::{Value, json};

use super::Files;
use crate::harness::Service;

const PICTURE: &str = "https://pictures.example.com/ann.png";

async fn profile(service: &Service, name: &str) -> Profile {
    service.account(name).await.user.profile
}

fn named(name: &str) -> Profile {
    Profile {
        name: Some(name.to_owned()),
        picture: Some(PICTURE.to_owned()),
        ..Profile::default()
    }
}

#[tokio::test]
async fn a_part_of_a_profile_that_does_not_fit_here_is_left_out_and_said() {
    let (service, files) = (Service::start().await, Files::new());
    let user = |name: &str, more: Value| {
        let mut row = json!({ "username": name });
        for (field, value) in more.as_object().unwrap() {
            row[field] = value.clone();
        }
        row
    };
    let many: UserMetadata = (0..11)
        .map(|at| (format!("n{at}"), "x".to_owned()))
        .collect();
    let file = files.lines(&[
        user(
            "whole",
            json!({
                "name": "Ann Lee", "nickname": "ann", "picture": PICTURE,
                "user_metadata": { "plan": "gold", "none": null },
            }),
        ),
        user(
            "long",
            json!({ "name": "x".repeat(301), "nickname": "y".repeat(301) }),
        ),
        user("script", json!({ "picture": "javascript:alert(1)" })),
        user(
            "nested",
            json!({ "user_metadata": { "plan": "gold", "age": 7 } }),
        ),
        user("many", json!({ "user_metadata": many })),
        user("blank", json!({ "name": " ", "user_metadata": null })),
    ]);
    let done = files.import(&service, &file, &[]).await;
    assert_eq!(done["made"], json!(6), "{:?}", files.rejects());
    let left = json!({ "name": 1, "nickname": 1, "picture": 1, "user_metadata": 2 });
    assert_eq!(done["left_out"], left);
    let gold = UserMetadata::from([("plan".to_owned(), "gold".to_owned())]);
    let whole = Profile {
        nickname: Some("ann".to_owned()),
        metadata: gold.clone(),
        ..named("Ann Lee")
    };
    assert_eq!(profile(&service, "whole").await, whole);
    for name in ["long", "script", "blank"] {
        assert_eq!(profile(&service, name).await, Profile::default(), "{name}");
    }
    assert_eq!(profile(&service, "nested").await.metadata, gold);
    assert_eq!(profile(&service, "many").await.metadata.len(), 10);
}

#[tokio::test]
async fn the_full_name_and_the_picture_of_other_systems_come_along() {
    let (service, files) = (Service::start().await, Files::new());
    let config = files.path("hash-config.txt");
    let text = "algorithm: SCRYPT\nbase64_signer_key: AAAA\nbase64_salt_separator: Bw==\n\
                rounds: 8\nmem_cost: 10\n";
    std::fs::write(&config, text).unwrap();
    let firebase = json!({
        "localId": "1", "email": "firebase@example.com", "displayName": "Ann Lee",
        "photoUrl": PICTURE,
    });
    let firebase = json!({ "users": [firebase] });
    let aidbox = json!({
        "resourceType": "User", "id": "a1", "userName": "aidbox", "displayName": "Ann Lee",
        "photo": PICTURE,
    });
    let cognito = json!({ "Users": [{ "Username": "cognito", "Attributes": [
        { "Name": "name", "Value": "Ann Lee" }, { "Name": "picture", "Value": PICTURE },
    ] }] });
    let table = json!([{ "UserName": "table", "DisplayName": "Ann Lee", "Picture": PICTURE }]);
    for (format, file, more, user, subject) in [
        (
            "firebase",
            firebase,
            &["--hash-config", &config][..],
            "firebase@example.com",
            Some("1"),
        ),
        ("aidbox", json!([aidbox]), &[][..], "aidbox", Some("a1")),
        ("cognito", cognito, &[][..], "cognito", None),
        ("table", table, &[][..], "table", None),
    ] {
        let file = files.text(&file.to_string());
        let done = files.import_as(&service, format, &file, more).await;
        assert_eq!(done["made"], json!(1), "{format}: {:?}", files.rejects());
        assert_eq!(done["left_out"], json!({}), "{format}");
        assert_eq!(profile(&service, user).await, named("Ann Lee"), "{format}");
        let former = service.account(user).await.user.former_subject;
        assert_eq!(former.as_deref(), subject, "{format}");
    }
}

#[tokio::test]
async fn each_member_of_app_metadata_that_is_left_out_is_named_and_counted() {
    let (service, files) = (Service::start().await, Files::new());
    let user = |name: &str, data: Value| json!({ "username": name, "app_metadata": data });
    let many: serde_json::Map<String, Value> =
        (0..150).map(|at| (format!("n{at}"), json!(at))).collect();
    let file = files.lines(&[
        user(
            "ann",
            json!({ "groups": ["admin"], "plan": "gold", "none": null }),
        ),
        user("bob", json!({ "plan": { "name": "gold" } })),
        user("cat", json!("text")),
        user("dan", Value::Null),
    ]);
    let done = files.import(&service, &file, &["--roles", "groups"]).await;
    assert_eq!(done["made"], json!(4), "{:?}", files.rejects());
    let left = json!({ "app_metadata.plan": 2, "app_metadata": 1 });
    assert_eq!(done["left_out"], left);
    assert_eq!(service.account("ann").await.user.roles, ["admin"]);
    let without = files.import(&service, &file, &["--dry-run"]).await;
    assert_eq!(without["left_out"]["app_metadata.groups"], 1);
    // A file may have any number of names.
    let file = files.lines(&[user("eve", json!(many))]);
    let done = files.import(&service, &file, &[]).await;
    let left = done["left_out"].as_object().unwrap();
    assert_eq!(left.len(), 101, "{left:?}");
    assert_eq!(left["other fields"], 50);
}
