//! How users, factors and recovery codes stand in their items.
//!
//! Recovery codes are a map from hash to time, not a set. So one update can
//! remove a code and put its successor in, on the condition that the old code is
//! there. Auth0's dialect replaces a used code in this way.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::accounts::password::PasswordHash;
use crate::domain::accounts::profile::{Profile, UserMetadata};
use crate::domain::accounts::user::{Account, User};
use crate::domain::factors::factor::{
    Channel, Factor, FactorKind, RecoveryCodes, Sealed, UNCONFIRMED_SECONDS,
};
use crate::domain::factors::passkey::{Passkey, SecondUse, UserHandle};
use crate::domain::id::{FactorId, UserId};
use crate::failure::Broken;
use crate::store::item::{
    Attributes, Closed, Item, KEPT_AFTER_EXPIRY, NewItem, TTL_ATTRIBUTE, binary_value,
    number_value, text_value, texts_value,
};
use crate::store::messages::delivery_item::read_delivery;
use crate::store::table_keys::{
    FACTOR_PREFIX, METADATA, PROFILE, RECOVERY, factor_key, handle_key, metadata_key, profile_key,
    recovery_key,
};

pub(in crate::store) fn account_of_items(
    user: UserId,
    items: &[Attributes],
) -> Result<Option<Account>, Broken> {
    let (mut profile, mut factors, mut recovery) = (None, Vec::new(), None);
    let mut closed_factor = false;
    let mut metadata = UserMetadata::new();
    let mut factor_names = Vec::new();
    for item in items.iter().map(Item) {
        let sort = item.text("SK")?;
        if sort == PROFILE {
            profile = Some(user_of_item(user, item)?);
        } else if sort == RECOVERY {
            recovery = read_recovery(item).newer("recovery codes");
        } else if sort == METADATA {
            metadata = read_metadata(item)?;
        } else if sort.starts_with(FACTOR_PREFIX) {
            let read = read_factor(item).newer("a factor");
            let name = item.owned("name")?;
            factor_names.extend(read.as_ref().map(|one| one.id).zip(name));
            closed_factor |= read.is_none() && item.flag("confirmed").unwrap_or(true);
            factors.extend(read);
        }
    }
    Ok(profile.map(|mut user| {
        user.profile.metadata = metadata;
        user.factor_names = factor_names;
        let mut account = Account {
            user,
            factors,
            recovery,
            closed_factor,
        };
        account.order_factors();
        account
    }))
}

pub(in crate::store) fn user_of_item(id: UserId, item: Item<'_>) -> Result<User, Broken> {
    Ok(User {
        id,
        user_name: item.text("user_name")?.to_owned(),
        email: item.owned("email")?,
        email_confirmed: item.flag("email_confirmed")?,
        phone: item.owned("phone")?,
        phone_confirmed: item.flag("phone_confirmed")?,
        given_name: item.owned("given_name")?,
        family_name: item.owned("family_name")?,
        profile: Profile {
            name: item.owned("name")?,
            nickname: item.owned("nickname")?,
            picture: item.owned("picture")?,
            metadata: UserMetadata::new(),
        },
        former_subject: item.owned("former_subject")?,
        roles: item.texts("roles")?,
        password: item
            .maybe_text("password_hash")?
            .map(PasswordHash::from_stored),
        epoch: item.number("epoch")?,
        active: item.flag("active")?,
        two_factor: item.flag("two_factor")?,
        created_at: item.number("created_at")?,
        must_change_password: item.flag("must_change_password")?,
        password_changed_at: item.maybe_number("password_changed_at")?,
        reset_by: item.owned("reset_by")?,
        reset_at: item.maybe_number("reset_at")?,
        codes_opened: item.flag("codes_opened")?,
        enrolments: item.maybe_number("enrolments")?.unwrap_or(0),
        delivery: read_delivery(item),
        passkey_handle: read_handle(item)?,
        signing_in_mailbox: None,
        factor_names: Vec::new(),
    })
}

