//! Which pages of other origins may call the service and read its answers. Clients list the
//! origins of their pages, and a setting lists those of the whole installation.

use url::Url;

use crate::app::App;
use crate::domain::Timestamp;
use crate::usecase::events::recorder::Recorder;

/// Whether this origin is another than the service's own, so that its pages need a permission.
pub fn is_foreign(app: &App, origin: &str) -> bool {
    let issuer = Url::parse(&app.config.issuer);
    issuer.is_ok_and(|issuer| issuer.origin().ascii_serialization() != origin)
}

/// Whether a page of this origin may send its request: a client or the setting lists the
/// origin. A preflight names no client. One request to DynamoDB, or none for five minutes.
pub async fn origin_may_ask(app: &App, origin: &str, now: Timestamp) -> bool {
    if lists(&app.config.cors_origins, origin) {
        return true;
    }
    match app.find_published(now).await {
        Ok(clients) => clients.web_origins.contains(origin),
        Err(broken) => {
            tracing::warn!(error = %broken, "no page of another origin may call the service");
            false
        }
    }
}

/// Whether a page of this origin may read the answer: the client of the request, or the
/// setting, lists the origin. If no client is known, as `origin_may_ask`.
pub async fn origin_may_read(app: &App, origin: &str, asked: &Recorder, now: Timestamp) -> bool {
    let client = asked.found_client();
    let client = client.and_then(|client| app.client_in_memory(&client, now));
    match client {
        Some(client) => {
            lists(&client.web_origins, origin) || lists(&app.config.cors_origins, origin)
        }
        None => origin_may_ask(app, origin, now).await,
    }
}

fn lists(origins: &[String], origin: &str) -> bool {
    origins.iter().any(|one| one == origin)
}
