//! The template's resources: what outlives the stack, what is closed, and what raises
//! an alarm.

use std::collections::{BTreeMap, BTreeSet};

use countersign::routes::{Function, ROUTES};
use countersign::store::TTL_ATTRIBUTE;
use countersign::wire::oauth::keys::cors::METHODS;
use serde_json::{Value, json};

use crate::harness::deployment::cloud::{SENDER, stack};
use crate::harness::deployment::template::{Stack, template};

/// The only resource of this type.
fn only(stack: &Stack, kind: &str) -> (String, Value) {
    let mut found = stack.resources(kind);
    assert_eq!(found.len(), 1, "{kind}");
    found.remove(0)
}

#[test]
fn the_table_is_kept_protected_encrypted_and_cleans_up_by_the_programs_attribute() {
    let stack = stack("users");
    let (name, table) = only(&stack, "AWS::DynamoDB::Table");
    let ttl = json!({ "AttributeName": TTL_ATTRIBUTE, "Enabled": true });
    assert_eq!(table["TimeToLiveSpecification"], ttl);
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["DeletionProtectionEnabled"], true);
    let restore = &table["PointInTimeRecoverySpecification"];
    assert_eq!(restore["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["SSESpecification"]["SSEType"], "KMS");
    let keys: Vec<&Value> = table["KeySchema"].as_array().unwrap().iter().collect();
    let keys: Vec<&Value> = keys.iter().map(|key| &key["AttributeName"]).collect();
    assert_eq!(keys, ["PK", "SK"]);
    assert!(table["GlobalSecondaryIndexes"].is_null());
    for kept in [name.as_str(), "TableKey", "DataKey"] {
        assert_eq!(stack.declared(kept)["DeletionPolicy"], "Retain", "{kept}");
        assert_eq!(
            stack.declared(kept)["UpdateReplacePolicy"],
            "Retain",
            "{kept}"
        );
    }
}

#[test]
fn both_keys_rotate_and_the_one_of_the_data_keys_is_another_than_the_tables() {
    let stack = stack("users");
    let keys = stack.resources("AWS::KMS::Key");
    assert_eq!(keys.len(), 2);
    for (name, key) in keys {
        assert_eq!(key["EnableKeyRotation"], true, "{name}");
    }
    let (_, table) = only(&stack, "AWS::DynamoDB::Table");
    let at_rest = table["SSESpecification"]["KMSMasterKeyId"]
        .as_str()
        .unwrap();
    assert!(at_rest.ends_with("key/TableKey"));
    let wraps = &stack.environment()["COUNTERSIGN_KMS_KEY"];
    assert!(wraps.ends_with("key/DataKey"));
}

#[test]
fn api_gateway_leaves_cors_to_the_functions_which_get_the_named_origins() {
    let parameters = [
        ("ProductName", "Example"),
        ("SenderAddress", SENDER),
        (
            "CorsOrigins",
            "https://a.example.com, https://b.example.com",
        ),
    ];
    for (stack, origins) in [
        (stack("users"), ""),
        (
            Stack::new("local", &parameters, &[]),
            "https://a.example.com,https://b.example.com",
        ),
    ] {
        // API Gateway would drop the headers of the functions.
        let (_, api) = only(&stack, "AWS::ApiGatewayV2::Api");
        assert!(api["CorsConfiguration"].is_null());
        assert_eq!(stack.environment()["COUNTERSIGN_CORS_ORIGINS"], origins);
    }
}

#[test]
fn a_page_of_another_origin_may_use_the_methods_of_the_routes() {
    let methods: BTreeSet<&str> = ROUTES.iter().map(|route| route.method.as_str()).collect();
    assert_eq!(BTreeSet::from(METHODS), methods);
}

#[test]
fn the_stage_throttles_every_route_and_sends_more() {
    let stack = stack("users");
    let (_, stage) = only(&stack, "AWS::ApiGatewayV2::Stage");
    assert_eq!(stage["StageName"], "$default");
    let all = &stage["DefaultRouteSettings"];
    // Far above what one sender of garbage can send, because an attacker who fills a
    // limit that everybody shares stops everybody.
    assert_eq!(all["ThrottlingRateLimit"], "1000");
    let routes = stage["RouteSettings"].as_object().unwrap();
    let mut sending: BTreeSet<String> = ROUTES
        .iter()
        .filter(|route| route.sends)
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    // The other spellings of a path that sends.
    sending.insert("POST /api/{proxy+}".to_owned());
    assert!(sending.len() > 20, "{sending:?}");
    let keys: BTreeSet<String> = routes.keys().cloned().collect();
    assert_eq!(keys, sending);
    for (route, settings) in routes {
        assert_eq!(settings["ThrottlingRateLimit"], "500", "{route}");
        assert_eq!(settings["ThrottlingBurstLimit"], "1000", "{route}");
    }
}

#[test]
fn the_stage_waits_for_every_route_that_its_settings_name() {
    let stack = stack("users");
    let (name, properties) = only(&stack, "AWS::ApiGatewayV2::Stage");
    let keys: BTreeMap<String, Value> = stack
        .resources("AWS::ApiGatewayV2::Route")
        .into_iter()
        .map(|(name, route)| (name, route["RouteKey"].clone()))
        .collect();
    let waits = stack.declared(&name)["DependsOn"].as_array().unwrap();
    let waits = waits.iter().map(|route| &keys[route.as_str().unwrap()]);
    let waits: BTreeSet<&str> = waits.map(|key| key.as_str().unwrap()).collect();
    let named = properties["RouteSettings"].as_object().unwrap().keys();
    assert_eq!(waits, named.map(String::as_str).collect());
}

#[test]
fn no_concurrency_is_reserved_until_a_parameter_says_how_much() {
    let required = [("ProductName", "Example"), ("SenderAddress", SENDER)];
    for function in Function::ALL {
        let stack = Stack::new("local", &required, &[]);
        let resource = stack.function(function.name());
        let reserved =
            |stack: &Stack| stack.properties(&resource)["ReservedConcurrentExecutions"].clone();
        assert!(reserved(&stack).is_null());
        let parameter = resource.replace("Function", "ReservedConcurrency");
        let mut parameters = required.to_vec();
        parameters.push((&parameter, "5"));
        assert_eq!(reserved(&Stack::new("local", &parameters, &[])), "5");
    }
}

#[test]
fn a_function_ends_before_the_gateway_gives_up_and_after_what_it_waits_for() {
    let globals = template()["Globals"]["Function"].clone();
    let timeout = globals["Timeout"].as_i64().unwrap();
    assert!(timeout < 30);
    let stack = stack("users");
    let attempt = stack.parameter("AwsAttemptMilliseconds")["MaxValue"]
        .as_i64()
        .unwrap();
    // The longest login makes eight requests of two and a half attempts each.
    assert!(8 * attempt * 5 / 2 < timeout * 1000);
}

#[test]
fn every_log_is_kept_as_long_as_the_parameter_says() {
    let stack = stack("users");
    let logs = stack.resources("AWS::Logs::LogGroup");
    assert_eq!(logs.len(), Function::ALL.len() + 1);
    for (name, log) in logs {
        assert_eq!(log["RetentionInDays"], "90", "{name}");
    }
}

#[test]
fn the_first_keys_are_made_by_keys_and_the_example_is_off() {
    let stack = stack("users");
    let (_, first) = only(&stack, "Custom::CountersignKeys");
    let keys = stack.function("keys");
    assert_eq!(
        first["ServiceToken"],
        format!("AWS::Serverless::Function/{keys}.Arn")
    );
    let names: BTreeSet<&String> = first.as_object().unwrap().keys().collect();
    for name in [
        "ClientId",
        "ClientSecret",
        "ClientAudience",
        "ClientScopes",
        "ClientRedirectUris",
    ] {
        assert!(names.contains(&name.to_owned()));
    }
    // Lambda may try again after a minute, and again after two. A wrong setting is told at
    // once, so nobody waits for that.
    let one = stack.properties(&keys)["Timeout"].as_i64().unwrap();
    assert!(first["ServiceTimeout"].as_i64().unwrap() >= 3 * one + 180);
    let schedule = &stack.properties(&keys)["Events"]["Daily"];
    assert_eq!(schedule["Type"], "Schedule");
    assert_eq!(schedule["Properties"]["Schedule"], "rate(1 day)");
    assert!(stack.resources("AWS::ApiGatewayV2::Authorizer").is_empty());
}

#[test]
fn a_change_of_any_setting_asks_keys_again() {
    // As they are written, because many parameters have the same default.
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let is_keys = |resource: &&Value| resource["Type"] == "Custom::CountersignKeys";
    let keys = resources.values().find(is_keys).unwrap();
    let environment = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert!(environment.is_object());
    assert_eq!(&keys["Properties"]["Settings"], environment);
}

#[test]
fn the_example_checks_tokens_of_this_issuer_after_its_keys_are_there() {
    let parameters = [
        ("ProductName", "Example"),
        ("SenderAddress", SENDER),
        ("ProtectedApiExample", "true"),
        ("ProtectedApiAudience", "https://orders.example.com/"),
    ];
    let stack = Stack::new("local", &parameters, &[]);
    let (name, authorizer) = only(&stack, "AWS::ApiGatewayV2::Authorizer");
    let jwt = &authorizer["JwtConfiguration"];
    assert_eq!(jwt["Issuer"], stack.environment()["COUNTERSIGN_ISSUER"]);
    assert_eq!(jwt["Audience"], json!(["https://orders.example.com/"]));
    let after = stack.declared(&name)["DependsOn"].as_array().unwrap();
    for first in ["FirstKeys", "ApiStage", "KeysPermission"] {
        assert!(after.contains(&json!(first)), "{first}");
    }
    let routes = stack.resources("AWS::ApiGatewayV2::Route").into_iter();
    let mut guarded = routes.filter(|(_, route)| route["ApiId"] == "ProtectedApi");
    let (_, route) = guarded.next().unwrap();
    assert_eq!(route["RouteKey"], "GET /orders");
    assert_eq!(route["AuthorizationType"], "JWT");
    assert!(guarded.next().is_none());
}

/// A stack that takes reports, with these parameters more.
fn with_reports(more: &[(&str, &str)]) -> Stack {
    let required = [("ProductName", "Example"), ("SenderAddress", SENDER)];
    let reports = [("DeliveryReports", "true")];
    let parameters = [&required[..], &reports, more].concat();
    Stack::new("local", &parameters, &[])
}

#[test]
fn no_report_is_asked_for_until_a_parameter_says_so() {
    let stack = stack("users");
    for kind in [
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::Events::Rule",
        "AWS::Logs::SubscriptionFilter",
        "AWS::SQS::QueuePolicy",
    ] {
        assert!(stack.resources(kind).is_empty(), "{kind}");
    }
}

#[test]
fn e_mails_go_out_under_the_set_whose_bounces_and_complaints_reach_feedback() {
    for (more, set) in [
        (&[][..], "EmailConfigurationSet"),
        (&[("SesConfigurationSet", "codes")][..], "codes"),
    ] {
        let stack = with_reports(more);
        let made = stack.resources("AWS::SES::ConfigurationSet").len();
        assert_eq!(made, usize::from(more.is_empty()));
        let environment = stack.environment();
        assert_eq!(environment["COUNTERSIGN_SES_CONFIGURATION_SET"], set);
        let kind = "AWS::SES::ConfigurationSetEventDestination";
        let (_, destination) = only(&stack, kind);
        assert_eq!(destination["ConfigurationSetName"], set);
        let destination = &destination["EventDestination"];
        let types = &destination["MatchingEventTypes"];
        assert_eq!(*types, json!(["bounce", "complaint"]));
        let bus = destination["EventBridgeDestination"]["EventBusArn"].as_str();
        assert!(bus.unwrap().ends_with(":event-bus/default"));
        let (rule, properties) = only(&stack, "AWS::Events::Rule");
        let pattern = &properties["EventPattern"];
        assert_eq!(pattern["source"], json!(["aws.ses"]));
        let tags = &pattern["detail"]["mail"]["tags"];
        assert_eq!(tags["ses:configuration-set"], json!([set]));
        let target = &properties["Targets"][0];
        let function = "AWS::Serverless::Function/FeedbackFunction.Arn";
        assert_eq!(target["Arn"], function);
        let queue = &target["DeadLetterConfig"]["Arn"];
        let failed = stack.properties(&stack.function("feedback"));
        assert_eq!(failed["DeadLetterQueue"]["TargetArn"], *queue);
        let permission = stack.properties("EmailReportsPermission");
        assert_eq!(permission["Principal"], "events.amazonaws.com");
        assert_eq!(
            permission["SourceArn"],
            format!("AWS::Events::Rule/{rule}.Arn")
        );
        let policy = stack.properties("EmailReportsQueuePolicy");
        let statement = &policy["PolicyDocument"]["Statement"][0];
        assert_eq!(statement["Resource"], *queue);
        let only_from = &statement["Condition"]["ArnEquals"]["aws:SourceArn"];
        assert_eq!(*only_from, permission["SourceArn"]);
    }
}

#[test]
fn failed_text_messages_reach_feedback_from_the_log_that_a_parameter_names() {
    let log = "sns/us-east-1/123456789012/DirectPublishToPhoneNumber/Failure";
    let stack = with_reports(&[("SmsFailureLog", log)]);
    let (_, filter) = only(&stack, "AWS::Logs::SubscriptionFilter");
    assert_eq!(filter["LogGroupName"], log);
    let function = "AWS::Serverless::Function/FeedbackFunction.Arn";
    assert_eq!(filter["DestinationArn"], function);
    let permission = stack.properties("SmsFailuresPermission");
    assert_eq!(permission["Principal"], "logs.amazonaws.com");
    assert_eq!(permission["SourceAccount"], "123456789012");
    let source = format!("arn:aws:logs:us-east-1:123456789012:log-group:{log}:*");
    assert_eq!(permission["SourceArn"], source);
}
