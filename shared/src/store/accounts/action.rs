//! Confirmations and password resets. A send begins an action, and the action
//! is spent once.
//!
//! An action that a token names has a partition of its own. Anybody can ask
//! for a reset, and a request of a stranger must not write under `USER#`. An action that
//! a code confirms stands under its user, because the service looks for it by
//! the user. A code is sent only after a right password or with an access
//! token.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};

use crate::domain::Timestamp;
use crate::domain::accounts::action::{Action, ActionKind, NewAction, RESET_SECONDS};
use crate::domain::accounts::password::PasswordHash;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::accounts::unowned::Unowned;
use crate::domain::accounts::user::User;
use crate::domain::id::{ActionId, UserId};
use crate::domain::messages::payers::Bill;
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::store::Charge;
use crate::store::accounts::phone_owner::phone_owner_part;
use crate::store::accounts::replaced_links::{
    not_contested_part, not_replaced_part, replaced_at, replaced_key, replacing_part,
};
use crate::store::accounts::user_item::user_of_item;
use crate::store::item::{
    Attributes, Closed, Item, KEPT_AFTER_EXPIRY, Key, NewItem, number_value, text_value,
};
use crate::store::login::code_budget::opened_parts;
use crate::store::messages::payers::{ATTEMPTS, Charged, Charging};
use crate::store::table::{Store, broken};
use crate::store::table_keys::{factor_key, partition, profile_key, recovery_key};
use crate::store::write::{Change, Transacted, delete_part, put_part};

const PREFIX: &str = "ACTION#";

/// An action that was begun, with the data to take it back.
#[derive(Debug)]
pub struct ActionBegun {
    charged: Charged,
}

/// The effect of an action on its user.
pub enum Spend<'a> {
    /// Confirms the address of the action.
    Confirm,
    /// Replaces the password, and forgets the passwords that were counted for
    /// the user's names.
    Reset {
        /// The user's epoch at the read that checked the action.
        epoch: u64,
        /// The new password.
        password: &'a PasswordHash,
        /// The budgets that guesses at the user's names are charged to.
        charges: &'a [Charge],
        /// What is removed, because it was enrolled while the address was not
        /// confirmed.
        unowned: &'a Unowned,
        /// Whether the user has to confirm the phone again, for the same
        /// reason.
        forget_phone: bool,
        /// Whether the reset sets the wrong codes in a row to zero. It does so
        /// only once until a login completes.
        opens: bool,
    },
}

fn key(user: UserId, kind: ActionKind, id: ActionId) -> Key {
    let sort = format!("{PREFIX}{id}");
    match kind {
        ActionKind::ConfirmPhone => Key::new(partition(user), sort),
        ActionKind::ConfirmEmail | ActionKind::ResetPassword => Key::new(sort, "ACTION"),
    }
}

impl Store {
    /// Stores an action, and charges everybody who pays for its message.
    /// One transaction; one more when a budget is in use.
    ///
    /// # Errors
    /// `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`;
    /// `ActionTokenInvalid` if the user has changed meanwhile; `Broken` if
    /// DynamoDB does not answer.
    pub async fn begin_action(
        &self,
        action: &Action,
        new: NewAction,
        bill: &Bill,
        now: Timestamp,
    ) -> Result<ActionBegun, Failure> {
        let mut charging = Charging::of(bill, now);
        for _ in 0..ATTEMPTS {
            let mut parts = vec![put_part(&self.table, write_action(action).0)?];
            match new {
                NewAction::Alone => {}
                NewAction::WithNewPhone => {
                    parts.push(new_phone_change(action).into_part(&self.table)?);
                }
                NewAction::ReplacingConfirmations => {
                    parts.push(replacing_part(&self.table, action.user, now)?);
                }
                NewAction::UnlessContested => {
                    parts.push(not_contested_part(&self.table, action.user, now)?);
                }
            }
            let own = parts.len();
            parts.extend(charging.parts(&self.table)?);
            let refused = match self.transact("begin an action", parts).await? {
                Transacted::Done => {
                    return Ok(ActionBegun {
                        charged: charging.done(),
                    });
                }
                Transacted::Refused(refused) => refused,
            };
            for (index, item) in &refused {
                let Some(part) = index.checked_sub(own) else {
                    return Err(match new {
                        NewAction::UnlessContested => Refusal::SendTooSoon {
                            retry_at: replaced_at(Item(item))? + RESET_SECONDS,
                        },
                        NewAction::Alone
                        | NewAction::WithNewPhone
                        | NewAction::ReplacingConfirmations => {
                            ActionRefusal::ActionTokenInvalid.into()
                        }
                    }
                    .into());
                };
                if let Some(refusal) = charging.learn(part, item)? {
                    return Err(refusal.into());
                }
            }
        }
        // Other requests wrote first in every attempt.
        Err(Refusal::SendTooSoon { retry_at: now + 1 }.into())
    }

