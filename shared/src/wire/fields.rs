//! The parameters of a request, from JSON, a form or a query string.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::wire::field_types::{Type, known_name, type_of};

/// The most parameters that a request may have.
const MOST: usize = 200;

/// The UTF-8 byte order mark that some editors and libraries write before a text (RFC
/// 8259 8.1: a parser may ignore it).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const TOO_MANY: Refusal = Refusal::RequestMalformed("there are too many parameters");

/// Named parameters. Any value may be a secret, so no value can be printed. No two
/// names differ only in case.
#[derive(Debug, Default)]
pub struct Fields {
    /// Key: the name in lower case. Value: the name as it was sent, and the value.
    texts: HashMap<String, (String, Secret)>,
}

impl Fields {
    /// Reads a body. A body that begins with `{` is read as JSON, whatever its content
    /// type is. Any other body is read as a form; a space may be raw, `+` or `%20`. A
    /// JSON `null` and an empty value mean absent (RFC 6749 3.2). A byte order mark is
    /// ignored. JSON numbers and booleans become their text. A JSON list of texts is
    /// joined by spaces if the parameter is a list.
    ///
    /// # Errors
    /// `RequestMalformed` in these cases: the JSON is invalid, `content_type` says JSON
    /// and the body is not a JSON object, or there are more than 200 parameters.
    /// `ParameterInvalid` if a parameter stands twice (in any case of letters), or if a
    /// text parameter has an array or an object.
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
        // Absent parameters were kept until here so that a repeated name is found.
        fields
            .texts
            .retain(|_, (_, value)| !value.expose().is_empty());
        Ok(fields)
    }

    /// Reads a form or a query string. A byte order mark is ignored.
    ///
    /// # Errors
    /// `ParameterInvalid` if a parameter stands twice (in any case of letters);
    /// `RequestMalformed` if there are more than 200 parameters.
    pub fn from_form(form: &[u8]) -> Result<Self, Refusal> {
        let form = form.strip_prefix(BYTE_ORDER_MARK).unwrap_or(form);
        let pairs = form_urlencoded::parse(form);
        Self::from_pairs(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    /// Takes parameters that are parsed already. An empty value means absent.
    ///
    /// # Errors
    /// `ParameterInvalid` if a parameter stands twice; `RequestMalformed` if there are
    /// more than 200 parameters.
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
            Entry::Occupied(taken) => Err(wrong(taken.key(), "a parameter stands twice")),
            Entry::Vacant(free) => {
                free.insert((name, Secret::new(value)));
                Ok(())
            }
        }
    }

    /// The names of the parameters, as they were sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.values().map(|(name, _)| name.as_str())
    }

    /// A parameter, if it was sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(Secret::expose)
    }

    /// The texts of a list parameter, split at spaces. Empty if the parameter is
    /// absent.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let list = self.get(name).unwrap_or_default();
        list.split_ascii_whitespace().collect()
    }

    /// A parameter whose name may be written in any case, as in ABP.
    pub fn get_any_case(&self, name: &str) -> Option<&str> {
        self.secret_any_case(name).map(Secret::expose)
    }

    /// A secret parameter whose name may be written in any case.
    pub fn secret_any_case(&self, name: &str) -> Option<&Secret> {
        let sent = self.texts.get(&name.to_ascii_lowercase());
        sent.map(|(_, value)| value)
    }

    /// A required parameter whose name may be written in any case.
    ///
    /// # Errors
    /// `ParameterMissing`.
    pub fn required_any_case(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get_any_case(name)
            .ok_or(Refusal::ParameterMissing(name))
    }

    /// A required secret parameter whose name may be written in any case.
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

    /// A required parameter.
    ///
    /// # Errors
    /// `ParameterMissing`.
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::ParameterMissing(name))
    }

    /// A required secret parameter.
    ///
    /// # Errors
    /// `ParameterMissing`.
    pub fn required_secret(&self, name: &'static str) -> Result<&Secret, Refusal> {
        self.secret(name).ok_or(Refusal::ParameterMissing(name))
    }
}

/// The text of a JSON member. Empty if the member is `null`.
fn text_of(name: &str, value: Value) -> Result<String, Refusal> {
    match (value, type_of(name)) {
        (Value::Null, _) => Ok(String::new()),
        (Value::String(text), _) => Ok(text),
        (Value::Number(number), _) => Ok(number.to_string()),
        (Value::Bool(flag), _) => Ok(flag.to_string()),
        (Value::Array(items), Type::List) => joined(name, &items),
        (object @ Value::Object(_), Type::Object) => Ok(object.to_string()),
        (Value::Array(_), Type::Object) => {
            Err(wrong(name, "an array stands where an object belongs"))
        }
        (Value::Array(_) | Value::Object(_), Type::List | Type::Text) => Err(wrong(
            name,
            "an array or an object stands where a text belongs",
        )),
        // No handler reads this parameter today. If one does later, the parameter does
        // not count as absent.
        (other @ (Value::Array(_) | Value::Object(_)), Type::Unknown) => Ok(other.to_string()),
    }
}

/// A parameter that is wrong. The refusal names a parameter that a handler documents.
fn wrong(name: &str, problem: &'static str) -> Refusal {
    match known_name(name) {
        Some(name) => Refusal::ParameterInvalid { name, problem },
        None => Refusal::RequestMalformed(problem),
    }
}

/// Joins the texts of a list. An empty list gives one space, so that it does not count
/// as absent: an empty list asks for nothing, and an absent list may ask for
/// everything.
fn joined(name: &str, items: &[Value]) -> Result<String, Refusal> {
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        let text = item.as_str();
        let others = "a list holds something else than texts";
        texts.push(text.ok_or_else(|| wrong(name, others))?);
    }
    let joined = texts.join(" ");
    let none = joined.trim().is_empty();
    Ok(if none { " ".to_owned() } else { joined })
}

/// The members of a JSON object in their order, including repeated names.
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
