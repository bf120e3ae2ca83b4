//! The embedded DynamoDB on a loopback port, and its table.

use crate::faults::Faults;
use crate::faults::client::with_faults;
use crate::problem::Problem;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
    TimeToLiveSpecification, TimeToLiveStatus,
};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;
use tokio::sync::oneshot;

/// The attribute with the time after which an item may be deleted, in seconds since
/// 1970.
pub const TTL_ATTRIBUTE: &str = "ttl";

/// How long a table may take to become usable. The embedded DynamoDB needs no time.
const TABLE_DEADLINE: Duration = Duration::from_secs(30);

/// The running database. Dropping this stops it.
pub struct Database {
    endpoint: String,
    _stop: oneshot::Sender<()>,
}

impl Database {
    /// Opens the database in the file at `path`, or one in memory, and serves it on a
    /// free loopback port. Must run inside a Tokio runtime.
    pub fn open(path: Option<&Path>) -> Result<Database, Problem> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unserved)?;
        Database::open_on(listener, path)
    }

    /// Like `open`, on a listener that is already bound.
    pub fn open_on(listener: TcpListener, path: Option<&Path>) -> Result<Database, Problem> {
        let runtime = tokio::runtime::Handle::try_current().map_err(unserved)?;
        let database = match path {
            Some(path) => open_file(path)?,
            None => dynoxide::Database::memory().map_err(unserved)?,
        };
        let endpoint = format!("http://{}", listener.local_addr().map_err(unserved)?);
        listener.set_nonblocking(true).map_err(unserved)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(unserved)?;
        let (stop, stopped) = oneshot::channel::<()>();
        // Dropping the sender ends this wait too, which stops the server.
        let stopped = async move {
            let _ = stopped.await;
        };
        runtime.spawn(dynoxide::server::serve_with_shutdown(
            listener, database, stopped,
        ));
        Ok(Database {
            endpoint,
            _stop: stop,
        })
    }

    /// The address of DynamoDB: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// AWS settings that lead only to `endpoint` (an `http:` address). Credentials and
/// region are fixed, and nothing is read from the environment, from files or from the
/// instance metadata service. The SDK's default HTTP client would use `HTTP_PROXY` even
/// for this machine. This client supports neither proxies nor TLS.
pub fn sdk_config(endpoint: &str) -> SdkConfig {
    sdk_config_with_faults(endpoint, Faults::default())
}

/// Like `sdk_config`, and calls meet these faults.
pub fn sdk_config_with_faults(endpoint: &str, faults: Faults) -> SdkConfig {
    let http_client = aws_smithy_http_client::Builder::new().build_http();
    let credentials = Credentials::new("local", "local", None, None, "countersign-local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .http_client(with_faults(http_client, faults))
        .build()
}

/// Makes the service's table as the template does in AWS: string keys PK and SK,
/// on-demand billing, TTL on [`TTL_ATTRIBUTE`]. An existing table keeps its items.
pub async fn create_table(client: &Client, table: &str) -> Result<(), Problem> {
    let created = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(vec![string("PK")?, string("SK")?]))
        .set_key_schema(Some(vec![
            key("PK", KeyType::Hash)?,
            key("SK", KeyType::Range)?,
        ]))
        .send()
        .await;
    let active = match created {
        Ok(made) => made
            .table_description()
            .and_then(|table| table.table_status())
            .is_some_and(|status| *status == TableStatus::Active),
        Err(error) if exists(&error) => false,
        Err(error) => return Err(failed(table, error)),
    };
    if !active {
        client
            .wait_until_table_exists()
            .table_name(table)
            .wait(TABLE_DEADLINE)
            .await
            .map_err(|error| failed(table, error))?;
    }
    enable_ttl(client, table).await
}

/// Enables TTL if it is not enabled yet, because AWS refuses to enable it twice.
async fn enable_ttl(client: &Client, table: &str) -> Result<(), Problem> {
    let described = client
        .describe_time_to_live()
        .table_name(table)
        .send()
        .await
        .map_err(|error| failed(table, error))?;
    let status = described
        .time_to_live_description()
        .and_then(|ttl| ttl.time_to_live_status());
    if let Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling) = status {
        return Ok(());
    }
    let ttl = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name(TTL_ATTRIBUTE)
        .build()
        .map_err(|error| failed(table, error))?;
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(ttl)
        .send()
        .await
        .map_err(|error| failed(table, error))?;
    Ok(())
}

