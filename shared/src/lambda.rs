//! The only code that knows the Lambda runtime: start, events in, answers out.

use std::io::{self, Write};
use std::panic;
use std::process::ExitCode;

use axum::Router;
use axum::body::Body as AxumBody;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::request::RequestContext;
use lambda_http::{Body, LambdaEvent, Request, service_fn};
use serde_json::{Value, json};
use tower::ServiceExt;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{AwsSettings, Config};
use crate::routes::{Function, router};
use crate::wire::input::SourceAddress;
use crate::wire::log::{self, RequestId};

/// Runs a function until Lambda ends it. A wrong setting is the only thing
/// that stops its start; it is logged with the variable's name.
pub fn main(function: Function) -> ExitCode {
    start_log();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(function)),
        Err(error) => Err(format!("no runtime: {error}")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            tracing::error!(
                function = function.name(),
                error = problem,
                "the function stopped"
            );
            ExitCode::FAILURE
        }
    }
}

async fn run(function: Function) -> Result<(), String> {
    let config = Config::from_environment().map_err(|wrong| wrong.to_string())?;
    let aws = aws_settings().await;
    let app = App::new(
        config,
        &aws,
        &aws,
        function.purposes().to_vec(),
        Clock::system(),
    );
    warm(&app, function).await;
    let router = router(&app, &[function]);
    let serve = service_fn(move |event: LambdaEvent<Value>| {
        let router = router.clone();
        async move {
            let id = event.context.request_id.clone();
            Ok::<Value, lambda_http::Error>(answer(router, event.payload, id).await)
        }
    });
    lambda_http::lambda_runtime::run(serve)
        .await
        .map_err(|error| error.to_string())
}

/// Region, credentials and endpoints from what Lambda sets.
async fn aws_settings() -> AwsSettings {
    aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await
}

/// Opens what the first request needs: DynamoDB's connection and the keys. A
/// failure is logged and tried again by the request.
async fn warm(app: &App, function: Function) {
    let now = app.clock.now();
    let warmed = if function == Function::Keys {
        crate::usecase::publish_keys::publish_keys(app, now)
            .await
            .map(|_| ())
    } else {
        app.keyring.ring(now).await.map(|_| ())
    };
    if let Err(broken) = warmed {
        tracing::warn!(function = function.name(), error = %broken, "not warm yet");
    }
}

/// What is logged. The SDK and the runtime log whole requests at their finest
/// levels, so they are held at WARN whatever is set.
pub fn log_filter() -> Targets {
    Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("countersign", LevelFilter::INFO)
}

/// What writes the log: one JSON object on a line for each event.
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
        .with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines)
}

/// JSON lines on standard output.
fn start_log() {
    log_lines(log_filter(), io::stdout).init();
    // The message of a panic may quote what was being handled; its place may not.
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

/// Answers one API Gateway v2 event. An event that is malformed in any way is
/// answered 400: the conversion of a bad one would panic.
pub async fn answer(router: Router, event: Value, request_id: String) -> Value {
    let Some(request) = request_of(event, request_id.clone()) else {
        log::malformed_event(&request_id);
        let body = json!({
            "error": "invalid_request",
            "error_description": "The request cannot be read.",
        });
        return json!({
            "statusCode": 400,
            "headers": {
                "content-type": "application/json",
                "cache-control": "no-store",
                "x-request-id": request_id,
            },
            "body": body.to_string(),
            "isBase64Encoded": false,
            "cookies": [],
        });
    };
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    event_answer(response).await
}

/// The event as an HTTP request, with the source address and the request id
/// beside it. `None` if it is malformed.
fn request_of(event: Value, request_id: String) -> Option<http::Request<AxumBody>> {
    if !is_well_formed(&event) {
        return None;
    }
    let event: ApiGatewayV2httpRequest = serde_json::from_value(event).ok()?;
    // What the checks do not foresee in the conversion must not end the process.
    let request: Request = panic::catch_unwind(move || {
        lambda_http::request::LambdaRequest::ApiGatewayV2(event).into()
    })
    .ok()?;
    let RequestContext::ApiGatewayV2(context) =
        request.extensions().get::<RequestContext>()?.clone()
    else {
        return None;
    };
    let address = context.http.source_ip.as_deref()?.parse().ok()?;
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(SourceAddress(address));
    parts
        .extensions
        .insert(RequestId(context.request_id.unwrap_or(request_id)));
    let body = match body {
        Body::Text(text) => AxumBody::from(text),
        Body::Binary(bytes) => AxumBody::from(bytes),
        _ => AxumBody::empty(),
    };
    Some(http::Request::from_parts(parts, body))
}

/// Whether the parts that the conversion trusts can be trusted.
fn is_well_formed(event: &Value) -> bool {
    use base64::Engine;
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let headers = event.get("headers").and_then(Value::as_object);
    let host = headers
        .into_iter()
        .flatten()
        .find(|(name, _)| name.eq_ignore_ascii_case("host"))
        .and_then(|(_, value)| value.as_str())
        .or_else(|| {
            event
                .pointer("/requestContext/domainName")
                .and_then(Value::as_str)
        })
        .unwrap_or_default();
    let url = format!(
        "https://{host}{}?{}",
        text("rawPath"),
        text("rawQueryString")
    );
    let encoded = event.get("isBase64Encoded") == Some(&Value::Bool(true));
    let body_is_good = !encoded
        || base64::engine::general_purpose::STANDARD
            .decode(text("body"))
            .is_ok();
    url.parse::<http::Uri>().is_ok() && text("rawPath").starts_with('/') && body_is_good
}

/// The response as API Gateway v2 takes it.
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
        .filter_map(|(name, value)| Some((name.to_string(), json!(value.to_str().ok()?))))
        .collect();
    json!({
        "statusCode": parts.status.as_u16(),
        "headers": headers,
        "body": String::from_utf8_lossy(&bytes),
        "isBase64Encoded": false,
        "cookies": [],
    })
}
