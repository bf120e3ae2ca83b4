//! Runs the operators' tool on the service of a test: its real command line and
//! functions, in the test's process.

use std::ffi::OsString;

use countersign::notify::event_bus::date_of;
use countersign::store::EVERY_ACT;
use countersign_cli::act::act;
use countersign_cli::options::Options;
use countersign_cli::problem::Problem;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::events::problems_of;

/// The output of a command, for people and as JSON.
pub struct Printed {
    /// For people.
    pub text: String,
    /// As JSON.
    pub json: Value,
    /// The code that the process would end with.
    pub exit_code: u8,
}

impl Service {
    /// Runs a command, as `countersign COMMAND` does. No output holds a secret of the test,
    /// also if a file gets secrets. Every act of the table fits the schema of events.
    pub async fn operate(&self, command: &[&str]) -> Result<Printed, Problem> {
        let done = self.run_command(command).await;
        match &done {
            Ok(printed) => {
                self.assert_no_secret(command, &printed.text);
                self.assert_no_secret(command, &printed.json.to_string());
            }
            Err(problem) => self.assert_no_secret(command, &problem.to_string()),
        }
        if done.is_ok() {
            self.check_newest_acts(command).await;
        }
        done
    }

    /// Checks the newest acts of the table, if the table answers.
    async fn check_newest_acts(&self, command: &[&str]) {
        let newest = self.app.store.list_events(EVERY_ACT, true, None, 25).await;
        let Ok(newest) = newest else { return };
        for act in newest.events {
            let mut data = json!(act.members);
            data.as_object_mut().unwrap().remove("subject");
            data["date"] = json!(date_of(act.at));
            let wrong = problems_of(&data);
            assert!(
                wrong.is_empty(),
                "{command:?}: {data} does not fit: {wrong:?}"
            );
        }
    }

    async fn run_command(&self, command: &[&str]) -> Result<Printed, Problem> {
        let words = ["countersign", "--by", "olga"].iter().chain(command);
        let words = words.map(OsString::from);
        let options = Options::read(words).map_err(|wrong| Problem::usage(wrong.to_string()))?;
        let report = Box::pin(act(&self.app, &options)).await?;
        Ok(Printed {
            text: report.text(false),
            json: serde_json::from_str(&report.text(true)).unwrap(),
            exit_code: report.exit_code(),
        })
    }

    /// Runs a command that must succeed. Returns its output as JSON.
    pub async fn operated(&self, command: &[&str]) -> Value {
        match self.operate(command).await {
            Ok(printed) => printed.json,
            Err(problem) => panic!("{command:?}: {problem}"),
        }
    }

    /// Runs a command that must fail. Returns its exit code and its line.
    pub async fn not_operated(&self, command: &[&str]) -> (u8, String) {
        match self.operate(command).await {
            Ok(printed) => panic!("{command:?} was done: {}", printed.text),
            Err(problem) => (problem.exit_code(), problem.to_string()),
        }
    }
}
