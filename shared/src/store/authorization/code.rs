//! Authorization codes. A code lives a minute, and is exchanged once.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::accounts::user::User;
use crate::domain::authorization::code::AuthorizationCode;
use crate::domain::id::{CodeId, SessionId, UserId};
use crate::domain::sessions::session::Session;
use crate::failure::Broken;
use crate::store::accounts::user_item::user_of_item;
use crate::store::attributes::{
    KEY, read_authentication, read_authorized, write_authentication, write_key,
};
use crate::store::item::{
    Attributes, Closed, Item, KEPT_AFTER_EXPIRY, Key, NewItem, number_value, text_value,
    texts_value,
};
use crate::store::sessions::session::write_session;
use crate::store::table::Store;
use crate::store::table_keys::{partition, profile_key, session_key};
use crate::store::write::{Change, Transacted, check_part, put_part};

const PREFIX: &str = "CODE#";

fn key(user: UserId, code: CodeId) -> Key {
    Key::new(partition(user), format!("{PREFIX}{code}"))
}

impl Store {
    /// Stores a new code. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn keep_code(&self, code: &AuthorizationCode) -> Result<(), Broken> {
        if self.put_new("keep a code", write_code(code)).await? {
            return Ok(());
        }
        Err(Broken::internal("a new code's identifier is taken"))
    }

    /// A code and its user, in one batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_code(
        &self,
        user: UserId,
        code: CodeId,
    ) -> Result<Option<(User, AuthorizationCode)>, Broken> {
        let (profile, code) = (profile_key(user), key(user, code));
        let items = self.read_batch(&[profile.clone(), code.clone()]).await?;
        let at = |key: &Key| {
            let mut items = items.iter();
            items.find(|item| item.get("SK") == Some(&text_value(&key.sort)))
        };
        let (Some(profile), Some(code)) = (at(&profile), at(&code)) else {
            return Ok(None);
        };
        let read = user_of_item(user, Item(profile))?;
        let code = read_code(user, Item(code)).newer("an authorization code");
        Ok(code.map(|code| (read, code)))
    }

    /// Exchanges a code for a session, once. The code must be live, its user
    /// unchanged, and the session that it depends on, if any, live. Returns whether the code was
    /// exchanged. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn redeem_code(
        &self,
        code: &AuthorizationCode,
        session: &Session,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let spent = Change::of(
            key(code.user, code.id),
            "#client = :client AND #epoch = :epoch AND #expires_at > :now \
             AND attribute_not_exists(#spent_at)",
        )
        .set("#spent_at = :now")
        .value(":client", text_value(&code.authorized.client))
        .value(":epoch", number_value(code.epoch))
        .value(":now", number_value(now));
        let mut parts = vec![
            self.profile_check(code.user, code.epoch)?,
            spent.into_part(&self.table)?,
            put_part(&self.table, write_session(session).0)?,
        ];
        if let Some(session) = code.depends_on {
            parts.push(check_part(
                &self.table,
                &session_key(code.user, session),
                "attribute_exists(PK) AND attribute_not_exists(#revoked_at)",
                Attributes::new(),
            )?);
        }
        let done = self.transact("redeem a code", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }
}

pub(in crate::store) fn write_code(code: &AuthorizationCode) -> Attributes {
    let item = NewItem::of_key(&key(code.user, code.id))
        .with("client", text_value(&code.authorized.client))
        .with("scope", text_value(code.authorized.scope.to_text()))
        .with("audience", texts_value(&code.authorized.audience))
        .maybe(KEY, write_key(&code.authorized))
        .maybe("redirect_uri", code.redirect_uri.as_ref().map(text_value))
        .maybe("challenge", code.challenge.as_ref().map(text_value))
        .maybe("nonce", code.nonce.as_ref().map(text_value))
        .with("acr_of_auth0", AttributeValue::Bool(code.named_as_auth0))
        .with("epoch", number_value(code.epoch))
        .with("session", text_value(code.session.to_string()))
        .maybe(
            "browser",
            code.depends_on
                .map(|session| text_value(session.to_string())),
        )
        .maybe("session_ends_at", code.session_ends_at.map(number_value))
        .with("expires_at", number_value(code.expires_at))
        .with("ttl", number_value(code.expires_at + KEPT_AFTER_EXPIRY));
    write_authentication(item, code.authentication).0
}

fn read_code(user: UserId, item: Item<'_>) -> Result<AuthorizationCode, Broken> {
    Ok(AuthorizationCode {
        id: item.sort_id(PREFIX, CodeId::parse)?,
        user,
        authorized: read_authorized(item)?,
        redirect_uri: item.owned("redirect_uri")?,
        challenge: item.owned("challenge")?,
        nonce: item.owned("nonce")?,
        authentication: read_authentication(item)?,
        named_as_auth0: item.flag("acr_of_auth0")?,
        epoch: item.number("epoch")?,
        session: item.id("session", SessionId::parse)?,
        depends_on: match item.maybe_text("browser")? {
            None => None,
            Some(_) => Some(item.id("browser", SessionId::parse)?),
        },
        session_ends_at: item.maybe_number("session_ends_at")?,
        expires_at: item.number("expires_at")?,
        spent: item.maybe_number::<Timestamp>("spent_at")?.is_some(),
    })
}
