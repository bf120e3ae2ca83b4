//! The names of the functions: in the folders, in the log and in the metrics.

pub const TOKEN: &str = "token";
pub const SEND_CODE: &str = "send-code";
pub const VERIFY: &str = "verify";
pub const ACCOUNT: &str = "account";
pub const ENROLL: &str = "enroll";
pub const KEYS: &str = "keys";
pub const FEEDBACK: &str = "feedback";

/// A path without a route.
pub const NO_FUNCTION: &str = "none";

pub const FUNCTION_NAMES: [&str; 8] = [
    TOKEN,
    SEND_CODE,
    VERIFY,
    ACCOUNT,
    ENROLL,
    KEYS,
    FEEDBACK,
    NO_FUNCTION,
];
