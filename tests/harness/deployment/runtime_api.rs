//! The parts of Lambda's Runtime API that a function needs, and a function's real
//! binary that polls it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::binary::{Process, Stream};
use super::event::{INVOCATION, read};
use crate::harness::Answer;

/// How long a function may take. No test takes this long unless it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running function. Its process ends with this value.
pub struct Lambda {
    process: Process,
    events: UnboundedSender<Value>,
    polls: Receiver<()>,
    answers: Receiver<(String, Value)>,
}

struct Shared {
    events: Mutex<UnboundedReceiver<Value>>,
    polls: Sender<()>,
    answers: Sender<(String, Value)>,
}

impl Lambda {
    /// Starts a function's binary in this environment and with the variables that
    /// Lambda adds. Needs a multi-threaded runtime, because the test blocks.
    pub async fn start(name: &str, environment: &[(String, String)]) -> Self {
        let (events, taken) = unbounded_channel();
        let (polls_seen, polls) = channel();
        let (answers_seen, answers) = channel();
        let shared = Arc::new(Shared {
            events: Mutex::new(taken),
            polls: polls_seen,
            answers: answers_seen,
        });
        const INVOCATIONS: &str = "/2018-06-01/runtime/invocation";
        let router = Router::new()
            .route(&format!("{INVOCATIONS}/next"), get(next))
            .route(&format!("{INVOCATIONS}/{{id}}/{{kind}}"), post(answered))
            .with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut environment = environment.to_vec();
        environment.extend(
            [
                ("AWS_LAMBDA_RUNTIME_API", address.to_string().as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", name),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/test"),
                ("AWS_LAMBDA_LOG_STREAM_NAME", "test"),
                // This variable would log whole events if the function obeyed it.
                ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
                ("RUST_LOG", "trace"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Self {
            process: Process::start(name, &[], &environment),
            events,
            polls,
            answers,
        }
    }

    /// Waits until the function asks for its next event.
    pub fn polled(&self) {
        self.polls.recv_timeout(PATIENCE).unwrap();
    }

    /// Sends an event to the function and waits for its answer.
    pub fn invoke(&self, event: Value) -> Answer {
        self.events.send(event).unwrap();
        let (kind, answer) = self.answers.recv_timeout(PATIENCE).unwrap();
        assert_eq!(kind, "response", "{answer}");
        read(&answer)
    }

    /// Sends an event that is not a request. Returns the function's result.
    pub fn run(&self, event: Value) -> Value {
        self.events.send(event).unwrap();
        let (kind, answer) = self.answers.recv_timeout(PATIENCE).unwrap();
        assert_eq!(kind, "response", "{answer}");
        answer
    }

    /// Has it carry out an event that it must fail at.
    pub fn fails(&self, event: Value) {
        self.events.send(event).unwrap();
        let (kind, answer) = self.answers.recv_timeout(PATIENCE).unwrap();
        assert_eq!(kind, "error", "{answer}");
    }

    /// Waits for a line of its log that has this member, and checks that every
    /// line before it is JSON.
    pub fn log_line(&mut self, member: &str, value: &str) -> Value {
        self.log_line_with(|line| line[member] == value)
    }

    /// The same for a line that is wanted.
    pub fn log_line_with(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.process.line(|line| {
            let line: Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{error} in the log: {line}"));
            wanted(&line).then_some(line)
        })
    }

    /// Stops the function as Lambda does. Returns all its lines. The Runtime API stays
    /// until the process has ended.
    pub fn stop(self) -> Vec<(Stream, String)> {
        let Self {
            process,
            events: _events,
            polls: _polls,
            answers: _answers,
        } = self;
        process.signal("TERM");
        process.end().1
    }

    /// The process, to check how it ends.
    pub fn into_process(self) -> Process {
        self.process
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    // The test may have ended already.
    let _gone = shared.polls.send(());
    let Some(event) = shared.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("lambda-runtime-aws-request-id", INVOCATION),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:test",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
        ),
        ("content-type", "application/json"),
    ];
    (headers, event.to_string()).into_response()
}

async fn answered(
    State(shared): State<Arc<Shared>>,
    Path((id, kind)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    assert_eq!(id, INVOCATION);
    let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
    let _gone = shared.answers.send((kind, body));
    StatusCode::ACCEPTED
}
