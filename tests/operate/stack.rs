//! A deployment that the tool finds by the name of its stack. A stand-in for
//! CloudFormation over HTTP answers with the results of the template.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use countersign::config::Config;
use countersign_cli::stack::settings;
use countersign_local::storage::database::sdk_config;

use crate::harness::deployment::template::{Stack, template};

const PARAMETERS: [(&str, &str); 7] = [
    ("ProductName", "Example"),
    ("SenderAddress", "login@example.com"),
    ("SenderName", "Example Login"),
    ("WebDomain", "example.com"),
    ("SmsDaily", "77"),
    ("EventBus", "on"),
    ("SmsDailyToPrefix", "7"),
];

fn element(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// Entries such as `<member><ParameterKey>…`.
fn members(kind: &str, values: &BTreeMap<String, String>) -> String {
    let member = |(key, value): (&String, &String)| {
        let value = value.replace('&', "&amp;").replace('<', "&lt;");
        let key = element(&format!("{kind}Key"), key);
        element("member", &(key + &element(&format!("{kind}Value"), &value)))
    };
    values.iter().map(member).collect()
}

/// The answer of `DescribeStacks`.
pub fn described(stack: &Stack) -> String {
    let names = stack.names_under("Parameters");
    let value = |name: &String| {
        let value = stack.value(&serde_json::json!({ "Ref": name })).unwrap();
        let text = match &value {
            serde_json::Value::Array(list) => {
                let list = list.iter().map(|one| one.as_str().unwrap());
                list.collect::<Vec<_>>().join(",")
            }
            text => text.as_str().unwrap().to_owned(),
        };
        (name.clone(), text)
    };
    let parameters: BTreeMap<String, String> = names.iter().map(value).collect();
    let outputs = stack.part("Outputs").as_object().unwrap().iter();
    let outputs = outputs.filter(|(_, output)| match output["Condition"].as_str() {
        None => true,
        Some(condition) => stack.condition(condition),
    });
    let outputs: BTreeMap<String, String> = outputs
        .map(|(name, output)| {
            let value = stack.value(&output["Value"]).unwrap();
            (name.clone(), value.as_str().unwrap().to_owned())
        })
        .collect();
    let stack = element("StackName", "login")
        + &element("CreationTime", "2026-01-01T00:00:00Z")
        + &element("StackStatus", "CREATE_COMPLETE")
        + &element("Parameters", &members("Parameter", &parameters))
        + &element("Outputs", &members("Output", &outputs));
    let stacks = element("Stacks", &element("member", &stack));
    let result = element("DescribeStacksResult", &stacks);
    element("DescribeStacksResponse", &result)
}

/// A stand-in with this answer.
pub async fn stand_in(status: StatusCode, body: String) -> String {
    let answer = move |asked: String| {
        let body = body.clone();
        async move {
            assert!(asked.contains("Action=DescribeStacks"), "{asked}");
            assert!(asked.contains("StackName=login"), "{asked}");
            (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/", post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

/// Fails unless the tool has each setting of the functions, except the secret ones.
fn is_all_but_secrets(found: &BTreeMap<String, String>, functions: &BTreeMap<String, String>) {
    let template = template();
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    let is_secret = |name: &str| {
        let parameter = variables[name]["Ref"].as_str();
        let declared = parameter.map(|parameter| &template["Parameters"][parameter]["NoEcho"]);
        declared.is_some_and(|hidden| hidden == true)
    };
    let mut expected = functions.clone();
    expected.retain(|name, _| !is_secret(name));
    assert_eq!(expected.len() + 3, functions.len());
    assert_eq!(found, &expected);
}

#[tokio::test]
async fn the_tool_sends_under_the_configuration_set_of_the_stack() {
    let made = ("DeliveryReports", "true");
    let named = ("SesConfigurationSet", "yours");
    for (more, set) in [
        (&[][..], None),
        (&[made], Some("EmailConfigurationSet")),
        (&[named], Some("yours")),
        (&[made, named], Some("yours")),
    ] {
        let parameters = [&PARAMETERS[..], more].concat();
        let stack = Stack::new("login", &parameters, &[("Table", "login-table")]);
        let endpoint = stand_in(StatusCode::OK, described(&stack)).await;
        let found = settings(&sdk_config(&endpoint), "login").await.unwrap();
        is_all_but_secrets(&found.settings, &stack.environment());
        let config = Config::read(|name| found.settings.get(name).cloned()).unwrap();
        assert_eq!(config.messages.ses_configuration_set.as_deref(), set);
    }
}

#[tokio::test]
async fn a_stack_gives_the_settings_that_its_functions_have() {
    let stack = Stack::new("login", &PARAMETERS, &[("Table", "login-table")]);
    let endpoint = stand_in(StatusCode::OK, described(&stack)).await;
    let found = settings(&sdk_config(&endpoint), "login").await.unwrap();
    assert!(found.alarms.topics.is_empty());
    let found = found.settings;
    let functions = stack.environment();
    assert_eq!(found["COUNTERSIGN_TABLE"], "login-table");
    assert_eq!(
        found["COUNTERSIGN_EMAIL_FROM"],
        "Example Login <login@example.com>"
    );
    is_all_but_secrets(&found, &functions);
    let config = Config::read(|name| found.get(name).cloned()).unwrap();
    assert_eq!(config.text_ceilings.in_all, 77);
    assert_eq!(config.event_bus.as_deref(), Some("login"));
}

#[tokio::test]
async fn a_stack_that_is_not_there_or_is_another_is_one_line() {
    let error = element("Code", "ValidationError")
        + &element("Message", "Stack with id login does not exist");
    let error = element("ErrorResponse", &element("Error", &error));
    let endpoint = stand_in(StatusCode::BAD_REQUEST, error).await;
    let problem = settings(&sdk_config(&endpoint), "login").await.unwrap_err();
    let line = "the stack login: Stack with id login does not exist";
    assert_eq!(
        (problem.exit_code(), problem.to_string().as_str()),
        (1, line)
    );

    let other = element("StackName", "login")
        + &element("CreationTime", "2026-01-01T00:00:00Z")
        + &element("StackStatus", "CREATE_COMPLETE");
    let other = element("Stacks", &element("member", &other));
    let other = element(
        "DescribeStacksResponse",
        &element("DescribeStacksResult", &other),
    );
    let endpoint = stand_in(StatusCode::OK, other).await;
    let problem = settings(&sdk_config(&endpoint), "login").await.unwrap_err();
    assert!(
        problem.to_string().contains("has no output TableName"),
        "{problem}"
    );
}