    /// Takes back an action whose message was not sent. So nobody has paid for
    /// the message. Confirmation links that the action replaced stay replaced,
    /// because an earlier action may have replaced them too.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn take_action_back(
        &self,
        action: &Action,
        begun: &ActionBegun,
    ) -> Result<(), Broken> {
        let delete = DeleteRequest::builder()
            .set_key(Some(
                key(action.user, action.kind, action.id).to_attributes(),
            ))
            .build()
            .map_err(|_| Broken::internal("an incomplete delete"))?;
        let delete = vec![WriteRequest::builder().delete_request(delete).build()];
        let (deleted, given_back) = tokio::join!(
            self.write_batch("take an action back", delete),
            self.give_send_back(&begun.charged),
        );
        deleted.and(given_back)
    }

    /// The action of this kind and identifier, and its user, in one batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_action(
        &self,
        user: UserId,
        kind: ActionKind,
        id: ActionId,
    ) -> Result<Option<(User, Action)>, Broken> {
        let (profile, action) = (profile_key(user), key(user, kind, id));
        let replaced = replaced_key(user);
        let mut keys = vec![profile.clone(), action.clone()];
        keys.extend((kind == ActionKind::ConfirmEmail).then(|| replaced.clone()));
        let items = self.read_batch(&keys).await?;
        let at = |key: &Key| {
            let here = |item: &&Attributes| {
                item.get("PK") == Some(&text_value(&key.partition))
                    && item.get("SK") == Some(&text_value(&key.sort))
            };
            items.iter().find(here).map(Item)
        };
        let (Some(profile), Some(action)) = (at(&profile), at(&action)) else {
            return Ok(None);
        };
        let user = user_of_item(user, profile)?;
        let replaced_at = at(&replaced).map(replaced_at).transpose()?;
        let action = read_action(action).newer("an action").map(|action| Action {
            replaced: replaced_at.is_some_and(|at| action.began_at() <= at),
            ..action
        });
        Ok(action.map(|action| (user, action)))
    }

    /// A user's newest actions that a code confirms, newest first, live or not.
    /// At most ten. One query.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn newest_actions(&self, user: UserId) -> Result<Vec<Action>, Broken> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :user AND begins_with(SK, :action)")
            .expression_attribute_values(":user", text_value(partition(user)))
            .expression_attribute_values(":action", text_value(PREFIX))
            .scan_index_forward(false)
            .limit(10)
            .send()
            .await
            .map_err(|error| broken("read actions", &error))?;
        let items = page.items().iter().map(Item);
        Ok(items
            .filter_map(|item| read_action(item).newer("an action"))
            .collect())
    }

    /// Carries out an action once, if the action and its user are unchanged. Returns
    /// whether the change was made. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn spend_action(
        &self,
        action: &Action,
        spend: &Spend<'_>,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let spent = Change::of(
            key(action.user, action.kind, action.id),
            "#kind = :kind AND #user = :user AND #address = :address AND #epoch = :epoch \
             AND #expires_at > :now AND attribute_not_exists(#spent_at)",
        )
        .set("#spent_at = :now")
        .value(":kind", text_value(action.kind.name()))
        .value(":user", text_value(action.user.to_string()))
        .value(":address", text_value(&action.address))
        .value(":epoch", number_value(action.epoch))
        .value(":now", number_value(now));
        let mut parts = vec![
            spent.into_part(&self.table)?,
            profile_change(action, spend, now).into_part(&self.table)?,
        ];
        if action.kind == ActionKind::ConfirmPhone {
            let owner = (action.address.as_str(), action.user);
            parts.extend(phone_owner_part(&self.table, owner, now)?);
        }
        if action.kind == ActionKind::ConfirmEmail {
            parts.push(not_replaced_part(&self.table, action)?);
        }
        if let Spend::Reset {
            charges,
            unowned,
            opens,
            ..
        } = spend
        {
            for factor in &unowned.factors {
                parts.push(delete_part(&self.table, &factor_key(action.user, *factor))?);
            }
            if unowned.recovery {
                parts.push(delete_part(&self.table, &recovery_key(action.user))?);
            }
            for charge in *charges {
                parts.extend(charge.forgotten_parts(&self.table, now)?);
            }
            if *opens {
                parts.extend(opened_parts(&self.table, action.user)?);
            }
        }
        let done = self.transact("spend an action", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }
}

