//! Tells how many recovery codes a user has. Only Auth0's dialect tells this, and the
//! page must not offer a recovery code to a user without one.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use countersign::app::App;
use countersign::domain::accounts::login_name::LoginName;
use serde::{Deserialize, Serialize};

/// The path of this route.
pub(super) const PATH: &str = "/_local/recovery-codes";

#[derive(Deserialize)]
pub(super) struct RecoveryQuery {
    name: String,
}

#[derive(Serialize)]
pub(super) struct Left {
    left: usize,
}

/// `?name=` takes a user name or e-mail address and gives `{"left": n}`. `n` is 0 for
/// an unknown name.
pub(super) async fn left(
    State(app): State<App>,
    Query(RecoveryQuery { name }): Query<RecoveryQuery>,
) -> Result<Json<Left>, StatusCode> {
    let unavailable = |_| StatusCode::SERVICE_UNAVAILABLE;
    let Some(name) = LoginName::parse(&name) else {
        return Ok(Json(Left { left: 0 }));
    };
    let Some(user) = app.store.find_name(&name).await.map_err(unavailable)? else {
        return Ok(Json(Left { left: 0 }));
    };
    let account = app.store.read_account(user).await.map_err(unavailable)?;
    let recovery = account.and_then(|account| account.recovery);
    let left = recovery.map_or(0, |recovery| recovery.hashes.len());
    Ok(Json(Left { left }))
}
