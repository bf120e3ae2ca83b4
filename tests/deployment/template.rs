//! The template, the routes, the router of `cargo lambda watch` and the events name the
//! same routes. The template's settings are the program's settings.

use std::collections::{BTreeMap, BTreeSet};

use countersign::config::Config;
use countersign::routes::other_spellings::{OTHER_SPELLINGS, SpellingRoute};
use countersign::routes::{Function, ROUTES};
use serde_json::Value;

use crate::deployment::events::routes::{filler, names};
use crate::deployment::watch::metadata;
use crate::harness::deployment::cloud::{SENDER, stack};
use crate::harness::deployment::event::{function_of, kept};
use crate::harness::deployment::template::{API_ENDPOINT, Stack};

/// Method and path, and the function that serves them.
type Served = BTreeSet<(String, String)>;

/// The parameters without a default.
const REQUIRED: [(&str, &str); 2] = [("ProductName", "Example"), ("SenderAddress", SENDER)];

fn served(method: &str, path: &str, function: &str) -> (String, String) {
    (format!("{method} {path}"), function.to_owned())
}

/// The routes that API Gateway serves: route, integration, function.
fn in_template() -> Served {
    let stack = Stack::new("local", &REQUIRED, &[]);
    let integrations: BTreeMap<String, Value> = stack
        .resources("AWS::ApiGatewayV2::Integration")
        .into_iter()
        .collect();
    let binary = |function: &str| {
        let built = &stack.declared(function)["Metadata"]["BuildProperties"]["Binary"];
        built.as_str().unwrap().to_owned()
    };
    let routes = stack.resources("AWS::ApiGatewayV2::Route");
    let route = |(_, route): &(String, Value)| {
        assert_eq!(route["ApiId"], "Api");
        let target = route["Target"].as_str().unwrap();
        let integration = &integrations[target.strip_prefix("integrations/").unwrap()];
        assert_eq!(integration["PayloadFormatVersion"], "2.0");
        let uri = integration["IntegrationUri"].as_str().unwrap();
        let function = uri.split(['/', '.']).nth(1).unwrap();
        (
            route["RouteKey"].as_str().unwrap().to_owned(),
            binary(function),
        )
    };
    let all: Served = routes.iter().map(route).collect();
    assert_eq!(all.len(), routes.len(), "a route stands twice");
    all
}

fn in_routes() -> Served {
    let all = ROUTES.iter();
    all.map(|route| served(route.method.as_str(), route.path, route.function.name()))
        .collect()
}

/// The routes that `cargo lambda watch` serves. Cargo reads the manifest.
fn in_watch_router() -> Served {
    let metadata = metadata();
    let router = &metadata["metadata"]["lambda"]["watch"]["router"];
    let mut all = Served::new();
    for (path, functions) in router.as_object().unwrap() {
        for one in functions.as_array().unwrap() {
            let (method, function) = (one["method"].as_str(), one["function"].as_str());
            assert!(all.insert(served(method.unwrap(), path, function.unwrap())));
        }
    }
    all
}

/// The routes of the events, each with its function. An event with a wrong method does
/// not count.
fn in_events() -> Served {
    let filler = filler();
    let event = |name: String| {
        let event = kept(&name, &filler);
        let key = event["routeKey"].as_str().unwrap().to_owned();
        let path = key.split_once(' ').unwrap().1;
        let path = in_routes()
            .into_iter()
            .map(|(route, _)| route)
            .find(|route| crosses(route.split_once(' ').unwrap().1, path));
        let method = key.split_once(' ').unwrap().0;
        let path = path.unwrap_or_else(|| panic!("{name} has no route"));
        served(
            method,
            path.split_once(' ').unwrap().1,
            function_of(&name).name(),
        )
    };
    let right = |name: &String| !name.ends_with("-method");
    names().into_iter().filter(right).map(event).collect()
}

