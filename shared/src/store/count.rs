//! Counts the requests to DynamoDB, and the requests that DynamoDB throttled, for the
//! metrics of the running request.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

use crate::metrics::recording::{count_request, count_throttle};

/// The hook in the SDK that counts each attempt.
#[derive(Debug)]
pub(super) struct CountRequests;

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for CountRequests {
    fn name(&self) -> &'static str {
        "CountRequests"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        count_request();
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context
            .response()
            .filter(|answer| !answer.status().is_success());
        if answer
            .and_then(|answer| answer.body().bytes())
            .is_some_and(throttled)
        {
            count_throttle();
        }
        Ok(())
    }
}

/// Whether the body of an error says that DynamoDB throttled the request, or a part of
/// the transaction (DynamoDB developer guide, "Error handling with DynamoDB").
fn throttled(body: &[u8]) -> bool {
    let Ok(error) = serde_json::from_slice::<Value>(body) else {
        return false;
    };
    let named = |code: &Value, known: &[&str]| {
        let code = code.as_str().and_then(|code| code.rsplit('#').next());
        code.is_some_and(|code| known.contains(&code))
    };
    let mut reasons = error["CancellationReasons"]
        .as_array()
        .into_iter()
        .flatten();
    named(&error["__type"], &ERRORS) || reasons.any(|reason| named(&reason["Code"], &REASONS))
}

/// The errors of a whole request.
const ERRORS: [&str; 3] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
];

/// The reasons of a part of a transaction.
const REASONS: [&str; 2] = ["ProvisionedThroughputExceeded", "ThrottlingError"];

#[cfg(test)]
mod tests {
    use super::throttled;

    #[test]
    fn a_throttled_request_is_known_by_its_type_or_by_a_part_of_its_transaction() {
        let prefix = "com.amazonaws.dynamodb.v20120810#";
        for (body, expected) in [
            (
                format!(r#"{{"__type":"{prefix}ThrottlingException"}}"#),
                true,
            ),
            (
                format!(r#"{{"__type":"{prefix}ProvisionedThroughputExceededException"}}"#),
                true,
            ),
            (
                format!(
                    r#"{{"__type":"{prefix}ConditionalCheckFailedException","message":"ThrottlingException"}}"#
                ),
                false,
            ),
            (
                format!(
                    r#"{{"__type":"{prefix}TransactionCanceledException","CancellationReasons":[{{"Code":"None"}},{{"Code":"ThrottlingError"}}]}}"#
                ),
                true,
            ),
            (
                format!(
                    r#"{{"__type":"{prefix}TransactionCanceledException","CancellationReasons":[{{"Code":"TransactionConflict"}}]}}"#
                ),
                false,
            ),
            ("<html>".to_owned(), false),
        ] {
            assert_eq!(throttled(body.as_bytes()), expected, "{body}");
        }
    }
}
