//! The only code that knows the Lambda runtime: it starts, reads events and returns
//! answers.

mod edge;
mod line;
mod upkeep;

use std::io::{self, Write};
use std::panic;
use std::process::ExitCode;

use axum::Router;
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::{LambdaEvent, service_fn};
use serde_json::{Value, json};
use tower::ServiceExt;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::app::App;
use crate::clock::{Clock, system_time};
use crate::config::environment::in_lambda;
use crate::config::{AwsSettings, Config};
use crate::domain::refusal::Refusal;
use crate::domain::refused_value::Naming;
use crate::domain::secret::Secret;
use crate::notify::Reach;
use crate::routes::router::router;
use crate::routes::words::words_of;
use crate::routes::{Function, Slice};
use crate::wire::failure;
use crate::wire::input::SourceAddress;
use crate::wire::log::{self, RequestId};

use edge::admitted;
use line::Lines;

pub use upkeep::Upkeep;

/// Runs a function until Lambda ends it. `slice` has the function's routes, and
/// `upkeep` has its other tasks. Only a wrong setting prevents the start. The log then
/// names the variable, and `keys` tells CloudFormation.
pub fn main(slice: Slice, upkeep: Upkeep) -> ExitCode {
    start_log();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(slice, upkeep)),
        Err(error) => Err(format!("no runtime: {error}")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            tracing::error!(
                function = slice.function.name(),
                error = problem,
                "the function stopped"
            );
            ExitCode::FAILURE
        }
    }
}

async fn run(slice: Slice, upkeep: Upkeep) -> Result<(), String> {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(wrong) => return Err(turn_down(slice.function, upkeep, wrong.to_string()).await),
    };
    let aws = aws_settings().await;
    let purposes = slice.function.purposes().to_vec();
    let app = App::new(
        config,
        &aws,
        &aws,
        purposes,
        Clock::system(),
        Reach::PUBLIC,
        Naming::InTheLog,
    );
    // The first request tries again.
    if let Err(broken) = (upkeep.warm)(&app).await {
        let function = slice.function.name();
        tracing::warn!(function, error = %broken, "the keys could not be loaded at the cold start");
    }
    let router = router(&app, &[slice]);
    let serve = service_fn(move |event: LambdaEvent<Value>| {
        let (router, app, aws) = (router.clone(), app.clone(), aws.clone());
        async move {
            if let Some(task) = (upkeep.task)(&app, &aws, &event.payload) {
                return task.await.map_err(Into::into);
            }
            let id = event.context.request_id.clone();
            let secret = app.config.edge_secret.as_ref();
            let answered = answer_behind(secret, router, event.payload, id);
            Ok::<Value, lambda_http::Error>(answered.await)
        }
    });
    lambda_http::lambda_runtime::run(serve)
        .await
        .map_err(|error| error.to_string())
}

/// Answers deployments until Lambda ends a function that cannot start. Without an answer,
/// CloudFormation would wait for its time limit. Every other event fails. Returns what is
/// wrong.
async fn turn_down(function: Function, upkeep: Upkeep, wrong: String) -> String {
    // Outside of Lambda, nobody asks.
    let Some(turn_down) = upkeep.turn_down.filter(|_| in_lambda()) else {
        return wrong;
    };
    let function = function.name();
    tracing::error!(function, error = wrong, "a setting is wrong");
    let (aws, told) = (aws_settings().await, wrong.clone());
    let serve = service_fn(move |event: LambdaEvent<Value>| {
        let (aws, wrong) = (aws.clone(), told.clone());
        async move {
            match turn_down(&aws, &event.payload, &wrong) {
                Some(answered) => answered.await.map_err(lambda_http::Error::from),
                None => Err(lambda_http::Error::from(wrong.clone())),
            }
        }
    });
    match lambda_http::lambda_runtime::run(serve).await {
        Ok(()) => wrong,
        Err(error) => format!("{wrong}, and {error}"),
    }
}

/// The region, credentials and endpoints from Lambda's environment.
async fn aws_settings() -> AwsSettings {
    aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await
}

/// What is logged. The SDK and the runtime log whole requests at their finest levels,
/// so their level is fixed at WARN.
pub fn log_filter() -> Targets {
    Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("countersign", LevelFilter::INFO)
}

