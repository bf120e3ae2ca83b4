//! Stored keys. They are wrapped or sealed, so nobody can open them with the
//! table alone.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::factors::factor::Sealed;
use crate::failure::Broken;
use crate::store::administration::act::Act;
use crate::store::item::{
    Attributes, Closed, Item, Key, NewItem, binary_value, number_value, text_value,
};
use crate::store::table::{Store, broken};
use crate::store::write::{Change, Transacted, delete_part, put_part};

const PARTITION: &str = "KEYS";
const PREFIX: &str = "KEY#";

/// A stored key. The keys of a purpose are numbered from 1. So two functions
/// that make a key at the same time meet at the same name.
#[derive(Clone, Debug)]
pub enum StoredKey {
    /// A data key, wrapped by KMS.
    Data {
        /// The purpose of the key: the `purpose` of its encryption context.
        purpose: String,
        /// The number within the purpose.
        number: u32,
        /// When the key was made.
        created_at: Timestamp,
        /// KMS's ciphertext.
        wrapped: Vec<u8>,
    },
    /// A key pair that signs tokens.
    Signing {
        /// `RS256` or `ES256`.
        algorithm: String,
        /// The number within the algorithm.
        number: u32,
        /// The `kid` in JWTs and the key set: the RFC 7638 thumbprint.
        kid: String,
        /// The public key: a JWK as JSON.
        public_jwk: String,
        /// The private key, sealed by a data key of purpose `signing`.
        private: Sealed,
        /// When the key was made and published.
        created_at: Timestamp,
        /// From when on the key signs.
        signs_from: Timestamp,
    },
}

impl StoredKey {
    /// The name of the key, such as `seeds-2` or `RS256-1`.
    pub fn name(&self) -> String {
        match self {
            Self::Data {
                purpose, number, ..
            } => format!("{purpose}-{number}"),
            Self::Signing {
                algorithm, number, ..
            } => format!("{algorithm}-{number}"),
        }
    }

    /// What events call the key: the `kid` of a pair, the name of a data key.
    pub fn told_as(&self) -> String {
        match self {
            Self::Data { .. } => self.name(),
            Self::Signing { kid, .. } => kid.clone(),
        }
    }

    fn key(&self) -> Key {
        Key::new(PARTITION, format!("{PREFIX}{}", self.name()))
    }
}

