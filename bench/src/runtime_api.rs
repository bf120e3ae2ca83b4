//! Lambda's Runtime API, and a function's process that polls it.

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::http::Connection;
use crate::outcome::Outcome;
use crate::process::{MEASURED, Process, on_core};
use crate::proxy::{Asked, Proxy};
use crate::stopwatch;

/// How long a function may take, also under valgrind.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running function. Its process ends with this value.
pub struct Function {
    pub process: Process,
    events: Sender<Vec<u8>>,
    polls: Receiver<()>,
    answers: Receiver<(bool, Vec<u8>)>,
    /// From exec to the first poll.
    pub started_in: Duration,
    /// What its requests to DynamoDB pass.
    proxy: Option<Arc<Proxy>>,
    logged: Arc<AtomicUsize>,
}

/// What an invocation gave and took.
pub struct Invoked {
    pub status: u16,
    pub body: Value,
    /// From the event to the answer.
    pub took: Duration,
    /// The CPU of the process until it polled again, in seconds.
    pub cpu: f64,
    /// What the proxy saw, if there is one.
    pub asked: Asked,
    /// The bytes of log, if they are counted.
    pub log_bytes: usize,
}

impl Function {
    /// Starts a binary on the core of what is measured, and waits for its first poll.
    pub fn start(binary: &Path, environment: &[(String, String)]) -> Outcome<Self> {
        Self::start_as(on_core(MEASURED, binary), environment)
    }

    /// Like `start`, and counts what the function logs.
    pub fn start_logging(binary: &Path, environment: &[(String, String)]) -> Outcome<Self> {
        let mut command = on_core(MEASURED, binary);
        let (reader, writer) = std::io::pipe()?;
        command.stdout(writer);
        let function = Self::start_with(command, environment, true)?;
        let logged = function.logged.clone();
        thread::spawn(move || count_bytes(reader, &logged));
        Ok(function)
    }

    /// Reports what the proxy sees of each invocation from now on.
    pub fn watch(&mut self, proxy: &Arc<Proxy>) {
        self.proxy = Some(proxy.clone());
    }

    /// Starts a command that ends as a function.
    pub fn start_as(command: Command, environment: &[(String, String)]) -> Outcome<Self> {
        Self::start_with(command, environment, false)
    }

    fn start_with(
        mut command: Command,
        environment: &[(String, String)],
        logs: bool,
    ) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let (events, taken) = channel();
        let (polled, polls) = channel();
        let (answered, answers) = channel();
        let taken = Arc::new(Mutex::new(taken));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (taken, polled, answered) = (taken.clone(), polled.clone(), answered.clone());
                thread::spawn(move || serve(stream, &taken, &polled, &answered));
            }
        });
        command.env_clear().envs(environment.iter().cloned()).envs([
            ("PATH", std::env::var("PATH").unwrap_or_default().as_str()),
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ]);
        let began = stopwatch::now();
        let process = Process::start(&mut command, logs)?;
        polls
            .recv_timeout(PATIENCE)
            .map_err(|_| format!("{:?} does not poll", command.get_program()))?;
        Ok(Self {
            process,
            events,
            polls,
            answers,
            started_in: began.elapsed(),
            proxy: None,
            logged: Arc::default(),
        })
    }

    /// Sends an event, and waits for the answer and for the next poll.
    pub fn invoke(&self, event: &Value) -> Outcome<Invoked> {
        let logged = self.logged.load(Ordering::Relaxed);
        let before = self.process.cpu_seconds()?;
        let began = stopwatch::now();
        self.events.send(event.to_string().into_bytes())?;
        let (response, bytes) = self.answers.recv_timeout(PATIENCE)?;
        let took = began.elapsed();
        self.polls.recv_timeout(PATIENCE)?;
        let cpu = self.process.cpu_seconds()? - before;
        let answer: Value = serde_json::from_slice(&bytes)?;
        if !response {
            return Err(format!("the function failed: {answer}").into());
        }
        let body = answer["body"].as_str().unwrap_or_default();
        Ok(Invoked {
            status: answer["statusCode"]
                .as_u64()
                .unwrap_or_default()
                .try_into()?,
            body: serde_json::from_str(body).unwrap_or(Value::Null),
            took,
            cpu,
            asked: self
                .proxy
                .as_ref()
                .map(|proxy| proxy.taken())
                .unwrap_or_default(),
            log_bytes: self.logged.load(Ordering::Relaxed) - logged,
        })
    }
}

/// Counts what a function writes. The function writes its log before it polls again.
fn count_bytes(mut reader: impl Read, logged: &AtomicUsize) {
    let mut bytes = [0; 4_096];
    while let Ok(read @ 1..) = reader.read(&mut bytes) {
        logged.fetch_add(read, Ordering::Relaxed);
    }
}

/// Serves one connection of the function until the function closes it.
fn serve(
    stream: std::net::TcpStream,
    events: &Mutex<Receiver<Vec<u8>>>,
    polled: &Sender<()>,
    answered: &Sender<(bool, Vec<u8>)>,
) -> Outcome<()> {
    let mut connection = Connection::new(stream)?;
    while let Some(request) = connection.read()? {
        if request.path().ends_with("/next") {
            polled.send(())?;
            let events = events.lock().unwrap_or_else(PoisonError::into_inner);
            let event = events.recv()?;
            let headers = [
                (
                    "lambda-runtime-aws-request-id",
                    "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                ),
                ("lambda-runtime-deadline-ms", "4102444800000"),
                (
                    "lambda-runtime-invoked-function-arn",
                    "arn:aws:lambda:us-east-1:123456789012:function:bench",
                ),
                ("content-type", "application/json"),
            ];
            connection.write("HTTP/1.1 200 OK", &headers, &event)?;
        } else {
            let response = request.path().ends_with("/response");
            connection.write("HTTP/1.1 202 Accepted", &[], b"")?;
            answered.send((response, request.body))?;
        }
    }
    Ok(())
}
