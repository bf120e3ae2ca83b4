//! The operator who acts.

use crate::domain::Timestamp;
use crate::domain::id::UserId;
use crate::store::Act;

/// An operator at the tool.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The operator's name, as given to the tool. IAM decides who may act, and
    /// CloudTrail records who did. This name is for people who read the acts later.
    pub name: String,
    /// The time of the act.
    pub now: Timestamp,
    /// The reason, if the operator gave one.
    pub reason: Option<String>,
}

impl Operator {
    /// The record of an act upon a user.
    pub(crate) fn act(&self, what: &str, user: UserId) -> Act {
        self.act_upon(what, user.to_string())
    }

    /// The record of an act upon a client.
    pub(crate) fn act_on_client(&self, what: &str, client: &str) -> Act {
        self.act_upon(what, format!("client {client}"))
    }

    /// The record of an act upon many users.
    pub fn note(self, what: &str) -> Act {
        self.act_upon(what, what.to_owned())
    }

    pub(crate) fn act_upon(&self, what: &str, subject: String) -> Act {
        Act {
            what: what.to_owned(),
            subject,
            by: self.name.clone(),
            reason: self.reason.clone(),
            at: self.now,
        }
    }
}
