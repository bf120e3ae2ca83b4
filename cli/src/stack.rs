//! Reads the settings of a deployment from its CloudFormation stack.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::Stack;

use crate::problem::Problem;
use crate::upkeep::alarm_settings::AlarmSettings;

/// Settings that are outputs of the stack.
const OUTPUTS: [(&str, &str); 3] = [
    ("COUNTERSIGN_TABLE", "TableName"),
    ("COUNTERSIGN_KMS_KEY", "DataKeyArn"),
    ("COUNTERSIGN_ISSUER", "Issuer"),
];

/// The output with the SES configuration set. A stack without one has no such output,
/// nor has a stack of an earlier version.
const CONFIGURATION_SET: (&str, &str) = (
    "COUNTERSIGN_SES_CONFIGURATION_SET",
    "EmailConfigurationSetName",
);

/// Settings that are parameters of the stack: all but the secret ones, which
/// CloudFormation does not show and the tool does not need.
pub const PARAMETERS: [(&str, &str); 44] = [
    ("COUNTERSIGN_PRODUCT_NAME", "ProductName"),
    ("COUNTERSIGN_WEB_DOMAIN", "WebDomain"),
    ("COUNTERSIGN_PASSKEY_DOMAIN", "PasskeyDomain"),
    ("COUNTERSIGN_PASSKEY_FACTORS", "PasskeyFactors"),
    ("COUNTERSIGN_TRUSTED_DEVICE_DAYS", "TrustedDeviceDays"),
    ("COUNTERSIGN_PASSKEY_PAGE", "PasskeyPage"),
    ("COUNTERSIGN_SMS_SENDER_ID", "SmsSenderId"),
    ("COUNTERSIGN_SMS_ORIGINATION_NUMBER", "SmsOriginationNumber"),
    ("COUNTERSIGN_SMS_COUNTRIES", "SmsCountries"),
    ("COUNTERSIGN_SMS_DAILY_TO_PREFIX", "SmsDailyToPrefix"),
    ("COUNTERSIGN_SMS_DAILY", "SmsDaily"),
    ("COUNTERSIGN_DIALECTS", "Dialects"),
    ("COUNTERSIGN_AAL_POLICY", "AalPolicy"),
    ("COUNTERSIGN_CODEMAZE_CLIENT", "CodeMazeClient"),
    ("COUNTERSIGN_TWO_FACTOR_ISSUER", "TwoFactorIssuer"),
    ("COUNTERSIGN_THEME_BRAND", "ThemeBrand"),
    ("COUNTERSIGN_THEME_TITLE", "ThemeTitle"),
    ("COUNTERSIGN_THEME_STYLE_URL", "ThemeStyleUrl"),
    (
        "COUNTERSIGN_THEME_FORGOT_PASSWORD_URL",
        "ThemeForgotPasswordUrl",
    ),
    ("COUNTERSIGN_WEBHOOK_ENDPOINT", "WebhookEndpoint"),
    (
        "COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS",
        "WebhookTimeoutMilliseconds",
    ),
    ("COUNTERSIGN_MIGRATION_URL", "MigrationUrl"),
    ("COUNTERSIGN_MIGRATION_USER_URL", "MigrationUserUrl"),
    (
        "COUNTERSIGN_MIGRATION_TIMEOUT_MILLISECONDS",
        "MigrationTimeoutMilliseconds",
    ),
    ("COUNTERSIGN_MIGRATION_ROLES", "MigrationRoles"),
    ("COUNTERSIGN_MFA_POLICY", "MfaPolicy"),
    ("COUNTERSIGN_MFA_GRACE_SECONDS", "MfaGraceSeconds"),
    (
        "COUNTERSIGN_PASSWORD_MINIMUM_LENGTH",
        "PasswordMinimumLength",
    ),
    ("COUNTERSIGN_CONFIRMATION_REQUIRED", "ConfirmationRequired"),
    ("COUNTERSIGN_SIGN_UP", "SignUp"),
    (
        "COUNTERSIGN_UNCONFIRMED_ENROLLMENT",
        "UnconfirmedEnrollment",
    ),
    ("COUNTERSIGN_CONNECTIONS", "Connections"),
    ("COUNTERSIGN_LINK_ORIGINS", "LinkOrigins"),
    ("COUNTERSIGN_CORS_ORIGINS", "CorsOrigins"),
    ("COUNTERSIGN_SIGNING_ALGORITHM", "SigningAlgorithm"),
    ("COUNTERSIGN_SIGNING_KEY_DAYS", "SigningKeyDays"),
    ("COUNTERSIGN_TOTP_PAST_STEPS", "TotpPastSteps"),
    ("COUNTERSIGN_ACCESS_TOKEN_SECONDS", "AccessTokenSeconds"),
    ("COUNTERSIGN_ID_TOKEN_SECONDS", "IdTokenSeconds"),
    ("COUNTERSIGN_REFRESH_IDLE_SECONDS", "RefreshIdleSeconds"),
    (
        "COUNTERSIGN_REFRESH_ABSOLUTE_SECONDS",
        "RefreshAbsoluteSeconds",
    ),
    ("COUNTERSIGN_REFRESH_GRACE_SECONDS", "RefreshGraceSeconds"),
    ("COUNTERSIGN_DPOP_REPLAY", "DpopReplay"),
    (
        "COUNTERSIGN_AWS_ATTEMPT_MILLISECONDS",
        "AwsAttemptMilliseconds",
    ),
];