/// Opens the file and deletes expired items, because the library never does.
fn open_file(path: &Path) -> Result<dynoxide::Database, Problem> {
    // The library's own error text would talk about encryption, which does not apply
    // here.
    let damaged = |_: dynoxide::DynoxideError| {
        Problem::new(format!(
            "cannot open {}: it is no database of `cargo local`, or it is damaged; \
             delete it to begin anew, or choose another folder with --data DIR",
            path.display()
        ))
    };
    let Some(name) = path.to_str() else {
        return Err(Problem::new(format!(
            "cannot open the database {}: the name is not UTF-8",
            path.display()
        )));
    };
    let database = dynoxide::Database::new(name).map_err(damaged)?;
    database.sweep_ttl().map_err(damaged)?;
    Ok(database)
}

fn string(name: &str) -> Result<AttributeDefinition, Problem> {
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::S)
        .build()
        .map_err(|error| failed(name, error))
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, Problem> {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind)
        .build()
        .map_err(|error| failed(name, error))
}

fn exists<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code() == Some("ResourceInUseException")
}

/// The SDK's errors say little by themselves, so their causes are added.
fn failed(table: &str, error: impl std::error::Error) -> Problem {
    let mut line = format!("cannot make the table {table}: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    Problem::new(line)
}

fn unserved(error: impl std::fmt::Display) -> Problem {
    Problem::new(format!("cannot serve the database: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::scratch_directory::ScratchDirectory;
    use aws_sdk_dynamodb::config::retry::RetryConfig;
    use aws_sdk_dynamodb::types::AttributeValue;

    fn client(database: &Database) -> Client {
        Client::new(&sdk_config(database.endpoint()))
    }

    #[tokio::test]
    async fn the_table_has_string_keys_and_ttl() {
        let database = Database::open(None).unwrap();
        let client = client(&database);
        create_table(&client, "countersign").await.unwrap();
        create_table(&client, "countersign").await.unwrap();
        let ttl = client
            .describe_time_to_live()
            .table_name("countersign")
            .send()
            .await
            .unwrap();
        let ttl = ttl.time_to_live_description().unwrap();
        assert_eq!(ttl.attribute_name(), Some("ttl"));
        let described = client
            .describe_table()
            .table_name("countersign")
            .send()
            .await
            .unwrap();
        let keys = described.table().unwrap().key_schema();
        let names: Vec<_> = keys.iter().map(|key| key.attribute_name()).collect();
        assert_eq!(names, ["PK", "SK"]);
    }

    #[tokio::test]
    async fn a_second_start_finds_the_items_that_have_not_expired() {
        let scratch = ScratchDirectory::new();
        let file = scratch.path().join("dynamodb.db");
        let first = Database::open(Some(&file)).unwrap();
        create_table(&client(&first), "countersign").await.unwrap();
        for (key, ttl) in [("kept", "4000000000"), ("expired", "1")] {
            client(&first)
                .put_item()
                .table_name("countersign")
                .item("PK", AttributeValue::S(key.to_owned()))
                .item("SK", AttributeValue::S("x".to_owned()))
                .item(TTL_ATTRIBUTE, AttributeValue::N(ttl.to_owned()))
                .send()
                .await
                .unwrap();
        }
        drop(first);

        let second = Database::open(Some(&file)).unwrap();
        create_table(&client(&second), "countersign").await.unwrap();
        let found = client(&second)
            .scan()
            .table_name("countersign")
            .send()
            .await
            .unwrap();
        let keys: Vec<_> = found.items().iter().map(|item| &item["PK"]).collect();
        assert_eq!(keys, [&AttributeValue::S("kept".to_owned())]);
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_is_one_line() {
        let config = aws_sdk_dynamodb::config::Builder::from(&sdk_config("http://127.0.0.1:1"))
            .retry_config(RetryConfig::disabled());
        let client = Client::from_conf(config.build());
        let problem = create_table(&client, "countersign").await.unwrap_err();
        let line = problem.to_string();
        assert!(line.starts_with("cannot make the table countersign: "));
        assert!(line.contains("refused") && !line.contains('\n'), "{line}");
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_one_line_that_says_what_to_do() {
        let scratch = ScratchDirectory::new();
        let file = scratch.path().join("dynamodb.db");
        std::fs::write(&file, "hello").unwrap();
        let line = Database::open(Some(&file)).err().unwrap().to_string();
        assert!(
            line.ends_with("choose another folder with --data DIR"),
            "{line}"
        );
        assert!(!line.contains("encrypt"), "{line}");
    }

    #[test]
    fn outside_a_runtime_it_is_a_problem_and_no_panic() {
        assert!(Database::open(None).is_err());
    }
}