/// Whether a path matches this pattern.
fn crosses(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other || one.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[test]
fn the_template_the_watch_router_and_the_events_have_the_routes_and_no_other() {
    let routes = in_routes();
    let spellings = OTHER_SPELLINGS.iter().map(
        |SpellingRoute {
             function,
             method,
             path,
         }| served(method.as_str(), path, function.name()),
    );
    let mut handed_over = routes.clone();
    handed_over.extend(spellings);
    assert_eq!(in_template(), handed_over, "infra/template.yaml");
    let watched = in_watch_router().into_iter();
    let watched: Served = watched
        .map(|(key, function)| (key.replace("{*proxy}", "{proxy+}"), function))
        .collect();
    assert_eq!(watched, handed_over, "Cargo.toml");
    assert_eq!(in_events(), routes, "events/");
}

#[test]
fn every_function_is_deployed_with_a_role_and_a_log_of_its_own() {
    let stack = stack("table");
    let mut seen = BTreeSet::new();
    let functions = stack.resources("AWS::Serverless::Function");
    assert_eq!(functions.len(), Function::ALL.len());
    for function in Function::ALL {
        let name = stack.function(function.name());
        let declared = stack.declared(&name);
        let code = format!("../functions/{}", function.name());
        assert_eq!(declared["Properties"]["CodeUri"], code);
        assert_eq!(declared["Metadata"]["BuildMethod"], "rust-cargolambda");
        let properties = stack.properties(&name);
        for own in [
            &properties["Role"],
            &properties["LoggingConfig"]["LogGroup"],
        ] {
            assert!(
                seen.insert(own.as_str().unwrap().to_owned()),
                "{own} is shared"
            );
        }
        assert!(
            properties["Environment"].is_null(),
            "{name} has settings of its own"
        );
        let invoked: Vec<Value> = stack
            .resources("AWS::Lambda::Permission")
            .into_iter()
            .filter(|(_, permission)| permission["FunctionName"] == name)
            .map(|(_, permission)| permission["SourceArn"].clone())
            .collect();
        let serves = ROUTES.iter().any(|route| route.function == function);
        let api = "arn:aws:execute-api:us-east-1:123456789012:Api/*";
        let expected = if serves { vec![api] } else { Vec::new() };
        assert_eq!(invoked, expected, "{name}");
    }
}

#[test]
fn the_environment_has_every_setting_and_no_other_and_starts_with_the_defaults() {
    let stack = Stack::new("local", &REQUIRED, &[]);
    let environment = stack.environment();
    let given: BTreeSet<String> = environment.keys().cloned().collect();
    assert_eq!(given, crate::tidy::settings::declared_names());
    let config = Config::read(|name| environment.get(name).cloned()).unwrap();
    // The defaults of the parameters are the defaults of the program.
    let needed = [
        "TABLE",
        "KMS_KEY",
        "STACK",
        "ISSUER",
        "PRODUCT_NAME",
        "EMAIL_FROM",
    ];
    let bare = Config::read(|name| {
        let short = name.strip_prefix("COUNTERSIGN_").unwrap();
        needed.contains(&short).then(|| environment[name].clone())
    })
    .unwrap();
    assert_eq!(format!("{config:?}"), format!("{bare:?}"));
    assert_eq!(config.issuer, format!("{API_ENDPOINT}/"));
}

#[test]
fn with_a_domain_it_is_the_issuer_and_with_a_name_the_sender_has_it() {
    let domain = "login.example.com";
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1";
    let mut parameters = REQUIRED.to_vec();
    parameters.extend([
        ("DomainName", domain),
        ("CertificateArn", certificate),
        ("SenderName", "Example"),
    ]);
    let environment = Stack::new("local", &parameters, &[]).environment();
    assert_eq!(
        environment["COUNTERSIGN_ISSUER"],
        "https://login.example.com/"
    );
    assert_eq!(
        environment["COUNTERSIGN_EMAIL_FROM"],
        format!("Example <{SENDER}>")
    );
}

#[test]
fn a_number_that_a_parameter_takes_is_one_that_the_program_takes() {
    let globals = Stack::new("local", &REQUIRED, &[]);
    let mut checked = 0;
    for name in globals.names_under("Parameters") {
        let declared = globals.parameter(&name).clone();
        if declared["MinValue"].is_null() {
            continue;
        }
        for (bound, beyond) in [("MinValue", -1), ("MaxValue", 1)] {
            let number = declared[bound].as_i64().unwrap();
            let read = |number: i64| {
                let text = number.to_string();
                let mut parameters = REQUIRED.to_vec();
                parameters.push((&name, &text));
                let environment = Stack::new("local", &parameters, &[]).environment();
                let default = globals.environment();
                let changed = environment != default || declared["Default"] == number;
                changed.then(|| Config::read(|name| environment.get(name).cloned()).is_ok())
            };
            assert_ne!(read(number), Some(false), "{name} {number}");
            let outside = read(number + beyond);
            // The program accepts longer attempts than the gateway has time for.
            if name != "AwsAttemptMilliseconds" {
                assert_ne!(outside, Some(true), "{name} {number}");
            }
            checked += usize::from(outside.is_some());
        }
    }
    assert!(checked > 10, "{checked}");
}
