//! A former system that gives no answer: 503 for names that nobody has here and for
//! users without a password, in each dialect's words, and nothing for anybody else.

use countersign::failure::Broken;
use countersign::notify::Reach;
use countersign::routes::words::words_of;
use countersign::wire::failure;
use countersign_local::demo;
use serde_json::{Value, json};

use super::former::{ANN, FORMER_PASSWORD, Former, FormerReply, ann_signs_in};
use crate::harness::account::{NEW_PASSWORD, PASSWORD};
use crate::harness::{Answer, Service, logged};
use crate::operate::import::Files;

/// How a former system fails, and the word for the log.
fn failures() -> Vec<(FormerReply, &'static str)> {
    let elsewhere = "https://example.com/".to_owned();
    vec![
        (FormerReply::Json(500, json!({})), "Status500"),
        (FormerReply::Json(404, json!({})), "Status404"),
        (FormerReply::Json(403, json!({})), "Status403"),
        // A gateway's 401 is no word about the password.
        (
            FormerReply::Json(401, json!({ "message": "Unauthorized" })),
            "Status401",
        ),
        (FormerReply::Json(201, json!({})), "Status201"),
        (FormerReply::Redirect(elsewhere), "Status307"),
        (
            FormerReply::Text(200, "<html>".to_owned()),
            "AnswerMalformed",
        ),
        (FormerReply::Json(200, json!([])), "AnswerMalformed"),
        (
            FormerReply::Json(200, json!({ "email": 5 })),
            "AnswerMalformed",
        ),
        (
            FormerReply::Text(200, " ".repeat(65 * 1024)),
            "AnswerTooLong",
        ),
        (FormerReply::Never, "DeadlineExceeded"),
    ]
}

