//! All log lines of the run, and the secrets that no line may contain.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use countersign::lambda::{log_filter, log_lines};
use countersign_local::demo;
use serde_json::Value;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::util::SubscriberInitExt;

use super::events::metrics::is_document;
use super::{ADDRESS, Answer};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The secrets of one service. When this is dropped, every line since the start of the
/// service is checked for each secret.
pub struct Secrets {
    from: usize,
    texts: Mutex<Vec<String>>,
    /// Those of the texts that say who a user is, and from where. The operators' tool may print them.
    personal: Mutex<Vec<String>>,
}

/// The members of requests and answers that are secret.
const SECRET_MEMBERS: [&str; 17] = [
    "password",
    "client_secret",
    "mfa_token",
    "oob_code",
    "otp",
    "binding_code",
    "recovery_code",
    "code",
    "access_token",
    "id_token",
    "refresh_token",
    "token",
    "username",
    "secret",
    "barcode_uri",
    "key",
    "uri",
];

impl Secrets {
    /// Starts watching for secrets.
    pub fn watch() -> Self {
        capture();
        let from = LINES.lock().unwrap_or_else(PoisonError::into_inner).len();
        let secrets = [
            demo::SEED,
            demo::ABP_SEED,
            demo::ABP_PASSWORD,
            demo::RECOVERY_CODE,
            demo::SERVER_SECRET,
        ];
        let personal = [
            demo::USER,
            demo::PLAIN_USER,
            demo::PHONE,
            demo::ABP_EMAIL,
            demo::ABP_PHONE,
        ];
        let mut texts: Vec<String> = secrets.map(str::to_owned).into();
        let mut who: Vec<String> = personal.map(str::to_owned).into();
        who.push(ADDRESS.to_string());
        texts.extend(who.iter().cloned());
        Self {
            from,
            texts: Mutex::new(texts),
            personal: Mutex::new(who),
        }
    }

    /// Adds a secret. The demo data's password is too short to search for.
    pub fn add(&self, secret: &str) {
        if secret.len() >= 6 {
            let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
            if !texts.iter().any(|known| known == secret) {
                texts.push(secret.to_owned());
            }
        }
    }

    /// Adds the secrets among these fields.
    pub fn add_fields(&self, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            self.add_member(name, value);
        }
    }

    fn add_member(&self, name: &str, value: &str) {
        if SECRET_MEMBERS.contains(&name) {
            self.add(value);
        }
        if name == "username" {
            let mut personal = self.personal.lock();
            personal.as_mut().unwrap().push(value.to_owned());
        }
    }

    /// Adds the secrets among these members.
    pub fn add_json(&self, body: &Value) {
        for (name, value) in body.as_object().into_iter().flatten() {
            if let Some(text) = value.as_str() {
                self.add_member(name, text);
            }
        }
    }

    /// The secret that an output of the operators' tool holds.
    pub fn in_output(&self, output: &str) -> Option<String> {
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let personal = self.personal.lock().unwrap_or_else(PoisonError::into_inner);
        let mut secret = texts.iter().filter(|text| !personal.contains(text));
        secret.find(|text| holds(output, text)).cloned()
    }

    /// Adds the secrets in an answer.
    pub fn add_answer(&self, answer: &Answer) {
        self.add_json(&answer.body);
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines.iter().skip(self.from) {
            let line = &without_namespace(without_network(line));
            for secret in texts.iter() {
                assert!(!holds(line, secret), "a secret was logged: {line}");
            }
        }
    }
}

/// An event names the network of its request, and no other line does.
fn without_network(line: &str) -> String {
    match line.contains("\"message\":\"event\"") {
        true => line.replacen(&format!("\"ip\":\"{ADDRESS}\""), "", 1),
        false => line.to_owned(),
    }
}

/// The namespace of the metrics is the product's name, which a test may try as a
/// password.
fn without_namespace(line: String) -> String {
    line.replace("\"Namespace\":\"Countersign/", "\"Namespace\":\"/")
}

/// Whether a line holds a secret as a word of its own: six digits inside a
/// longer number or identifier are not a code, and a refusal's code is not the end of a
/// longer name.
pub fn holds(line: &str, secret: &str) -> bool {
    let part_of_word =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    line.match_indices(secret).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| line.as_bytes().get(at));
        let after = line.as_bytes().get(at + secret.len());
        !part_of_word(before) && !part_of_word(after)
    })
}

/// How many lines the run has so far.
pub fn line_count() -> usize {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// The lines since then that name this request.
pub fn lines_from(from: usize, request: &str) -> Vec<Value> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let of_request = lines
        .iter()
        .skip(from)
        .filter(|line| line.contains(request));
    let read = |line: &String| serde_json::from_str(line).unwrap();
    let all = of_request.map(read);
    all.filter(|line: &Value| line["request_id"] == request)
        .collect()
}

/// Every line of the run so far.
pub fn lines_since_start() -> Vec<String> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Captures every line of the process in the functions' format. Our own lines are
/// captured at every level, because not even a debug line may contain a secret.
fn capture() {
    static CAPTURED: OnceLock<()> = OnceLock::new();
    CAPTURED.get_or_init(|| log_lines(every_level(), || Line).init());
}

/// The functions' log, and our own lines at every level.
fn every_level() -> Targets {
    log_filter().with_target("countersign", LevelFilter::TRACE)
}

/// Runs a future. Returns its output and the lines that it logged, in the functions'
/// format. Lines of other tests and documents of metrics are not among them.
pub async fn logged<F: Future>(future: F) -> (F::Output, Vec<Value>) {
    let (output, mut lines) = lines_of(future).await;
    lines.retain(|line| !is_document(line));
    (output, lines)
}

/// Runs a future. Returns its output and the documents of metrics that it logged.
pub async fn measured<F: Future>(future: F) -> (F::Output, Vec<Value>) {
    let (output, mut lines) = lines_of(future).await;
    lines.retain(is_document);
    (output, lines)
}

async fn lines_of<F: Future>(future: F) -> (F::Output, Vec<Value>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let writer = Mutex::new(Tee(lines.clone()));
    let output = future
        .with_subscriber(log_lines(every_level(), writer))
        .await;
    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    let read = |line: &String| -> Value { serde_json::from_str(line).unwrap() };
    let written = |line: &Value| line["level"] != "TRACE" && line["level"] != "DEBUG";
    let lines = lines.iter().map(read).filter(written);
    (output, lines.collect())
}

/// Stores a line here and in the lines of the run.
struct Tee(Arc<Mutex<Vec<String>>>);

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(String::from_utf8_lossy(bytes).into_owned());
        Line.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes to the lines of the run.
struct Line;

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // One call writes a whole line.
        let line = String::from_utf8_lossy(bytes).into_owned();
        LINES
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_code_is_found_as_a_word_and_not_inside_a_longer_number() {
    assert!(holds("{\"code\":\"123456\"}", "123456"));
    assert!(!holds("{\"request_id\":\"00123456-0\"}", "123456"));
    assert!(!holds("2027-01-15T08:00:00.123456Z", "123456"));
    assert!(!holds("{\"reason\":\"factor_not_found\"}", "not_found"));
}

#[test]
fn a_secret_in_a_line_of_any_level_fails_the_test_that_watches_it() {
    let secrets = Secrets::watch();
    secrets.add("canary-5f2d81");
    tracing::trace!(target: "countersign::domain", code = "canary-5f2d81", "a line for debugging");
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(secrets)));
    assert!(dropped.is_err());
}
