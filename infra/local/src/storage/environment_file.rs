//! Writes the environment for functions that run elsewhere to a file, which `cargo
//! lambda watch --env-file` and shells can read.

use std::path::{Path, PathBuf};

use crate::problem::Problem;
use crate::service::Endpoints;
use crate::storage::data_directory::write_private;

/// The file's name in the data folder.
pub const FILE: &str = "lambda.env";

/// The file for the operators' tool, which reads it while the service runs.
const OPERATE_FILE: &str = "operate.env";

/// Where the tool finds the clock's offset. This is a file name and not the offset,
/// because the offset changes whenever somebody moves the clock.
const CLOCK: (&str, &str) = ("CLOCK_FILE", "clock");

/// Writes the file into `directory`, and replaces the file of an earlier start. Returns
/// its path.
///
/// # Errors
/// One line if the file cannot be written.
pub fn write(
    directory: &Path,
    settings: &[(String, String)],
    endpoints: Endpoints<'_>,
) -> Result<PathBuf, Problem> {
    write_to(directory.join(FILE), settings, &leading_to(endpoints))
}

/// Writes the file for the operators' tool. `keeps_clock` says whether the folder
/// stores the clock's offset.
///
/// # Errors
/// One line if the file cannot be written.
pub fn write_for_operators(
    directory: &Path,
    settings: &[(String, String)],
    endpoints: Endpoints<'_>,
    keeps_clock: bool,
) -> Result<PathBuf, Problem> {
    let mut more = leading_to(endpoints).to_vec();
    more.extend(keeps_clock.then_some(CLOCK));
    write_to(directory.join(OPERATE_FILE), settings, &more)
}

fn write_to(
    file: PathBuf,
    settings: &[(String, String)],
    more: &[(&str, &str)],
) -> Result<PathBuf, Problem> {
    let settings = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let lines: String = settings
        .chain(more.iter().copied())
        .map(|(name, value)| format!("{name}='{value}'\n"))
        .collect();
    write_private(&file, lines.as_bytes())
        .map_err(|error| Problem::new(format!("cannot write {}: {error}", file.display())))?;
    Ok(file)
}

/// The variables that lead a function's AWS SDK to the stand-ins, without any proxy. No
/// value contains a quote.
fn leading_to(Endpoints { dynamodb, others }: Endpoints<'_>) -> [(&str, &str); 9] {
    [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
        ("AWS_ENDPOINT_URL_SESV2", others),
        ("AWS_ENDPOINT_URL_SNS", others),
        ("AWS_ENDPOINT_URL_KMS", others),
        ("NO_PROXY", "127.0.0.1,localhost"),
        ("no_proxy", "127.0.0.1,localhost"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::scratch_directory::ScratchDirectory;
    use countersign::config::Config;
    use std::collections::HashMap;

    #[test]
    fn the_file_holds_all_that_a_function_needs_to_start() {
        let scratch = ScratchDirectory::new();
        let endpoints = Endpoints {
            dynamodb: "http://127.0.0.1:1",
            others: "http://127.0.0.1:2",
        };
        let settings: Vec<(String, String)> =
            crate::defaults::settings("http://localhost:9000/", endpoints.others)
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
        let file = write(scratch.path(), &settings, endpoints).unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        let read: HashMap<&str, &str> = text
            .lines()
            .map(|line| {
                let (name, value) = line.split_once("='").unwrap();
                let value = value.strip_suffix('\'').unwrap();
                assert!(!value.contains('\''), "{line}");
                (name, value)
            })
            .collect();
        let config = Config::read(|name| read.get(name).map(ToString::to_string)).unwrap();
        assert_eq!(config.issuer, "http://localhost:9000/");
        assert_eq!(read["AWS_ENDPOINT_URL_DYNAMODB"], "http://127.0.0.1:1");
        assert_eq!(read["AWS_ENDPOINT_URL_KMS"], "http://127.0.0.1:2");
    }
}
