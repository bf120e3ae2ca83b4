//! The schema and the page of events are what the program says.

use std::collections::BTreeSet;

use countersign::domain::events::kind::EventKind;

use crate::harness::events::{codes_of, schema};
use crate::tidy::source::workspace;

const KEPT: &str = "docs/events.schema.json";
/// Set, it writes the kept schema anew.
const WRITE: &str = "COUNTERSIGN_TEST_WRITE_EVENTS";

#[test]
fn the_kept_schema_of_events_is_the_generated_one() {
    let generated = format!("{:#}\n", schema());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(workspace().join(KEPT), &generated).unwrap();
    }
    let kept = std::fs::read_to_string(workspace().join(KEPT)).unwrap_or_default();
    assert!(
        kept == generated,
        "{KEPT} is not what the program says. Look at what has changed after\n\
         {WRITE}=1 cargo test -p tests --test all the_kept_schema_of_events"
    );
}

#[test]
fn the_page_of_events_has_a_row_for_each_kind_with_every_type_that_it_can_have() {
    let page = std::fs::read_to_string(workspace().join("docs/events.md")).unwrap();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    for kind in EventKind::ALL {
        let begins = format!("| `{}` |", kind.name());
        let row = rows.iter().find(|row| row.starts_with(&begins));
        let row = row.unwrap_or_else(|| panic!("no row for {}", kind.name()));
        let told: BTreeSet<&str> = row.split('|').nth(2).unwrap().split(',').collect();
        let told: BTreeSet<&str> = told
            .into_iter()
            .map(|code| code.trim().trim_matches('`'))
            .collect();
        assert_eq!(told, codes_of(*kind), "{}", kind.name());
    }
}

#[test]
fn no_two_kinds_have_the_same_name() {
    let names: BTreeSet<&str> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), EventKind::ALL.len());
    for kind in EventKind::ALL {
        assert_eq!(EventKind::from_name(kind.name()), Some(*kind));
    }
}
