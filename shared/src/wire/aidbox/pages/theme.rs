//! Adds the theme to pages that were made without access to the configuration.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{Request, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::wire::aidbox::pages::page::{Bare, MessagePage, PageFrame, render};

/// Adds the theme to a page with a refusal. If a form was rejected, also adds a link to
/// request the form again. Other responses stay unchanged.
pub async fn themed(State(app): State<App>, request: Request<Body>, next: Next) -> Response {
    let uri = request.uri().clone();
    let bare = next.run(request).await;
    let Some(Bare(known)) = bare.extensions().get::<Bare>().cloned() else {
        return bare;
    };
    let (message, again) = &*known;
    let message = MessagePage {
        frame: PageFrame::of(&app, &message.frame.heading),
        link: match again {
            true => Some((page_again(&uri), "Go on")),
            false => message.link.clone(),
        },
        ..message.clone()
    };
    let Ok(mut themed) = render(&app, bare.status(), &message, None) else {
        return bare;
    };
    *themed.extensions_mut() = bare.extensions().clone();
    if let Some(seconds) = bare.headers().get(RETRY_AFTER) {
        themed.headers_mut().insert(RETRY_AFTER, seconds.clone());
    }
    themed
}

/// The page with the rejected form.
fn page_again(uri: &Uri) -> String {
    match uri.path() {
        "/auth/logout" => "/auth/two-factor".to_owned(),
        path => uri
            .path_and_query()
            .map_or(path, |all| all.as_str())
            .to_owned(),
    }
}