/// Parameters that the tool reads beside those.
const OTHERS: [&str; 5] = [
    "AlarmEmail",
    "AlarmTopicArn",
    "EventBus",
    "SenderName",
    "SesConfigurationSet",
];

/// Whether the tool reads this parameter of a stack.
pub fn reads_parameter(parameter: &str) -> bool {
    let mut settings = PARAMETERS.iter();
    settings.any(|(_, name)| *name == parameter) || OTHERS.contains(&parameter)
}

/// The output with the settings that are no parameters of the stack, as JSON. Only the
/// template for `sam deploy --guided` has this output.
pub const SETTINGS_OUTPUT: &str = "Settings";

/// What a stack says of a deployment.
#[derive(Clone, Debug)]
pub struct StackSettings {
    /// The settings of the functions, without the secret ones.
    pub settings: BTreeMap<String, String>,
    /// The receivers of the alarms.
    pub alarms: AlarmSettings,
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

/// The settings that follow from the parameters of a stack alone.
pub fn settings_of_parameters<'a>(parameter: impl Fn(&str) -> &'a str) -> BTreeMap<String, String> {
    let setting = |(setting, key): (&str, &str)| (setting.to_owned(), parameter(key).to_owned());
    let mut settings: BTreeMap<String, String> = PARAMETERS.map(setting).into();
    let (sender, address) = (parameter("SenderName"), parameter("SenderAddress"));
    let from = match sender {
        "" => address.to_owned(),
        sender => format!("{sender} <{address}>"),
    };
    settings.insert("COUNTERSIGN_EMAIL_FROM".to_owned(), from);
    settings
}

fn read(name: &str, stack: &Stack) -> Result<StackSettings, Problem> {
    let output = |wanted: &str| {
        let mut outputs = stack.outputs().iter();
        let found = outputs.find(|one| one.output_key() == Some(wanted));
        found.and_then(|one| one.output_value())
    };
    let carried: BTreeMap<String, String> = match output(SETTINGS_OUTPUT) {
        Some(told) => serde_json::from_str(told).map_err(|_| {
            Problem::broken(format!(
                "the output {SETTINGS_OUTPUT} of the stack {name} is no JSON"
            ))
        })?,
        None => BTreeMap::new(),
    };
    let parameter = |wanted: &str| {
        let mut parameters = stack.parameters().iter();
        let found = parameters.find(|one| one.parameter_key() == Some(wanted));
        let found = found.and_then(|one| one.parameter_value());
        let carried = carried.get(wanted).map(String::as_str);
        found.or(carried).unwrap_or_default()
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
    settings.extend(settings_of_parameters(parameter));
    let (setting, key) = CONFIGURATION_SET;
    let set = output(key).unwrap_or_else(|| parameter("SesConfigurationSet"));
    settings.insert(setting.to_owned(), set.to_owned());
    settings.insert("COUNTERSIGN_STACK".to_owned(), name.to_owned());
    let bus = match parameter("EventBus") {
        "on" => name,
        _ => "",
    };
    settings.insert("COUNTERSIGN_EVENT_BUS".to_owned(), bus.to_owned());
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
