//! What the `keys` function is asked beside requests: by CloudFormation at a
//! deploy, by its own schedule, by an operator. Only who may invoke the function
//! itself can ask this; the gateway's events never look so.

use serde_json::{Value, json};

use crate::app::App;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::usecase::keys::maintain_keys::{FirstClient, end_everything_derived, rotate, set_up};
use crate::wire::grants::GRANTS;

/// A task.
pub enum Task {
    /// A custom resource is made, changed or deleted.
    Deploy(Box<CustomResource>),
    /// The daily schedule: `rotate`.
    Rotate,
    /// `{"replace": "tokens"}`: ends everything derived from the token key.
    ReplaceTokenKey,
}

/// CloudFormation's request, as far as it matters (its guide, "Custom resource
/// request objects").
pub struct CustomResource {
    /// `Create`, `Update` or `Delete`.
    request_type: String,
    /// What its answer must repeat.
    echoed: Value,
    /// The client to make, if one is named.
    first: Option<FirstClient>,
    /// Where the answer goes: a signed URL.
    pub response_url: String,
}

/// Reads an event. `None` for a request from the gateway, and for what is no
/// task.
pub fn task_of(event: &Value) -> Option<Task> {
    if event.get("requestContext").is_some() {
        return None;
    }
    if event["source"] == "aws.events" && event["detail-type"] == "Scheduled Event" {
        return Some(Task::Rotate);
    }
    if *event == json!({ "replace": "tokens" }) {
        return Some(Task::ReplaceTokenKey);
    }
    let text = |name: &str| event[name].as_str().map(str::to_owned);
    Some(Task::Deploy(Box::new(CustomResource {
        request_type: text("RequestType")?,
        response_url: text("ResponseURL")?,
        echoed: json!({
            "StackId": text("StackId")?,
            "RequestId": text("RequestId")?,
            "LogicalResourceId": text("LogicalResourceId")?,
            // One for each installation, so that no change replaces it.
            "PhysicalResourceId": text("PhysicalResourceId").unwrap_or_else(|| "keys".to_owned()),
        }),
        first: first_client(&event["ResourceProperties"]),
    })))
}

fn first_client(properties: &Value) -> Option<FirstClient> {
    let text = |name: &str| properties[name].as_str().unwrap_or_default().trim();
    let filled = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
    Some(FirstClient {
        id: filled("ClientId")?.to_owned(),
        secret: filled("ClientSecret").map(Secret::new),
        audience: text("ClientAudience").to_owned(),
        scopes: text("ClientScopes").to_owned(),
        grants: GRANTS.map(str::to_owned).to_vec(),
        redirect_uris: text("ClientRedirectUris")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
    })
}

impl CustomResource {
    /// Does what is asked; gives the JSON that CloudFormation takes as answer.
    /// A deletion deletes nothing: the table outlives the stack.
    pub async fn carry_out(self, app: &App) -> String {
        let done = match self.request_type.as_str() {
            "Create" | "Update" => self.first_problem_or(app).await,
            _ => Ok(self.echoed),
        };
        let (mut answer, status, reason) = match done {
            Ok(echoed) => (echoed, "SUCCESS", String::new()),
            Err((echoed, reason)) => (echoed, "FAILED", reason),
        };
        answer["Status"] = json!(status);
        answer["Reason"] = json!(reason);
        answer.to_string()
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

/// Makes the next signing key if it is time; gives what was done, as JSON.
///
/// # Errors
/// As `rotate`: Lambda counts and retries the invocation.
pub async fn carry_out_rotation(app: &App) -> Result<Value, Broken> {
    let rotated = rotate(app, app.clock.now()).await?;
    Ok(json!({ "published": rotated.published, "retired": rotated.retired }))
}

/// Replaces the token key; gives what was done, as JSON.
///
/// # Errors
/// As `end_everything_derived`.
pub async fn carry_out_replacement(app: &App) -> Result<Value, Broken> {
    end_everything_derived(app, app.clock.now()).await?;
    Ok(json!({ "replaced": "tokens" }))
}
