//! Writes one log line for each request, and one document of metrics. Catches panics: a
//! panic is answered like any other fault.

use std::panic::AssertUnwindSafe;

use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::http::header::USER_AGENT;
use axum::http::{HeaderName, HeaderValue, Method, Request};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use crate::app::App;
use crate::clock::Stopwatch;
use crate::domain::device::Device;
use crate::domain::events::attempt::Attempt;
use crate::domain::events::event::Origin;
use crate::domain::events::reason::Reason;
use crate::domain::events::record::Ending;
use crate::domain::events::verdict::Verdict;
use crate::domain::function_name::NO_FUNCTION;
use crate::domain::metrics::label::Label;
use crate::domain::metrics::sample::Sample;
use crate::domain::refusal::Refusal;
use crate::failure::Broken;
use crate::metrics::document::DocumentHead;
use crate::metrics::recording::{Recorded, recorded};
use crate::usecase::context::Trace;
use crate::usecase::events::recorder::Recorder;
use crate::usecase::events::tell::Observed;
use crate::wire::input::SourceAddress;
use crate::wire::{Outcome, Words, failure};

/// The id of the request. The gateway gives the id; without a gateway, the service
/// makes one.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// What the log needs to know about the routes.
#[derive(Clone)]
pub struct Logged {
    /// The service. The log reads its clock.
    pub app: App,
    /// Looks a request up by its method, its path, and the pattern of the path if there
    /// is a route for it. Called once for a request.
    pub look_up: fn(&Method, &str, Option<&str>) -> LookedUp,
}

/// What the routes say of a request.
#[derive(Clone, Copy)]
pub struct LookedUp {
    /// How the path words its refusals. Handlers read the words from a request
    /// extension.
    pub words: &'static Words,
    /// The name of the function that serves the request.
    pub function: &'static str,
    /// What the request is for.
    pub attempt: Attempt,
}

/// The response header with the request id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs a request, then logs it. The line never contains names or secrets. It contains
/// ids, the matched route and the outcome. From the request itself, the line contains
/// only a refused scope, audience, client or redirect URI.
pub async fn logged(
    State(routes): State<Logged>,
    mut request: Request<Body>,
    next: Next,
) -> Response {
    let watch = Stopwatch::start();
    let id = match request.extensions().get::<RequestId>() {
        Some(RequestId(id)) => id.clone(),
        None => uuid::Uuid::new_v4().to_string(),
    };
    let trace = Trace::of(&id);
    request.extensions_mut().insert(trace.clone());
    let matched = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let looked_up = (routes.look_up)(request.method(), request.uri().path(), matched.as_deref());
    let LookedUp {
        words,
        function,
        attempt,
    } = looked_up;
    request.extensions_mut().insert(words);
    let recorder = Recorder::default();
    recorder.is_for(attempt);
    request.extensions_mut().insert(recorder.clone());
    let (now, origin) = (routes.app.clock.now(), origin_of(&request, words, &id));
    let answered = async {
        let running = AssertUnwindSafe(next.run(request)).catch_unwind();
        let response = running.await.unwrap_or_else(|_| {
            let broken = Broken::internal("a handler panicked");
            failure(words, broken.into(), routes.app.clock.now())
        });
        if let Some(origin) = origin {
            let observed = Observed {
                app: &routes.app,
                recorder: &recorder,
                trace: &trace,
                origin,
                now,
            };
            let ending = ending_of(&response, &recorder);
            Box::pin(observed.tell(ending)).await;
        }
        response
    };
    let (mut response, measured) = recorded(Box::pin(answered)).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let line = Line {
        request_id: &id,
        function,
        route: matched.as_deref().unwrap_or("none"),
        dialect: words.dialect.name(),
        status: response.status().as_u16(),
        user: trace.user().map(|user| user.to_string()),
        milliseconds: u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX),
        dynamodb_requests: measured.dynamodb_requests,
    };
    line.write(response.extensions().get::<Outcome>());
    let measurement = Measurement {
        app: &routes.app,
        function: Label::function(function),
        request_id: Some(&id),
    };
    measurement.log(measured, Some(&watch));
    response
}

