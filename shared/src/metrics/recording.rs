//! Collects what one request, or one task, measures.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::metrics::sample::Sample;

tokio::task_local! {
    static RECORDED: Arc<Mutex<Recorded>>;
}

/// What a request measured.
#[derive(Debug, Default)]
pub struct Recorded {
    pub samples: Vec<Sample>,
    /// The requests to DynamoDB, retries included.
    pub dynamodb_requests: u32,
    /// How many of them DynamoDB throttled.
    pub dynamodb_throttles: u32,
}

/// Runs a future. Returns its output, and what was measured meanwhile.
pub async fn recorded<F: Future>(future: F) -> (F::Output, Recorded) {
    let recording = Arc::new(Mutex::new(Recorded::default()));
    let output = RECORDED.scope(recording.clone(), future).await;
    let mut recording = recording.lock().unwrap_or_else(PoisonError::into_inner);
    (output, std::mem::take(&mut *recording))
}

/// Adds a value to the metrics of the running request. Outside a request, such as at the
/// start, nothing is measured.
pub fn record_sample(sample: Sample) {
    change(|recorded| recorded.samples.push(sample));
}

/// Adds several values.
pub fn record_all(samples: impl IntoIterator<Item = Sample>) {
    change(|recorded| recorded.samples.extend(samples));
}

/// Counts a request to DynamoDB.
pub(crate) fn count_request() {
    change(|recorded| recorded.dynamodb_requests += 1);
}

/// Counts a request that DynamoDB throttled.
pub(crate) fn count_throttle() {
    change(|recorded| recorded.dynamodb_throttles += 1);
}

fn change(change: impl FnOnce(&mut Recorded)) {
    let _outside = RECORDED.try_with(|recorded| {
        change(&mut recorded.lock().unwrap_or_else(PoisonError::into_inner));
    });
}
