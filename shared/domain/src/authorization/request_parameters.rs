//! The optional parameters of an authorization request (OpenID Connect Core 3.1.2.1):
//! how the answer is returned, and what the sign-in must meet.

use crate::Timestamp;
use crate::id::UserId;
use crate::refusal::Refusal;

/// The values of `response_type` that the service supports.
pub const RESPONSE_TYPES: [&str; 3] = ["code", "token", "id_token"];

/// The longest `login_hint`, in bytes: no e-mail address is longer.
const LONGEST_HINT: usize = 254;

/// The most seconds by which the clocks of two servers differ.
const CLOCK_DIFFERENCE: i64 = 60;

/// How the answer is returned (OAuth 2.0 Multiple Response Types 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    Fragment,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
    /// In a message to the page that opened or frames ours.
    WebMessage,
}

impl ResponseMode {
    /// The values of `response_mode` that the service supports.
    pub const VALUES: [&str; 4] = ["query", "fragment", "form_post", "web_message"];

    /// The mode if the request has no `response_mode`: a token is returned in the
    /// fragment, and a code in the query.
    pub fn default_of(response_type: Option<&str>) -> Self {
        let mut asked = response_type.unwrap_or_default().split_ascii_whitespace();
        match asked.any(|one| one == "token" || one == "id_token") {
            true => Self::Fragment,
            false => Self::Query,
        }
    }

    /// The mode that the request asks for.
    ///
    /// # Errors
    /// `RequestMalformed`: an unsupported mode, or the query for a token (OAuth
    /// 2.0 Multiple Response Types 5).
    pub fn parse(mode: Option<&str>, response_type: Option<&str>) -> Result<Self, Refusal> {
        let default = Self::default_of(response_type);
        match (mode, default) {
            (None, default) => Ok(default),
            (Some("fragment"), _) => Ok(Self::Fragment),
            (Some("form_post"), _) => Ok(Self::FormPost),
            (Some("web_message"), _) => Ok(Self::WebMessage),
            (Some("query"), Self::Query) => Ok(Self::Query),
            (Some("query"), _) => Err(Refusal::RequestMalformed(
                "response_mode=query is not for tokens",
            )),
            (Some(_), _) => Err(Refusal::RequestMalformed(
                "response_mode must be query, fragment, form_post or web_message",
            )),
        }
    }
}

/// `prompt`: what the pages ask the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Ask nothing. If the service would have to ask, the answer is an error.
    pub none: bool,
    /// Ask the user to sign in again.
    pub login: bool,
    /// Ask the user to agree.
    pub consent: bool,
    /// Ask whether this is the right account.
    pub select_account: bool,
}

impl Prompt {
    /// The values of `prompt` that the service supports.
    pub const VALUES: [&str; 4] = ["none", "login", "consent", "select_account"];

    /// Reads the parameter: values that are separated by spaces.
    ///
    /// # Errors
    /// `RequestMalformed`: an unknown value, or `none` beside another value.
    pub fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let mut prompt = Self::default();
        for value in text.unwrap_or_default().split_ascii_whitespace() {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => {
                    return Err(Refusal::RequestMalformed(
                        "prompt must be none, login, consent or select_account",
                    ));
                }
            }
        }
        if prompt.none && prompt.asks() {
            return Err(Refusal::RequestMalformed(
                "prompt=none stands beside no other value",
            ));
        }
        Ok(prompt)
    }

    fn asks(self) -> bool {
        self.login || self.consent || self.select_account
    }

    /// Whether the pages ask a signed-in user something before the answer.
    pub fn asks_who_is_signed_in(self) -> bool {
        self.consent || self.select_account
    }
}

/// The user who is signed in in the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub user: UserId,
    /// When the user authenticated.
    pub at: Timestamp,
    /// Whether the request wishes a factor that the user has and this session has not
    /// shown.
    pub lacks_factor: bool,
}

