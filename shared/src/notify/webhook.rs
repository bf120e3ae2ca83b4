//! Posts codes to an endpoint of the operator, which delivers them to users.

use serde_json::json;

use super::post::{Endpoint, EndpointSettings, NotPosted};
use super::reach::Reach;
use super::{DeliveryFailed, DeliveryFailureReason};
use crate::domain::factors::factor::Channel;

/// The most bytes of an answer that are read. The content is ignored.
const LONGEST_ANSWER: usize = 4096;

/// Posts codes. It is made once for each cold start and connects to nothing then.
#[derive(Clone, Debug)]
pub(super) struct Webhook(Endpoint);

impl Webhook {
    pub fn new(settings: EndpointSettings, reach: Reach) -> Self {
        Self(Endpoint::new(settings, reach))
    }

    /// Posts `{"user": {"id", "email"}, "token"}`. Returns when the endpoint has
    /// answered with a 2xx.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after the timeout of the settings.
    pub async fn post(
        &self,
        user: &str,
        email: Option<&str>,
        code: &str,
    ) -> Result<(), DeliveryFailed> {
        let body = json!({ "user": { "id": user, "email": email }, "token": code });
        // The body is read so that the endpoint may finish its answer. The post is made,
        // whatever becomes of this.
        let posted = self.0.post(body.to_string(), LONGEST_ANSWER, is_success);
        let status = posted.await.map_err(not_posted)?.status;
        match is_success(status) {
            true => Ok(()),
            false => Err(failed_post(reason_of(status), &format!("Status{status}"))),
        }
    }
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn reason_of(status: u16) -> DeliveryFailureReason {
    match status {
        408 => DeliveryFailureReason::TimedOut,
        429 => DeliveryFailureReason::Throttled,
        // Redirects are not followed, so the endpoint must be the final URL.
        300..500 => DeliveryFailureReason::Rejected,
        _ => DeliveryFailureReason::Unavailable,
    }
}

fn not_posted(why: NotPosted) -> DeliveryFailed {
    match why {
        NotPosted::AddressRefused => failed_post(DeliveryFailureReason::Rejected, "AddressRefused"),
        NotPosted::TimedOut(code) => failed_post(DeliveryFailureReason::TimedOut, code),
        NotPosted::Unavailable(code) => failed_post(DeliveryFailureReason::Unavailable, code),
    }
}

/// A failed post. `code` is our own error code.
pub(super) fn failed_post(reason: DeliveryFailureReason, code: &str) -> DeliveryFailed {
    DeliveryFailed {
        channel: Channel::Webhook,
        reason,
        code: Some(code.to_owned()),
        request_id: None,
    }
}
