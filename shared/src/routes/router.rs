//! The router: the routes of some functions, and the layers around them.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{Method, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use tower::Layer;
use tower::util::MapRequestLayer;

use super::words::words_of;
use super::{ROUTES, Slice, spelling};
use crate::app::App;
use crate::domain::events::attempt::Attempt;
use crate::domain::refusal::Refusal;
use crate::wire::aidbox::pages;
use crate::wire::input::AskedPath;
use crate::wire::oauth::keys::cors;
use crate::wire::{failure, key_proof, log};

/// The router of these slices over one `App`.
pub fn router(app: &App, slices: &[Slice]) -> Router {
    let logged = log::Logged {
        app: app.clone(),
        look_up,
    };
    let mut router = Router::new();
    let switched_on = |dialect| app.config.dialects.contains(&dialect);
    for served in slices.iter().flat_map(|slice| slice.routes) {
        if served.route.kind.switch.is_none_or(switched_on) {
            router = router.route(served.route.path, (served.handler)());
        }
    }
    let router = router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), pages::theme::themed))
        .layer(from_fn_with_state(app.clone(), key_proof::with_nonce))
        .layer(from_fn_with_state(app.clone(), cors::with_cors))
        .layer(from_fn_with_state(logged, log::logged))
        .with_state(app.clone());
    // The spelling is corrected before the router looks for a route. So this layer is
    // around the router and not inside it.
    let respelling = MapRequestLayer::new(respelt as fn(Request) -> Request);
    Router::new().fallback_service(respelling.layer(router))
}

/// Looks a request up in `ROUTES`, by its pattern if there is a route for its path. If
/// no route of the path has the method (a wrong method), the function and the words are
/// those of the path's first route. `HEAD` is `GET` without a body.
fn look_up(method: &Method, path: &str, pattern: Option<&str>) -> log::LookedUp {
    let on_path = || ROUTES.iter().filter(|route| Some(route.path) == pattern);
    let Some(first) = on_path().next() else {
        return log::LookedUp {
            words: words_of(path),
            function: "none",
            attempt: Attempt::Nothing,
        };
    };
    let method = match *method {
        Method::HEAD => &Method::GET,
        _ => method,
    };
    let exact = on_path().find(|route| route.method == *method);
    log::LookedUp {
        words: first.kind.words,
        function: exact.unwrap_or(first).function.name(),
        attempt: exact.map_or(Attempt::Nothing, |route| route.attempt),
    }
}

/// A path of ABP or CodeMaze in the spelling of `ROUTES`. `None` for any other path,
/// and for a path that has this spelling already.
pub fn canonical_path(path: &str) -> Option<String> {
    let theirs = ROUTES.iter().filter(|route| {
        let dialect = route.kind.words.dialect;
        dialect.reads_paths_in_any_case()
    });
    spelling::canonical_spelling(path, theirs.map(|route| route.path))
}

/// Corrects the path of a request for ABP or CodeMaze that is spelt differently.
fn respelt(mut request: Request) -> Request {
    let uri = request.uri();
    let Some(mut path) = canonical_path(uri.path()) else {
        return request;
    };
    if let Some(query) = uri.query() {
        path = format!("{path}?{query}");
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path).ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        let asked = AskedPath(request.uri().path().to_owned());
        request.extensions_mut().insert(asked);
        *request.uri_mut() = uri;
    }
    request
}

async fn unknown(State(app): State<App>, uri: Uri) -> Response {
    failure(
        words_of(uri.path()),
        Refusal::RouteUnknown.into(),
        app.clock.now(),
    )
}

async fn wrong_method(State(app): State<App>, uri: Uri) -> Response {
    failure(
        words_of(uri.path()),
        Refusal::MethodNotAllowed.into(),
        app.clock.now(),
    )
}
