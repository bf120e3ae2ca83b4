//! A developer can see which scope, audience, client or redirect URI was refused:
//! always in the log, and in the answer only with `cargo local`.

use countersign_local::demo;

use crate::harness::deployment::local::{Folder, Local};
use crate::harness::unescape;
use crate::harness::{Answer, Service, logged};
use crate::tidy::source::read;

/// A request, and the name of its refused value.
struct Case {
    path: &'static str,
    fields: Vec<(&'static str, &'static str)>,
    named: &'static str,
}

fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (path, client) in [
        ("/oauth/token", demo::CLIENT),
        ("/connect/token", demo::ABP_CLIENT),
        ("/auth/token", demo::AIDBOX_CLIENT),
    ] {
        for (name, value, named) in [
            ("scope", "openid ad\u{1b}min", "scope \"ad\\u{1b}min\""),
            (
                "audience",
                "https://evil.example/?key=k3y",
                "audience \"https://evil.example/\"",
            ),
            ("client_id", "no-such-app", "client \"no-such-app\""),
        ] {
            let mut fields = vec![
                ("grant_type", "password"),
                ("client_id", client),
                ("username", demo::PLAIN_USER),
                ("password", demo::PASSWORD_OF_ALL),
            ];
            fields.retain(|(known, _)| *known != name);
            fields.push((name, value));
            all.push(Case {
                path,
                fields,
                named,
            });
        }
    }
    all
}

/// Sends the request. Returns the answer, and the refused value in its log line.
async fn asked(service: &Service, case: &Case) -> (Answer, String) {
    let (answer, lines) = logged(service.post_form(case.path, &case.fields)).await;
    let refused = lines.last().unwrap()["refused"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (answer, refused)
}

const TO_A_STRANGER: &str = "/auth/authorize?client_id=web&response_type=token&redirect_uri=https%3A%2F%2Fe.example%2F%3Fs%3D1";

#[tokio::test]
async fn a_refused_part_of_a_request_is_in_the_log_and_not_in_the_answer() {
    let service = Service::start().await;
    for case in cases() {
        let (answer, refused) = asked(&service, &case).await;
        assert!(answer.status >= 400, "{}", answer.raw);
        assert_eq!(refused, case.named, "{} {}", case.path, answer.raw);
        let told = answer.body["error_description"].as_str().unwrap();
        assert!(!told.contains('"'), "{told}");
    }
    let (answer, lines) = logged(service.get(TO_A_STRANGER, None)).await;
    assert_eq!(
        lines.last().unwrap()["refused"],
        "redirect_uri \"https://e.example/\""
    );
    assert!(!answer.raw.contains("e.example"), "{}", answer.raw);
}

#[tokio::test]
async fn with_cargo_local_the_answer_names_the_refused_part_too() {
    let mut service = Service::start().await;
    service.take(service.restarted_naming());
    for case in cases() {
        let (answer, refused) = asked(&service, &case).await;
        assert_eq!(refused, case.named);
        let told = answer.body["error_description"].as_str().unwrap();
        assert!(told.ends_with(&format!(" ({})", case.named)), "{told}");
    }
    let answer = service.get(TO_A_STRANGER, None).await;
    let page = unescape(&answer.raw);
    assert!(
        page.contains("redirect_uri \"https://e.example/\""),
        "{page}"
    );
}

#[test]
fn the_real_cargo_local_names_the_refused_part() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let case = cases().remove(2);
    let answer = local.post_form(case.path, &case.fields);
    let told = answer.body["error_description"].as_str().unwrap();
    assert!(told.ends_with(" (client \"no-such-app\")"), "{told}");
}

#[test]
fn no_function_names_a_refused_part_in_an_answer() {
    let text = read("shared/src/lambda.rs");
    assert!(text.contains("Naming::InTheLog"));
    assert!(!text.contains("InAnswersToo"));
    let settings = read("shared/src/config.rs");
    assert!(!settings.contains("Naming"), "there is no setting for it");
}
