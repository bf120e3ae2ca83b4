//! `/me/v1`: a signed-in user names a method.

use axum::http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::auth0::factors::my_account::{METHODS, call, place_of, start, strong_token};
use crate::harness::{Answer, Service};

async fn update(service: &Service, id: &str, body: Value, token: &str) -> Answer {
    let place = place_of(id);
    call(service, Method::PATCH, &place, Some(body), token).await
}

async fn ids(service: &Service, token: &str) -> Vec<String> {
    let listed = service.get(METHODS, Some(token)).await;
    let methods = listed.body["authentication_methods"].as_array().unwrap();
    let ids = methods.iter().map(|one| one["id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_method_keeps_the_name_that_the_user_gives_it_until_the_method_is_removed() {
    let service = start().await;
    let token = strong_token(&service).await;
    let phone = ids(&service, &token).await[2].clone();
    let body = json!({ "name": " Work phone ", "preferred_authentication_method": "sms" });
    let named = update(&service, &phone, body, &token).await;
    assert_snapshot!(named.shown(), @r#"
    200 application/json no-store no-cache
    {
      "id": "sms|dev_[id]",
      "type": "phone",
      "created_at": "2027-01-15T08:00:00Z",
      "usage": ["secondary"],
      "confirmed": true,
      "phone_number": "XXXXXXXX0100",
      "preferred_authentication_method": "sms",
      "name": "Work phone"
    }
    "#);
    let place = place_of(&phone);
    assert_eq!(service.get(&place, Some(&token)).await.body, named.body);
    let body = json!({ "name": "Old phone" });
    let named = update(&service, &phone, body, &token).await;
    assert_eq!(named.text("name"), "Old phone");
    // A change of nothing gives the method as it is.
    let same = update(&service, &phone, json!({}), &token).await;
    assert_eq!((same.status, &same.body), (200, &named.body));
    let gone = call(&service, Method::DELETE, &place, None, &token).await;
    assert_eq!(gone.status, 204, "{}", gone.raw);
    let late = update(&service, &phone, json!({ "name": "Late" }), &token).await;
    assert_eq!((late.status, &*late.text("type")), (404, "not_found"));
}

#[tokio::test]
async fn a_change_with_a_wrong_parameter_is_refused_by_the_parameters_name() {
    let service = start().await;
    let token = strong_token(&service).await;
    let [password, app, phone, _, recovery] =
        <[String; 5]>::try_from(ids(&service, &token).await).unwrap();
    let text = "an array or an object stands where a text belongs";
    let name = "name has 1 to 100 characters, and no control characters";
    let preferred = "preferred_authentication_method";
    let sms = "preferred_authentication_method is sms";
    for (id, body, field, detail) in [
        (&phone, json!({ "name": ["x"] }), "name", text),
        (&phone, json!({ "name": {} }), "name", text),
        (&phone, json!({ "name": " " }), "name", name),
        (&phone, json!({ "name": "a\nb" }), "name", name),
        (&phone, json!({ "name": "x".repeat(101) }), "name", name),
        (&phone, json!({ preferred: [] }), preferred, text),
        (&phone, json!({ preferred: "voice" }), preferred, sms),
        (&phone, json!({ preferred: 5 }), preferred, sms),
        (
            &app,
            json!({ preferred: "sms" }),
            preferred,
            "this method is no phone",
        ),
        (
            &password,
            json!({ "name": "x" }),
            "name",
            "this method has no name",
        ),
        (
            &recovery,
            json!({ "name": "x" }),
            "name",
            "this method has no name",
        ),
    ] {
        let refused = update(&service, id, body.clone(), &token).await;
        assert_eq!(refused.status, 400, "{id} {body} {}", refused.raw);
        let expected = json!([{ "field": field, "detail": detail }]);
        assert_eq!(refused.body["validation_errors"], expected, "{id} {body}");
    }
    let longest = json!({ "name": "é".repeat(100) });
    assert_eq!(update(&service, &app, longest, &token).await.status, 200);
}
