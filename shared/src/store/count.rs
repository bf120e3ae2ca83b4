//! Counts the requests to DynamoDB that one request of ours makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

tokio::task_local! {
    static REQUESTS: Arc<AtomicU32>;
}

/// Runs a future. Returns the output, and how many requests to DynamoDB the
/// future made, retries included.
pub async fn counted<F: Future>(future: F) -> (F::Output, u32) {
    let requests = Arc::new(AtomicU32::new(0));
    let output = REQUESTS.scope(requests.clone(), future).await;
    (output, requests.load(Ordering::Relaxed))
}

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
        // Outside a request, such as at the start, nothing is counted.
        let _outside = REQUESTS.try_with(|requests| requests.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}
