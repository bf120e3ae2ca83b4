//! Users, their names, factors and recovery codes.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::password::PasswordHash;
use crate::domain::accounts::user::{Account, User};
use crate::domain::factors::factor::{Factor, RecoveryCodes};
use crate::domain::id::{FactorId, LoginId, SessionId, UserId};
use crate::domain::login::pending_login::Login;
use crate::failure::Broken;
use crate::store::accounts::hash_kinds::{kinds_among, kinds_key};
use crate::store::accounts::phone_owner::own_phone_part;
use crate::store::accounts::user_item::{
    account_of_items, handle_item, mark_owned, read_factor, read_recovery, user_of_item,
    write_factor, write_metadata, write_recovery, write_user,
};
use crate::store::item::{Attributes, Closed, Item, Key, NewItem, number_value, text_value};
use crate::store::sessions::session::has_ended;
use crate::store::table::{Store, broken};
use crate::store::table_keys::{
    PROFILE, factor_key, login_key, partition, profile_key, recovery_key, session_key,
};
use crate::store::write::{Change, Transacted, Written, put_part};
use crate::store::{Act, Allowance, Charge, RememberedState};

/// A user to be made, with everything that belongs to the user.
pub struct NewAccount<'a> {
    /// The user, factors and recovery codes.
    pub account: &'a Account,
    /// The names that the user signs in with. No two users share a name.
    pub names: &'a [LoginName],
}

/// The result of making a user.
#[derive(Debug, PartialEq, Eq)]
pub enum Created {
    /// The user was made.
    Done,
    /// The name at this index already belongs to a user.
    NameTaken(usize),
}

/// What one batch read finds of a pending login.
#[derive(Debug)]
pub struct LoginRead {
    /// The user, if there is one.
    pub user: Option<User>,
    /// The login, if the table still holds it.
    pub login: Option<Login>,
    /// The factor, if the caller asked for one.
    pub factor: Option<Factor>,
    /// The recovery codes, if the caller asked for them.
    pub recovery: Option<RecoveryCodes>,
    /// Whether the session that the caller asked for has ended.
    pub session_ended: bool,
}

/// What one batch read finds before a password is compared.
#[derive(Debug)]
pub struct NameToGuess {
    /// The user who has the name.
    pub user: Option<UserId>,
    /// The charge, which knows since when the user has the name.
    pub charge: Charge,
    /// How many guesses there may be.
    pub allowance: Allowance,
    /// The kinds of imported hashes, as example hashes that belong to no user. Empty
    /// if the caller did not ask for them.
    pub kinds: Vec<PasswordHash>,
}

/// What is read beside a pending login.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoginBeside {
    pub factor: Option<FactorId>,
    pub recovery: bool,
    /// The session whose access token stands for the login's token.
    pub session: Option<SessionId>,
}

pub(in crate::store) fn name_key(name: &LoginName) -> Key {
    Key::new(format!("NAME#{}", name.as_str()), "NAME")
}

/// The item by which a user has a name, since this time.
pub(in crate::store) fn name_item(name: &LoginName, user: UserId, since: Timestamp) -> NewItem {
    NewItem::of_key(&name_key(name))
        .with("user", text_value(user.to_string()))
        .with("since", number_value(since))
}

/// Whether an item that is made together with its user is marked as owned. If the
/// address was never confirmed, only items that an operator made are marked. Items
/// from another system count as enrolments, and a stranger may have made them.
fn made_owned(user: &User) -> bool {
    user.is_owned() || user.enrolments == 0
}

fn marked(item: NewItem, as_owned: bool) -> NewItem {
    match as_owned {
        true => mark_owned(item),
        false => item,
    }
}

