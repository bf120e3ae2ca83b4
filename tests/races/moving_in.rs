//! Two logins at the same moment of a user who moves in.

use std::sync::Arc;

use tokio::sync::Barrier;

use crate::rules::moving_in::former::{ANN, Former, FormerReply, ann, ann_signs_in};

#[tokio::test(flavor = "multi_thread")]
async fn two_logins_at_once_make_one_user_and_both_get_its_tokens() {
    // Each is answered only when both have asked.
    let both = Arc::new(Barrier::new(2));
    let ready = move || {
        let both = both.clone();
        async move {
            both.wait().await;
        }
    };
    let answer = |_: &serde_json::Value| {
        let mut user = ann();
        // Without an identifier, each answer could be another user.
        user["user_id"] = serde_json::Value::Null;
        FormerReply::Json(200, user)
    };
    let former = Former::start_when(answer, ready).await;
    let service = former.service().await;
    let (one, other) = tokio::join!(ann_signs_in(&service), ann_signs_in(&service));
    assert_eq!(
        (one.status, other.status),
        (200, 200),
        "{} {}",
        one.raw,
        other.raw
    );
    assert_eq!(former.asked().len(), 2);
    let user = service.account(ANN).await.user.id.dashed();
    for tokens in [one, other] {
        assert_eq!(tokens.claims("access_token")["sub"], user);
    }
    let profiles = service.items().await;
    let named = |item: &&std::collections::HashMap<_, aws_sdk_dynamodb::types::AttributeValue>| {
        item.get("email")
            .and_then(|email| email.as_s().ok())
            .is_some_and(|email| email == ANN)
    };
    assert_eq!(profiles.iter().filter(named).count(), 1);
}
