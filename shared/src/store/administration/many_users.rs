//! Makes many users of another system with few requests.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::failure::Broken;
use crate::store::table::Store;
use crate::store::write::Transacted;
use crate::store::{NewAccount, RememberedState};

/// The largest number of parts in one transaction.
const PARTS: usize = 100;

impl Store {
    /// Makes each of these users, as `restore_user` does, with as few transactions as
    /// there can be. Returns how many of the first users were made: fewer than all if
    /// the table already has a name or an identifier of one of the others, or if
    /// DynamoDB refuses such a transaction.
    ///
    /// # Errors
    /// `Broken`, transient, if DynamoDB does not answer.
    pub async fn restore_users(
        &self,
        users: &[(NewAccount<'_>, RememberedState)],
    ) -> Result<usize, Broken> {
        let (mut made, mut waiting) = (0, 0);
        let mut parts: Vec<TransactWriteItem> = Vec::new();
        for (new, remembered) in users {
            let more = self.user_parts(new, remembered)?;
            if parts.len() + more.len() > PARTS {
                if !self.makes(std::mem::take(&mut parts)).await? {
                    return Ok(made);
                }
                made += std::mem::take(&mut waiting);
            }
            parts.extend(more);
            waiting += 1;
        }
        match parts.is_empty() || self.makes(parts).await? {
            true => Ok(made + waiting),
            false => Ok(made),
        }
    }

    async fn makes(&self, parts: Vec<TransactWriteItem>) -> Result<bool, Broken> {
        match self.transact("make users", parts).await {
            Ok(Transacted::Done) => Ok(true),
            Ok(Transacted::Refused(_)) => Ok(false),
            Err(broken) if broken.transient => Err(broken),
            Err(_) => Ok(false),
        }
    }
}
