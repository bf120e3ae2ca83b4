//! How a pending login stands in its item.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::factors::enrolment::{EnrollingSession, Enrolment};
use crate::domain::factors::factor::{Channel, RecoveryCodes};
use crate::domain::factors::passkey::{FirstPasskey, SecondKey};
use crate::domain::id::{FactorId, LoginId, SessionId, UserId};
use crate::domain::login::pending_login::{Login, PasskeyProof, Proof, SentCode, State};
use crate::domain::sessions::stepped_session::SteppedSession;
use crate::failure::Broken;
use crate::store::attributes::{
    CODE_ASKED, KEY, read_authentication, read_authorized, read_dialect, read_key_place,
    write_authentication, write_code_asked, write_key,
};
use crate::store::item::{Item, KEPT_AFTER_EXPIRY, NewItem, number_value, text_value, texts_value};
use crate::store::table_keys::{LOGIN_PREFIX, login_key};

pub(in crate::store) fn write_login(login: &Login) -> NewItem {
    NewItem::of_key(&login_key(login.user, login.id))
        .with("state", text_value(login.state.name()))
        .with("epoch", number_value(login.epoch))
        .with("client", text_value(&login.authorized.client))
        .with("scope", text_value(login.authorized.scope.to_text()))
        .with("audience", texts_value(&login.authorized.audience))
        .with("dialect", text_value(login.dialect.name()))
        .with("created_at", number_value(login.created_at))
        .with("expires_at", number_value(login.expires_at))
        .with("sends", number_value(login.sends))
        .with("sent", write_sends(&login.sent))
        .with("ttl", number_value(login.expires_at + KEPT_AFTER_EXPIRY))
        .maybe("enrolment", login.enrolment.as_ref().map(write_enrolment))
        .maybe(
            "address_shown",
            login.address_shown.then_some(AttributeValue::Bool(true)),
        )
        .maybe("network", login.network.as_ref().map(text_value))
        .maybe("came_from", login.came_from.as_ref().map(text_value))
        .maybe("mailbox", login.mailbox.as_ref().map(text_value))
        .maybe(
            "passkey",
            login
                .passkey
                .map(|passkey| text_value(passkey.place.name())),
        )
        .maybe(
            "counts_as_two",
            login.second_of_first().map(|_| AttributeValue::Bool(true)),
        )
        .maybe(
            "asks_for_passkey",
            login.asks_for_passkey.then_some(AttributeValue::Bool(true)),
        )
        .maybe(KEY, write_key(&login.authorized))
        .maybe(CODE_ASKED, write_code_asked(&login.authorized))
        .maybe("steps_up", login.steps_up.map(write_stepped))
}

fn write_stepped(session: SteppedSession) -> AttributeValue {
    NewItem::nested()
        .with("session", text_value(session.id.to_string()))
        .with("ends_at", number_value(session.ends_at))
        .maybe(
            "authenticated_at",
            session.authenticated_at.map(number_value),
        )
        .into_value()
}

fn read_stepped(item: Item<'_>) -> Result<SteppedSession, Broken> {
    Ok(SteppedSession {
        id: item.id("session", SessionId::parse)?,
        ends_at: item.number("ends_at")?,
        authenticated_at: item.maybe_number("authenticated_at")?,
    })
}

pub(in crate::store) fn write_enrolment(enrolment: &Enrolment) -> AttributeValue {
    let replaces: Vec<String> = enrolment.replaces.iter().map(ToString::to_string).collect();
    let item = NewItem::nested()
        .with("factor", text_value(enrolment.factor.to_string()))
        .with("replaces", texts_value(&replaces));
    let item = match &enrolment.session {
        None => item,
        Some(session) => write_authentication(item, session.authentication)
            .with("session", text_value(session.id.to_string())),
    };
    match &enrolment.recovery {
        None => item,
        Some(recovery) => item
            .with("recovery", text_value(recovery.id.to_string()))
            .with("recovery_hashes", texts_value(&recovery.hashes)),
    }
    .into_value()
}

fn read_enrolment(item: Item<'_>) -> Result<Enrolment, Broken> {
    let session = match item.maybe_text("session")? {
        None => None,
        Some(_) => Some(EnrollingSession {
            id: item.id("session", SessionId::parse)?,
            authentication: read_authentication(item)?,
        }),
    };
    let recovery = match item.maybe_text("recovery")? {
        None => None,
        Some(_) => Some(RecoveryCodes {
            id: item.id("recovery", FactorId::parse)?,
            hashes: item.texts("recovery_hashes")?,
        }),
    };
    Ok(Enrolment {
        factor: item.id("factor", FactorId::parse)?,
        replaces: item
            .texts("replaces")?
            .iter()
            .filter_map(|id| FactorId::parse(id))
            .collect(),
        session,
        recovery,
    })
}

