//! What the batches of one import have in common.

use futures_util::lock::Mutex;

use crate::app::App;
use crate::domain::accounts::moving_in::hash_kinds::add_kinds;
use crate::domain::accounts::password::PasswordHash;
use crate::failure::Broken;

/// One run of an import.
#[derive(Debug, Default)]
pub struct ImportRun {
    /// Whether the run only looks, and writes nothing.
    pub dry_run: bool,
    /// The kinds of hashes in the table's note, as far as this run knows.
    noted: Mutex<Vec<PasswordHash>>,
}

impl ImportRun {
    /// A new run.
    pub fn new(dry_run: bool) -> Self {
        Self {
            dry_run,
            noted: Mutex::default(),
        }
    }

    /// Notes these kinds in the table before a user has a hash of such a kind, as far as there
    /// is room. Returns every kind in the note: a wrong password costs the work of each.
    pub(super) async fn note_kinds(
        &self,
        app: &App,
        kinds: &[PasswordHash],
    ) -> Result<Vec<PasswordHash>, Broken> {
        let mut noted = self.noted.lock().await;
        if kinds.iter().any(|kind| !noted.contains(kind)) {
            *noted = match self.dry_run {
                false => app.store.note_hash_kinds(kinds).await?,
                true => {
                    let mut all = app.store.read_hash_kinds().await?;
                    add_kinds(&mut all, &noted);
                    add_kinds(&mut all, kinds);
                    all
                }
            };
        }
        if !self.dry_run {
            app.hasher.learn_kinds(&noted);
        }
        Ok(noted.clone())
    }
}
