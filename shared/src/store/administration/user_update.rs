//! Stores what an operator changes of a user's names and addresses.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::User;
use crate::failure::Broken;
use crate::store::accounts::user::{name_item, name_key};
use crate::store::administration::act::Act;
use crate::store::item::{number_value, text_value};
use crate::store::table::Store;
use crate::store::table_keys::profile_key;
use crate::store::write::{Change, Transacted, delete_part, put_part};
use aws_sdk_dynamodb::types::AttributeValue;

/// The result of an update.
#[derive(Debug, PartialEq, Eq)]
pub enum Updated {
    Done,
    /// The user has changed since the read. Nothing is written.
    Overtaken,
    /// This name belongs to another user. Nothing is written.
    NameTaken(LoginName),
}

impl Store {
    /// Gives a user the names and addresses of `new`. The names that the user signs in
    /// with move in the same transaction, and every session and pending login ends.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn update_user(&self, old: &User, new: &User, act: &Act) -> Result<Updated, Broken> {
        let (before, after) = (old.login_names(), new.login_names());
        let taken: Vec<&LoginName> = after.iter().filter(|name| !before.contains(name)).collect();
        let mut parts = Vec::new();
        for name in &taken {
            parts.push(put_part(&self.table, name_item(name, old.id, act.at).0)?);
        }
        parts.push(profile(old, new).into_part(&self.table)?);
        for name in before.iter().filter(|name| !after.contains(name)) {
            parts.push(delete_part(&self.table, &name_key(name))?);
        }
        parts.extend(self.act_parts(act)?);
        Ok(match self.transact("update a user", parts).await? {
            Transacted::Done => Updated::Done,
            Transacted::Refused(refused) => {
                let first = refused.first().and_then(|(index, _)| taken.get(*index));
                first.map_or(Updated::Overtaken, |name| {
                    Updated::NameTaken((*name).clone())
                })
            }
        })
    }
}

fn profile(old: &User, new: &User) -> Change {
    let change = Change::of(profile_key(old.id), "#epoch = :from")
        .set("#epoch = :to")
        .set("#user_name = :user_name")
        .set("#email_confirmed = :email_confirmed")
        .set("#phone_confirmed = :phone_confirmed")
        .value(":from", number_value(old.epoch))
        .value(":to", number_value(old.epoch + 1))
        .value(":user_name", text_value(&new.user_name))
        .value(
            ":email_confirmed",
            AttributeValue::Bool(new.email_confirmed),
        )
        .value(
            ":phone_confirmed",
            AttributeValue::Bool(new.phone_confirmed),
        );
    [
        ("email", &new.email),
        ("phone", &new.phone),
        ("given_name", &new.given_name),
        ("family_name", &new.family_name),
    ]
    .into_iter()
    .fold(change, |change, (name, value)| match value {
        None => change.remove(format!("#{name}")),
        Some(value) => change
            .set(format!("#{name} = :{name}"))
            .value(&format!(":{name}"), text_value(value)),
    })
}
