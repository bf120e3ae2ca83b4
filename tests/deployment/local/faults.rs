//! `POST /_local/faults`: outages of AWS, as the developer of an app rehearses them on the
//! running `cargo local`.

use serde_json::{Value, json};

use crate::deployment::local::runs::{begin, challenge, log_in, messages};
use crate::harness::Answer;
use crate::harness::deployment::local::{Folder, Local};

fn plan(local: &Local, fault: &Value) -> Answer {
    local.ask("POST", "/_local/faults", &[], &fault.to_string())
}

fn planned(local: &Local) -> Value {
    local.ask("GET", "/_local/faults", &[], "").body
}

fn clear(local: &Local) {
    let cleared = local.ask("DELETE", "/_local/faults", &[], "");
    assert_eq!(cleared.status, 204, "{}", cleared.raw);
}

#[test]
fn an_app_meets_a_planned_outage_and_the_service_works_again_once_the_outage_is_cleared() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    for (service, fault) in [
        ("ses", "server_error"),
        ("ses", "cut_before"),
        ("sns", "throttled"),
        ("sns", "server_error"),
        ("dynamodb", "server_error"),
        ("dynamodb", "throttled"),
    ] {
        let token = begin(&local).text("mfa_token");
        let channel = if service == "sns" { "sms" } else { "email" };
        let answer = plan(&local, &json!({ "service": service, "fault": fault }));
        assert_eq!(answer.body[0]["met"], 0, "{}", answer.raw);
        let refused = challenge(&local, &token, channel);
        assert_eq!(refused.status, 503, "{service} {fault}: {}", refused.raw);
        assert!(refused.number_header("retry-after") > 0);
        let met = planned(&local)[0]["met"].as_u64().unwrap();
        assert!(met > 0, "{service} {fault}");
        clear(&local);
        assert_eq!(planned(&local), json!([]));
        let sent = challenge(&local, &token, channel);
        assert_eq!(sent.status, 200, "{service} {fault}: {}", sent.raw);
        let later = json!({ "advance_seconds": 4_000 }).to_string();
        local.ask("POST", "/_local/clock", &[], &later);
    }
}

#[test]
fn an_outage_of_one_call_is_met_by_the_services_own_retry() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    for fault in [
        json!({ "service": "dynamodb", "fault": "server_error", "calls": 1 }),
        json!({ "service": "dynamodb", "fault": "cut_after", "calls": 1, "operation": "UpdateItem" }),
        json!({ "service": "dynamodb", "fault": "conflict", "calls": 1 }),
        json!({ "service": "dynamodb", "fault": "slow", "milliseconds": 1, "calls": 3 }),
    ] {
        plan(&local, &fault);
        log_in(&local);
        assert_eq!(planned(&local), json!([]), "{fault}");
        let later = json!({ "advance_seconds": 4_000 }).to_string();
        local.ask("POST", "/_local/clock", &[], &later);
    }
}

#[test]
fn a_mail_whose_answer_was_cut_off_arrives_twice_with_one_code() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    plan(
        &local,
        &json!({ "service": "ses", "fault": "cut_after", "calls": 1 }),
    );
    log_in(&local);
    let sent = messages(&local);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["code"], sent[1]["code"]);
}

#[test]
fn a_fault_that_cannot_be_planned_is_refused_by_the_name_of_its_member() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    for (fault, named) in [
        (json!({ "service": "s3", "fault": "hang" }), "service"),
        (json!({ "service": "ses", "fault": "loud" }), "fault"),
        (
            json!({ "service": "ses", "fault": "hang", "call": 1 }),
            "call",
        ),
        (
            json!({ "service": "ses", "fault": "hang", "calls": 0 }),
            "calls",
        ),
        (json!({ "service": "ses", "fault": "conflict" }), "conflict"),
    ] {
        let refused = plan(&local, &fault);
        assert_eq!(refused.status, 400, "{}", refused.raw);
        let error = refused.body["error"].as_str().unwrap();
        assert!(error.contains(named), "{error}");
    }
    let stranger = [("host", "example.com")];
    let refused = local.ask("GET", "/_local/faults", &stranger, "");
    assert_eq!(refused.status, 403, "{}", refused.raw);
}
