//! Keeps the harmless parts of a failed delivery. The SDK's errors may repeat the
//! address or the message. So only the error code and the request id are kept, and only
//! if they have the form of a code and of an id.

use std::error::Error;
use std::fmt;

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::RequestId;

use crate::domain::factors::factor::Channel;

/// Why a message was not accepted for delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryFailureReason {
    /// The service receives too many requests, or a sending quota is used up.
    Throttled,
    /// The service refused the request: for example a wrong address, a sender that is
    /// not verified, a missing permission, or sending paused. A retry would be refused
    /// again.
    Rejected,
    /// There was no answer within the deadline. The message may have been sent anyway.
    TimedOut,
    /// The service could not be reached, or failed.
    Unavailable,
}

/// A message that was not accepted for delivery. It never holds the code, the
/// address or any text of the message. So its `Display` and `Debug` may be
/// logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFailed {
    /// The channel that failed.
    pub channel: Channel,
    /// The reason, as far as it matters for what happens next.
    pub reason: DeliveryFailureReason,
    /// AWS's error code (`MessageRejected`), or our own code if AWS gave no
    /// answer (`ConnectFailed`).
    pub code: Option<String>,
    /// The request id from AWS's answer, for AWS's support.
    pub request_id: Option<String>,
}

impl DeliveryFailed {
    /// Keeps the harmless parts of an SDK error.
    pub(super) fn from_sdk<E: ProvideErrorMetadata>(channel: Channel, error: &SdkError<E>) -> Self {
        use DeliveryFailureReason::{TimedOut, Unavailable};
        let (reason, code) = match error {
            SdkError::TimeoutError(_) => (TimedOut, Some("DeadlineExceeded")),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                (TimedOut, Some("ConnectTimedOut"))
            }
            SdkError::DispatchFailure(failure) if failure.is_io() => {
                (Unavailable, Some("ConnectFailed"))
            }
            // For example, there were no credentials.
            SdkError::DispatchFailure(_) => (Unavailable, Some("RequestNotSent")),
            SdkError::ConstructionFailure(_) => (Unavailable, Some("RequestNotBuilt")),
            SdkError::ResponseError(_) => (Unavailable, Some("AnswerUnreadable")),
            SdkError::ServiceError(answer) => {
                let code = answer.err().code();
                let status = answer.raw().status().as_u16();
                (reason_of(status, code.unwrap_or_default()), code)
            }
            // The SDK's enum is non-exhaustive.
            _ => (Unavailable, None),
        };
        DeliveryFailed {
            channel,
            reason,
            code: code.and_then(error_code),
            request_id: error.request_id().and_then(request_id),
        }
    }
}

fn reason_of(status: u16, code: &str) -> DeliveryFailureReason {
    // Codes of SES and SNS: Throttling, ThrottlingException, Throttled, KMSThrottling,
    // TooManyRequestsException, LimitExceededException, RequestLimitExceeded. Some come
    // with a 400.
    let throttled = ["Throttl", "TooManyRequests", "LimitExceeded"]
        .iter()
        .any(|word| code.contains(word));
    if throttled || status == 429 {
        DeliveryFailureReason::Throttled
    } else if status == 408 || code.starts_with("RequestTimeout") {
        DeliveryFailureReason::TimedOut
    } else if (400..500).contains(&status) && !code.is_empty() {
        DeliveryFailureReason::Rejected
    } else {
        // A 4xx without an error code does not come from AWS, but from
        // something in between.
        DeliveryFailureReason::Unavailable
    }
}

/// The text, if it has the form of an error code: a word that begins with a letter. An
/// address or a number does not have this form.
fn error_code(text: &str) -> Option<String> {
    let looks_right = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    looks_right.then(|| text.to_owned())
}

/// The text, if it has the form of a request id: longer than any code or telephone
/// number, in the alphabet of UUIDs or of base 62.
fn request_id(text: &str) -> Option<String> {
    let looks_right = (20..=64).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    looks_right.then(|| text.to_owned())
}

impl fmt::Display for DeliveryFailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DeliveryFailureReason::Throttled => "throttled",
            DeliveryFailureReason::Rejected => "rejected",
            DeliveryFailureReason::TimedOut => "timed out",
            DeliveryFailureReason::Unavailable => "unavailable",
        })
    }
}

impl fmt::Display for DeliveryFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} was not sent: {}", self.channel, self.reason)?;
        match (&self.code, &self.request_id) {
            (Some(code), Some(id)) => write!(f, " ({code}, request {id})"),
            (Some(code), None) => write!(f, " ({code})"),
            (None, Some(id)) => write!(f, " (request {id})"),
            (None, None) => Ok(()),
        }
    }
}

/// The error has no `source`, because that would be the SDK's error, which may
/// repeat the address.
impl Error for DeliveryFailed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_sorted_by_its_code_and_status() {
        use DeliveryFailureReason::{Rejected, Throttled, TimedOut, Unavailable};
        for (status, code, reason) in [
            (400, "Throttling", Throttled),
            (400, "ThrottlingException", Throttled),
            (400, "LimitExceededException", Throttled),
            (429, "TooManyRequestsException", Throttled),
            (429, "", Throttled),
            (400, "KMSThrottling", Throttled),
            (503, "ThrottledException", Throttled),
            (400, "MessageRejected", Rejected),
            (400, "InvalidParameter", Rejected),
            (403, "AccessDeniedException", Rejected),
            (400, "RequestTimeout", TimedOut),
            (408, "", TimedOut),
            (500, "InternalError", Unavailable),
            (503, "", Unavailable),
            (302, "", Unavailable),
            (403, "", Unavailable),
        ] {
            assert_eq!(reason_of(status, code), reason, "{status} {code}");
        }
    }

    #[test]
    fn nothing_that_could_be_a_code_or_an_address_passes_as_an_aws_word() {
        for text in ["123456", "+15555550100", "ann@example.com", "", "a b", "é"] {
            assert_eq!(error_code(text), None, "{text}");
            assert_eq!(request_id(text), None, "{text}");
        }
        assert_eq!(error_code(&"A".repeat(65)), None);
        assert_eq!(request_id(&"a".repeat(65)), None);
        assert!(error_code("MessageRejected").is_some());
        assert!(request_id("7a62c49f-347e-4fc4-9331-6e8e7a96aa73").is_some());
    }

    #[test]
    fn it_reads_as_a_sentence() {
        let mut failed = DeliveryFailed {
            channel: Channel::Email,
            reason: DeliveryFailureReason::Rejected,
            code: Some("MessageRejected".into()),
            request_id: Some("7a62c49f-347e-4fc4-9331-6e8e7a96aa73".into()),
        };
        assert_eq!(
            failed.to_string(),
            "the e-mail was not sent: rejected \
             (MessageRejected, request 7a62c49f-347e-4fc4-9331-6e8e7a96aa73)"
        );
        failed.code = None;
        failed.request_id = None;
        failed.channel = Channel::Sms;
        failed.reason = DeliveryFailureReason::TimedOut;
        assert_eq!(failed.to_string(), "the SMS was not sent: timed out");
    }
}
