//! What a reset removes, because it may not be the owner's.

use crate::id::FactorId;

/// The factors and recovery codes of a user that may not be the owner's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unowned {
    /// The confirmed factors that may not be the owner's.
    pub factors: Vec<FactorId>,
    /// Whether the recovery codes may not be the owner's.
    pub recovery: bool,
    /// Whether another confirmed factor is known to be the owner's.
    pub others: bool,
}

impl Unowned {
    /// Whether there is any such factor or code.
    pub fn any(&self) -> bool {
        self.recovery || !self.factors.is_empty()
    }
}
