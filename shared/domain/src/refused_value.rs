//! The part of a request that was refused. The log names the part. An answer
//! names the part only if the service runs on its developer's machine.

/// The most characters of a value that are kept.
const LONGEST: usize = 200;

/// Where the refused value is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// In the log only, because an answer must not reveal the settings to a
    /// stranger.
    InTheLog,
    InAnswersToo,
}

/// A scope, an audience, a client or a redirect URI that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    what: &'static str,
    value: String,
    naming: Naming,
}

impl Refused {
    /// `value` as the request has it. `what` names the kind of the value. At
    /// most 200 characters are kept; control and invisible characters are
    /// escaped. User information, query and fragment of a URI are left out,
    /// because they may hold secrets.
    pub fn new(what: &'static str, value: &str) -> Self {
        let value = match value.split_once("://") {
            None => value.to_owned(),
            Some((scheme, rest)) => format!("{scheme}://{}", without_secrets(rest)),
        };
        Self {
            what,
            value: value.escape_debug().take(LONGEST).collect(),
            naming: Naming::InTheLog,
        }
    }

    /// This value, named at the given place.
    pub fn named(self, naming: Naming) -> Self {
        Self { naming, ..self }
    }

    /// For the log: `scope "read:sample"`.
    pub fn text(&self) -> String {
        format!("{} \"{}\"", self.what, self.value)
    }

    /// The text for the answer, if answers name the value.
    pub fn told(&self) -> Option<String> {
        (self.naming == Naming::InAnswersToo).then(|| self.text())
    }
}

/// The part of a URI between `://` and the query, without the user information
/// before the host.
fn without_secrets(rest: &str) -> &str {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let rest = rest.get(..end).unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    host.rfind('@')
        .and_then(|at| rest.get(at + 1..))
        .unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::{Naming, Refused};

    #[test]
    fn a_value_is_bounded_and_what_cannot_be_seen_is_escaped() {
        let refused = Refused::new("scope", "a\u{1b}[2J\n\u{200b}\"b\"");
        assert_eq!(refused.text(), r#"scope "a\u{1b}[2J\n\u{200b}\"b\"""#);
        let long = Refused::new("client", &"\n".repeat(100_000));
        assert_eq!(long.text().len(), "client \"\"".len() + 200);
    }

    #[test]
    fn a_uri_is_named_without_what_may_be_secret() {
        for (uri, named) in [
            ("https://app.example/cb?token=s#f", "https://app.example/cb"),
            (
                "https://user:s3cret@app.example/a@b",
                "https://app.example/a@b",
            ),
            ("com.example.app://cb", "com.example.app://cb"),
            ("https://app.example#s", "https://app.example"),
        ] {
            let text = Refused::new("redirect_uri", uri).text();
            assert_eq!(text, format!("redirect_uri \"{named}\""));
        }
    }

    #[test]
    fn an_answer_names_it_only_where_it_is_to() {
        let refused = Refused::new("audience", "x");
        assert_eq!(refused.told(), None);
        let told = refused.named(Naming::InAnswersToo).told();
        assert_eq!(told.as_deref(), Some("audience \"x\""));
    }
}
