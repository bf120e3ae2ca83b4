//! The pending logins of a user, for a code that comes without a login's token.
//!
//! No item points to the newest logins. Such an item would cost one more write
//! for each send and each verify. And a login that the code of an app completes
//! has no send at all.

use crate::domain::id::{LoginId, UserId};
use crate::domain::login::pending_login::{LOGIN_SECONDS, Login, State};
use crate::domain::{Dialect, Timestamp};
use crate::failure::Broken;
use crate::store::item::{Attributes, Closed, Item, number_value, text_value};
use crate::store::login::pending_login_item::login_of_item;
use crate::store::table::{Store, broken};
use crate::store::table_keys::{LOGIN_PREFIX, partition};

/// The most pages of a megabyte that are read. A page holds the logins of more
/// than a thousand right passwords.
const MOST_PAGES: usize = 8;

impl Store {
    /// The logins of a user in a dialect that have not expired yet, newest
    /// first. With `with_code`, only the logins that went further than the
    /// password. One query for each megabyte of logins that were begun in the
    /// last ten minutes, whether or not there is such a user.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer, or if there are more pages than
    /// are read. A login that was not looked for must not count as missing.
    pub async fn live_logins(
        &self,
        user: UserId,
        dialect: Dialect,
        with_code: bool,
        now: Timestamp,
    ) -> Result<Vec<Login>, Broken> {
        let pending = if with_code { "" } else { ":pending, " };
        let filter = format!(
            "#dialect = :dialect AND #expires_at > :now AND #state IN ({pending}:sent, :verified, :redeemed)"
        );
        // Identifiers sort by time. One minute more is read, because the clocks
        // of two functions may differ a little.
        let oldest = LoginId::at(now - LOGIN_SECONDS - 60, [0; 10]);
        let mut values = Attributes::from([
            (":user".to_owned(), text_value(partition(user))),
            (
                ":oldest".to_owned(),
                text_value(format!("{LOGIN_PREFIX}{oldest}")),
            ),
            (":newest".to_owned(), text_value(format!("{LOGIN_PREFIX}~"))),
            (":dialect".to_owned(), text_value(dialect.name())),
            (":now".to_owned(), number_value(now)),
            (":sent".to_owned(), text_value(State::CodeSent.name())),
            (":verified".to_owned(), text_value("verified")),
            (":redeemed".to_owned(), text_value(State::Redeemed.name())),
        ]);
        if !with_code {
            values.insert(":pending".to_owned(), text_value(State::Pending.name()));
        }
        let (mut logins, mut start) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("PK = :user AND SK BETWEEN :oldest AND :newest")
                .filter_expression(&filter)
                .expression_attribute_names("#dialect", "dialect")
                .expression_attribute_names("#expires_at", "expires_at")
                .expression_attribute_names("#state", "state")
                .set_expression_attribute_values(Some(values.clone()))
                .scan_index_forward(false)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| broken("read logins", &error))?;
            let items = page.items.unwrap_or_default();
            let read = |item: &Attributes| login_of_item(user, Item(item)).newer("a login");
            logins.extend(items.iter().filter_map(read));
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(logins);
            }
        }
        Err(Broken::unavailable(
            "more logins were begun in ten minutes than the service reads",
        ))
    }
}