/// What the request demands of the browser's session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// The sign-in must be at this time or later.
    pub since: Option<Timestamp>,
    /// The session must be of this user.
    pub user: Option<UserId>,
}

impl Demand {
    /// The demand without a time in the future, which no sign-in can meet. Only
    /// a changed address has such a time, except for the difference between two
    /// servers' clocks.
    pub fn possible_at(self, now: Timestamp) -> Self {
        let latest = now.saturating_add(CLOCK_DIFFERENCE);
        Self {
            since: self.since.filter(|since| *since <= latest),
            ..self
        }
    }

    /// Whether this session meets the demands.
    pub fn is_met_by(self, signed_in: SignedIn) -> bool {
        let same = self.user.is_none_or(|user| signed_in.user == user);
        self.is_fresh(signed_in) && same && !signed_in.lacks_factor
    }

    /// Whether another user has signed in than the request demands.
    pub fn is_of_another(self, signed_in: SignedIn) -> bool {
        self.is_fresh(signed_in) && self.user.is_some_and(|user| signed_in.user != user)
    }

    fn is_fresh(self, signed_in: SignedIn) -> bool {
        self.since.is_none_or(|since| signed_in.at >= since)
    }
}

/// A whole number of seconds, the form of `max_age`.
///
/// # Errors
/// `RequestMalformed`.
pub fn read_seconds(text: Option<&str>) -> Result<Option<i64>, Refusal> {
    let Some(text) = text else {
        return Ok(None);
    };
    let digits = text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.map(Some).ok_or(Refusal::RequestMalformed(
        "max_age must be a whole number of seconds",
    ))
}

/// Refuses a `login_hint` that cannot name a user.
///
/// # Errors
/// `RequestMalformed`.
pub fn check_hint(hint: Option<&str>) -> Result<(), Refusal> {
    match hint.is_some_and(|hint| hint.len() > LONGEST_HINT) {
        true => Err(Refusal::RequestMalformed("login_hint is too long")),
        false => Ok(()),
    }
}

/// A parameter that the service does not support (OpenID Connect Core 6 and
/// 7.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// `request`: the parameters in a JWT.
    Request,
    /// `request_uri`: a URL that holds the parameters.
    RequestUri,
    /// `registration`: the client brings its own metadata.
    Registration,
}

impl Unsupported {
    /// The error code (OpenID Connect Core 3.1.2.6).
    pub fn error_code(self) -> &'static str {
        match self {
            Self::Request => "request_not_supported",
            Self::RequestUri => "request_uri_not_supported",
            Self::Registration => "registration_not_supported",
        }
    }
}

/// How a request that is answered by a code wants the code to be exchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeWanted {
    /// The code challenge by `S256`, if the request has one.
    pub challenge: Option<String>,
    /// The `nonce` for the id token, if the request has one.
    pub nonce: Option<String>,
    /// Whether the ID token names a second factor as Auth0 does.
    pub named_as_auth0: bool,
}

