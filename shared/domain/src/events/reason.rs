//! Why a request was refused, or why something failed, as its event says it.

/// A refusal that the metrics count by a name of its own: a wrong guess, or a budget that is
/// used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedRefusal {
    CredentialsWrong,
    PasswordsExhausted,
    NetworkExhausted,
    CodeWrong,
    CodesExhausted,
    CodesClosed,
    RequestsExhausted,
    SendTooSoon,
}

/// The reason that an event has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The name, in the log and in the event.
    pub name: &'static str,
    /// The refusal, if the metrics count it by a name of its own.
    pub counted: Option<CountedRefusal>,
    /// Whether a caller can repeat the refused request at no cost: a budget is used up, the
    /// request is malformed, or the caller shows a token that is over. Then the table counts
    /// such events by day.
    pub repeats_freely: bool,
}

impl Reason {
    /// The reason of this name, which is no refusal.
    pub fn of_name(name: &'static str) -> Self {
        Self {
            name,
            counted: None,
            repeats_freely: false,
        }
    }
}
