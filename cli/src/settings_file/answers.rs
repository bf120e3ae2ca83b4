//! Reads files of answers, such as `answers.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::problem::Problem;

/// The answers in these files, by the name of the parameter.
///
/// # Errors
/// Exit code 2 if a file cannot be read, is no TOML, or has an answer that is no text, whole
/// number or truth value.
pub(super) fn read_answers(files: &[PathBuf]) -> Result<BTreeMap<String, String>, Problem> {
    let mut answers = BTreeMap::new();
    for file in files {
        answers.extend(read_file(file)?);
    }
    Ok(answers)
}

fn read_file(file: &Path) -> Result<BTreeMap<String, String>, Problem> {
    let problem = |why: String| Problem::usage(format!("{}: {why}", file.display()));
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| problem(error.to_string()))?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        // The message alone: the error's text would show the line, which may hold a secret.
        problem(format!("{} ({})", error.message(), place(&text, &error)))
    })?;
    let answer = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Integer(number) => Ok((name, number.to_string())),
        Value::Boolean(truth) => Ok((name, truth.to_string())),
        _ => Err(problem(format!("{name} is no text"))),
    };
    table.into_iter().map(answer).collect()
}

/// The line of an error.
fn place(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    format!("line {}", before.matches('\n').count() + 1)
}
