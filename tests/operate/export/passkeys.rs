//! An export has the passkeys of a user.

use crate::dialects::auth0::login::passkeys::authenticator::{enrolled, sign_in_with, start_with};
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
