//! The system that users move in from, one by one, as they sign in.

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
