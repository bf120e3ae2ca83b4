//! The first content of the table: a seed's clients and users, or the demo data.
//!
//! The seed file is copied into the data folder, so that a later start without `--seed`
//! uses it again. Each start writes the file's clients, and makes the users that are
//! missing.

use crate::demo;
use crate::options::Options;
use crate::problem::Problem;
use crate::seed::{self, Made, Seed};
use crate::storage::data_directory::{DataDirectory, write_private};
use countersign::app::App;
use std::path::PathBuf;
use std::sync::Arc;

/// The name of the copy in the data folder.
const COPY: &str = "seed.json";

/// The content for the table, and where it comes from.
pub struct Data {
    /// The clients and users.
    pub seed: Arc<Seed>,
    from: From,
}

enum From {
    Demo,
    /// The file of `--seed`, with its text, which is copied.
    File(PathBuf, String),
    /// The copy from an earlier start.
    Copy(PathBuf),
}

impl Data {
    /// Reads the file of `--seed`, if there is one. This happens before anything is
    /// started, because the file may be wrong.
    ///
    /// # Errors
    /// One line that names the wrong field.
    pub fn of_options(options: &Options) -> Result<Option<Data>, Problem> {
        let Some(file) = &options.seed else {
            return Ok(None);
        };
        let (seed, text) = Seed::read(file)?;
        let from = From::File(file.clone(), text);
        let seed = Arc::new(seed);
        Ok(Some(Data { seed, from }))
    }

    /// The content for a start without `--seed`: the copy in the folder if the folder's
    /// database is used, or else the demo data. The page of the demo data is on `page_port`.
    ///
    /// # Errors
    /// One line that names the wrong field of the copy.
    pub fn of_folder(
        options: &Options,
        directory: &DataDirectory,
        page_port: u16,
    ) -> Result<Data, Problem> {
        let copy = directory.path().join(COPY);
        if !options.memory && copy.exists() {
            let (seed, _) = Seed::read(&copy)?;
            let from = From::Copy(copy);
            let seed = Arc::new(seed);
            return Ok(Data { seed, from });
        }
        let seed = demo::seed(page_port)
            .map_err(|wrong| Problem::new(format!("the demo data: {wrong}")))?;
        let (seed, from) = (Arc::new(seed), From::Demo);
        Ok(Data { seed, from })
    }

    /// Whether `--seed` names a file for a database that was started with other
    /// content.
    pub fn comes_late(&self, options: &Options, directory: &DataDirectory) -> bool {
        let begun = !options.memory && directory.database_file().exists();
        matches!(self.from, From::File(..)) && begun && !directory.path().join(COPY).exists()
    }

    /// Fills the table and copies the seed file. Returns a line for the terminal.
    ///
    /// # Errors
    /// One line if the table does not answer, a name is taken, or the copy cannot be written.
    pub async fn fill(
        &self,
        app: &App,
        options: &Options,
        directory: &DataDirectory,
    ) -> Result<String, Problem> {
        let made = seed::make(app, &self.seed).await?;
        if let (From::File(_, text), false) = (&self.from, options.memory) {
            let copy = directory.path().join(COPY);
            write_private(&copy, text.as_bytes()).map_err(|error| {
                Problem::new(format!("cannot write {}: {error}", copy.display()))
            })?;
        }
        Ok(self.told(made))
    }

    /// The demo data, if this is it. A seed file is there to read already.
    pub fn to_copy(&self) -> Option<&Seed> {
        matches!(self.from, From::Demo).then_some(&self.seed)
    }

    fn told(&self, made: Made) -> String {
        let from = match &self.from {
            From::Demo => "demo data".to_owned(),
            From::File(file, _) | From::Copy(file) => file.display().to_string(),
        };
        let Made {
            clients,
            users,
            kept,
        } = made;
        let kept = match kept {
            0 => String::new(),
            kept => format!(", {kept} there already and left as they are"),
        };
        format!("{from}; clients {clients}, new users {users}{kept}")
    }
}

/// A warning if the settings need a client that the table does not have. CodeMaze's
/// requests name no client, so a setting names it.
///
/// # Errors
/// One line if the table does not answer.
pub async fn missing(app: &App) -> Result<Option<String>, Problem> {
    let config = &app.config;
    let named = config.codemaze_client.as_ref();
    let mut dialects = config.dialects.iter();
    let needed = dialects.any(|dialect| dialect.has_one_client());
    let Some(client) = named.filter(|_| needed) else {
        return Ok(None);
    };
    let found = app.store.read_client(client).await;
    let found = found.map_err(|broken| Problem::new(broken.to_string()))?;
    Ok(found.is_none().then(|| {
        format!(
            "there is no client {client}, so /api/accounts/ signs nobody in; \
             COUNTERSIGN_CODEMAZE_CLIENT may name another"
        )
    }))
}
