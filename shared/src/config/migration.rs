//! The system that users move in from, one by one, as they sign in.
//!
//! | variable | what it is | default |
//! |---|---|---|
//! | `COUNTERSIGN_MIGRATION_URL` | https URL of the former system that the service asks about a name that is unknown here (`docs/lazy-migration.md`) | none: nobody is asked |
//! | `COUNTERSIGN_MIGRATION_USER_URL` | https URL of the former system that the service asks, without a password, whether a name is known there: at a sign-up and when a password is forgotten | none: nobody is asked |
//! | `COUNTERSIGN_MIGRATION_HEADERS` | headers of these requests, a JSON object of texts; secret | none |
//! | `COUNTERSIGN_MIGRATION_TIMEOUT_MILLISECONDS` | how long the former system may take, 100 to 10000 | `3000` |
//! | `COUNTERSIGN_MIGRATION_ROLES` | the list in `app_metadata` whose role names a user gets | none: no roles |

use std::time::Duration;

use super::reader::Reader;
use crate::notify::{EndpointSettings, FormerSystemSettings};

fn good_list_name(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Reader<'_> {
    pub(super) fn former_system(&mut self) -> Option<FormerSystemSettings> {
        const TIMEOUT: &str = "COUNTERSIGN_MIGRATION_TIMEOUT_MILLISECONDS";
        const USER_URL: &str = "COUNTERSIGN_MIGRATION_USER_URL";
        let endpoint = self.web_url("COUNTERSIGN_MIGRATION_URL");
        let milliseconds = self.number(TIMEOUT, 3000, 100, 10_000);
        let headers = self.secret_headers("COUNTERSIGN_MIGRATION_HEADERS");
        let wants = "the name of a list, 1 to 100 characters without white space";
        let roles = self.checked("COUNTERSIGN_MIGRATION_ROLES", wants, good_list_name);
        let user_url = self.web_url(USER_URL);
        if endpoint.is_none() && user_url.is_some() {
            self.is_wrong(USER_URL, "COUNTERSIGN_MIGRATION_URL beside it");
        }
        let timeout = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(3000));
        let settings = |endpoint| EndpointSettings {
            endpoint,
            timeout,
            headers: headers.clone(),
        };
        Some(FormerSystemSettings {
            endpoint: settings(endpoint?),
            user_endpoint: user_url.map(settings),
            roles,
        })
    }
}