/// The subscriber that writes the log: one JSON object on a line for each event.
pub fn log_lines<W>(filter: Targets, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false)
        .map_event_format(Lines)
        .with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines)
}

/// Starts the log: JSON lines on standard output.
fn start_log() {
    log_lines(log_filter(), io::stdout).init();
    // A panic's message may quote a secret, so only its location is logged.
    panic::set_hook(Box::new(|panicked| {
        let place = panicked
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let _closed = writeln!(
            io::stderr(),
            "{{\"level\":\"ERROR\",\"panic_at\":\"{place}\"}}"
        );
    }));
}

/// Answers one event. If `edge_secret` is set, an event that did not come through the
/// distribution is malformed.
pub async fn answer_behind(
    edge_secret: Option<&Secret>,
    router: Router,
    event: Value,
    request_id: String,
) -> Value {
    let path = event["rawPath"].clone();
    // An event that has only a path is malformed.
    let event = admitted(edge_secret, event).unwrap_or_else(|| json!({ "rawPath": path }));
    answer(router, event, request_id).await
}

/// Answers one API Gateway v2 event. A malformed event is answered with 400, in the
/// words of its path if it has a path. `request_id` is the id of the invocation, for an
/// event without an id of its own.
pub async fn answer(router: Router, event: Value, request_id: String) -> Value {
    let words = words_of(event["rawPath"].as_str().unwrap_or_default());
    let response = match request_of(event, &request_id) {
        Some(request) => match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        None => {
            log::malformed_event(&request_id);
            let refusal = Refusal::RequestMalformed("The request cannot be read.");
            let mut response = failure(words, refusal.into(), system_time());
            if let Ok(id) = request_id.parse() {
                response.headers_mut().insert(log::REQUEST_ID, id);
            }
            response
        }
    };
    event_answer(response).await
}

/// The event as an HTTP request, with the source address and the request id as
/// extensions. `None` if the event is malformed.
///
/// This code does not use the conversion of `lambda_http`, because that panics on a
/// `Host`, a scheme, a query or a body that it cannot parse. The host and the scheme
/// come from the caller and decide nothing, so the URI does not contain them.
fn request_of(event: Value, request_id: &str) -> Option<http::Request<Body>> {
    let event: ApiGatewayV2httpRequest = serde_json::from_value(event).ok()?;
    let context = event.request_context;
    let path = event.raw_path?;
    // The gateway decodes the path. A `?` in the decoded path must not start a query.
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return None;
    }
    let uri = match event.raw_query_string.as_deref().unwrap_or_default() {
        "" => path.parse::<http::Uri>(),
        query => format!("{path}?{query}").parse(),
    };
    let body = event.body.unwrap_or_default();
    let body = if event.is_base64_encoded {
        Body::from(STANDARD.decode(body).ok()?)
    } else {
        Body::from(body)
    };
    let id = context.request_id.filter(|id| !id.is_empty());
    let mut request = http::Request::builder()
        .method(context.http.method)
        .uri(uri.ok()?)
        .extension(SourceAddress(context.http.source_ip?.parse().ok()?))
        .extension(RequestId(id.unwrap_or_else(|| request_id.to_owned())))
        .body(body)
        .ok()?;
    *request.headers_mut() = event.headers;
    // The gateway moves cookies out of the headers, in requests and in responses. A
    // cookie that is not valid as a header is not ours and is dropped.
    for cookie in event.cookies.unwrap_or_default() {
        if let Ok(cookie) = http::HeaderValue::from_str(&cookie) {
            request.headers_mut().append(http::header::COOKIE, cookie);
        }
    }
    Some(request)
}

/// The response in the form of API Gateway v2.
async fn event_answer(response: axum::response::Response) -> Value {
    use http_body_util::BodyExt;
    let (parts, body) = response.into_parts();
    let bytes = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let headers: serde_json::Map<String, Value> = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != http::header::SET_COOKIE)
        .filter_map(|(name, value)| Some((name.to_string(), json!(value.to_str().ok()?))))
        .collect();
    let cookies = parts.headers.get_all(http::header::SET_COOKIE).iter();
    let cookies: Vec<&str> = cookies.filter_map(|value| value.to_str().ok()).collect();
    json!({
        "statusCode": parts.status.as_u16(),
        "headers": headers,
        "body": String::from_utf8_lossy(&bytes),
        "isBase64Encoded": false,
        "cookies": cookies,
    })
}
