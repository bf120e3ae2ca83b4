//! The answer with a token for a client alone. It is the same in every dialect.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::usecase::authorization::machine_token::MachineToken;
use crate::wire::private_json;

/// The members of RFC 6749 4.4.3. A token without scopes comes without `scope`, because
/// the value may not be empty (RFC 6749 3.3).
pub fn machine_answer(token: &MachineToken) -> Response {
    let mut body = json!({
        "access_token": token.access_token.expose(),
        "expires_in": token.expires_in,
        "token_type": token.token_type,
    });
    if !token.scope.is_empty() {
        body["scope"] = json!(token.scope);
    }
    private_json(StatusCode::OK, &body)
}