impl Store {
    /// Every key. One query.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_keys(&self) -> Result<Vec<StoredKey>, Broken> {
        let mut keys = Vec::new();
        let mut start: Option<Attributes> = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("PK = :keys")
                .expression_attribute_values(":keys", text_value(PARTITION))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| broken("read the keys", &error))?;
            let items = page.items().iter().map(Item);
            keys.extend(items.filter_map(|item| read_key(item).newer("a key")));
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Stores a key unless there is a key of this name. Returns whether the key
    /// was stored.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn add_key(&self, stored: &StoredKey) -> Result<bool, Broken> {
        self.put_new("keep a key", write_key(stored).0).await
    }

    /// Stores a key that an operator asks for, as `add_key` does. One transaction,
    /// which also stores the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn add_key_by(&self, stored: &StoredKey, act: &Act) -> Result<bool, Broken> {
        let mut parts = vec![put_part(&self.table, write_key(stored).0)?];
        parts.extend(self.act_parts(act)?);
        let done = self.transact("keep a key", parts);
        Ok(matches!(done.await?, Transacted::Done))
    }

    /// Deletes a key that an operator gives up. One transaction, which also keeps
    /// the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn delete_key_by(&self, stored: &StoredKey, act: &Act) -> Result<(), Broken> {
        let mut parts = vec![delete_part(&self.table, &stored.key())?];
        parts.extend(self.act_parts(act)?);
        let done = self.transact("delete a key", parts);
        done.await.map(|_| ())
    }

    /// Stores a key in place of these keys, which an operator gives up. Returns false, and
    /// changes nothing, if there is a key of this name. One transaction, which also keeps
    /// the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn replace_keys_by(
        &self,
        new: &StoredKey,
        old: &[StoredKey],
        act: &Act,
    ) -> Result<bool, Broken> {
        let mut parts = vec![put_part(&self.table, write_key(new).0)?];
        for key in old {
            parts.push(delete_part(&self.table, &key.key())?);
        }
        parts.extend(self.act_parts(act)?);
        let done = self.transact("replace keys", parts);
        Ok(matches!(done.await?, Transacted::Done))
    }

    /// Stores the private key of a key pair as another data key has sealed it. Changes
    /// nothing if the pair is gone, or was sealed again since it was read. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn reseal_key(&self, read: &StoredKey, sealed: &Sealed) -> Result<(), Broken> {
        let StoredKey::Signing { kid, private, .. } = read else {
            return Err(Broken::internal("only a key pair is sealed again"));
        };
        let change = Change::of(read.key(), "#kid = :kid AND #private_key = :old")
            .set("#private = :private")
            .set("#private_key = :new")
            .value(":kid", text_value(kid))
            .value(":old", number_value(private.key))
            .value(":new", number_value(sealed.key))
            .value(":private", binary_value(sealed.bytes.clone()));
        self.change(change).await.map(|_| ())
    }

    /// Deletes a key. It is not an error if there is no such key.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn delete_key(&self, stored: &StoredKey) -> Result<(), Broken> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(stored.key().to_attributes()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| broken("delete a key", &error))
    }

    /// Whether the table holds any user. Reads until it finds one. Only the
    /// maker of the first keys asks.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn holds_users(&self) -> Result<bool, Broken> {
        let mut found = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression("begins_with(PK, :user)")
            .expression_attribute_values(":user", text_value("USER#"))
            .projection_expression("PK")
            .into_paginator()
            .items()
            .send();
        let first = found.next().await.transpose();
        let first = first.map_err(|error| broken("look for users", &error))?;
        Ok(first.is_some())
    }
}

fn write_key(stored: &StoredKey) -> NewItem {
    let item = NewItem::of_key(&stored.key());
    match stored {
        StoredKey::Data {
            purpose,
            number: which,
            created_at,
            wrapped,
        } => item
            .with("kind", text_value("data"))
            .with("purpose", text_value(purpose))
            .with("number", number_value(which))
            .with("created_at", number_value(created_at))
            .with("wrapped", binary_value(wrapped.clone())),
        StoredKey::Signing {
            algorithm,
            number: which,
            kid,
            public_jwk,
            private,
            created_at,
            signs_from,
        } => item
            .with("kind", text_value("signing"))
            .with("algorithm", text_value(algorithm))
            .with("number", number_value(which))
            .with("kid", text_value(kid))
            .with("public_jwk", AttributeValue::S(public_jwk.clone()))
            .with("private", binary_value(private.bytes.clone()))
            .with("private_key", number_value(private.key))
            .with("created_at", number_value(created_at))
            .with("signs_from", number_value(signs_from)),
    }
}

fn read_key(item: Item<'_>) -> Result<StoredKey, Broken> {
    match item.text("kind")? {
        "data" => Ok(StoredKey::Data {
            purpose: item.text("purpose")?.to_owned(),
            number: item.number("number")?,
            created_at: item.number("created_at")?,
            wrapped: item.bytes("wrapped")?.to_vec(),
        }),
        "signing" => Ok(StoredKey::Signing {
            algorithm: item.text("algorithm")?.to_owned(),
            number: item.number("number")?,
            kid: item.text("kid")?.to_owned(),
            public_jwk: item.text("public_jwk")?.to_owned(),
            private: Sealed {
                key: item.number("private_key")?,
                bytes: item.bytes("private")?.to_vec(),
            },
            created_at: item.number("created_at")?,
            signs_from: item.number("signs_from")?,
        }),
        _ => Err(Broken::internal("a stored key is of an unknown kind")),
    }
}
