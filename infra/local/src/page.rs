//! `GET /`: a page where a developer tries a login in a browser on this machine.
//!
//! The page calls the service's own routes and shows every request as a curl command.
//! Its files are compiled in, and it loads nothing else. It answers only requests whose
//! `Host` is this machine, because it shows codes and moves the clock (see
//! [`local_routes`](crate::http::local_routes)).

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use countersign::app::App;
use serde_json::Value;

use crate::http::own_host::own_host_only;
use crate::http::qr;
use crate::seed::Seed;

mod data;
mod recovery;

/// The page may run its own scripts, use its own stylesheet, send requests to its own
/// server, and frame what that server has (an e-mail, see
/// [`inbox_routes`](crate::http::inbox_routes)). The browser itself sends no form, and
/// no other page may frame this page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'none'; \
    base-uri 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const ICON: &str = "image/svg+xml";

/// A file of the page: path, content type and content.
struct File {
    path: &'static str,
    kind: &'static str,
    content: &'static str,
}

/// A file of the folder `page`, served under `/_local/page/`.
macro_rules! file {
    ($name:literal, $kind:expr) => {
        File {
            path: concat!("/_local/page/", $name),
            kind: $kind,
            content: include_str!(concat!("page/", $name)),
        }
    };
}

const FILES: &[File] = &[
    File {
        path: "/",
        kind: HTML,
        content: include_str!("page/index.html"),
    },
    File {
        path: "/_local/workbench/",
        kind: HTML,
        content: include_str!("page/workbench/index.html"),
    },
    file!("page.css", STYLE),
    file!("common/tabs.css", STYLE),
    file!("workbench/workbench.css", STYLE),
    file!("workbench/workbench.js", SCRIPT),
    file!("workbench/command.js", SCRIPT),
    file!("workbench/parts.js", SCRIPT),
    file!("workbench/feed.js", SCRIPT),
    file!("workbench/users.js", SCRIPT),
    file!("workbench/clients.js", SCRIPT),
    file!("workbench/messages.js", SCRIPT),
    file!("workbench/events.js", SCRIPT),
    file!("workbench/settings.js", SCRIPT),
    file!("workbench/faults.js", SCRIPT),
    file!("icon.svg", ICON),
    file!("page.js", SCRIPT),
    file!("flow/stage.js", SCRIPT),
    file!("flow/flow.js", SCRIPT),
    file!("dialects/dialects.js", SCRIPT),
    file!("common/tab_storage.js", SCRIPT),
    file!("common/used_codes.js", SCRIPT),
    file!("inbox/wanted.js", SCRIPT),
    file!("flow/account_flow.js", SCRIPT),
    file!("flow/factors_flow.js", SCRIPT),
    file!("steps/steps.js", SCRIPT),
    file!("steps/account_steps.js", SCRIPT),
    file!("steps/factor_steps.js", SCRIPT),
    file!("steps/code_step.js", SCRIPT),
    file!("steps/passkey_step.js", SCRIPT),
    file!("steps/tokens_step.js", SCRIPT),
    file!("steps/refusal.js", SCRIPT),
    file!("dialects/auth0.js", SCRIPT),
    file!("dialects/first_party.js", SCRIPT),
    file!("dialects/abp.js", SCRIPT),
    file!("dialects/codemaze.js", SCRIPT),
    file!("dialects/auth0_factors.js", SCRIPT),
    file!("dialects/abp_factors.js", SCRIPT),
    file!("dialects/account.js", SCRIPT),
    file!("flow/sessions.js", SCRIPT),
    file!("flow/passkeys.js", SCRIPT),
    file!("common/http.js", SCRIPT),
    file!("common/dpop.js", SCRIPT),
    file!("common/pkce.js", SCRIPT),
    file!("common/log.js", SCRIPT),
    file!("inbox/inbox.js", SCRIPT),
    file!("inbox/inbox_item.js", SCRIPT),
    file!("common/clock.js", SCRIPT),
    file!("common/faults.js", SCRIPT),
    file!("common/fault_words.js", SCRIPT),
    file!("common/authenticator.js", SCRIPT),
    file!("common/jwt.js", SCRIPT),
    file!("common/dom.js", SCRIPT),
];

/// The path of the demo data and of the address for the curl commands.
const DEMO: &str = "/_local/page/demo.json";

/// The page, its files, the QR codes that it shows, and the data of `seed` that it
/// fills in. Its curl commands use `http_port` on 127.0.0.1, because curl does not
/// trust the certificate of the https port.
pub fn page(http_port: u16, app: &App, seed: &Seed) -> Router {
    let recovery = guarded(get(recovery::left)).with_state(app.clone());
    files(data::data(http_port, &app.config, seed)).route(recovery::PATH, recovery)
}

fn files(demo: Value) -> Router {
    let mut router = Router::new()
        .route(DEMO, guarded(get(async move || Json(demo.clone()))))
        .route(qr::PATH, guarded(get(qr::qr)));
    for File {
        path,
        kind,
        content,
    } in FILES
    {
        let file = async move || ([(header::CONTENT_TYPE, *kind)], *content);
        router = router.route(path, guarded(get(file)));
    }
    router
}

