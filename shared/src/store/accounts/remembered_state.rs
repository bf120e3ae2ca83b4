//! What another system, or an export, remembers of a user beyond the account.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::accounts::unowned::Unowned;
use crate::domain::id::UserId;
use crate::domain::login::throttle::WrongCodes;
use crate::failure::Broken;
use crate::store::login::code_budget::wrong_codes_parts;
use crate::store::login::password_charge::locked_part;

/// What is remembered of a user who comes from another system or from an export.
#[derive(Clone, Debug, Default)]
pub struct RememberedState {
    /// The names that no password opens for now.
    pub locked: Option<LockedNames>,
    /// Wrong codes in a row.
    pub wrong_codes: WrongCodes,
    /// What may not be the owner's, if that is known.
    pub unowned: Option<Unowned>,
}

/// Names that the system before had locked out.
#[derive(Clone, Debug)]
pub struct LockedNames {
    /// The hashes under which guesses at their passwords are counted.
    pub names: Vec<String>,
    /// Until when no password is compared.
    pub until: Timestamp,
}

impl RememberedState {
    /// Parts of a transaction that makes this user with the counts of the system before.
    pub(in crate::store) fn budget_parts(
        &self,
        table: &str,
        user: UserId,
    ) -> Result<Vec<TransactWriteItem>, Broken> {
        let mut parts = wrong_codes_parts(self.wrong_codes, table, user)?;
        if let Some(locked) = &self.locked {
            for name in &locked.names {
                parts.push(locked_part(table, name, locked.until)?);
            }
        }
        Ok(parts)
    }
}