impl Store {
    /// The user who signs in with this name. One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn find_name(&self, name: &LoginName) -> Result<Option<UserId>, Broken> {
        let found = self.read(&name_key(name)).await?;
        found
            .map(|item| Item(&item).id("user", UserId::parse))
            .transpose()
    }

    /// The user who signs in with this name, the counts of guesses that this
    /// charge names, and if asked for, what imported hashes cost. One batch read,
    /// whether or not a user has the name.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn find_name_to_guess(
        &self,
        name: &LoginName,
        charge: &Charge,
        (now, with_kinds): (Timestamp, bool),
    ) -> Result<NameToGuess, Broken> {
        let name = name_key(name);
        let mut keys = vec![name.clone()];
        keys.extend(charge.keys());
        keys.extend(with_kinds.then(kinds_key));
        let items = self.read_batch(&keys).await?;
        let found = items.iter().map(Item).find(|item| item.stands_at(&name));
        let user = found
            .map(|item| item.id("user", UserId::parse))
            .transpose()?;
        let since = found.map(|item| item.maybe_number("since")).transpose()?;
        let charge = charge.clone();
        let charge = charge.of_user_made_at(since.flatten());
        Ok(NameToGuess {
            user,
            allowance: charge.allowance_of_items(&items, now)?,
            charge,
            kinds: kinds_among(&items)?,
        })
    }

    /// A whole user: profile, factors, recovery codes. One query.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_account(&self, user: UserId) -> Result<Option<Account>, Broken> {
        account_of_items(user, &self.read_profile_items(user).await?)
    }

    /// The items that a user consists of.
    pub(in crate::store) async fn read_profile_items(
        &self,
        user: UserId,
    ) -> Result<Vec<Attributes>, Broken> {
        let mut found = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :user AND begins_with(SK, :profile)")
            .expression_attribute_values(":user", text_value(partition(user)))
            .expression_attribute_values(":profile", text_value(PROFILE))
            .into_paginator()
            .items()
            .send();
        let mut items: Vec<Attributes> = Vec::new();
        while let Some(item) = found.next().await {
            items.push(item.map_err(|error| broken("read a user", &error))?);
        }
        Ok(items)
    }

    /// The profile, a pending login and, if named, one factor, the recovery
    /// codes or a session, in one batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_login(
        &self,
        user: UserId,
        login: LoginId,
        beside: LoginBeside,
    ) -> Result<LoginRead, Broken> {
        let mut keys = vec![profile_key(user), login_key(user, login)];
        let factor = beside.factor.map(|factor| factor_key(user, factor));
        let session = beside.session.map(|session| session_key(user, session));
        keys.extend(factor.clone());
        keys.extend(session.clone());
        if beside.recovery {
            keys.push(recovery_key(user));
        }
        let items = self.read_batch(&keys).await?;
        let at = |session_key: &Key| {
            items
                .iter()
                .find(|item| item.get("SK") == Some(&text_value(&session_key.sort)))
                .map(Item)
        };
        let factor_item = factor.and_then(|session_key| at(&session_key));
        let session = session
            .and_then(|session_key| at(&session_key))
            .map(has_ended)
            .transpose()?;
        Ok(LoginRead {
            user: at(&profile_key(user))
                .map(|item| user_of_item(user, item))
                .transpose()?,
            login: at(&login_key(user, login)).and_then(|item| {
                crate::store::login::pending_login_item::login_of_item(user, item).newer("a login")
            }),
            factor: factor_item.and_then(|item| read_factor(item).newer("a factor")),
            recovery: at(&recovery_key(user))
                .and_then(|item| read_recovery(item).newer("recovery codes")),
            session_ended: session.unwrap_or(false),
        })
    }

    /// The profile alone. One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or the item is unreadable.
    pub async fn read_user(&self, user: UserId) -> Result<Option<User>, Broken> {
        let found = self.read(&profile_key(user)).await?;
        found
            .map(|item| user_of_item(user, Item(&item)))
            .transpose()
    }

    /// Makes a user with names, factors and recovery codes: all or nothing.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn create_user(&self, new: NewAccount<'_>) -> Result<Created, Broken> {
        self.restore_user(new, &RememberedState::default()).await
    }

    /// Creates a user who comes from an export, as `create_user` does, and also
    /// stores what the export remembers of the user.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn restore_user(
        &self,
        new: NewAccount<'_>,
        remembered: &RememberedState,
    ) -> Result<Created, Broken> {
        let parts = self.user_parts(&new, remembered)?;
        self.make_user(new.names.len(), parts).await
    }

    /// Makes a user as `create_user` does. The same transaction stores the act of the
    /// operator who makes the user.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn create_user_by(&self, new: NewAccount<'_>, act: &Act) -> Result<Created, Broken> {
        let mut parts = self.user_parts(&new, &RememberedState::default())?;
        parts.extend(self.act_parts(act)?);
        self.make_user(new.names.len(), parts).await
    }

    /// The first `names` of the parts take the user's names.
    async fn make_user(
        &self,
        names: usize,
        parts: Vec<TransactWriteItem>,
    ) -> Result<Created, Broken> {
        match self.transact("make a user", parts).await? {
            Transacted::Done => Ok(Created::Done),
            Transacted::Refused(refused) => match refused.first() {
                Some((index, _)) if *index < names => Ok(Created::NameTaken(*index)),
                _ => Err(Broken::internal("a new user's identifier is taken")),
            },
        }
    }

    /// The parts of a transaction that make this user: the names first.
    pub(in crate::store) fn user_parts(
        &self,
        new: &NewAccount<'_>,
        remembered: &RememberedState,
    ) -> Result<Vec<TransactWriteItem>, Broken> {
        let user = &new.account.user;
        let mut parts = Vec::new();
        for name in new.names {
            let item = name_item(name, user.id, user.created_at);
            parts.push(put_part(&self.table, item.0)?);
        }
        parts.push(put_part(&self.table, write_user(user).0)?);
        if let Some(handle) = user.passkey_handle {
            parts.push(put_part(&self.table, handle_item(user.id, handle).0)?);
        }
        let metadata = write_metadata(user).map(|item| put_part(&self.table, item.0));
        parts.extend(metadata.transpose()?);
        for factor in &new.account.factors {
            let as_owned = match &remembered.unowned {
                None => made_owned(user),
                Some(unowned) => !unowned.factors.contains(&factor.id),
            };
            let item = marked(write_factor(user.id, factor), as_owned);
            parts.push(put_part(&self.table, item.0)?);
        }
        if let Some(recovery) = &new.account.recovery {
            let as_owned = match &remembered.unowned {
                None => made_owned(user),
                Some(unowned) => !unowned.recovery,
            };
            let item = write_recovery(user.id, recovery, user.created_at);
            let item = marked(item, as_owned);
            parts.push(put_part(&self.table, item.0)?);
        }
        parts.extend(own_phone_part(&self.table, user, user.created_at)?);
        parts.extend(remembered.budget_parts(&self.table, user.id)?);
        Ok(parts)
    }

    /// Replaces a stored hash by a stronger hash of the same password. Returns
    /// false, and changes nothing, if the password or the user's standing has
    /// changed.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn rehash(
        &self,
        user: &User,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, Broken> {
        let change = Change::of(
            profile_key(user.id),
            "#password_hash = :old AND #epoch = :epoch",
        )
        .set("#password_hash = :new")
        .value(":old", text_value(old.as_str()))
        .value(":new", text_value(new.as_str()))
        .value(":epoch", number_value(user.epoch));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }
}