impl CodeWanted {
    /// How the code of a login is exchanged that began with this, if the request that
    /// completes the login asks for `later`. A later request may repeat the challenge or
    /// leave it out.
    ///
    /// # Errors
    /// `RequestMalformed` for another challenge.
    pub fn with_later(self, later: &Self) -> Result<Self, Refusal> {
        match (&self.challenge, &later.challenge) {
            (Some(began), Some(named)) if began != named => Err(Refusal::RequestMalformed(
                "code_challenge is not the one that the login began with",
            )),
            _ => Ok(Self {
                challenge: self.challenge.or_else(|| later.challenge.clone()),
                nonce: self.nonce.or_else(|| later.nonce.clone()),
                named_as_auth0: self.named_as_auth0 || later.named_as_auth0,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CodeWanted, Demand, Prompt, Refusal, ResponseMode, read_seconds};

    fn asked(challenge: Option<&str>, nonce: Option<&str>) -> CodeWanted {
        CodeWanted {
            challenge: challenge.map(str::to_owned),
            nonce: nonce.map(str::to_owned),
            named_as_auth0: false,
        }
    }

    #[test]
    fn a_later_request_adds_what_is_missing_and_changes_no_challenge() {
        for (began, later, wanted) in [
            (Some("a"), Some("a"), Some(Some("a"))),
            (Some("a"), None, Some(Some("a"))),
            (None, Some("b"), Some(Some("b"))),
            (None, None, Some(None)),
            (Some("a"), Some("b"), None),
        ] {
            let completed = asked(began, Some("first")).with_later(&asked(later, Some("later")));
            let wanted = wanted.map(|challenge| asked(challenge, Some("first")));
            assert_eq!(completed.ok(), wanted, "{began:?} {later:?}");
        }
        let completed = asked(None, None).with_later(&asked(None, Some("later")));
        assert_eq!(completed, Ok(asked(None, Some("later"))));
    }

    #[test]
    fn a_sign_in_is_not_demanded_since_the_future() {
        let since = |since| {
            let demand = Demand {
                since: Some(since),
                user: None,
            };
            demand.possible_at(1000).since
        };
        assert_eq!(since(1000), Some(1000));
        assert_eq!(since(1060), Some(1060));
        assert_eq!(since(1061), None);
        assert_eq!(since(i64::MAX), None);
        assert_eq!(since(i64::MIN), Some(i64::MIN));
    }

    #[test]
    fn none_stands_alone_and_no_other_value_is_known() {
        let alone = "prompt=none stands beside no other value";
        let known = "prompt must be none, login, consent or select_account";
        for (text, problem) in [
            ("none login", alone),
            ("consent none", alone),
            ("create", known),
            ("LOGIN", known),
            ("login,consent", known),
        ] {
            let malformed = Err(Refusal::RequestMalformed(problem));
            assert_eq!(Prompt::parse(Some(text)), malformed, "{text}");
        }
        let both = Prompt::parse(Some(" login  consent login "));
        let expected = Prompt {
            login: true,
            consent: true,
            ..Prompt::default()
        };
        assert_eq!(both, Ok(expected));
        assert_eq!(Prompt::parse(None), Ok(Prompt::default()));
    }

    #[test]
    fn a_token_never_travels_in_a_query() {
        let parse = |mode, kind| ResponseMode::parse(Some(mode), Some(kind));
        let malformed = |problem| Err(Refusal::RequestMalformed(problem));
        let not_for_tokens = malformed("response_mode=query is not for tokens");
        assert_eq!(parse("query", "token"), not_for_tokens);
        assert_eq!(parse("query", "id_token"), not_for_tokens);
        assert_eq!(parse("query", "code id_token"), not_for_tokens);
        assert_eq!(parse("fragment", "code"), Ok(ResponseMode::Fragment));
        assert_eq!(parse("form_post", "token"), Ok(ResponseMode::FormPost));
        assert_eq!(parse("web_message", "token"), Ok(ResponseMode::WebMessage));
        for mode in ["form.post", "web-message", "query.jwt", "Query"] {
            let unknown =
                malformed("response_mode must be query, fragment, form_post or web_message");
            assert_eq!(parse(mode, "code"), unknown, "{mode}");
        }
    }

    #[test]
    fn an_age_is_a_whole_number() {
        for bad in [
            "",
            "-1",
            "1.5",
            "1e3",
            " 1",
            "+1",
            "99999999999999999999",
            "x",
        ] {
            assert_eq!(
                read_seconds(Some(bad)),
                Err(Refusal::RequestMalformed(
                    "max_age must be a whole number of seconds"
                )),
                "{bad}"
            );
        }
        assert_eq!(read_seconds(Some("0")), Ok(Some(0)));
        assert_eq!(read_seconds(Some("3600")), Ok(Some(3600)));
    }
}
