//! The owner of a login or a session: an app, or our own pages.

use crate::authorization::client::{Authorized, Client, Scope};
use crate::authorization::known_scope::KnownScope;

/// How long a browser stays signed in to our own pages, in seconds (12 hours).
const BROWSER_SECONDS: i64 = 43_200;

/// How logins and sessions of our own pages name their client. No request can name
/// it, because a `client_id` is never empty.
const PAGES: &str = "";

/// The party that asks for a login and then owns the session.
#[derive(Clone, Copy, Debug)]
pub enum Party<'a> {
    /// An app, which gets tokens.
    App(&'a Client),
    /// Our own pages in a browser, which gets a cookie.
    Pages,
}

impl<'a> Party<'a> {
    /// The client as logins and sessions name it.
    pub fn name(self) -> &'a str {
        match self {
            Self::App(client) => &client.id,
            Self::Pages => PAGES,
        }
    }

    /// Whether these are our own pages.
    pub fn is_pages(self) -> bool {
        matches!(self, Self::Pages)
    }

    /// Whether a login of this party keeps a session: a browser's, and one whose client was
    /// granted a refresh token.
    pub fn keeps_session(self, granted: &Scope) -> bool {
        self.is_pages() || granted.has(KnownScope::OfflineAccess)
    }

    /// How long a session lives without use, in seconds. `default` is the
    /// service's setting for apps.
    pub fn idle_seconds(self, default: i64) -> i64 {
        match self {
            Self::App(client) => client.refresh_idle_seconds.unwrap_or(default),
            Self::Pages => BROWSER_SECONDS,
        }
    }

    /// How long a session lives at most, in seconds. `default` is the service's
    /// setting for apps.
    pub fn absolute_seconds(self, default: i64) -> i64 {
        match self {
            Self::App(client) => client.refresh_absolute_seconds.unwrap_or(default),
            Self::Pages => BROWSER_SECONDS,
        }
    }
}

impl Authorized {
    /// What our own pages are granted: no scope.
    pub fn of_pages(audience: Vec<String>) -> Self {
        Self {
            client: PAGES.to_owned(),
            audience,
            ..Self::default()
        }
    }

    /// Whether it was granted to our own pages.
    pub fn is_of_pages(&self) -> bool {
        self.client == PAGES
    }
}

#[cfg(test)]
mod tests {
    use super::{Authorized, Party, Scope};
    use crate::authorization::client::Client;

    #[test]
    fn an_app_has_its_own_lifetimes_or_those_of_the_settings_and_the_pages_have_twelve_hours() {
        let mut client = Client {
            ..Client::new("app")
        };
        let of = |party: Party<'_>| (party.idle_seconds(1), party.absolute_seconds(2));
        assert_eq!(of(Party::App(&client)), (1, 2));
        client.refresh_idle_seconds = Some(3);
        client.refresh_absolute_seconds = Some(4);
        assert_eq!(of(Party::App(&client)), (3, 4));
        assert_eq!(of(Party::Pages), (43_200, 43_200));
    }

    #[test]
    fn the_pages_are_stored_as_an_empty_client_as_earlier_versions_read_them() {
        assert_eq!(Party::Pages.name(), "");
        let stored = Authorized::of_pages(vec!["audience".into()]);
        assert_eq!((stored.client.as_str(), stored.is_of_pages()), ("", true));
        let of_app = Authorized {
            client: "app".into(),
            ..stored
        };
        assert!(!of_app.is_of_pages());
    }

    #[test]
    fn a_browser_keeps_a_session_and_an_app_with_a_refresh_token() {
        let client = Client::new("app");
        for (party, scope, keeps) in [
            (Party::Pages, "", true),
            (Party::App(&client), "openid", false),
            (Party::App(&client), "openid offline_access", true),
        ] {
            assert_eq!(party.keeps_session(&Scope::parse(scope)), keeps, "{scope}");
        }
    }
}
