//! The step that a page's address names: the parameter `step` of the query.

use crate::wire::fields::Fields;

/// A step of a page. A page that knows only other steps begins at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStep {
    /// A code is asked for.
    Code,
    /// A new password is asked for.
    Password,
    /// The address has to be confirmed first.
    Unconfirmed,
    /// A message was sent.
    Sent,
    /// All is done.
    Done,
}

impl PageStep {
    const ALL: [Self; 5] = [
        Self::Code,
        Self::Password,
        Self::Unconfirmed,
        Self::Sent,
        Self::Done,
    ];

    /// The parameter's value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Password => "password",
            Self::Unconfirmed => "unconfirmed",
            Self::Sent => "sent",
            Self::Done => "done",
        }
    }

    /// The step that this query names.
    pub fn of_query(query: &Fields) -> Option<Self> {
        let named = query.get("step")?;
        Self::ALL.into_iter().find(|step| step.name() == named)
    }

    /// The address of the step of this page.
    pub fn path(self, page: &str) -> String {
        format!("{page}?step={}", self.name())
    }

    /// The parameter of a query.
    pub fn parameter(self) -> (&'static str, &'static str) {
        ("step", self.name())
    }
}
