//! The parameters of a request, however they were sent.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::wire::field_types::{Type, type_of};

/// The most parameters that a request may have.
const MOST: usize = 200;

/// What stands before a text that an editor or a library has saved as UTF-8
/// (RFC 8259 8.1: a parser may ignore it).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const TWICE: Refusal = Refusal::RequestMalformed("a parameter stands twice");
const TOO_MANY: Refusal = Refusal::RequestMalformed("there are too many parameters");

/// Named parameters. Any of them may be a secret, so none can be printed. No
/// two names differ in their case only.
#[derive(Debug, Default)]
pub struct Fields {
    /// By the name in lower case: the name as it was sent, and the value.
    texts: HashMap<String, (String, Secret)>,
}

impl Fields {
    /// Reads a body. One that begins with `{` is JSON whatever its content
    /// type says; any other is a form, with spaces raw, as `+` or as `%20`.
    /// A JSON `null` and an empty value mean absent (RFC 6749 3.2), and a byte
    /// order mark is ignored. JSON's numbers and booleans are their text, and a
    /// list of texts where the parameter is one by nature is joined by spaces.
    ///
    /// # Errors
    /// `RequestMalformed` for JSON that is none or that `content_type`
    /// promises in vain, for a parameter that stands twice in whatever case, for
    /// an array or an object where a text is read, and for more than 200
    /// parameters.
    pub fn parse(content_type: Option<&str>, body: &[u8]) -> Result<Self, Refusal> {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let begins = body.iter().find(|byte| !byte.is_ascii_whitespace());
        let promised = content_type.is_some_and(|kind| {
            kind.trim_start()
                .to_ascii_lowercase()
                .starts_with("application/json")
        });
        match begins {
            None => Ok(Self::default()),
            Some(b'{') => Self::from_json(body),
            Some(_) if promised => Err(Refusal::RequestMalformed("the body is not a JSON object")),
            Some(_) => Self::from_form(body),
        }
    }

    fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        let Ok(Members(members)) = serde_json::from_slice(body) else {
            return Err(Refusal::RequestMalformed("the body is not valid JSON"));
        };
        if members.len() > MOST {
            return Err(TOO_MANY);
        }
        let mut fields = Self::default();
        for (name, value) in members {
            let text = text_of(&name, value)?;
            fields.add(name, text)?;
        }
        // Those that are absent have only been compared with the others' names.
        fields
            .texts
            .retain(|_, (_, value)| !value.expose().is_empty());
        Ok(fields)
    }

    /// Reads a form or a query string. A byte order mark is ignored.
    ///
    /// # Errors
    /// `RequestMalformed` for a parameter that stands twice in whatever case, and
    /// for more than 200 parameters.
    pub fn from_form(form: &[u8]) -> Result<Self, Refusal> {
        let form = form.strip_prefix(BYTE_ORDER_MARK).unwrap_or(form);
        let pairs = form_urlencoded::parse(form);
        Self::from_pairs(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    /// Parameters that were read already. An empty value means absent.
    ///
    /// # Errors
    /// `RequestMalformed` for a parameter that stands twice, and for too many.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Refusal> {
        let mut fields = Self::default();
        for (at, (name, value)) in pairs.into_iter().enumerate() {
            if at == MOST {
                return Err(TOO_MANY);
            }
            if !value.is_empty() {
                fields.add(name, value)?;
            }
        }
        Ok(fields)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), Refusal> {
        match self.texts.entry(name.to_ascii_lowercase()) {
            Entry::Occupied(_) => Err(TWICE),
            Entry::Vacant(free) => {
                free.insert((name, Secret::new(value)));
                Ok(())
            }
        }
    }

    /// The names of those that were sent, as they were sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.values().map(|(name, _)| name.as_str())
    }

    /// A parameter, if it was sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(Secret::expose)
    }

    /// The texts of a list, which are separated by spaces. Empty if it is absent.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let list = self.get(name).unwrap_or_default();
        list.split_ascii_whitespace().collect()
    }

    /// A parameter whose name may be written in any case, as ABP's are.
    pub fn get_any_case(&self, name: &str) -> Option<&str> {
        self.secret_any_case(name).map(Secret::expose)
    }

    /// A secret parameter whose name may be written in any case.
    pub fn secret_any_case(&self, name: &str) -> Option<&Secret> {
        let sent = self.texts.get(&name.to_ascii_lowercase());
        sent.map(|(_, value)| value)
    }

    /// A parameter in any case that must be there.
    ///
    /// # Errors
    /// `ParameterMissing`.
    pub fn required_any_case(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get_any_case(name)
            .ok_or(Refusal::ParameterMissing(name))
    }

    /// A secret parameter in any case that must be there.
    ///
    /// # Errors
    /// `ParameterMissing`.
    pub fn required_secret_any_case(&self, name: &'static str) -> Result<&Secret, Refusal> {
        self.secret_any_case(name)
            .ok_or(Refusal::ParameterMissing(name))
    }

    /// A secret parameter, if it was sent.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        let sent = self.texts.get(&name.to_ascii_lowercase());
        sent.filter(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// `ParameterMissing`.
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::ParameterMissing(name))
    }

    /// A secret parameter that must be there.
    ///
    /// # Errors
    /// `ParameterMissing`.
    pub fn required_secret(&self, name: &'static str) -> Result<&Secret, Refusal> {
        self.secret(name).ok_or(Refusal::ParameterMissing(name))
    }
}

/// The text of a member of a JSON object; empty if it is `null`.
fn text_of(name: &str, value: Value) -> Result<String, Refusal> {
    match (value, type_of(name)) {
        (Value::Null, _) => Ok(String::new()),
        (Value::String(text), _) => Ok(text),
        (Value::Number(number), _) => Ok(number.to_string()),
        (Value::Bool(flag), _) => Ok(flag.to_string()),
        (Value::Array(items), Type::List) => joined(&items),
        (Value::Array(_) | Value::Object(_), Type::List | Type::Text) => Err(
            Refusal::RequestMalformed("an array or an object stands where a text belongs"),
        ),
        // Nobody reads it. If somebody does, it is no absent parameter.
        (other @ (Value::Array(_) | Value::Object(_)), Type::Unknown) => Ok(other.to_string()),
    }
}

/// The texts of a list in one. A list of none is no absent one: it asks for
/// nothing, where an absent one may ask for everything.
fn joined(items: &[Value]) -> Result<String, Refusal> {
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        let text = item.as_str().ok_or(Refusal::RequestMalformed(
            "a list holds something else than texts",
        ))?;
        texts.push(text);
    }
    let joined = texts.join(" ");
    let none = joined.trim().is_empty();
    Ok(if none { " ".to_owned() } else { joined })
}

/// The members of a JSON object as they stand there, also those that stand twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = object.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