pub(in crate::store) fn write_user(user: &User) -> NewItem {
    NewItem::of_key(&profile_key(user.id))
        .with("user_name", text_value(&user.user_name))
        .maybe("email", user.email.as_ref().map(text_value))
        .with(
            "email_confirmed",
            AttributeValue::Bool(user.email_confirmed),
        )
        .maybe("phone", user.phone.as_ref().map(text_value))
        .with(
            "phone_confirmed",
            AttributeValue::Bool(user.phone_confirmed),
        )
        .maybe("given_name", user.given_name.as_ref().map(text_value))
        .maybe("family_name", user.family_name.as_ref().map(text_value))
        .maybe("name", user.profile.name.as_ref().map(text_value))
        .maybe("nickname", user.profile.nickname.as_ref().map(text_value))
        .maybe("picture", user.profile.picture.as_ref().map(text_value))
        .maybe(
            "former_subject",
            user.former_subject.as_ref().map(text_value),
        )
        .with("roles", texts_value(&user.roles))
        .maybe(
            "password_hash",
            user.password.as_ref().map(|hash| text_value(hash.as_str())),
        )
        .with("epoch", number_value(user.epoch))
        .with("active", AttributeValue::Bool(user.active))
        .with("two_factor", AttributeValue::Bool(user.two_factor))
        .with("created_at", number_value(user.created_at))
        .maybe(
            "must_change_password",
            user.must_change_password
                .then_some(AttributeValue::Bool(true)),
        )
        .maybe(
            "password_changed_at",
            user.password_changed_at.map(number_value),
        )
        .maybe("reset_by", user.reset_by.as_ref().map(text_value))
        .maybe("reset_at", user.reset_at.map(number_value))
        .maybe(
            "enrolments",
            (user.enrolments > 0).then(|| number_value(user.enrolments)),
        )
        .maybe(
            HANDLE,
            user.passkey_handle
                .map(|handle| binary_value(handle.as_bytes().to_vec())),
        )
}

/// The item with what an app keeps with the user, if there is something. It has an item of
/// its own, because every login reads and checks the profile.
pub(in crate::store) fn write_metadata(user: &User) -> Option<NewItem> {
    let metadata = &user.profile.metadata;
    let texts = metadata
        .iter()
        .map(|(name, value)| (name.clone(), text_value(value)));
    let item =
        NewItem::of_key(&metadata_key(user.id)).with("texts", AttributeValue::M(texts.collect()));
    (!metadata.is_empty()).then_some(item)
}

pub(in crate::store) fn read_metadata(item: Item<'_>) -> Result<UserMetadata, Broken> {
    let Some(texts) = item.map("texts")? else {
        return Ok(UserMetadata::new());
    };
    let names = texts.0.keys();
    let read = names.map(|name| Ok((name.clone(), texts.text(name)?.to_owned())));
    read.collect()
}

pub(in crate::store) fn read_factor(item: Item<'_>) -> Result<Factor, Broken> {
    let kind = match item.text("kind")? {
        "totp" => FactorKind::Totp {
            seed: Sealed {
                key: item.number("seed_key")?,
                bytes: item.bytes("seed")?.to_vec(),
            },
            last_step: item.maybe_number("last_step")?,
        },
        "passkey" => FactorKind::Passkey(Box::new(read_passkey(item)?)),
        kind => {
            let channel = Channel::from_name(kind)
                .ok_or_else(|| Broken::internal("a stored factor is of an unknown kind"))?;
            FactorKind::Address {
                channel,
                to: item.text("address")?.to_owned(),
            }
        }
    };
    Ok(Factor {
        id: item.sort_id(FACTOR_PREFIX, FactorId::parse)?,
        kind,
        confirmed: item.flag("confirmed")?,
        created_at: item.number("created_at")?,
    })
}