pub(in crate::store) fn login_of_item(user: UserId, item: Item<'_>) -> Result<Login, Broken> {
    let sent: Result<Vec<SentCode>, Broken> =
        item.maps("sent")?.into_iter().map(read_send).collect();
    let mut sent = sent?;
    // A code that a later login spent no longer belongs to this login.
    sent.retain(|sent| sent.earlier.is_some() || !item.0.contains_key(&spent_name(sent.number)));
    Ok(Login {
        id: item.sort_id(LOGIN_PREFIX, LoginId::parse)?,
        user,
        state: read_state(item)?,
        epoch: item.number("epoch")?,
        authorized: read_authorized(item)?,
        dialect: read_dialect(item)?,
        created_at: item.number("created_at")?,
        expires_at: item.number("expires_at")?,
        sends: item.number("sends")?,
        sent,
        enrolment: item.map("enrolment")?.map(read_enrolment).transpose()?,
        address_shown: item.flag("address_shown")?,
        network: item.maybe_text("network")?.map(str::to_owned),
        came_from: item.owned("came_from")?,
        mailbox: item.owned("mailbox")?,
        passkey: read_first_passkey(item)?,
        asks_for_passkey: item.flag("asks_for_passkey")?,
        steps_up: item.map("steps_up")?.map(read_stepped).transpose()?,
    })
}

fn read_first_passkey(item: Item<'_>) -> Result<Option<FirstPasskey>, Broken> {
    let counts_as_two = item.flag("counts_as_two")?;
    let place = read_key_place(item)?;
    Ok(place.map(|place| FirstPasskey {
        place,
        counts_as_two,
    }))
}

pub(in crate::store) fn read_state(item: Item<'_>) -> Result<State, Broken> {
    match item.text("state")? {
        "pending" => Ok(State::Pending),
        "sent" => Ok(State::CodeSent),
        "redeemed" => Ok(State::Redeemed),
        "verified" => {
            let proof = item
                .map("proof")?
                .ok_or_else(|| Broken::internal("a verified login lacks its proof"))?;
            Ok(State::Verified {
                proof: read_proof(proof)?,
                by_token: item.flag("by_token")?,
            })
        }
        _ => Err(Broken::internal("a stored login is in an unknown state")),
    }
}

pub(in crate::store) fn write_sends(sends: &[SentCode]) -> AttributeValue {
    AttributeValue::L(
        sends
            .iter()
            .map(|sent| write_send(sent).into_value())
            .collect(),
    )
}

pub(in crate::store) fn write_send(sent: &SentCode) -> NewItem {
    NewItem::nested()
        .with("number", number_value(sent.number))
        .with("factor", text_value(sent.factor.to_string()))
        .with("channel", text_value(sent.channel.name()))
        .with("at", number_value(sent.at))
        .with("key", number_value(sent.key))
        .maybe(
            "earlier",
            sent.earlier.map(|login| text_value(login.to_string())),
        )
}

pub(in crate::store) fn read_send(item: Item<'_>) -> Result<SentCode, Broken> {
    let earlier = item.maybe_text("earlier")?;
    let earlier = earlier.map(|_| item.id("earlier", LoginId::parse));
    Ok(SentCode {
        earlier: earlier.transpose()?,
        number: item.number("number")?,
        factor: item.id("factor", FactorId::parse)?,
        channel: item.id("channel", Channel::from_name)?,
        at: item.number("at")?,
        key: item.number("key")?,
    })
}

pub(in crate::store) fn write_proof(proof: &Proof) -> AttributeValue {
    match proof {
        Proof::Totp { factor, step } => NewItem::nested()
            .with("kind", text_value("totp"))
            .with("factor", text_value(factor.to_string()))
            .with("step", number_value(step)),
        Proof::Sent(sent) => write_send(sent).with("kind", text_value("sent")),
        Proof::Recovery { hash } => NewItem::nested()
            .with("kind", text_value("recovery"))
            .with("hash", text_value(hash)),
        Proof::Passkey(passkey) => NewItem::nested()
            .with("kind", text_value("passkey"))
            .with("factor", text_value(passkey.factor.to_string()))
            .with("counter", number_value(passkey.counter))
            .with("is_copied", AttributeValue::Bool(passkey.is_copied))
            .with("key", text_value(passkey.key.name())),
    }
    .into_value()
}

pub(in crate::store) fn read_proof(item: Item<'_>) -> Result<Proof, Broken> {
    match item.text("kind")? {
        "totp" => Ok(Proof::Totp {
            factor: item.id("factor", FactorId::parse)?,
            step: item.number("step")?,
        }),
        "sent" => read_send(item).map(Proof::Sent),
        "recovery" => Ok(Proof::Recovery {
            hash: item.text("hash")?.to_owned(),
        }),
        "passkey" => Ok(Proof::Passkey(PasskeyProof {
            factor: item.id("factor", FactorId::parse)?,
            counter: item.number("counter")?,
            is_copied: item.flag("is_copied")?,
            key: item.id("key", SecondKey::from_name)?,
        })),
        _ => Err(Broken::internal("a stored proof is of an unknown kind")),
    }
}

/// The attribute of a login which says that a later login spent this send.
pub(in crate::store) fn spent_name(number: u32) -> String {
    format!("spent_{number}")
}
