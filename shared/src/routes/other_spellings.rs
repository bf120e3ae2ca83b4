//! The extra routes of API Gateway: for paths in another spelling, and for preflights.

use axum::http::Method;

use super::Function;

/// An extra route of API Gateway. The rest of the path may be any.
pub struct SpellingRoute {
    /// The function that gets the requests.
    pub function: Function,
    pub method: Method,
    pub path: &'static str,
}

const fn handed(function: Function, method: Method, path: &'static str) -> SpellingRoute {
    SpellingRoute {
        function,
        method,
        path,
    }
}

/// The extra routes of API Gateway for ABP's and CodeMaze's paths in other spellings,
/// because API Gateway compares paths by case. Each extra route goes to the function
/// that serves most of the matching paths. A path of another function is then not
/// found. `keys` answers the preflights of every path (`wire/oauth/keys/cors.rs`).
#[rustfmt::skip]
pub const OTHER_SPELLINGS: &[SpellingRoute] = &[
    handed(Function::Token,   Method::GET,  "/connect/{proxy+}"),
    handed(Function::Token,   Method::POST, "/connect/{proxy+}"),
    handed(Function::Token,   Method::GET,  "/Connect/{proxy+}"),
    handed(Function::Token,   Method::POST, "/Connect/{proxy+}"),
    handed(Function::Token,   Method::GET,  "/abp/{proxy+}"),
    handed(Function::Token,   Method::POST, "/abp/{proxy+}"),
    handed(Function::Keys,    Method::GET,  "/abp/.well-known/{proxy+}"),
    handed(Function::Verify,  Method::POST, "/api/two-factor-token/{proxy+}"),
    handed(Function::Account, Method::GET,  "/api/{proxy+}"),
    handed(Function::Account, Method::POST, "/api/{proxy+}"),
    handed(Function::Keys,    Method::OPTIONS, "/{proxy+}"),
];
