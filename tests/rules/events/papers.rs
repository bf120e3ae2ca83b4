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

/// The codes between backticks in this column of the page's table under a heading.
fn codes_under<'a>(page: &'a str, heading: &str, column: usize) -> Vec<&'a str> {
    let (_, rest) = page.split_once(heading).unwrap();
    let lines = rest.lines().skip(1);
    let section = lines.take_while(|line| !line.starts_with('#'));
    let rows = section.filter(|line| line.starts_with("| ") && line.contains('`'));
    let cells = rows.map(|row| row.split('|').nth(column).unwrap());
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn each_log_code_of_auth0_is_a_type_of_ours_or_stands_on_the_page_as_one_that_no_event_has() {
    let page = std::fs::read_to_string(workspace().join("docs/events.md")).unwrap();
    let auth0: BTreeSet<&str> = include_str!("auth0_log_codes.txt").lines().collect();
    let ours: BTreeSet<&str> = EventKind::ALL.iter().copied().flat_map(codes_of).collect();
    let unused = codes_under(&page, "### Auth0's codes that no event has", 2);
    let once: BTreeSet<&str> = unused.iter().copied().collect();
    assert_eq!(once.len(), unused.len(), "a code stands twice");
    let left: BTreeSet<&str> = auth0.difference(&ours).copied().collect();
    assert_eq!(once, left);
    // A type that Auth0 has not is a word of our own, and the page says so.
    let (_, own) = page.split_once("These types are our own").unwrap();
    let own: BTreeSet<&str> = own.split('`').skip(1).step_by(2).collect();
    assert_eq!(own, ours.difference(&auth0).copied().collect());
    assert!(auth0.contains("fp") && auth0.len() > 150);
}

#[test]
fn no_two_kinds_have_the_same_name() {
    let names: BTreeSet<&str> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), EventKind::ALL.len());
    for kind in EventKind::ALL {
        assert_eq!(EventKind::from_name(kind.name()), Some(*kind));
    }
}
