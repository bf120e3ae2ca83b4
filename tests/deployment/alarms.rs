//! What raises an alarm, and where an alarm is sent.

use countersign::routes::Function;
use serde_json::{Value, json};

use crate::harness::deployment::cloud::{SENDER, stack};
use crate::harness::deployment::template::Stack;

#[test]
fn errors_and_throttles_of_every_function_raise_an_alarm_that_goes_where_it_is_sent() {
    let parameters = [
        ("ProductName", "Example"),
        ("SenderAddress", SENDER),
        ("AlarmEmail", "a@example.com"),
        ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms"),
    ];
    let stack = Stack::new("local", &parameters, &[]);
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    for (name, alarm) in &alarms {
        let actions = json!(["AlarmTopic", "arn:aws:sns:us-east-1:123456789012:alarms"]);
        assert_eq!(alarm["AlarmActions"], actions, "{name}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
    }
    let watches = |metric: &str, value: &str| {
        let mut all = alarms.iter();
        all.any(|(_, alarm)| {
            alarm["MetricName"] == metric && alarm["Dimensions"][0]["Value"] == value
        })
    };
    for function in Function::ALL {
        let name = stack.function(function.name());
        assert!(
            watches("Errors", &name) && watches("Throttles", &name),
            "{name}"
        );
    }
    assert!(watches("5xx", "Api"));
    assert!(watches("ReadThrottleEvents", "Table") && watches("WriteThrottleEvents", "Table"));
}

#[test]
fn answers_of_429_are_counted_from_the_gateways_log_and_raise_an_alarm() {
    let stack = stack("users");
    let filters = stack.resources("AWS::Logs::MetricFilter");
    let [(_, filter)] = filters.try_into().unwrap();
    assert_eq!(filter["LogGroupName"], "ApiLog");
    assert_eq!(filter["FilterPattern"], r#"{ $.status = "429" }"#);
    let stage = stack.properties("ApiStage");
    let line = stage["AccessLogSettings"]["Format"].as_str().unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["status"], "$context.status");
    let metric = &filter["MetricTransformations"][0];
    assert_eq!(metric["MetricValue"], "1");
    let alarm = stack.properties("ApiTooManyRequests");
    assert_eq!(alarm["Namespace"], metric["MetricNamespace"]);
    assert_eq!(alarm["MetricName"], metric["MetricName"]);
    assert_eq!(alarm["Threshold"], "200");
}

#[test]
fn text_messages_raise_an_alarm_before_sns_stops_them_and_when_sns_drops_them() {
    let log = "sns/us-east-1/123456789012/DirectPublishToPhoneNumber/Failure";
    let required = [("ProductName", "Example"), ("SenderAddress", SENDER)];
    let texts = [&required[..], &[("SmsCountries", "+1")]].concat();
    let logged = [&texts[..], &[("SmsFailureLog", log)]].concat();
    let alarms = |parameters: &[(&str, &str)]| {
        let stack = Stack::new("local", parameters, &[]);
        let alarms = stack.resources("AWS::CloudWatch::Alarm").into_iter();
        let of_texts = |name: &String| {
            ["TextMessagesNearTheSpendLimit", "TextMessagesNotDelivered"].contains(&name.as_str())
        };
        Vec::from_iter(alarms.filter(|(name, _)| of_texts(name)))
    };
    assert!(alarms(&required).is_empty());
    let [(_, spend)] = alarms(&texts).try_into().unwrap();
    // SNS stops a new account after one dollar.
    assert_eq!(
        (&spend["Namespace"], &spend["Threshold"]),
        (&json!("AWS/SNS"), &json!("0.8"))
    );
    assert_eq!(spend["MetricName"], "SMSMonthToDateSpentUSD");
    assert_eq!(spend["Statistic"], "Maximum");
    let [_, (_, dropped)] = alarms(&logged).try_into().unwrap();
    let filter = Stack::new("local", &logged, &[]).properties("UndeliveredTextMessages");
    assert_eq!(filter["LogGroupName"], log);
    assert_eq!(filter["FilterPattern"], r#"{ $.status = "FAILURE" }"#);
    let metric = &filter["MetricTransformations"][0];
    assert_eq!(dropped["Namespace"], metric["MetricNamespace"]);
    assert_eq!(dropped["MetricName"], metric["MetricName"]);
}
