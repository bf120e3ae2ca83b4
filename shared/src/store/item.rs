//! Reads the attributes of items, and makes keys. An error names the attribute,
//! and never its value.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::failure::Broken;

/// The version that this program writes into every item. Updates name the
/// attributes that they change, so unknown attributes stay.
pub(super) const ITEM_VERSION: i64 = 1;

/// The time-to-live attribute. DynamoDB uses it to clean up only; expiry is
/// checked in code.
pub const TTL_ATTRIBUTE: &str = "ttl";

/// How long an item stays after it has expired, in seconds. So late requests
/// still find it, and so can an operator.
pub(super) const KEPT_AFTER_EXPIRY: i64 = 86_400;

/// An item as DynamoDB gives it.
pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn text_value(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number_value(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn binary_value(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// A list of texts.
pub(super) fn texts_value(values: &[String]) -> AttributeValue {
    AttributeValue::L(values.iter().map(text_value).collect())
}

/// The primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub partition: String,
    pub sort: String,
}

impl Key {
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: sort.into(),
        }
    }

    pub fn to_attributes(&self) -> Attributes {
        HashMap::from([
            ("PK".to_owned(), text_value(&self.partition)),
            ("SK".to_owned(), text_value(&self.sort)),
        ])
    }
}

/// Reads an item, attribute by attribute.
#[derive(Clone, Copy)]
pub(super) struct Item<'a>(pub &'a Attributes);

impl<'a> Item<'a> {
    pub fn text(&self, name: &str) -> Result<&'a str, Broken> {
        self.maybe_text(name)?.ok_or_else(|| missing(name))
    }

    pub fn maybe_text(&self, name: &str) -> Result<Option<&'a str>, Broken> {
        match self.0.get(name) {
            None | Some(AttributeValue::Null(_)) => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name)),
        }
    }

    pub fn owned(&self, name: &str) -> Result<Option<String>, Broken> {
        Ok(self.maybe_text(name)?.map(str::to_owned))
    }

    pub fn number<N: std::str::FromStr>(&self, name: &str) -> Result<N, Broken> {
        self.maybe_number(name)?.ok_or_else(|| missing(name))
    }

    pub fn maybe_number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, Broken> {
        match self.0.get(name) {
            None | Some(AttributeValue::Null(_)) => Ok(None),
            Some(AttributeValue::N(number)) => number.parse().map(Some).map_err(|_| wrong(name)),
            Some(_) => Err(wrong(name)),
        }
    }

    pub fn flag(&self, name: &str) -> Result<bool, Broken> {
        match self.0.get(name) {
            None => Ok(false),
            Some(AttributeValue::Bool(flag)) => Ok(*flag),
            Some(_) => Err(wrong(name)),
        }
    }

    pub fn bytes(&self, name: &str) -> Result<&'a [u8], Broken> {
        match self.0.get(name) {
            Some(AttributeValue::B(bytes)) => Ok(bytes.as_ref()),
            Some(_) => Err(wrong(name)),
            None => Err(missing(name)),
        }
    }

    pub fn texts(&self, name: &str) -> Result<Vec<String>, Broken> {
        let Some(value) = self.0.get(name) else {
            return Ok(Vec::new());
        };
        let AttributeValue::L(list) = value else {
            return Err(wrong(name));
        };
        list.iter()
            .map(|entry| entry.as_s().cloned().map_err(|_| wrong(name)))
            .collect()
    }

    pub fn maps(&self, name: &str) -> Result<Vec<Item<'a>>, Broken> {
        let Some(value) = self.0.get(name) else {
            return Ok(Vec::new());
        };
        let AttributeValue::L(list) = value else {
            return Err(wrong(name));
        };
        list.iter()
            .map(|entry| entry.as_m().map(Item).map_err(|_| wrong(name)))
            .collect()
    }

    pub fn map(&self, name: &str) -> Result<Option<Item<'a>>, Broken> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::M(map)) => Ok(Some(Item(map))),
            Some(_) => Err(wrong(name)),
        }
    }

    /// Whether the item stands at this key.
    pub fn stands_at(&self, key: &Key) -> bool {
        self.0.get("PK") == Some(&text_value(&key.partition))
            && self.0.get("SK") == Some(&text_value(&key.sort))
    }

    /// An identifier, read with its own `parse`.
    pub fn id<T>(&self, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Broken> {
        parse(self.text(name)?).ok_or_else(|| wrong(name))
    }

    /// The part of the sort key after this prefix, read as an identifier.
    pub fn sort_id<T>(&self, prefix: &str, parse: fn(&str) -> Option<T>) -> Result<T, Broken> {
        let suffix = self
            .text("SK")?
            .strip_prefix(prefix)
            .ok_or_else(|| wrong("SK"))?;
        parse(suffix).ok_or_else(|| wrong("SK"))
    }
}

fn missing(name: &str) -> Broken {
    Broken::internal(format!("a stored item lacks {name}"))
}

fn wrong(name: &str) -> Broken {
    Broken::internal(format!("a stored item has an unreadable {name}"))
}

/// Closes an item that this program cannot read, and no other item. A newer
/// version wrote it, so for this version the item does not exist.
pub(super) trait Closed<T> {
    /// The item; or `None`, and a line in the log that names the `kind` of the
    /// item.
    fn newer(self, kind: &str) -> Option<T>;
}

impl<T> Closed<T> for Result<T, Broken> {
    fn newer(self, kind: &str) -> Option<T> {
        self.inspect_err(
            |broken| tracing::error!(kind, error = %broken, "an item could not be read"),
        )
        .ok()
    }
}

/// An item under construction.
pub(super) struct NewItem(pub Attributes);

impl NewItem {
    /// An item at this key, with its version.
    pub fn of_key(key: &Key) -> Self {
        let mut attributes = key.to_attributes();
        attributes.insert("v".to_owned(), number_value(ITEM_VERSION));
        Self(attributes)
    }

    pub fn nested() -> Self {
        Self(Attributes::new())
    }

    pub fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    pub fn maybe(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub fn into_value(self) -> AttributeValue {
        AttributeValue::M(self.0)
    }
}