/// Stores the number that the action confirms, if the user has confirmed no
/// number.
fn new_phone_change(action: &Action) -> Change {
    Change::of(
        profile_key(action.user),
        "#epoch = :epoch AND #active = :true AND #phone_confirmed = :false",
    )
    .set("#phone = :phone")
    .value(":epoch", number_value(action.epoch))
    .value(":true", AttributeValue::Bool(true))
    .value(":false", AttributeValue::Bool(false))
    .value(":phone", text_value(&action.address))
}

/// The change of the user. The user must be unchanged since the action began, or, for a
/// reset, since the read.
fn profile_change(action: &Action, spend: &Spend<'_>, now: Timestamp) -> Change {
    let (address, confirmed) = match action.kind {
        ActionKind::ConfirmEmail | ActionKind::ResetPassword => ("#email", "#email_confirmed"),
        ActionKind::ConfirmPhone => ("#phone", "#phone_confirmed"),
    };
    let epoch = match spend {
        Spend::Confirm => action.epoch,
        Spend::Reset { epoch, .. } => *epoch,
    };
    let change = Change::of(
        profile_key(action.user),
        format!("#epoch = :epoch AND #active = :true AND {address} = :address"),
    )
    .value(":epoch", number_value(epoch))
    .value(":true", AttributeValue::Bool(true))
    .value(":address", text_value(&action.address));
    match spend {
        Spend::Confirm => change.set(format!("{confirmed} = :true")),
        Spend::Reset {
            password,
            unowned,
            forget_phone,
            ..
        } => {
            // A person who has the link reads the mailbox. That confirms the
            // mailbox.
            let mut change =
                crate::store::accounts::password::set_password(change, password, true, now)
                    .set("#reset_by = :address")
                    .set("#reset_at = :now")
                    .set("#email_confirmed = :true");
            let turn_off = !unowned.factors.is_empty() && !unowned.others;
            for (flag, no) in [
                ("#two_factor", turn_off),
                ("#phone_confirmed", *forget_phone),
            ] {
                if no {
                    change = change
                        .set(format!("{flag} = :false"))
                        .value(":false", AttributeValue::Bool(false));
                }
            }
            change
        }
    }
}

fn write_action(action: &Action) -> NewItem {
    NewItem::of_key(&key(action.user, action.kind, action.id))
        .with("id", text_value(action.id.to_string()))
        .with("user", text_value(action.user.to_string()))
        .with("kind", text_value(action.kind.name()))
        .with("address", text_value(&action.address))
        .with("epoch", number_value(action.epoch))
        .with("key", number_value(action.key))
        .with("expires_at", number_value(action.expires_at))
        .with("ttl", number_value(action.expires_at + KEPT_AFTER_EXPIRY))
}

fn read_action(item: Item<'_>) -> Result<Action, Broken> {
    let kind = |name: &str| ActionKind::ALL.into_iter().find(|kind| kind.name() == name);
    Ok(Action {
        id: item.id("id", ActionId::parse)?,
        user: item.id("user", UserId::parse)?,
        kind: item.id("kind", kind)?,
        address: item.text("address")?.to_owned(),
        epoch: item.number("epoch")?,
        key: item.number("key")?,
        expires_at: item.number("expires_at")?,
        spent: item.maybe_number::<Timestamp>("spent_at")?.is_some(),
        replaced: false,
    })
}
