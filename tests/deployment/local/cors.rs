//! The CORS answers of `cargo local` for an app in a browser.

use countersign::wire::oauth::keys::cors::{ANSWER_HEADERS, REQUEST_HEADERS};
use countersign_local::demo;

use crate::harness::Answer;
use crate::harness::deployment::local::{Folder, Local};

const ALLOWED: &str = "access-control-allow-origin";

/// The preflight that a browser sends before a page of `origin` posts with these
/// headers.
fn preflight(local: &Local, origin: &str, path: &str, headers: &str) -> Answer {
    let asks = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", headers),
    ];
    local.ask("OPTIONS", path, &asks, "")
}

fn names(answer: &Answer, header: &str) -> Vec<String> {
    let list = answer.header(header).unwrap_or_default();
    let names = list.split(',').map(|name| name.trim().to_ascii_lowercase());
    names.collect()
}

#[test]
fn an_app_on_this_machine_may_send_every_header_that_its_package_sends() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    for origin in [
        "http://localhost:4200",
        "https://localhost:4200",
        "http://127.0.0.1:3000",
        "http://[::1]:8080",
        "capacitor://localhost",
    ] {
        for path in ["/connect/token", "/oauth/token", "/auth/token", "/userinfo"] {
            let answer = preflight(&local, origin, path, &REQUEST_HEADERS.join(","));
            assert_eq!(answer.status, 204, "{origin} {path}");
            assert_eq!(answer.header(ALLOWED), Some(origin));
            let allowed = names(&answer, "access-control-allow-headers");
            for name in REQUEST_HEADERS {
                assert!(allowed.iter().any(|one| one == name), "{name}");
            }
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
    }
}

#[test]
fn an_app_on_this_machine_reads_the_answer_and_the_headers_that_it_needs() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    let origin = "http://localhost:4200";
    let form = [
        ("origin", origin),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("grant_type=password&client_id={}", demo::CLIENT);
    let refused = local.ask("POST", "/oauth/token", &form, &body);
    assert_eq!(refused.status, 400, "{}", refused.raw);
    assert_eq!(refused.header(ALLOWED), Some(origin));
    let exposed = names(&refused, "access-control-expose-headers");
    assert_eq!(exposed, ANSWER_HEADERS);
    assert_eq!(refused.header("access-control-allow-credentials"), None);
}

#[test]
fn a_page_of_somebody_elses_may_read_nothing() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "localhost",
    ] {
        let answer = preflight(&local, origin, "/connect/token", "content-type");
        assert_eq!(answer.header(ALLOWED), None, "{origin}");
        let answer = local.ask("GET", "/userinfo", &[("origin", origin)], "");
        assert_eq!(answer.header(ALLOWED), None, "{origin}");
    }
}
