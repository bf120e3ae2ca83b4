//! Changes of a user that an operator makes. Each change is one transaction,
//! which also keeps the act. A change of standing, password or factor raises the
//! epoch, which ends every session and every pending login.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::accounts::user::{Account, User};
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::throttle::Guesser;
use crate::failure::Broken;
use crate::store::Charge;
use crate::store::accounts::phone_owner::phone_owner_part;
use crate::store::administration::act::Act;
use crate::store::item::{Attributes, Item, Key, number_value, text_value, texts_value};
use crate::store::login::code_budget::guesses_key;
use crate::store::login::password_charge::{forgotten_here, password_name_key};
use crate::store::table::Store;
use crate::store::table_keys::{METADATA, PROFILE, factor_key, profile_key, recovery_key};
use crate::store::write::{Change, Transacted, check_part, delete_part};

#[derive(Clone, Copy, Debug)]
pub enum ProfileChange<'a> {
    /// Whether the user may sign in.
    Active(bool),
    /// The user has to change the password at the next sign-in.
    PasswordMustChange,
    /// Every session and every pending login ends.
    SignedOut,
    /// The user's roles, in place of those before.
    Roles(&'a [String]),
    /// This e-mail address, which must still be the user's, is confirmed.
    EmailConfirmed(&'a str),
    /// This phone number, which must still be the user's, is confirmed.
    PhoneConfirmed(&'a str),
}

/// The wrong passwords that an operator makes the service forget.
#[derive(Clone, Copy, Debug)]
pub enum Unlocking<'a> {
    /// The wrong passwords for these names, counted over all networks. Each
    /// name is given as its hash, as in `Charge`. The network that was locked out
    /// last for a name is free too. Any other network that has used up its own
    /// guesses still waits.
    Names(&'a [String]),
    /// The wrong passwords for a name from one network, and the wrong passwords
    /// of that network over all names.
    NamesFrom(&'a [Charge]),
}

impl Store {
    /// Changes a profile. Returns false, and changes nothing, if the user has
    /// changed since the read. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn change_profile(
        &self,
        user: &User,
        change: ProfileChange<'_>,
        act: &Act,
    ) -> Result<bool, Broken> {
        let at_epoch = Change::of(profile_key(user.id), "#epoch = :from")
            .value(":from", number_value(user.epoch));
        let changed = match change {
            ProfileChange::Active(active) => raised(at_epoch, user)
                .set("#active = :active")
                .value(":active", AttributeValue::Bool(active)),
            ProfileChange::PasswordMustChange => raised(at_epoch, user)
                .set("#must_change_password = :true")
                .value(":true", AttributeValue::Bool(true)),
            ProfileChange::SignedOut => raised(at_epoch, user),
            ProfileChange::Roles(roles) => at_epoch
                .set("#roles = :roles")
                .value(":roles", texts_value(roles)),
            ProfileChange::EmailConfirmed(email) => at_epoch
                .and("#email = :email")
                .set("#email_confirmed = :true")
                .value(":email", text_value(email))
                .value(":true", AttributeValue::Bool(true)),
            ProfileChange::PhoneConfirmed(phone) => at_epoch
                .and("#phone = :phone")
                .set("#phone_confirmed = :true")
                .value(":phone", text_value(phone))
                .value(":true", AttributeValue::Bool(true)),
        };
        let mut parts = vec![changed.into_part(&self.table)?];
        if let ProfileChange::PhoneConfirmed(phone) = change {
            parts.extend(phone_owner_part(&self.table, (phone, user.id), act.at)?);
        }
        parts.extend(self.act_parts(act)?);
        let done = self.transact("change a user", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Removes every factor and the recovery codes, also items of a newer
    /// version, and forgets the wrong codes. If the user must show a second
    /// factor, that demand stays. With `forget_phone`, the user's number is no
    /// longer confirmed. If the user has changed since the read, changes nothing
    /// and returns false. Two requests.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn remove_factors(
        &self,
        account: &Account,
        forget_phone: bool,
        act: &Act,
    ) -> Result<bool, Broken> {
        let user = &account.user;
        let profile = Change::of(profile_key(user.id), "#epoch = :from")
            .value(":from", number_value(user.epoch));
        let mut profile = raised(profile, user);
        if forget_phone {
            profile = profile
                .set("#phone_confirmed = :false")
                .value(":false", AttributeValue::Bool(false));
        }
        let mut parts = vec![profile.into_part(&self.table)?];
        parts.extend(self.act_parts(act)?);
        for item in self.read_profile_items(user.id).await? {
            let item = Item(&item);
            let key = Key::new(item.text("PK")?, item.text("SK")?);
            if key.sort != PROFILE && key.sort != METADATA {
                parts.push(delete_part(&self.table, &key)?);
            }
        }
        for guesser in guessers(user.id) {
            parts.push(delete_part(&self.table, &guesses_key(guesser))?);
        }
        let done = self.transact("reset factors", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Removes one factor, and with the last confirmed factor the recovery codes. Whether
    /// the user must show a second factor stays. If the user has changed since the read,
    /// changes nothing and returns false. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn remove_one_factor(
        &self,
        account: &Account,
        factor: FactorId,
        act: &Act,
    ) -> Result<bool, Broken> {
        let user = &account.user;
        let profile = Change::of(profile_key(user.id), "#epoch = :from")
            .value(":from", number_value(user.epoch));
        let mut parts = vec![
            raised(profile, user).into_part(&self.table)?,
            delete_part(&self.table, &factor_key(user.id, factor))?,
        ];
        let mut others = account.factors.iter().filter(|one| one.id != factor);
        if !others.any(|one| one.confirmed) && !account.closed_factor {
            parts.push(delete_part(&self.table, &recovery_key(user.id))?);
        }
        parts.extend(self.act_parts(act)?);
        let done = self.transact("remove a factor", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Forgets the wrong passwords and the wrong codes of a user. Returns
    /// whether there is such a user. Two requests.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn clear_lockout(
        &self,
        user: UserId,
        unlocking: Unlocking<'_>,
        act: &Act,
    ) -> Result<bool, Broken> {
        let values = Attributes::from([(":zero".to_owned(), number_value(0))]);
        let exists = check_part(&self.table, &profile_key(user), "#epoch >= :zero", values)?;
        let mut parts = vec![exists];
        parts.extend(self.act_parts(act)?);
        for guesser in guessers(user) {
            parts.push(delete_part(&self.table, &guesses_key(guesser))?);
        }
        match unlocking {
            Unlocking::Names(names) => {
                for network in self.locked_networks(names).await? {
                    parts.push(forgotten_here(&self.table, &network, act.at)?);
                }
                for name in names {
                    parts.push(delete_part(&self.table, &password_name_key(name))?);
                }
            }
            Unlocking::NamesFrom(charges) => {
                for charge in charges {
                    parts.extend(charge.forgotten_parts(&self.table, act.at)?);
                }
                if let Some(charge) = charges.first() {
                    parts.push(delete_part(&self.table, &charge.network_key())?);
                }
            }
        }
        let done = self.transact("unlock a user", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }
}

fn raised(change: Change, user: &User) -> Change {
    change
        .set("#epoch = :to")
        .value(":to", number_value(user.epoch + 1))
}

/// The budgets of wrong codes of a user.
pub(in crate::store) fn guessers(user: UserId) -> [Guesser; 3] {
    [
        Guesser::User(user),
        Guesser::Stranger(user),
        Guesser::Near(user),
    ]
}
