//! The parameters of a request, however they were sent.

use std::collections::HashMap;

use serde_json::Value;

use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;

/// Named parameters. Any of them may be a secret, so none can be printed.
#[derive(Debug, Default)]
pub struct Fields {
    texts: HashMap<String, Secret>,
    /// JSON's arrays of texts.
    lists: HashMap<String, Vec<String>>,
}

impl Fields {
    /// Reads a body. One that begins with `{` is JSON whatever its content
    /// type says; any other is a form, with spaces raw, as `+` or as `%20`.
    /// A JSON `null` and an empty value mean absent (RFC 6749 3.2).
    ///
    /// # Errors
    /// `RequestMalformed` for JSON that is none or that `content_type`
    /// promises in vain, and for a parameter that stands twice.
    pub fn parse(content_type: Option<&str>, body: &[u8]) -> Result<Self, Refusal> {
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
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Err(Refusal::RequestMalformed("the body is not valid JSON"));
        };
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let list = |value: &Value| -> Option<Vec<String>> {
            let several = value.as_array()?.iter();
            several.map(|one| one.as_str().map(str::to_owned)).collect()
        };
        let lists = members
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), list(value)?)))
            .collect();
        let texts = members
            .into_iter()
            .filter_map(|(name, value)| Some((name, text(value)?)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, Secret::new(value)))
            .collect();
        Ok(Self { texts, lists })
    }

    /// Reads a form or a query string.
    ///
    /// # Errors
    /// `RequestMalformed` for a parameter that stands twice.
    pub fn from_form(form: &[u8]) -> Result<Self, Refusal> {
        let pairs = form_urlencoded::parse(form);
        Self::from_pairs(pairs.map(|(name, value)| (name.into_owned(), Secret::new(value))))
    }

    /// Parameters that were read already. An empty value means absent.
    ///
    /// # Errors
    /// `RequestMalformed` for a parameter that stands twice.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, Secret)>) -> Result<Self, Refusal> {
        let mut texts = HashMap::new();
        for (name, value) in pairs {
            if !value.expose().is_empty() && texts.insert(name, value).is_some() {
                return Err(Refusal::RequestMalformed("a parameter stands twice"));
            }
        }
        Ok(Self {
            texts,
            lists: HashMap::new(),
        })
    }

    /// A parameter, if it was sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(Secret::expose)
    }

    /// The texts of a list: a JSON array of texts, or one parameter that
    /// separates them by spaces. Empty if it is absent.
    pub fn list(&self, name: &str) -> Vec<&str> {
        match self.lists.get(name) {
            Some(list) => list.iter().map(String::as_str).collect(),
            None => {
                let one = self.get(name).unwrap_or_default();
                one.split_ascii_whitespace().collect()
            }
        }
    }

    /// A parameter whose name may be written in any case, as ABP's are.
    pub fn get_any_case(&self, name: &str) -> Option<&str> {
        self.secret_any_case(name).map(Secret::expose)
    }

    /// A secret parameter whose name may be written in any case.
    pub fn secret_any_case(&self, name: &str) -> Option<&Secret> {
        let same = |(known, _): &(&String, &Secret)| known.eq_ignore_ascii_case(name);
        self.texts.iter().find(same).map(|(_, value)| value)
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
        self.texts.get(name)
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

#[cfg(test)]
mod tests {
    use super::{Fields, Refusal};

    fn scope(body: &str) -> Option<String> {
        let fields = Fields::parse(Some("application/x-www-form-urlencoded"), body.as_bytes());
        fields.unwrap().get("scope").map(str::to_owned)
    }

    #[test]
    fn a_form_may_send_spaces_raw_as_plus_or_encoded() {
        for body in [
            "scope=openid profile",
            "scope=openid+profile",
            "scope=openid%20profile",
        ] {
            assert_eq!(scope(body).as_deref(), Some("openid profile"));
        }
    }

    #[test]
    fn a_body_that_begins_with_a_brace_is_json_under_any_content_type() {
        assert_eq!(scope(" {\"scope\": \"openid\"}").as_deref(), Some("openid"));
    }

    #[test]
    fn null_and_empty_mean_absent() {
        assert_eq!(scope("{\"scope\": null}"), None);
        assert_eq!(scope("{\"scope\": \"\"}"), None);
        assert_eq!(scope("scope="), None);
    }

    #[test]
    fn a_list_is_a_json_array_of_texts_or_one_text() {
        let list = |body: &str| -> Vec<String> {
            let fields = Fields::parse(None, body.as_bytes()).unwrap();
            fields.list("l").into_iter().map(str::to_owned).collect()
        };
        assert_eq!(list("{\"l\": [\"a\", \"b\"]}"), ["a", "b"]);
        assert_eq!(list("{\"l\": \"a b\"}"), ["a", "b"]);
        assert_eq!(list("l=a"), ["a"]);
        for none in ["{\"l\": [1]}", "{\"l\": {}}", "{}"] {
            assert_eq!(list(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn a_number_in_json_is_its_text() {
        assert_eq!(scope("{\"scope\": 123456}").as_deref(), Some("123456"));
    }

    #[test]
    fn what_cannot_be_read_is_malformed() {
        let malformed = Refusal::RequestMalformed("");
        for (kind, body) in [
            ("application/json", "scope=openid"),
            ("application/json; charset=utf-8", "[1]"),
            ("application/json", "{\"scope\": "),
            ("application/x-www-form-urlencoded", "scope=a&scope=b"),
        ] {
            let parsed = Fields::parse(Some(kind), body.as_bytes());
            assert_eq!(parsed.err(), Some(malformed.clone()), "{body}");
        }
    }
}