/// Refusals get the headers too.
fn guarded<S: Clone + Send + Sync + 'static>(methods: MethodRouter<S>) -> MethodRouter<S> {
    methods
        .layer(from_fn(own_host_only))
        .layer(from_fn(with_headers))
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo;
    use axum::body::{Body, to_bytes};
    use axum::http::request::Builder;
    use countersign::config::Config;
    use std::collections::BTreeSet;
    use tower::ServiceExt;

    async fn send(request: Builder) -> Response {
        let request = request.body(Body::empty()).unwrap();
        let settings = crate::defaults::settings("https://localhost:8788/", "http://127.0.0.1:1");
        let value = |name: &str| {
            let found = settings.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        };
        let config = Config::read(value).unwrap();
        let data = data::data(8787, &config, &demo::seed(8787).unwrap());
        files(data).oneshot(request).await.unwrap()
    }

    async fn text(response: Response) -> String {
        let body = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    fn paths() -> impl Iterator<Item = &'static str> {
        FILES.iter().map(|file| file.path).chain([DEMO, qr::PATH])
    }

    fn assert_guarded(response: &Response, what: &str) {
        let headers = response.headers();
        assert_eq!(
            headers["content-security-policy"],
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src 'self' data:; frame-src 'self'; form-action 'none'; base-uri 'none'; \
             frame-ancestors 'none'",
            "{what}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{what}");
        assert_eq!(headers["cache-control"], "no-store", "{what}");
        for name in headers.keys() {
            assert!(!name.as_str().starts_with("access-control-"), "{what}");
        }
    }

    #[tokio::test]
    async fn every_part_is_served_with_its_type_and_the_headers() {
        for file in FILES {
            let response = send(Request::get(file.path).header("host", "127.0.0.1:8787")).await;
            assert_eq!(response.status(), 200, "{}", file.path);
            assert_eq!(response.headers()["content-type"], file.kind);
            assert_guarded(&response, file.path);
            assert_eq!(text(response).await, file.content);
        }
    }

    #[tokio::test]
    async fn a_host_that_is_not_loopback_is_refused_every_part() {
        for path in paths() {
            for host in ["example.com", "10.0.2.2:8787", "localhost.example.com"] {
                let response = send(Request::get(path).header("host", host)).await;
                assert_eq!(response.status(), 403, "{path} for {host}");
                assert_guarded(&response, path);
            }
            assert_eq!(send(Request::get(path)).await.status(), 403, "{path}");
        }
    }

    #[tokio::test]
    async fn a_page_from_elsewhere_is_refused_the_demo_data() {
        let request = Request::get(DEMO)
            .header("host", "localhost:8787")
            .header("origin", "https://example.com");
        assert_eq!(send(request).await.status(), 403);
    }

    #[tokio::test]
    async fn only_reading_is_answered() {
        for path in paths() {
            let response = send(Request::post(path).header("host", "localhost")).await;
            assert_eq!(response.status(), 405, "{path}");
            assert_guarded(&response, path);
        }
    }

    #[tokio::test]
    async fn the_demo_data_names_the_http_port() {
        let response = send(Request::get(DEMO).header("host", "localhost:8788")).await;
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_guarded(&response, DEMO);
        let demo: Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(demo["address"], "http://127.0.0.1:8787");
        assert_eq!(demo["auth0"]["users"][0]["name"], "user@example.com");
        assert_eq!(demo["abp"]["users"][0]["password"], "1q2w3E*");
        assert_eq!(demo["abp"]["client"], "AbpSolution1_App");
        assert_eq!(demo["auth0"]["client"], "demo");
        assert_eq!(demo["auth0"]["audience"], "https://someapi.com/api");
        assert_eq!(demo["aidbox"], "https://localhost:8788/auth/two-factor");
        let audience = &demo["auth0"]["factors"]["audience"];
        assert_eq!(audience, "https://localhost:8788/mfa/");
    }

    /// The files that `file` names between double quotes, as paths.
    fn named(file: &File) -> BTreeSet<String> {
        let quoted = file.content.split('"');
        let names = quoted.filter_map(|quoted| {
            let path = quoted.split('#').next().unwrap_or_default();
            if path.starts_with("/_local/page/") || path.starts_with("/_local/workbench/") {
                return Some(path.to_owned());
            }
            let relative = quoted.starts_with("./") || quoted.starts_with("../");
            relative.then(|| beside(file.path, quoted))
        });
        names.collect()
    }

    /// The path of a relative reference, resolved as a browser does.
    fn beside(path: &str, reference: &str) -> String {
        let mut parts: Vec<&str> = path.split('/').collect();
        parts.pop();
        for step in reference.split('/') {
            match step {
                "." => {}
                ".." => drop(parts.pop()),
                name => parts.push(name),
            }
        }
        parts.join("/")
    }

    #[test]
    fn every_file_that_is_asked_for_is_served_and_no_other() {
        let asked: BTreeSet<String> = FILES.iter().flat_map(named).collect();
        let served: BTreeSet<String> = paths()
            .filter(|path| !["/", qr::PATH].contains(path))
            .map(str::to_owned)
            .collect();
        assert_eq!(asked, served);
    }

    #[test]
    fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
        for file in FILES {
            let own = file
                .content
                .replace("http://www.w3.org/2000/svg", "")
                .replace("http://auth0.com/oauth/grant-type/", "");
            for forbidden in [
                "http://",
                "https://",
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "<style",
                " style=",
                " onclick=",
                "@import",
                "localhost",
            ] {
                assert!(!own.contains(forbidden), "{}: {forbidden}", file.path);
            }
        }
        let html = FILES[0].content;
        assert_eq!(html.matches("<script").count(), 1);
        assert!(html.contains("<script type=\"module\" src=\"/_local/page/page.js\"></script>"));
    }
}
