//! The kinds of imported password hashes whose work every wrong password costs.

use countersign::app::App;
use countersign::domain::accounts::password::PasswordHash;

use crate::problem::Problem;
use crate::report::time;
use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "passwords";

pub(super) async fn look(app: &App, findings: &mut Diagnosis) -> Result<(), Problem> {
    let Some(noted) = app.store.read_noted_kinds(app.clock.now()).await? else {
        return Ok(());
    };
    let kinds: Vec<String> = noted.kinds.iter().map(kind_of).collect();
    let until = time(noted.until);
    let until = until.as_str().unwrap_or_default();
    findings.note(
        AREA,
        format!(
            "each wrong password also computes the imported kinds {} until {until}, so that its \
             time does not tell who was imported",
            kinds.join(", ")
        ),
        "a user's next right password replaces the imported hash; the year begins again with each \
         import of such hashes",
    );
    Ok(())
}

/// The kind and the cost of a hash, without salt and hash.
fn kind_of(hash: &PasswordHash) -> String {
    let parts = hash.as_str().split('$').filter(|part| !part.is_empty());
    let parts = parts.filter(|part| !part.starts_with("v="));
    parts.take(2).collect::<Vec<_>>().join(" ")
}