pub(in crate::store) fn write_factor(user: UserId, factor: &Factor) -> NewItem {
    let ends_at = factor.created_at + UNCONFIRMED_SECONDS;
    let item = NewItem::of_key(&factor_key(user, factor.id))
        .with("confirmed", AttributeValue::Bool(factor.confirmed))
        .with("created_at", number_value(factor.created_at))
        .maybe(
            TTL_ATTRIBUTE,
            (!factor.confirmed).then(|| number_value(ends_at + KEPT_AFTER_EXPIRY)),
        );
    match &factor.kind {
        FactorKind::Totp { seed, last_step } => item
            .with("kind", text_value("totp"))
            .with("seed", binary_value(seed.bytes.clone()))
            .with("seed_key", number_value(seed.key))
            .maybe("last_step", last_step.map(number_value)),
        FactorKind::Address { channel, to } => item
            .with("kind", text_value(channel.name()))
            .with("address", text_value(to)),
        FactorKind::Passkey(passkey) => {
            write_passkey(item.with("kind", text_value("passkey")), passkey)
        }
    }
}

fn write_passkey(item: NewItem, passkey: &Passkey) -> NewItem {
    item.with("credential", binary_value(passkey.credential.clone()))
        .with("public_key", text_value(&passkey.public_key))
        .with("counter", number_value(passkey.counter))
        .with("may_be_copied", AttributeValue::Bool(passkey.may_be_copied))
        .with("is_copied", AttributeValue::Bool(passkey.is_copied))
        .maybe("last_used_at", passkey.last_used_at.map(number_value))
        .maybe(
            "second",
            (passkey.second != SecondUse::Nothing).then_some(AttributeValue::Bool(true)),
        )
}

fn read_passkey(item: Item<'_>) -> Result<Passkey, Broken> {
    Ok(Passkey {
        credential: item.bytes("credential")?.to_vec(),
        public_key: item.text("public_key")?.to_owned(),
        counter: item.number("counter")?,
        may_be_copied: item.flag("may_be_copied")?,
        is_copied: item.flag("is_copied")?,
        last_used_at: item.maybe_number("last_used_at")?,
        second: match item.flag("second")? {
            true => SecondUse::Closed,
            false => SecondUse::Nothing,
        },
    })
}

fn read_handle(item: Item<'_>) -> Result<Option<UserHandle>, Broken> {
    if !item.0.contains_key(HANDLE) {
        return Ok(None);
    }
    let read = UserHandle::read(item.bytes(HANDLE)?);
    read.map(Some)
        .ok_or_else(|| Broken::internal("a stored user handle has another length"))
}

/// Marks the item of a factor or of recovery codes as the owner's.
pub(in crate::store) fn mark_owned(item: NewItem) -> NewItem {
    item.with(OWNED, AttributeValue::Bool(true))
}

pub(in crate::store) fn read_recovery(item: Item<'_>) -> Result<RecoveryCodes, Broken> {
    let codes = item.map("codes")?;
    Ok(RecoveryCodes {
        id: item.id("id", FactorId::parse)?,
        hashes: codes
            .map(|codes| codes.0.keys().cloned().collect())
            .unwrap_or_default(),
    })
}

pub(in crate::store) fn write_recovery(
    user: UserId,
    recovery: &RecoveryCodes,
    made_at: Timestamp,
) -> NewItem {
    let made = |hash: &String| (hash.clone(), number_value(made_at));
    NewItem::of_key(&recovery_key(user))
        .with("id", text_value(recovery.id.to_string()))
        .with(
            "codes",
            AttributeValue::M(recovery.hashes.iter().map(made).collect()),
        )
}

/// The item that names the user of a handle.
pub(in crate::store) fn handle_item(user: UserId, handle: UserHandle) -> NewItem {
    NewItem::of_key(&handle_key(handle)).with("user", text_value(user.to_string()))
}

/// What authenticators know the user by.
pub(in crate::store) const HANDLE: &str = "passkey_handle";

/// The mark of factors and recovery codes that are known to be the owner's.
/// They were enrolled while the address was confirmed, or made with the user.
pub(in crate::store) const OWNED: &str = "owned";