#[tokio::test]
async fn whatever_is_no_answer_is_503_and_is_asked_once_and_makes_nobody() {
    for (reply, why) in failures() {
        let former = Former::start(move |_| reply.clone()).await;
        let timeout = match why {
            "DeadlineExceeded" => "100",
            _ => "10000",
        };
        let timeout = [("COUNTERSIGN_MIGRATION_TIMEOUT_MILLISECONDS", timeout)];
        let service = former.service_with(&timeout).await;
        let (answer, lines) = logged(ann_signs_in(&service)).await;
        assert_eq!(answer.status, 503, "{why}: {}", answer.raw);
        assert!(answer.header("retry-after").is_some(), "{why}");
        // The connection's limit is as long as the whole post's.
        let wanted = [why, &why.replace("DeadlineExceeded", "ConnectTimedOut")]
            .map(|why| format!("the former system: {why}"));
        let told = |line: &Value| wanted.iter().any(|wanted| line["error"] == wanted.as_str());
        assert!(lines.iter().any(told), "{why}: {lines:?}");
        assert_eq!(former.asked().len(), 1, "{why}");
        // Who is known here does not notice.
        let known = service
            .password_of(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await;
        assert_eq!(known.status, 200, "{why}: {}", known.raw);
        let wrong = service.password_of(demo::PLAIN_USER, "wrong").await;
        assert_eq!(wrong.status, 403, "{why}: {}", wrong.raw);
        assert_eq!(former.asked().len(), 1, "{why}");
    }
}

#[tokio::test]
async fn each_dialect_says_503_in_its_words() {
    let former = Former::start(|_| FormerReply::Json(500, json!({}))).await;
    let service = former.service().await;
    let auth0 = ann_signs_in(&service).await;
    let abp = service.sign_in(ANN, FORMER_PASSWORD).await;
    let body = json!({ "userNameOrEmailAddress": ANN, "password": FORMER_PASSWORD });
    let check = service.post_json("/api/account/login", &body).await;
    let body = json!({ "email": ANN, "password": FORMER_PASSWORD });
    let codemaze = service.post_json("/api/accounts/login", &body).await;
    let aidbox = service
        .aidbox_password(ANN, FORMER_PASSWORD, &json!({}))
        .await;
    for (path, answer) in [
        ("/oauth/token", auth0),
        ("/connect/token", abp),
        ("/api/account/login", check),
        ("/api/accounts/login", codemaze),
        ("/auth/token", aidbox),
    ] {
        // The words of a service that is down, whatever is down.
        let down = Broken::unavailable("any part").into();
        let down = failure(words_of(path), down, service.now());
        let down = Answer::read(down).await;
        assert_eq!((answer.status, &answer.raw), (503, &down.raw), "{path}");
    }
}

#[tokio::test]
async fn a_user_without_a_password_gets_503_and_anybody_with_one_does_not() {
    let former = Former::start(|_| FormerReply::Json(500, json!({}))).await;
    let service = former.service().await;
    // As the operators' tool makes a user.
    let add = ["user", "add", "--email", "bob@example.com"];
    service.operated(&add).await;
    let files = Files::new();
    let file = files.lines(&[json!({ "sub": "1", "email": "carol@example.com" })]);
    let done = files.import_as(&service, "cognito", &file, &[]).await;
    assert_eq!(done["without_password"], json!(1));
    for (name, asked) in [
        ("bob@example.com", 1),
        ("carol@example.com", 2),
        ("nobody", 3),
    ] {
        let answer = service.password_of(name, "anything").await;
        assert_eq!(answer.status, 503, "{name}: {}", answer.raw);
        assert!(answer.header("retry-after").is_some(), "{name}");
        assert_eq!(former.asked().len(), asked, "{name}");
    }
    // From the first password here on, the former system does not matter.
    let token = service.reset_token("bob@example.com").await;
    let id = service.account("bob@example.com").await.user.id.dashed();
    let done = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    let bob = service.password_of("bob@example.com", NEW_PASSWORD).await;
    assert_eq!(bob.status, 200, "{}", bob.raw);
    let wrong = service.password_of("bob@example.com", "wrong").await;
    assert_eq!(wrong.status, 403, "{}", wrong.raw);
    assert_eq!(former.asked().len(), 3);
}

#[tokio::test]
async fn a_sign_up_and_a_forgotten_password_notice_a_former_system_that_is_down() {
    let former = Former::start(|_| FormerReply::Json(500, json!({}))).await;
    let service = former.service_that_finds().await;
    let refused = service.register("ann", ANN, PASSWORD).await;
    assert_eq!(refused.status, 503, "{}", refused.raw);
    let sent = service.messages().len();
    // The answer tells nobody which names are known, so it is the same for all.
    for (email, messages) in [(ANN, 0), (demo::PLAIN_USER, 1)] {
        let answer = service.forgot(email).await;
        assert_eq!(answer.status, 204, "{email}: {}", answer.raw);
        assert_eq!(service.messages().len(), sent + messages, "{email}");
    }
}

#[tokio::test]
async fn guesses_that_were_not_answered_stay_counted() {
    let former = Former::start(|_| FormerReply::Json(500, json!({}))).await;
    let service = former.service().await;
    for _ in 0..10 {
        assert_eq!(ann_signs_in(&service).await.status, 503);
    }
    assert_eq!(ann_signs_in(&service).await.status, 429);
    assert_eq!(former.asked().len(), 10);
    // Of other names, as many as a network has wrong passwords.
    for at in 0..95 {
        service
            .password_of(&format!("u{at}@example.com"), "wrong")
            .await;
    }
    assert_eq!(former.asked().len(), 100);
}

#[tokio::test]
async fn a_function_asks_no_former_system_on_a_private_address() {
    let former = Former::start(|_| FormerReply::Json(200, super::former::ann())).await;
    let mut service = Service::start().await;
    service.watch_secret(FORMER_PASSWORD);
    let https = former.url.replace("http://127.0.0.1", "https://localhost");
    for url in [former.url.as_str(), &https] {
        let setting = [("COUNTERSIGN_MIGRATION_URL", url)];
        let app = service.restarted_with_reach(&setting, Reach::PUBLIC);
        service.take(app);
        let (answer, lines) = logged(ann_signs_in(&service)).await;
        assert_eq!(answer.status, 503, "{}", answer.raw);
        let told = |line: &Value| line["error"] == "the former system: AddressRefused";
        assert!(lines.iter().any(told), "{lines:?}");
    }
    assert_eq!(former.asked().len(), 0);
}
