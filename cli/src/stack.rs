//! Reads the settings of a deployment from its CloudFormation stack.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::Stack;

use crate::problem::Problem;

/// Settings that are outputs of the stack.
const OUTPUTS: [(&str, &str); 3] = [
    ("COUNTERSIGN_TABLE", "TableName"),
    ("COUNTERSIGN_KMS_KEY", "DataKeyArn"),
    ("COUNTERSIGN_ISSUER", "Issuer"),
];

/// Settings that are parameters of the stack. Only the settings that an operator's act
/// depends on are read. The others keep their defaults.
const PARAMETERS: [(&str, &str); 12] = [
    ("COUNTERSIGN_PRODUCT_NAME", "ProductName"),
    ("COUNTERSIGN_WEB_DOMAIN", "WebDomain"),
    ("COUNTERSIGN_SES_CONFIGURATION_SET", "SesConfigurationSet"),
    ("COUNTERSIGN_SMS_SENDER_ID", "SmsSenderId"),
    ("COUNTERSIGN_SMS_ORIGINATION_NUMBER", "SmsOriginationNumber"),
    ("COUNTERSIGN_SMS_DAILY_TO_PREFIX", "SmsDailyToPrefix"),
    ("COUNTERSIGN_SMS_DAILY", "SmsDaily"),
    ("COUNTERSIGN_SMS_COUNTRIES", "SmsCountries"),
    ("COUNTERSIGN_SIGNING_ALGORITHM", "SigningAlgorithm"),
    ("COUNTERSIGN_SIGNING_KEY_DAYS", "SigningKeyDays"),
    ("COUNTERSIGN_DIALECTS", "Dialects"),
    ("COUNTERSIGN_CODEMAZE_CLIENT", "CodeMazeClient"),
];

/// What a stack says of a deployment.
#[derive(Clone, Debug)]
pub struct StackSettings {
    /// The settings of the functions that the tool needs.
    pub settings: BTreeMap<String, String>,
    /// The receivers of the alarms.
    pub alarms: AlarmSettings,
}

/// The receivers of the alarms.
#[derive(Clone, Debug, Default)]
pub struct AlarmSettings {
    /// The topics that the alarms go to.
    pub topics: Vec<String>,
    /// The address that the stack has subscribed.
    pub email: Option<String>,
}

/// The settings of the stack of this name.
///
/// # Errors
/// One line if CloudFormation does not answer, or if there is no stack of Countersign
/// with this name.
pub async fn settings(aws: &SdkConfig, name: &str) -> Result<StackSettings, Problem> {
    let client = aws_sdk_cloudformation::Client::new(aws);
    let described = client.describe_stacks().stack_name(name).send().await;
    let described = described.map_err(|error| {
        // CloudFormation's message names the stack or the missing permission.
        let told = error.message().or(error.code()).unwrap_or("no answer");
        Problem::broken(format!("the stack {name}: {told}"))
    })?;
    let stack = described.stacks().first();
    let none = || Problem::broken(format!("there is no stack {name}"));
    read(name, stack.ok_or_else(none)?)
}

fn read(name: &str, stack: &Stack) -> Result<StackSettings, Problem> {
    let output = |wanted: &str| {
        let mut outputs = stack.outputs().iter();
        let found = outputs.find(|one| one.output_key() == Some(wanted));
        found.and_then(|one| one.output_value())
    };
    let parameter = |wanted: &str| {
        let mut parameters = stack.parameters().iter();
        let found = parameters.find(|one| one.parameter_key() == Some(wanted));
        found
            .and_then(|one| one.parameter_value())
            .unwrap_or_default()
    };
    let mut settings = BTreeMap::new();
    for (setting, key) in OUTPUTS {
        let missing = || {
            Problem::broken(format!(
                "the stack {name} is none of Countersign: it has no output {key}"
            ))
        };
        let value = output(key).ok_or_else(missing)?;
        settings.insert(setting.to_owned(), value.to_owned());
    }
    for (setting, key) in PARAMETERS {
        settings.insert(setting.to_owned(), parameter(key).to_owned());
    }
    settings.insert("COUNTERSIGN_STACK".to_owned(), name.to_owned());
    if parameter("EventBus") == "on" {
        settings.insert("COUNTERSIGN_EVENT_BUS".to_owned(), name.to_owned());
    }
    let (sender, address) = (parameter("SenderName"), parameter("SenderAddress"));
    let from = match sender {
        "" => address.to_owned(),
        sender => format!("{sender} <{address}>"),
    };
    settings.insert("COUNTERSIGN_EMAIL_FROM".to_owned(), from);
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let topics = [
        output("AlarmsTo").and_then(filled),
        filled(parameter("AlarmTopicArn")),
    ];
    Ok(StackSettings {
        settings,
        alarms: AlarmSettings {
            topics: topics.into_iter().flatten().collect(),
            email: filled(parameter("AlarmEmail")),
        },
    })
}
