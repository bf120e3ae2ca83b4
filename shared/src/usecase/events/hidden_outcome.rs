//! Requests whose caller must not learn what happened.

use std::future::Future;
use std::time::Duration;

use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::events::tell::keep_in_time;

/// How long the answer takes, whatever happens. The work usually takes a fraction of
/// this time. Work that takes longer is abandoned, and the user asks again.
pub const ANSWER_AFTER: Duration = Duration::from_secs(2);

/// Does this work, and returns after exactly `ANSWER_AFTER`. Only the log says how the
/// work ended: `failed` is the line of a failure. Lambda freezes the function after the
/// answer, so the work is done, and the event kept, before the answer.
pub(crate) async fn hide_outcome(
    context: &Context,
    failed: &'static str,
    work: impl Future<Output = Result<(), Failure>>,
) {
    let work = async {
        let done = work.await;
        Box::pin(keep_in_time(context)).await;
        done
    };
    let request_id = context.caller.trace.request_id();
    match context.app.clock.take_exactly(ANSWER_AFTER, work).await {
        Some(Ok(())) => {}
        Some(Err(Failure::Refused(refusal))) => {
            let refusal = refusal.name();
            tracing::info!(request_id, refusal, "{failed}");
        }
        Some(Err(Failure::Broken(broken))) => {
            tracing::error!(request_id, error = %broken, "{failed}");
        }
        None => tracing::error!(request_id, "{failed} in time"),
    }
}
