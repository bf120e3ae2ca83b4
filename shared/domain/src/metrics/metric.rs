//! The table of metrics. The dashboard and the alarms of the template name only metrics of
//! this table; a test compares them.

use crate::metrics::label::Dimension;

/// The unit of a metric, as CloudWatch names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Count,
    Milliseconds,
    Percent,
    Seconds,
}

impl Unit {
    /// The name that CloudWatch knows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Percent => "Percent",
            Self::Seconds => "Seconds",
        }
    }
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $metric:ident $unit:ident [$([$($dimension:ident),*]),*],)*) => {
        /// What is measured. CloudWatch keeps one series of values for each of the lists of
        /// dimensions, and each combination of the values of these dimensions. The empty list
        /// is the series of all values, which an alarm needs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$doc])* $metric,)*
        }

        impl Metric {
            pub const ALL: &[Self] = &[$(Self::$metric,)*];

            /// The name in CloudWatch.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$metric => stringify!($metric),)*
                }
            }

            pub fn unit(self) -> Unit {
                match self {
                    $(Self::$metric => Unit::$unit,)*
                }
            }

            /// The lists of dimensions that the metric is kept by.
            pub fn dimension_sets(self) -> &'static [&'static [Dimension]] {
                match self {
                    $(Self::$metric => &[$(&[$(Dimension::$dimension),*]),*],)*
                }
            }
        }
    };
}

metrics! {
    /// Users who signed in.
    LoginsAccepted Count [[Factor], []],
    /// Names, passwords and codes that were refused.
    LoginsRefused Count [[Refusal], []],
    /// All refused requests that have an event, by the kind of the event.
    RequestsRefused Count [[Event], []],
    /// Refresh tokens that were used twice.
    RefreshTokensReused Count [[]],
    /// Messages that SES, SNS or the webhook accepted.
    MessagesSent Count [[Channel, Country], [Message], []],
    /// Messages that SES, SNS or the webhook did not accept.
    MessagesFailed Count [[Channel, Country], [Message], []],
    /// Destinations whose messages came back, or whose reader complained.
    MessagesReturned Count [[Channel]],
    /// What a budget refused: a guess, a message, an anonymous request.
    BudgetRefusals Count [[Budget], []],
    /// How full the fuller of the two daily ceilings of text messages is.
    TextMessagesPercent Percent [[]],
    /// The time from a request to its answer.
    Latency Milliseconds [[Function], []],
    /// Requests to DynamoDB that one request made, retries included.
    DynamoDbRequests Count [[Function]],
    /// Requests that DynamoDB throttled, each attempt by itself.
    DynamoDbThrottles Count [[]],
    /// Events that could not be delivered to the bus, or kept in the table.
    EventsLost Count [[Place], []],
    /// The age of the key of each kind that is used for what is new.
    KeyAge Seconds [[KeyKind]],
    /// By how much that key is older than it should be.
    KeyOverdue Seconds [[KeyKind], []],
}
