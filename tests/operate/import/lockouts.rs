//! Lockouts of ASP.NET Identity and ABP: who is locked out there stays locked out here.

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use serde_json::{Value, json};

use super::table::VERSION_2;
use super::{Files, PASSWORD};
use crate::harness::{Answer, Service};

/// So many seconds from now, as a database writes it.
fn at(service: &Service, seconds: i64) -> String {
    let moment = DateTime::from_secs(service.now() + seconds);
    let text = moment.fmt(DateTimeFormat::DateTime).unwrap();
    text.trim_end_matches('Z').to_owned()
}

fn row(name: &str, end: &str) -> Value {
    json!({
        "UserName": name, "Email": format!("{name}@example.com"), "EmailConfirmed": true,
        "PasswordHash": VERSION_2, "LockoutEnd": end, "AccessFailedCount": 4,
    })
}

fn locked_out(answer: &Answer) -> bool {
    answer.status == 400 && answer.text("error_description").contains("locked out")
}

#[tokio::test]
async fn a_lockout_of_the_former_system_lasts_here_until_the_same_second() {
    let service = Service::start().await;
    let (over, lasts, elsewhere) = (at(&service, -60), at(&service, 60), at(&service, 7_140));
    let mut cases = Vec::new();
    for (end, locked) in [(&over, false), (&lasts, true)] {
        cases.extend([
            (format!("{end}+00:00"), locked),
            (format!("{end}Z"), locked),
            (end.replace('T', " ") + ".1234567 +00:00", locked),
            (end.replace('T', " ") + ".123456+00", locked),
            (end.replace('T', " "), locked),
        ]);
    }
    // A minute ago, in a zone two hours ahead.
    cases.push((format!("{elsewhere}+02:00"), false));
    let name = |number: usize| format!("u{number}");
    let cases: Vec<_> = cases.into_iter().enumerate().collect();
    let rows = cases
        .iter()
        .map(|(number, (end, _))| row(&name(*number), end));
    let files = Files::new();
    let file = files.lines(&rows.collect::<Vec<_>>());
    let done = files.import_as(&service, "aspnet", &file, &[]).await;
    assert_eq!(done["made"], json!(11), "{:?}", files.rejects());
    assert_eq!(done["locked_out"], json!(5));
    assert_eq!(done["left_out"], json!({}));
    for (number, (end, locked)) in &cases {
        for name in [name(*number), format!("{}@example.com", name(*number))] {
            let right = service.sign_in(&name, PASSWORD).await;
            assert_eq!(locked_out(&right), *locked, "{end}: {}", right.raw);
            assert_eq!(right.status == 200, !locked, "{end}: {}", right.raw);
        }
    }
    service.advance(59);
    assert!(locked_out(&service.sign_in(&name(5), PASSWORD).await));
    service.advance(1);
    // The wrong guesses there do not count here.
    for _ in 0..9 {
        assert!(!locked_out(&service.sign_in(&name(5), "wrong").await));
    }
    for (number, _) in &cases {
        let right = service.sign_in(&name(*number), PASSWORD).await;
        assert_eq!(right.status, 200, "{}", right.raw);
    }
}

#[tokio::test]
async fn an_operator_ends_a_lockout_of_the_former_system() {
    let (service, files) = (Service::start().await, Files::new());
    let file = files.lines(&[row("ann", &at(&service, 86_400))]);
    let rejects = files.path("rejects.ndjson");
    let import = ["import", &file, "--format", "abp", "--rejects", &rejects];
    let printed = service.operate(&import).await.unwrap();
    let told = "1 locked out there: they stay locked out here until the same time";
    assert!(printed.text.contains(told), "{}", printed.text);
    assert!(locked_out(&service.sign_in("ann", PASSWORD).await));
    let shown = service.operated(&["user", "show", "ann"]).await;
    assert_eq!(shown["locked_until"], json!("2027-01-16T08:00:00Z"));
    // The same file again changes nothing, and says nothing.
    let again = files.import_as(&service, "abp", &file, &[]).await;
    assert_eq!(
        (&again["kept"], &again["locked_out"]),
        (&json!(1), &json!(0))
    );
    let unlock = ["user", "unlock", "ann", "--reason", "ticket 1"];
    service.operated(&unlock).await;
    let shown = service.operated(&["user", "show", "ann"]).await;
    assert_eq!(shown["locked_until"], json!(null));
    for name in ["ann", "ann@example.com"] {
        let right = service.sign_in(name, PASSWORD).await;
        assert_eq!(right.status, 200, "{name}: {}", right.raw);
    }
}

#[tokio::test]
async fn a_user_whose_lockout_is_switched_off_there_is_not_locked_out() {
    let (service, files) = (Service::start().await, Files::new());
    let mut rows = [
        row("ann", &at(&service, 60)),
        row("bob", "9999-12-31 23:59:59"),
    ];
    for row in &mut rows {
        row["LockoutEnabled"] = json!(false);
    }
    let file = files.lines(&rows);
    let done = files.import_as(&service, "aspnet", &file, &[]).await;
    assert_eq!((&done["made"], &done["locked_out"]), (&json!(2), &json!(0)));
    for name in ["ann", "bob"] {
        let right = service.sign_in(name, PASSWORD).await;
        assert_eq!(right.status, 200, "{name}: {}", right.raw);
    }
}
