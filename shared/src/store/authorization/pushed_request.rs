//! Which browser has brought a pushed authorization request. Nothing else of the request
//! is stored.

use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::store::item::{KEPT_AFTER_EXPIRY, Key, number_value, text_value};
use crate::store::table::Store;
use crate::store::write::{Change, Written};

impl Store {
    /// Notes that this browser brings this request (both as hashes). Returns false if
    /// another browser has brought the request before. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn bring_pushed_request(
        &self,
        request: &str,
        browser: &str,
        until: Timestamp,
    ) -> Result<bool, Broken> {
        let key = Key::new(format!("PUSHED#{request}"), "PUSHED");
        let change = Change::of(key, "attribute_not_exists(PK) OR #browser = :browser")
            .set("#browser = :browser")
            .set("#ttl = :ttl")
            .value(":browser", text_value(browser))
            .value(":ttl", number_value(until + KEPT_AFTER_EXPIRY));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }
}