/// Runs a task of a function that is not a request, and logs what the task measured.
pub async fn task_measured<F: Future>(app: &App, function: &str, task: F) -> F::Output {
    let (output, measured) = recorded(Box::pin(task)).await;
    let measurement = Measurement {
        app,
        function: Label::function(function),
        request_id: None,
    };
    measurement.log(measured, None);
    output
}

/// Who has measured.
struct Measurement<'a> {
    app: &'a App,
    /// A `Label::Function`.
    function: Label,
    request_id: Option<&'a str>,
}

impl Measurement<'_> {
    /// Logs the metrics, once for a request or a task. A request has a latency.
    fn log(self, measured: Recorded, watch: Option<&Stopwatch>) {
        let (requests, throttles) = (measured.dynamodb_requests, measured.dynamodb_throttles);
        let mut samples = measured.samples;
        if let Some(watch) = watch {
            let microseconds = u64::try_from(watch.elapsed().as_micros());
            let microseconds = microseconds.unwrap_or(u64::MAX);
            samples.push(Sample::latency(self.function, microseconds));
        }
        samples.push(Sample::dynamodb_requests(self.function, requests));
        samples.push(Sample::dynamodb_throttles(throttles));
        let head = DocumentHead {
            stack: &self.app.config.stack,
            now: self.app.clock.now(),
            request_id: self.request_id,
        };
        head.log(&samples);
    }
}

/// Where a request comes from. `None` without a source address: then no handler
/// runs.
fn origin_of(request: &Request<Body>, words: &Words, id: &str) -> Option<Origin> {
    let SourceAddress(address) = request.extensions().get().copied()?;
    let agent = request.headers().get(USER_AGENT);
    let device = Device::of(agent.map(|agent| agent.as_bytes()));
    Some(Origin::of(words.dialect, address, device, id))
}

/// How a request ended, for its event.
fn ending_of(response: &Response, recorder: &Recorder) -> Ending {
    match response.extensions().get::<Outcome>() {
        Some(Outcome::Refused {
            reason, verdict, ..
        }) => Ending::Refused(*verdict, *reason),
        Some(Outcome::Broken(_)) => Ending::Broken,
        // Some dialects list the missing fields in an answer of their own. That
        // answer is a refusal. But a page only repeats the refusal of an earlier
        // form, and a demand for a second factor is not a refusal.
        None if response.status().is_client_error()
            && recorder.is_idle()
            && recorder.attempt() != Attempt::ShowKey =>
        {
            let missing = Refusal::RequestMalformed("fields are missing or wrong");
            Ending::Refused(Verdict::of(&missing), Reason::of(&missing))
        }
        None => Ending::Done,
    }
}

/// Logs an event that is not a request. No other code logs such an event.
pub fn malformed_event(request_id: &str) {
    let line = Line {
        request_id,
        function: NO_FUNCTION,
        route: "none",
        dialect: "none",
        status: 400,
        user: None,
        milliseconds: 0,
        dynamodb_requests: 0,
    };
    line.write(Some(&Outcome::Refused {
        reason: Reason::of_name("event_malformed"),
        part: None,
        verdict: Verdict::ByAttempt,
    }));
}

struct Line<'a> {
    request_id: &'a str,
    function: &'static str,
    route: &'a str,
    dialect: &'static str,
    status: u16,
    user: Option<String>,
    milliseconds: u64,
    dynamodb_requests: u32,
}

impl Line<'_> {
    fn write(&self, outcome: Option<&Outcome>) {
        let mut refused = None;
        let (name, refusal, error) = match outcome {
            None => ("ok", None, None),
            Some(Outcome::Refused { reason, part, .. }) => {
                refused = part.as_deref();
                ("refused", Some(reason.name), None)
            }
            Some(Outcome::Broken(what)) => ("broken", None, Some(what.as_str())),
        };
        macro_rules! write {
            ($level:ident) => {
                tracing::$level!(
                    request_id = self.request_id,
                    function = self.function,
                    route = self.route,
                    dialect = self.dialect,
                    status = self.status,
                    outcome = name,
                    refusal,
                    refused,
                    error,
                    user = self.user.as_deref(),
                    milliseconds = self.milliseconds,
                    dynamodb_requests = self.dynamodb_requests,
                    "request"
                )
            };
        }
        if error.is_some() {
            write!(error)
        } else {
            write!(info)
        }
    }
}
