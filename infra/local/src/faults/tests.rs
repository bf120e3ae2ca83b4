//! Which call meets an outage, and how often.

use super::*;

fn planned(text: &str) -> PlannedFault {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_fault_for_the_next_calls_ends_after_them_and_other_services_do_not_meet_it() {
    let faults = Faults::default();
    let throttled = planned(r#"{"service":"ses","fault":"throttled","calls":2}"#);
    faults.plan(throttled).unwrap();
    assert_eq!(faults.meet(Callee::Sns, "Publish"), None);
    for _ in 0..2 {
        let met = faults.meet(Callee::Ses, "SendEmail").unwrap();
        assert_eq!(met.outage, Outage::Throttled);
    }
    assert_eq!(faults.meet(Callee::Ses, "SendEmail"), None);
    assert_eq!(faults.planned(), []);
}

#[test]
fn a_fault_without_a_number_lasts_until_it_is_cleared() {
    let faults = Faults::default();
    let slow = planned(r#"{"service":"kms","fault":"slow","milliseconds":7}"#);
    faults.plan(slow).unwrap();
    for _ in 0..50 {
        let met = faults.meet(Callee::Kms, "Decrypt").unwrap();
        assert_eq!((met.outage, met.milliseconds), (Outage::Slow, 7));
    }
    faults.clear();
    assert_eq!(faults.meet(Callee::Kms, "Decrypt"), None);
}

#[test]
fn a_rate_lets_the_other_calls_pass() {
    let faults = Faults::default();
    let every_third = planned(r#"{"service":"webhook","fault":"hang","one_in":3}"#);
    faults.plan(every_third).unwrap();
    let met = (0..9).map(|_| faults.meet(Callee::Webhook, "").is_some());
    let met: Vec<bool> = met.collect();
    assert_eq!(met, [false, false, true].repeat(3));
}

#[test]
fn an_operation_and_a_conflict_leave_other_calls_alone() {
    let faults = Faults::default();
    let named =
        planned(r#"{"service":"dynamodb","fault":"server_error","operation":"UpdateItem"}"#);
    faults.plan(named).unwrap();
    faults
        .plan(planned(r#"{"service":"dynamodb","fault":"conflict"}"#))
        .unwrap();
    let met = |operation| {
        let met = faults.meet(Callee::DynamoDb, operation);
        met.map(|met| met.outage)
    };
    assert_eq!(met("UpdateItem"), Some(Outage::ServerError));
    assert_eq!(met("Query"), None);
    assert_eq!(met("TransactWriteItems"), Some(Outage::Conflict));
}

#[test]
fn a_fault_that_cannot_be_had_is_refused_with_its_reason() {
    let faults = Faults::default();
    for (text, named) in [
        (r#"{"service":"ses","fault":"conflict"}"#, "conflict"),
        (r#"{"service":"webhook","fault":"cut_after"}"#, "webhook"),
        (r#"{"service":"ses","fault":"hang","calls":0}"#, "calls"),
        (r#"{"service":"ses","fault":"hang","one_in":0}"#, "one_in"),
        (
            r#"{"service":"ses","fault":"slow","milliseconds":60001}"#,
            "milliseconds",
        ),
    ] {
        let refused = faults.plan(planned(text)).unwrap_err();
        assert!(refused.contains(named), "{refused}");
    }
    for text in [
        r#"{"service":"s3","fault":"hang"}"#,
        r#"{"service":"ses","fault":"hang","call":1}"#,
    ] {
        assert!(serde_json::from_str::<PlannedFault>(text).is_err());
    }
}
