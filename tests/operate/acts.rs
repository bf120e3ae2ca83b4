//! `acts list`: what operators did, also what concerns no user.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::operate::import::Files;

fn texts<'a>(acts: &'a Value, name: &str) -> Vec<&'a str> {
    let acts = acts.as_array().unwrap().iter();
    acts.map(|act| act[name].as_str().unwrap_or("-")).collect()
}

#[tokio::test]
async fn acts_upon_clients_keys_destinations_and_many_users_are_listed_the_newest_first() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id.dashed();
    let files = Files::new();
    let whole = files.path("whole.ndjson");
    for command in [
        &["client", "add", "shop", "--for", "server"][..],
        &["client", "rotate-secret", "shop"],
        &["keys", "rotate", "seeds"],
        &["sends", "open", demo::PHONE],
        &["export", &whole, "--plain"],
        &["user", "unlock", demo::USER, "--reason", "ticket 4711"],
        &["client", "remove", "shop"],
    ] {
        service.operated(command).await;
        service.advance(1);
    }
    let all = service.operated(&["acts", "list"]).await;
    let wanted = [
        ("client remove", "shop"),
        ("user unlock", &user),
        ("export", "-"),
        ("sends open", "destination"),
        ("keys rotate", "seeds-2"),
        ("client rotate-secret", "shop"),
        ("client add", "shop"),
    ];
    let (acts, subjects) = (texts(&all, "act"), texts(&all, "subject"));
    for (at, (act, subject)) in wanted.into_iter().enumerate() {
        assert_eq!(acts[at], act);
        assert!(subjects[at].starts_with(subject), "{at}: {subjects:?}");
    }
    assert_eq!(acts.len(), wanted.len());
    assert!(texts(&all, "by").iter().all(|by| *by == "olga"));
    assert_eq!(all[1]["why"], "ticket 4711");
    assert_eq!(all[1]["type"], "ublkdu");
    assert_eq!(all[4]["event"], "key.made");
    assert!(!all.to_string().contains(demo::PHONE));
}

#[tokio::test]
async fn acts_are_listed_page_by_page_also_for_people() {
    let service = Service::start().await;
    for client in ["a", "b", "c"] {
        let add = ["client", "add", client, "--for", "mobile"];
        service.operated(&add).await;
        service.advance(1);
    }
    let list = ["acts", "list", "--limit", "2"];
    let first = service.operated(&list).await;
    assert_eq!(texts(&first, "client_id"), ["c", "b"]);
    let last = first[1]["log_id"].as_str().unwrap();
    let next = service
        .operate(&[&list[..], &["--before", last]].concat())
        .await
        .unwrap();
    assert_eq!(texts(&next.json, "client_id"), ["a"]);
    let lines: Vec<&str> = next.text.lines().collect();
    assert_eq!(lines.len(), 2, "{}", next.text);
    assert!(lines[1].contains("client add"), "{}", next.text);
    let (code, line) = service
        .not_operated(&["acts", "list", "--before", "no-such-act"])
        .await;
    assert_eq!((code, line.as_str()), (3, "there is no act no-such-act"));
}

#[tokio::test]
async fn an_act_that_changes_nothing_is_not_listed() {
    let service = Service::start().await;
    service.operated(&["keys", "rotate", "seeds"]).await;
    // The next key is there already.
    service.operated(&["keys", "rotate", "seeds"]).await;
    let (code, _) = service
        .not_operated(&["client", "remove", "no-such-client"])
        .await;
    assert_eq!(code, 3);
    let acts = service.operated(&["acts", "list"]).await;
    assert_eq!(texts(&acts, "act"), ["keys rotate"]);
}

#[tokio::test]
async fn an_act_that_made_nobody_is_not_in_the_table() {
    let service = Service::start().await;
    let twin = ["user", "add", "--email", "twin@example.com"];
    // A name that is taken before the command: nothing is announced either.
    let taken = ["user", "add", "--email", demo::USER];
    assert!(service.operate(&taken).await.is_err());
    assert_eq!(service.operated(&["acts", "list"]).await, json!([]));
    // Operators who add the same user at once make one user and one act.
    let adds = futures_util::future::join_all((0..4).map(|_| service.operate(&twin))).await;
    assert_eq!(adds.iter().filter(|added| added.is_ok()).count(), 1);
    let all = service.operated(&["acts", "list"]).await;
    assert_eq!(texts(&all, "act"), ["user add"]);
}
