//! A function's work besides requests: what it loads at its cold start, the tasks of
//! the `keys` function, and the reports that `feedback` takes. Each `main` names its
//! function's upkeep, so only the binary of `keys` contains the code that makes keys.

use std::pin::Pin;

use serde_json::Value;

use crate::app::App;
use crate::config::AwsSettings;
use crate::failure::Broken;
use crate::notify::callback::put_callback;
use crate::routes::Function;
use crate::usecase::keys::publish_keys::publish_keys;
use crate::wire::delivery_report::{Reported, carry_out_reports, reported};
use crate::wire::task::{Task, carry_out_rotation, task_of};

type Soon<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The result of a task. An error fails the invocation, so that Lambda counts the
/// failure and retries.
type Done = Result<Value, String>;

/// Answers an event that is a deployment with the reason why the function cannot start.
/// `None` for any other event.
type TurnDown = for<'a> fn(&'a AwsSettings, &Value, &'a str) -> Option<Soon<'a, Done>>;

/// A function's work besides requests.
#[derive(Clone, Copy)]
pub struct Upkeep {
    /// Loads what the first request needs: the connection to DynamoDB and the keys.
    pub(super) warm: for<'a> fn(&'a App) -> Soon<'a, Result<(), Broken>>,
    /// Carries out an event that is a task. `None` for a request.
    pub(super) task: for<'a> fn(&'a App, &'a AwsSettings, &Value) -> Option<Soon<'a, Done>>,
    /// What answers deployments if the function cannot start. Only `keys` gets
    /// deployments.
    pub(super) turn_down: Option<TurnDown>,
}

impl Upkeep {
    /// For a function that only answers requests.
    pub const REQUESTS_ONLY: Self = Self {
        warm: |app| {
            Box::pin(async {
                let opened = app.keyring.current_ring(app.clock.now()).await;
                opened.map(drop)
            })
        },
        task: |_, _, _| None,
        turn_down: None,
    };

    /// For `keys`, which makes and rotates the keys.
    pub const KEYS: Self = Self {
        warm: |app| {
            Box::pin(async {
                let published = publish_keys(app, app.clock.now()).await;
                published.map(drop)
            })
        },
        task: |app, aws, event| {
            let task = task_of(event)?;
            Some(Box::pin(carry_out(app, aws, task)))
        },
        turn_down: Some(turn_down_deployment),
    };

    /// The upkeep of `feedback`, which takes reports and nothing else. `feedback`
    /// opens no key before the first report.
    pub const FEEDBACK: Self = Self {
        warm: |_| Box::pin(async { Ok(()) }),
        task: |app, _, event| {
            let reported = reported(event);
            Some(Box::pin(take_reports(app, reported)))
        },
        turn_down: None,
    };
}

/// Carries out what SES or SNS reported.
async fn take_reports(app: &App, reported: Reported) -> Done {
    let function = Function::Feedback.name();
    match carry_out_reports(app, reported).await {
        Ok(done) => {
            tracing::info!(function, done = %done, "reports taken");
            Ok(done)
        }
        Err(problem) => {
            tracing::error!(
                function,
                error = problem,
                "a delivery report could not be processed"
            );
            Err(problem)
        }
    }
}

/// Carries out a task of the `keys` function.
async fn carry_out(app: &App, aws: &AwsSettings, task: Task) -> Done {
    let done = match task {
        Task::Rotate => carry_out_rotation(app).await,
        Task::Deploy(resource) => {
            let url = resource.response_url.clone();
            let answer = resource.carry_out(app).await;
            return call_back(aws, &url, &answer).await;
        }
        Task::Unknown => return Err(ended("the event is neither a request nor a task")),
    };
    match done {
        Ok(done) => {
            tracing::info!(function = "keys", done = %done, "a task is done");
            Ok(done)
        }
        Err(broken) => Err(ended(&broken.what)),
    }
}

/// Tells CloudFormation that the function cannot start, and why.
fn turn_down_deployment<'a>(
    aws: &'a AwsSettings,
    event: &Value,
    wrong: &'a str,
) -> Option<Soon<'a, Done>> {
    let Some(Task::Deploy(resource)) = task_of(event) else {
        return None;
    };
    Some(Box::pin(async move {
        let url = resource.response_url.clone();
        call_back(aws, &url, &resource.turned_down(wrong)).await
    }))
}

/// Sends an answer to CloudFormation.
async fn call_back(aws: &AwsSettings, url: &str, answer: &str) -> Done {
    match put_callback(aws, url, answer).await {
        Ok(()) => Ok(Value::Null),
        Err(failed) => Err(ended(&failed.0)),
    }
}

/// Logs a failed task.
fn ended(problem: &str) -> String {
    tracing::error!(function = "keys", error = problem, "a task failed");
    problem.to_owned()
}
