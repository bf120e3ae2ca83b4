//! Lists what happened to a user.

use crate::app::App;
use crate::failure::Broken;
use crate::store::KeptEvent;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::users::find::{find_id, missing};

/// How many events one request reads.
const PAGE: i32 = 100;

/// At most `limit` events of the user whom `who` names, the newest first. With
/// `before`, only those before the event of this identifier. The user may be
/// deleted: then `who` is the identifier, and only the acts are left.
///
/// # Errors
/// `Missing` if there is neither such a user nor an event, or no event `before`.
pub async fn list_user_events(
    app: &App,
    who: &str,
    before: Option<&str>,
    limit: usize,
) -> Result<Vec<KeptEvent>, ActFailure> {
    let id = find_id(app, who).await?;
    let listed = Listing::read(app, &id.to_string(), before, limit).await?;
    if let (Some(before), false) = (before, listed.has_start) {
        return Err(ActFailure::Missing(format!("{who} has no event {before}")));
    }
    if !listed.any && app.store.read_user(id).await?.is_none() {
        return Err(missing(who));
    }
    Ok(listed.events)
}

/// The events of one subject, as far as a command lists them.
pub(in crate::usecase::administration) struct Listing {
    pub events: Vec<KeptEvent>,
    /// Whether the event `before` was found, or none was named.
    pub has_start: bool,
    /// Whether the subject has any event.
    any: bool,
}

impl Listing {
    /// At most `limit` events of the subject, the newest first. With `before`, only
    /// those before the event of this identifier.
    pub async fn read(
        app: &App,
        subject: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Self, Broken> {
        let mut listing = Self {
            events: Vec::new(),
            has_start: before.is_none(),
            any: false,
        };
        let mut from = None;
        loop {
            let page = app.store.list_events(subject, false, from, PAGE).await?;
            for event in page.events {
                listing.any = true;
                if listing.has_start {
                    listing.events.push(event);
                } else {
                    listing.has_start = event.get("log_id") == before;
                }
                if listing.events.len() == limit {
                    return Ok(listing);
                }
            }
            from = page.next;
            if from.is_none() {
                return Ok(listing);
            }
        }
    }
}
