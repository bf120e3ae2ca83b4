//! Lists what happened to a user.

use crate::app::App;
use crate::store::KeptEvent;
use crate::usecase::administration::not_done::NotDone;
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
) -> Result<Vec<KeptEvent>, NotDone> {
    let id = find_id(app, who).await?;
    let (subject, mut found) = (id.to_string(), Vec::new());
    let (mut from, mut waits_for, mut any) = (None, before, false);
    loop {
        let page = app.store.list_events(&subject, false, from, PAGE).await?;
        for event in page.events {
            any = true;
            match waits_for {
                Some(before) if event.get("log_id") == Some(before) => waits_for = None,
                Some(_) => {}
                None => found.push(event),
            }
            if found.len() == limit {
                return Ok(found);
            }
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    if let Some(before) = waits_for {
        return Err(NotDone::Missing(format!("{who} has no event {before}")));
    }
    if !any && app.store.read_user(id).await?.is_none() {
        return Err(missing(who));
    }
    Ok(found)
}
