//! Tasks that the `keys` function gets in addition to requests: from CloudFormation at
//! a deployment, and from the function's schedule. Only a principal that may invoke the
//! function can send a task. Events from the gateway never have the form of a task.

use serde_json::{Value, json};

use crate::app::App;
use crate::domain::authorization::clients::first_client::FirstClient;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::usecase::keys::maintain_keys::{rotate_due_keys, set_up};
use crate::wire::grants::token_grants;
use crate::wire::log::task_measured;

/// The function that gets tasks.
const FUNCTION: &str = "keys";

pub enum Task {
    /// CloudFormation creates, updates or deletes the custom resource.
    Deploy(Box<CustomResource>),
    /// The daily schedule: rotate the signing keys.
    Rotate,
    /// An event that is neither a task nor a request.
    Unknown,
}

/// The members of CloudFormation's request that this service reads (CloudFormation user
/// guide, "Custom resource request objects").
pub struct CustomResource {
    request_type: RequestType,
    /// The members that the answer must repeat.
    echoed: Value,
    /// The client to make, if one is named.
    first: Option<FirstClient>,
    /// The signed URL that the answer is sent to.
    pub response_url: String,
}

/// What CloudFormation does with the resource.
#[derive(Clone, Copy)]
enum RequestType {
    Create,
    Update,
    Delete,
}

impl RequestType {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "Create" => Some(Self::Create),
            "Update" => Some(Self::Update),
            "Delete" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// Reads an event. `None` if the event is a request from the gateway.
pub fn task_of(event: &Value) -> Option<Task> {
    if event.get("requestContext").is_some() {
        return None;
    }
    if event["source"] == "aws.events" && event["detail-type"] == "Scheduled Event" {
        return Some(Task::Rotate);
    }
    Some(resource_of(event).map_or(Task::Unknown, Task::Deploy))
}

/// Reads CloudFormation's request. `None` if a member that the answer needs is missing.
fn resource_of(event: &Value) -> Option<Box<CustomResource>> {
    let text = |name: &str| event[name].as_str().map(str::to_owned);
    Some(Box::new(CustomResource {
        request_type: RequestType::from_name(event["RequestType"].as_str()?)?,
        response_url: text("ResponseURL")?,
        echoed: json!({
            "StackId": text("StackId")?,
            "RequestId": text("RequestId")?,
            "LogicalResourceId": text("LogicalResourceId")?,
            // The identifier stays the same for an installation, so that an update
            // never replaces the resource.
            "PhysicalResourceId": text("PhysicalResourceId").unwrap_or_else(|| "keys".to_owned()),
        }),
        first: first_client(&event["ResourceProperties"]),
    }))
}

fn first_client(properties: &Value) -> Option<FirstClient> {
    let text = |name: &str| properties[name].as_str().unwrap_or_default().trim();
    let filled = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
    Some(FirstClient {
        id: filled("ClientId")?.to_owned(),
        secret: filled("ClientSecret").map(Secret::new),
        audience: text("ClientAudience").to_owned(),
        scopes: text("ClientScopes").to_owned(),
        grants: token_grants().collect(),
        redirect_uris: text("ClientRedirectUris")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
    })
}

impl CustomResource {
    /// Carries out the request, and returns the JSON answer for CloudFormation.
    /// `Delete` deletes nothing, because the table outlives the stack.
    pub async fn carry_out(self, app: &App) -> String {
        let done = match self.request_type {
            RequestType::Create | RequestType::Update => {
                task_measured(app, FUNCTION, self.first_problem_or(app)).await
            }
            RequestType::Delete => Ok(self.echoed),
        };
        match done {
            Ok(echoed) => outcome(echoed, "SUCCESS", ""),
            Err((echoed, reason)) => outcome(echoed, "FAILED", &reason),
        }
    }

    /// The JSON answer of a function that cannot start, for this reason. `Delete`
    /// succeeds, so that CloudFormation can undo a failed deployment.
    pub fn turned_down(self, reason: &str) -> String {
        match self.request_type {
            RequestType::Create | RequestType::Update => outcome(self.echoed, "FAILED", reason),
            RequestType::Delete => outcome(self.echoed, "SUCCESS", ""),
        }
    }

    async fn first_problem_or(self, app: &App) -> Result<Value, (Value, String)> {
        let echoed = self.echoed;
        if let Some(problem) = self.first.as_ref().and_then(FirstClient::problem) {
            return Err((echoed, problem.to_owned()));
        }
        match set_up(app, app.clock.now(), self.first).await {
            Ok(()) => Ok(echoed),
            Err(broken) => Err((echoed, broken.to_string())),
        }
    }
}

/// The JSON answer to CloudFormation.
fn outcome(mut echoed: Value, status: &str, reason: &str) -> String {
    echoed["Status"] = json!(status);
    echoed["Reason"] = json!(reason);
    echoed.to_string()
}

/// Makes the next signing key if one is due. Returns the result as JSON.
///
/// # Errors
/// As `rotate_due_keys`: Lambda counts and retries the invocation.
pub async fn carry_out_rotation(app: &App) -> Result<Value, Broken> {
    let rotated = task_measured(app, FUNCTION, rotate_due_keys(app, app.clock.now())).await?;
    Ok(json!({ "published": rotated.published, "retired": rotated.retired }))
}
