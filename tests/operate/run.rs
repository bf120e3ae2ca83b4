//! Runs the operators' tool on the service of a test: its real command line and
//! functions, in the test's process.

use clap::Parser;
use countersign_cli::act::act;
use countersign_cli::options::Options;
use countersign_cli::problem::Problem;
use serde_json::Value;

use crate::harness::Service;

/// The output of a command, for people and as JSON.
pub struct Printed {
    /// For people.
    pub text: String,
    /// As JSON.
    pub json: Value,
}

impl Service {
    /// Runs a command, as `countersign COMMAND` does. No output holds a secret of the test.
    /// An export of one user has the keys of the user's apps, so it is not searched.
    pub async fn operate(&self, command: &[&str]) -> Result<Printed, Problem> {
        let done = self.run_command(command).await;
        let exports = command.contains(&"export");
        match &done {
            Ok(printed) if !exports => {
                self.assert_no_secret(command, &printed.text);
                self.assert_no_secret(command, &printed.json.to_string());
            }
            Ok(_) => {}
            Err(problem) => self.assert_no_secret(command, &problem.to_string()),
        }
        done
    }

    async fn run_command(&self, command: &[&str]) -> Result<Printed, Problem> {
        let words = ["countersign", "--by", "olga"].iter().chain(command);
        let options =
            Options::try_parse_from(words).map_err(|wrong| Problem::usage(wrong.to_string()))?;
        let report = act(&self.app, &options).await?;
        Ok(Printed {
            text: report.text(false),
            json: serde_json::from_str(&report.text(true)).unwrap(),
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
