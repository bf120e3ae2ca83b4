//! Sessions: families of refresh tokens. One conditional write rotates a
//! session.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use crate::domain::Timestamp;
use crate::domain::accounts::user::User;
use crate::domain::authorization::client::LONGEST_TOKEN_SECONDS;
use crate::domain::id::{SessionId, UserId};
use crate::domain::login::pending_login::Login;
use crate::domain::sessions::session::Session;
use crate::failure::Broken;
use crate::store::Act;
use crate::store::attributes::{
    KEY, read_authentication, read_authorized, read_dialect, write_authentication, write_key,
};
use crate::store::item::{
    Attributes, Closed, Item, KEPT_AFTER_EXPIRY, Key, NewItem, number_value, text_value,
    texts_value,
};
use crate::store::table::Store;
use crate::store::table_keys::{SESSION_PREFIX, profile_key, session_key};
use crate::store::write::{Change, Transacted, Written, check_part};

/// The result of a rotation.
#[derive(Debug)]
pub enum SessionRotation {
    /// This request rotated the session. The session as it is now.
    Done(Session),
    /// The session had changed since the read. The session as it is, if it
    /// still exists.
    Changed(Option<Session>),
}

impl Store {
    /// A session and its user, in one batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_session(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Option<(User, Session)>, Broken> {
        let (user, session) = self.read_user_and_session(user, Some(session)).await?;
        Ok(user.zip(session))
    }

    /// A user, and this session if it has an item, in one batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_user_and_session(
        &self,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<(Option<User>, Option<Session>), Broken> {
        let profile = profile_key(user);
        let session = session.map(|session| session_key(user, session));
        let mut keys = vec![profile.clone()];
        keys.extend(session.clone());
        let items = self.read_batch(&keys).await?;
        let at = |session_key: &Key| {
            items
                .iter()
                .find(|item| item.get("SK") == Some(&text_value(&session_key.sort)))
                .map(Item)
        };
        let user_read = at(&profile)
            .map(|item| crate::store::accounts::user_item::user_of_item(user, item))
            .transpose()?;
        match session.and_then(|session_key| at(&session_key)) {
            None => Ok((user_read, None)),
            // Nobody knows whether an unreadable session has ended.
            Some(item) => match session_of_item(user, item).newer("a session") {
                Some(session) => Ok((user_read, Some(session))),
                None => Ok((None, None)),
            },
        }
    }

    /// This session. `None` if it has no item, `Some(None)` if this version
    /// cannot read the item. One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn read_session_alone(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Option<Option<Session>>, Broken> {
        let found = self.read(&session_key(user, session)).await?;
        Ok(found.map(|item| session_of_item(user, Item(&item)).newer("a session")))
    }

    /// Moves the session to the next generation, and binds the session to its key. One
    /// conditional write, so only one of several concurrent requests with the same token
    /// rotates. Only a rotation binds a session, so the generation says that the session
    /// still has the key that was read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn rotate_refresh(
        &self,
        session: &Session,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<SessionRotation, Broken> {
        let change = Change::of(
            session_key(session.user, session.id),
            "#generation = :g AND #client = :client AND #epoch = :epoch \
             AND #expires_at > :now AND attribute_not_exists(#revoked_at)",
        )
        .set("#generation = #generation + :one")
        .set("#rotated_at = :now")
        .set("#expires_at = :expires_at")
        .set("#ttl = :ttl")
        .value(":g", number_value(session.refresh_tokens))
        .value(":client", text_value(&session.authorized.client))
        .value(":epoch", number_value(session.epoch))
        .value(":now", number_value(now))
        .value(":one", number_value(1))
        .value(":expires_at", number_value(expires_at))
        .value(":ttl", number_value(expires_at + KEPT_AFTER_EXPIRY));
        match self.change(change).await? {
            Written::Done(item) => Ok(SessionRotation::Done(session_of_item(
                session.user,
                Item(&item),
            )?)),
            Written::Refused(item) if item.is_empty() => Ok(SessionRotation::Changed(None)),
            Written::Refused(item) => Ok(SessionRotation::Changed(Some(session_of_item(
                session.user,
                Item(&item),
            )?))),
        }
    }

    /// Ends a session because a token of `generation` was shown again, unless
    /// that was a retry within the grace period.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn revoke_reused(
        &self,
        session: &Session,
        generation: u32,
        grace: i64,
        now: Timestamp,
    ) -> Result<(), Broken> {
        let change = Change::of(
            session_key(session.user, session.id),
            "attribute_not_exists(#revoked_at) AND (#generation > :next \
             OR (#generation = :next AND #rotated_at <= :graced))",
        )
        .set("#revoked_at = :now")
        .set("#ttl = :ttl")
        .value(":next", number_value(i64::from(generation) + 1))
        .value(":graced", number_value(now - grace))
        .value(":now", number_value(now))
        .value(":ttl", kept_as_ended(now));
        self.change(change).await.map(|_| ())
    }

    /// Ends a session. A session without refresh tokens gets its item only now.
    /// One conditional write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn mark_session_ended(
        &self,
        session: &Session,
        now: Timestamp,
    ) -> Result<(), Broken> {
        self.change(end(session, now)).await.map(|_| ())
    }

    /// Ends a session because its owner or client asks for it.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn revoke_session(&self, session: &Session, now: Timestamp) -> Result<(), Broken> {
        self.revoke_by_id(session.user, session.id, now).await
    }

    /// Ends a session as `revoke_session` does, if only the key of the session is known.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn revoke_by_id(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<(), Broken> {
        self.change(revoke(user, session, now)).await.map(|_| ())
    }

    /// Ends a session as `revoke_by_id` does. The same transaction stores the act of the
    /// operator. Returns whether the session was live.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn revoke_by_operator(
        &self,
        user: UserId,
        session: SessionId,
        act: &Act,
    ) -> Result<bool, Broken> {
        let mut parts = vec![revoke(user, session, act.at).into_part(&self.table)?];
        parts.extend(self.act_parts(act)?);
        let done = self.transact("end a session", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }
}

