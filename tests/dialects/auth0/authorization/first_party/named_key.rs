//! The key that a request names.

use countersign_local::demo;

use super::app::{ASKED, NativeApp, with_apps};

/// Section 4.1 and RFC 9449 10: `dpop_jkt` names the key of the proof, or the request is
/// refused.
#[tokio::test]
async fn section_4_1_dpop_jkt_is_the_key_of_the_proof() {
    let service = with_apps().await;
    let (bare, app) = (NativeApp::new(&service), NativeApp::with_key(&service));
    let own = app.key.as_ref().unwrap().thumbprint();
    let named = |key| {
        let mut fields = ASKED.to_vec();
        fields.extend([
            ("username", demo::USER),
            ("password", demo::PASSWORD_OF_ALL),
        ]);
        fields.push(("dpop_jkt", key));
        fields
    };
    let taken = app.step(&named(&own)).await;
    assert_eq!(
        taken.text("error"),
        "insufficient_authorization",
        "{}",
        taken.raw
    );
    for (refused, error) in [
        (bare.step(&named(&own)).await, "invalid_dpop_proof"),
        (bare.step(&named("nonsense")).await, "invalid_dpop_proof"),
        (app.step(&named(&"A".repeat(43))).await, "invalid_grant"),
    ] {
        let said = (refused.status, refused.text("error"));
        assert_eq!(said, (400, error.to_owned()), "{}", refused.raw);
    }
}
