//! The kinds of imported password hashes whose work every wrong password costs.

use countersign::app::App;
use countersign::domain::accounts::password::PasswordHash;

use crate::problem::Problem;
use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "passwords";

pub(super) async fn look(app: &App, findings: &mut Diagnosis) -> Result<(), Problem> {
    let kinds = app.store.read_hash_kinds().await?;
    if kinds.is_empty() {
        return Ok(());
    }
    let kinds: Vec<String> = kinds.iter().map(kind_of).collect();
    findings.note(
        AREA,
        format!(
            "each wrong password also computes the imported kinds {}, so that its time does not \
             tell who was imported",
            kinds.join(", ")
        ),
        "a user's next right password replaces the imported hash; the kinds stay, because other \
         users may still have such a hash",
    );
    Ok(())
}

/// The kind and the cost of a hash, without salt and hash.
fn kind_of(hash: &PasswordHash) -> String {
    let parts = hash.as_str().split('$').filter(|part| !part.is_empty());
    let parts = parts.filter(|part| !part.starts_with("v="));
    parts.take(2).collect::<Vec<_>>().join(" ")
}