/// Ends a stored session that has not ended yet.
fn revoke(user: UserId, session: SessionId, now: Timestamp) -> Change {
    Change::of(
        session_key(user, session),
        "attribute_exists(PK) AND attribute_not_exists(#revoked_at)",
    )
    .set("#revoked_at = :now")
    .set("#ttl = :ttl")
    .value(":now", number_value(now))
    .value(":ttl", kept_as_ended(now))
}

/// Until when an ended session is kept: as long as its access tokens may live,
/// because only the item says that they have ended.
fn kept_as_ended(now: Timestamp) -> AttributeValue {
    number_value(now + LONGEST_TOKEN_SECONDS + KEPT_AFTER_EXPIRY)
}

/// Ends a session, with or without refresh tokens. Without them, this item says
/// that the access tokens have ended.
fn end(session: &Session, now: Timestamp) -> Change {
    let mut change = Change::of(
        session_key(session.user, session.id),
        "attribute_not_exists(#revoked_at)",
    )
    .set("#revoked_at = :now")
    .set("#ttl = :ttl")
    .value(":now", number_value(now))
    .value(":ttl", kept_as_ended(now));
    for (name, value) in write_session(session).0 {
        if name != "PK" && name != "SK" && name != "ttl" {
            change = change
                .set(format!("#{name} = if_not_exists(#{name}, :{name})"))
                .value(&format!(":{name}"), value);
        }
    }
    change
}

pub(in crate::store) fn write_session(session: &Session) -> NewItem {
    let item = NewItem::of_key(&session_key(session.user, session.id))
        .with("client", text_value(&session.authorized.client))
        .with("scope", text_value(session.authorized.scope.to_text()))
        .with("audience", texts_value(&session.authorized.audience))
        .with("dialect", text_value(session.dialect.name()))
        .with("epoch", number_value(session.epoch))
        .with("generation", number_value(session.refresh_tokens))
        .with("rotated_at", number_value(session.rotated_at))
        .with("expires_at", number_value(session.expires_at))
        .with("ends_at", number_value(session.ends_at))
        .with("ttl", number_value(session.expires_at + KEPT_AFTER_EXPIRY))
        .maybe(KEY, write_key(&session.authorized));
    write_authentication(item, session.authentication)
}

/// The condition that the session which this login makes stronger is live.
pub(in crate::store) fn stepped_part(
    table: &str,
    login: &Login,
    now: Timestamp,
) -> Result<Option<TransactWriteItem>, Broken> {
    let Some(stepped) = login.steps_up else {
        return Ok(None);
    };
    let live = "#epoch = :epoch AND #expires_at > :now AND attribute_not_exists(#revoked_at)";
    let values = Attributes::from([
        (":epoch".to_owned(), number_value(login.epoch)),
        (":now".to_owned(), number_value(now)),
    ]);
    let key = session_key(login.user, stepped.id);
    check_part(table, &key, live, values).map(Some)
}

/// Whether the session of this item was ended.
pub(in crate::store) fn has_ended(item: Item<'_>) -> Result<bool, Broken> {
    Ok(item.maybe_number::<Timestamp>("revoked_at")?.is_some())
}

pub(in crate::store) fn session_of_item(user: UserId, item: Item<'_>) -> Result<Session, Broken> {
    Ok(Session {
        id: item.sort_id(SESSION_PREFIX, SessionId::parse)?,
        user,
        authorized: read_authorized(item)?,
        dialect: read_dialect(item)?,
        authentication: read_authentication(item)?,
        epoch: item.number("epoch")?,
        refresh_tokens: item.number("generation")?,
        rotated_at: item.number("rotated_at")?,
        expires_at: item.number("expires_at")?,
        ends_at: item.number("ends_at")?,
        revoked: has_ended(item)?,
    })
}

/// Moves a session to the epoch that its own change began. A session without
/// refresh tokens gets its item here. A revoked session is not moved.
pub(in crate::store) fn move_session(session: &Session, from: u64) -> Change {
    let mut change = Change::of(
        session_key(session.user, session.id),
        "attribute_not_exists(PK) OR (#epoch = :from AND attribute_not_exists(#revoked_at))",
    )
    .set("#epoch = :epoch")
    .value(":from", number_value(from));
    for (name, value) in write_session(session).0 {
        if name != "PK" && name != "SK" && name != "epoch" {
            change = change.set(format!("#{name} = if_not_exists(#{name}, :{name})"));
        }
        if name != "PK" && name != "SK" {
            change = change.value(&format!(":{name}"), value);
        }
    }
    change
}
