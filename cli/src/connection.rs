//! Finds a deployment, and opens it as the functions do.

pub mod data_folder;

use std::path::Path;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use countersign::app::App;
use countersign::clock::{Clock, system_time};
use countersign::config::Config;
use countersign::domain::refused_value::Naming;
use countersign::keyring::Purpose;
use countersign::notify::Reach;

use crate::connection::data_folder::Running;
use crate::options::Connection;
use crate::problem::Problem;
use crate::stack::{self, StackSettings};
use crate::upkeep::alarm_settings::AlarmSettings;

/// A deployment that was found.
pub struct Opened {
    /// The deployment, as the functions reach it.
    pub app: App,
    /// AWS, unless the deployment is a `cargo local`.
    pub aws: Option<SdkConfig>,
    /// The receivers of the alarms, if the deployment was found by its stack.
    pub alarms: Option<AlarmSettings>,
    /// The certificate (PEM) of the only authority that the API's certificate may be from.
    /// Without it, this machine's authorities are trusted.
    pub authority: Option<Vec<u8>>,
}

/// The deployment that the options name: the `cargo local` on a folder, or a stack.
/// Without either option, the environment holds the settings of the deployment.
///
/// # Errors
/// One line if there is no such deployment, or if a setting is wrong.
pub async fn open(connection: &Connection) -> Result<Opened, Problem> {
    match (&connection.local, &connection.stack) {
        (Some(folder), _) => open_local(folder),
        (None, Some(stack)) => {
            // The operator's own credentials and region.
            let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
            open_stack(aws, stack).await
        }
        (None, None) => open_environment().await,
    }
}

/// The deployment of the stack of this name in AWS.
///
/// # Errors
/// One line if there is no such stack, or if a parameter is a wrong setting.
pub async fn open_stack(aws: SdkConfig, name: &str) -> Result<Opened, Problem> {
    let StackSettings { settings, alarms } = stack::settings(&aws, name).await?;
    let config = Config::read(|name| settings.get(name).cloned());
    let config = config.map_err(|wrong| Problem::settings(wrong.to_string()))?;
    Ok(Opened {
        app: app(config, (&aws, &aws), Clock::system()),
        aws: Some(aws),
        alarms: Some(alarms),
        authority: None,
    })
}

fn open_local(folder: &Path) -> Result<Opened, Problem> {
    let running = Running::read(folder)?;
    let config = Config::read(|name| running.get(name).map(str::to_owned));
    let config = config.map_err(|wrong| Problem::settings(wrong.to_string()))?;
    let dynamodb = loopback(running.endpoint("AWS_ENDPOINT_URL_DYNAMODB")?);
    let others = loopback(running.endpoint("AWS_ENDPOINT_URL_KMS")?);
    let ahead = running.clock_ahead;
    let clock = Clock::from_fn(move || system_time() + ahead);
    Ok(Opened {
        app: app(config, (&dynamodb, &others), clock),
        aws: None,
        alarms: None,
        authority: running.authority,
    })
}

/// The deployment whose settings are in the environment, as `lambda
/// get-function-configuration` shows them. The operator's own credentials and region
/// are used.
async fn open_environment() -> Result<Opened, Problem> {
    let config = Config::from_environment().map_err(|wrong| {
        Problem::usage(format!(
            "name a `cargo local` with --local or a stack with --stack, or give the settings of a function in the \
             environment: {wrong}"
        ))
    })?;
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    Ok(Opened {
        app: app(config, (&aws, &aws), Clock::system()),
        aws: Some(aws),
        alarms: None,
        authority: None,
    })
}

fn app(config: Config, (dynamodb, others): (&SdkConfig, &SdkConfig), clock: Clock) -> App {
    // The operators' tool encrypts seeds, and needs no key of another purpose.
    let purposes = vec![Purpose::Seeds];
    let naming = Naming::InTheLog;
    App::new(
        config,
        dynamodb,
        others,
        purposes,
        clock,
        Reach::PUBLIC,
        naming,
    )
}

/// AWS settings for this address on this machine. No proxy is used.
fn loopback(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "countersign");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}
