//! DynamoDB: one table, one verb for each guarantee, one condition expression
//! for each verb. The condition of the write is the only guarantee of "spent
//! once".
//!
//! Every read that decides something is strongly consistent. No request of an
//! unauthenticated caller writes under `USER#`.

pub mod accounts;
pub mod administration;
pub(crate) mod attributes;
pub mod authorization;
mod client;
pub mod count;
pub mod factors;
mod item;
pub mod keys;
pub mod login;
pub mod messages;
pub mod sessions;
pub(crate) mod table_keys;
mod write;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;

pub use accounts::action::{ActionBegun, NewAction, Spend};
pub use accounts::anonymous_budget::WrongPasswords;
pub use accounts::password::PasswordChange;
pub use accounts::user::{Created, LoginBeside, LoginRead, NameToGuess, NewAccount, Remembered};
pub use administration::act::Act;
pub use administration::event::{EventPage, KeptEvent};
pub use administration::export::UsersFrom;
pub use administration::key_uses::KeyUses;
pub use administration::sends::Used;
pub use administration::user_change::{ProfileChange, Unlocking};
pub use administration::user_removal::Removed;
pub use factors::enrolment::{
    AcceptedCode, Changed, FactorConfirmation, FactorsChange, NewEnrolment, RecoveryChange,
};
pub use factors::first_factor::Unowned;
pub use item::TTL_ATTRIBUTE;
pub use keys::wrapped_key::StoredKey;
pub use login::code_budget::{CodeGuess, Guesser, WrongCodes};
pub use login::password_charge::{Allowance, Charge, Counted};
pub use login::pending_login::SendRecorded;
pub use login::redemption::{AcceptedProof, LoginRedemption, LoginVerification, Redeemed};
pub use messages::delivery::Addressed;
pub use messages::payers::Charged;
pub use sessions::session::SessionRotation;

use crate::failure::Broken;

/// The table, and the client that reaches the table.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
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
            .interceptor(count::CountRequests)
            .build();
        Self {
            client: Client::from_conf(config),
            table: table.to_owned(),
        }
    }

    /// The AWS client, for tests and tools that look at the table directly.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn table(&self) -> &str {
        &self.table
    }
}

/// A failed call as `Broken`, with the step and the error code of DynamoDB. The
/// error message is left out, because it may repeat what was sent.
fn broken<E, R>(what: &str, error: &SdkError<E, R>) -> Broken
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
