//! Races for an action of an account: of fifty concurrent requests, one carries the
//! action out.

use std::sync::Arc;

use serde_json::json;

use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::races::logins::{MANY, at_once};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_resets_at_once_with_one_token_one_counts() {
    let service = Arc::new(Service::start().await);
    let id = service.registered().await;
    let token = service.reset_token(EMAIL).await;
    let password = |number: usize| format!("{NEW_PASSWORD} {number}");
    let answers = at_once(MANY, |number| {
        let (service, id, token) = (service.clone(), id.clone(), token.clone());
        async move {
            let answer = service.reset(&id, &token, &password(number)).await;
            (number, answer.status)
        }
    })
    .await;
    let mut done = answers.iter().filter(|(_, status)| *status == 204);
    let (winner, _) = done.next().unwrap();
    assert_eq!(done.next(), None, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|(_, status)| [204, 403].contains(status))
    );
    let tokens = service.sign_in(USER_NAME, &password(*winner)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(service.account(EMAIL).await.user.epoch, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_confirmations_at_once_with_one_token_count_once_and_say_so() {
    let service = Arc::new(Service::start().await);
    let id = service.registered().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    service.ask_to_confirm_email(Some(&bearer), &id).await;
    let token = service.link_parameter("confirmationToken");
    let answers = at_once(MANY, |_| {
        let (service, id, token) = (service.clone(), id.clone(), token.clone());
        async move { service.confirm_email(&id, &token).await.status }
    })
    .await;
    assert!(answers.iter().all(|status| *status == 204), "{answers:?}");
    assert_eq!(service.account(EMAIL).await.user.epoch, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_registrations_at_once_under_one_name_one_counts() {
    let service = Arc::new(Service::start().await);
    let answers = at_once(MANY, |number| {
        let service = service.clone();
        async move {
            // Each request comes from another network, so that only the name decides.
            let body = json!({
                "userName": USER_NAME,
                "emailAddress": EMAIL,
                "password": PASSWORD,
                "appName": "Angular",
            });
            let address = format!("198.51.100.{number}").parse().unwrap();
            service
                .post_from(address, "/api/account/register", &body)
                .await
                .status
        }
    })
    .await;
    let done = answers.iter().filter(|status| **status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    assert!(
        answers.iter().all(|status| [200, 403].contains(status)),
        "{answers:?}"
    );
}
