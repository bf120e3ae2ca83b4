//! `cargo local --aws-only`: the embedded DynamoDB and the stand-ins for KMS, SES and SNS.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::http::Connection;
use crate::outcome::Outcome;
use crate::process::{OTHER, Process, on_core};
use crate::users::Users;

/// The running stand-ins. Their folder is deleted with this value.
pub struct Local {
    process: Process,
    folder: PathBuf,
    /// The environment of a function.
    pub environment: Vec<(String, String)>,
}

impl Local {
    /// Starts the stand-ins with these users, on the core that is not measured.
    pub fn start(binary: &Path, users: &Users) -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("bench-login-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let seed = folder.join("users.json");
        std::fs::write(&seed, users.seed().to_string())?;
        let mut command = on_core(OTHER, binary);
        command
            .env_clear()
            .args(["--aws-only", "--memory", "--port", "0", "--https-port", "0"]);
        command
            .arg("--seed")
            .arg(&seed)
            .arg("--data")
            .arg(folder.join("data"));
        let (process, output) = Process::start_with_output(&mut command)?;
        let mut lines = BufReader::new(output).lines();
        let ready = lines.find(|line| matches!(line, Ok(line) if line.starts_with("Stop with")));
        ready.ok_or("cargo local did not start")??;
        // Its later lines have no reader, and cargo local writes none.
        let file = std::fs::read_to_string(folder.join("data/lambda.env"))?;
        let environment = file
            .lines()
            .filter_map(|line| {
                let (name, value) = line.split_once('=')?;
                Some((name.to_owned(), value.trim_matches('\'').to_owned()))
            })
            .collect();
        Ok(Self {
            process,
            folder,
            environment,
        })
    }

    /// A variable of the environment, without `http://`.
    fn address(&self, name: &str) -> Outcome<&str> {
        let found = self.environment.iter().find(|(known, _)| known == name);
        let (_, url) = found.ok_or_else(|| format!("no {name}"))?;
        Ok(url.trim_start_matches("http://"))
    }

    pub fn dynamodb(&self) -> Outcome<&str> {
        self.address("AWS_ENDPOINT_URL_DYNAMODB")
    }

    pub fn table(&self) -> &str {
        let found = self
            .environment
            .iter()
            .find(|(name, _)| name == "COUNTERSIGN_TABLE");
        found.map_or("countersign", |(_, table)| table)
    }

    /// The environment with DynamoDB at another address.
    pub fn with_dynamodb(&self, address: &str) -> Vec<(String, String)> {
        let mut environment = self.environment.clone();
        environment.push((
            "AWS_ENDPOINT_URL_DYNAMODB".to_owned(),
            format!("http://{address}"),
        ));
        environment
    }

    /// The code in the newest message. Deletes all messages.
    pub fn code(&self) -> Outcome<String> {
        let mut connection = Connection::to(self.address("AWS_ENDPOINT_URL_SESV2")?)?;
        let listed = connection.ask("GET /_local/messages", &[], b"")?;
        let listed: Value = serde_json::from_slice(&listed.body)?;
        connection.ask("DELETE /_local/messages", &[], b"")?;
        let code = listed[0]["code"].as_str().ok_or("no message with a code")?;
        Ok(code.to_owned())
    }

    /// A call to the embedded DynamoDB.
    pub fn table_call(
        &self,
        connection: &mut Connection,
        call: &str,
        body: &Value,
    ) -> Outcome<Value> {
        let target = format!("DynamoDB_20120810.{call}");
        let headers = [
            ("x-amz-target", target.as_str()),
            ("content-type", "application/x-amz-json-1.0"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=local/20270115/us-east-1/dynamodb/aws4_request, \
                 SignedHeaders=host, Signature=0",
            ),
            ("x-amz-date", "20270115T080000Z"),
        ];
        let answer = connection.ask("POST /", &headers, body.to_string().as_bytes())?;
        let value: Value = serde_json::from_slice(&answer.body)?;
        if answer.status() == 200 {
            Ok(value)
        } else {
            Err(format!("{call}: {value}").into())
        }
    }

    /// The CPU of the stand-ins, in seconds.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        self.process.cpu_seconds()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}
