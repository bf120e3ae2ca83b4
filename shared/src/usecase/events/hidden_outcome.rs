//! Requests whose caller must not learn what happened.

use std::future::Future;
use std::time::Duration;

use crate::domain::events::reason::Reason;
use crate::domain::events::record::Ending;
use crate::domain::events::verdict::Verdict;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::events::tell::keep_in_time;

/// How long the answer takes, whatever happens. The work usually takes a fraction of
/// this time. Work that takes longer is abandoned, and the user asks again.
pub const ANSWER_AFTER: Duration = Duration::from_secs(2);

/// The least time of a refusal of a caller who has shown neither a password nor a token. The
/// work usually takes less.
const REFUSED_AFTER: Duration = Duration::from_millis(250);

/// Does the work of a caller who has shown neither a password nor a token. A refusal is
/// returned no earlier than after `REFUSED_AFTER`, so that its time does not reveal whether
/// something is pending. The event of the refusal is kept before that time is over.
///
/// # Errors
/// The failures of `work`.
pub(crate) async fn refuse_no_earlier<T>(
    context: &Context,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    context.events.is_of_stranger(true);
    let work = async {
        let done = work.await;
        match &done {
            Ok(_) => context.events.is_of_stranger(false),
            Err(Failure::Refused(refusal)) => {
                let ending = Ending::Refused(Verdict::of(refusal), Reason::of(refusal));
                Box::pin(keep_in_time(context, ending)).await;
            }
            Err(Failure::Broken(_)) => {}
        }
        done
    };
    context.app.clock.fail_no_earlier(REFUSED_AFTER, work).await
}

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
        Box::pin(keep_in_time(context, Ending::Done)).await;
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
