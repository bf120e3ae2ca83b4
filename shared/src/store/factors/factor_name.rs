//! What users call their factors.

use crate::domain::id::{FactorId, UserId};
use crate::failure::Broken;
use crate::store::item::text_value;
use crate::store::table::Store;
use crate::store::table_keys::factor_key;
use crate::store::write::{Change, Written};

impl Store {
    /// Names a factor. Returns whether the factor is still there. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn name_factor(
        &self,
        user: UserId,
        factor: FactorId,
        name: &str,
    ) -> Result<bool, Broken> {
        let change = Change::of(factor_key(user, factor), "attribute_exists(PK)")
            .set("#name = :name")
            .value(":name", text_value(name));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }
}
