//! An export has what apps show of a user and keep with the user.

use serde_json::json;

use crate::harness::Service;
use crate::operate::export::every_user::moved;
use crate::operate::import::{BCRYPT, Files, PASSWORD};

#[tokio::test]
async fn names_picture_metadata_and_their_claims_come_along() {
    let (service, files) = (Service::start().await, Files::new());
    let file = files.lines(&[json!({
        "user_id": "auth0|583c3ac3f38e84297c002546",
        "username": "ann", "email": "ann@example.com", "email_verified": true,
        "password_hash": BCRYPT, "given_name": "Ann", "family_name": "Lee",
        "name": "Ann Lee", "nickname": "annie", "picture": "https://pictures.example.com/ann.png",
        "user_metadata": { "plan": "gold", "note": "two\nlines" },
    })]);
    files.import(&service, &file, &[]).await;
    let other = moved(&service, &files).await;
    let (here, there) = (
        service.account("ann").await.user,
        other.account("ann").await.user,
    );
    assert_eq!(here.profile.metadata.len(), 2);
    assert_eq!(there.profile, here.profile);
    let mut claims = Vec::new();
    for service in [&service, &other] {
        let scope = ["openid", "profile", "email"].join(" ");
        let form = [
            ("grant_type", "password"),
            ("client_id", countersign_local::demo::CLIENT),
            ("username", "ann"),
            ("password", PASSWORD),
            ("scope", &scope),
        ];
        let tokens = service.post_form("/oauth/token", &form).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        let shown = service
            .get("/userinfo", Some(&tokens.text("access_token")))
            .await;
        claims.push(shown.body);
    }
    assert_eq!(claims[0]["nickname"], "annie");
    assert_eq!(claims[0]["sub"], "auth0|583c3ac3f38e84297c002546");
    assert_eq!(claims[0], claims[1]);
}
