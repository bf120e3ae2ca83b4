//! The table, and how a failed call to DynamoDB is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;

use crate::failure::Broken;
use crate::store::count::CountRequests;

/// The table, and the client that reaches the table.
#[derive(Clone)]
pub struct Store {
    pub(super) client: Client,
    pub(super) table: String,
    /// How many items the scans have read.
    scanned: Arc<AtomicU64>,
}

impl Store {
    /// A store on this table. An attempt takes `attempt` at most. A call with
    /// its retry takes at most two and a half times as long.
    pub fn new(aws: &SdkConfig, table: &str, attempt: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(attempt / 2)
            .operation_attempt_timeout(attempt)
            .operation_timeout(attempt * 5 / 2)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(2)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(200));
        let config = aws_sdk_dynamodb::config::Builder::from(aws)
            .timeout_config(timeouts)
            .retry_config(retries)
            // An attempt has a time limit already.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .interceptor(CountRequests)
            .build();
        Self {
            client: Client::from_conf(config),
            table: table.to_owned(),
            scanned: Arc::default(),
        }
    }

    /// The AWS client, for tests and tools that look at the table directly.
    pub fn dynamodb(&self) -> &Client {
        &self.client
    }

    /// How many items the scans of the whole table have read so far, for the progress of
    /// a scan.
    pub fn items_scanned(&self) -> u64 {
        self.scanned.load(Ordering::Relaxed)
    }

    /// Counts the items that one request of a scan has read.
    pub(super) fn count_scanned(&self, items: i32) {
        let items = u64::try_from(items).unwrap_or_default();
        self.scanned.fetch_add(items, Ordering::Relaxed);
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }
}

/// A failed call as `Broken`, with the step and the error code of DynamoDB. The
/// error message is left out, because it may repeat what was sent.
pub(super) fn broken<E, R>(what: &str, error: &SdkError<E, R>) -> Broken
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: RequestId,
{
    let code = error.code().unwrap_or(match error {
        SdkError::TimeoutError(_) => "timed out",
        SdkError::DispatchFailure(_) => "not reachable",
        SdkError::ResponseError(_) => "unreadable answer",
        SdkError::ConstructionFailure(_) => "request not built",
        _ => "no code",
    });
    let request = error.request_id().unwrap_or("none");
    let what = format!("DynamoDB: {what}: {code} (request {request})");
    // AWS denies a new role until it knows the role everywhere. So a later
    // attempt may succeed.
    const OURS: [&str; 3] = [
        "ValidationException",
        "ResourceNotFoundException",
        "SerializationException",
    ];
    if OURS.contains(&code) {
        Broken::internal(what)
    } else {
        Broken::unavailable(what)
    }
}
