//! The web origins that clients list: whose pages may call the service and read its answers.

use axum::body::Body;
use axum::http::Request;
use countersign_local::demo;
use insta::assert_snapshot;

use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service};
use crate::rules::requests::login::Counted;

pub const ALLOWED: &str = "access-control-allow-origin";
/// Five minutes, after which the service reads the origins again.
const KEPT: i64 = 300;
const SHOP: &str = "https://shop.example.com";

/// A request with these headers and without a body.
pub async fn ask(service: &Service, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    service.send(request.body(Body::empty()).unwrap()).await
}

/// The preflight of a page of this origin.
async fn preflight(service: &Service, origin: &str) -> Answer {
    let asks = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
    ];
    ask(service, "OPTIONS", "/oauth/token", &asks).await
}

/// A page of this origin asks for tokens in the name of this client, with a wrong password.
async fn token_request(service: &Service, origin: &str, client: &str) -> Answer {
    let form = format!("grant_type=password&client_id={client}&username=nobody&password=wrong");
    let request = Request::post("/oauth/token")
        .header("origin", origin)
        .header("content-type", "application/x-www-form-urlencoded");
    service.send(request.body(Body::from(form)).unwrap()).await
}

/// Keeps a client with these origins, which every function knows after five minutes.
async fn list(service: &Service, client: &str, origins: &[&str]) {
    let origins = origins.iter().map(|one| (*one).to_owned()).collect();
    let set = |client: &mut countersign::domain::authorization::client::Client| {
        client.web_origins = origins;
    };
    service.add_client(client, set).await;
    service.advance(KEPT);
}

#[tokio::test]
async fn a_page_may_call_once_a_client_lists_its_origin_and_until_no_client_does() {
    let service = Service::start().await;
    assert_eq!(preflight(&service, SHOP).await.header(ALLOWED), None);
    list(&service, "shop", &[SHOP]).await;
    let allowed = preflight(&service, SHOP).await;
    let headers = allowed.headers.iter();
    let mut headers: Vec<String> = headers
        .filter(|(name, _)| name.as_str() == "vary" || name.as_str().starts_with("access-"))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    assert_snapshot!(format!("{}\n{}", allowed.status, headers.join("\n")), @r"
    204
    access-control-allow-headers: authorization,content-type,x-requested-with,accept-language,__tenant,__timezone,requestverificationtoken,auth0-client,dpop,cache-control
    access-control-allow-methods: GET,POST,PATCH,DELETE
    access-control-allow-origin: https://shop.example.com
    access-control-max-age: 3600
    vary: origin
    ");
    let answer = token_request(&service, SHOP, "shop").await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    assert_eq!(answer.header(ALLOWED), Some(SHOP));
    assert_eq!(answer.header("vary"), Some("origin"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("www-authenticate"), "{exposed}");
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    list(&service, "shop", &[]).await;
    assert_eq!(preflight(&service, SHOP).await.header(ALLOWED), None);
    let answer = token_request(&service, SHOP, "shop").await;
    assert_eq!(answer.header(ALLOWED), None);
}

#[tokio::test]
async fn the_tool_changes_which_pages_may_call() {
    let service = Service::start().await;
    let add = ["client", "add", "shop", "--for", "browser"];
    let named = [
        "--redirect-uri",
        "https://shop.example.com/in",
        "--web-origin",
        SHOP,
    ];
    service.operated(&[&add[..], &named[..]].concat()).await;
    assert_eq!(preflight(&service, SHOP).await.header(ALLOWED), Some(SHOP));
    service.operated(&["client", "remove", "shop"]).await;
    service.advance(KEPT);
    assert_eq!(preflight(&service, SHOP).await.header(ALLOWED), None);
}

#[tokio::test]
async fn a_page_whose_origin_nobody_lists_may_neither_call_nor_read() {
    let setting = [(
        "COUNTERSIGN_CORS_ORIGINS",
        "https://one.example.com, https://two.example.com",
    )];
    let service = Service::start_with(&setting).await;
    list(&service, "shop", &[SHOP]).await;
    for origin in ["https://one.example.com", "https://two.example.com", SHOP] {
        assert_eq!(
            preflight(&service, origin).await.header(ALLOWED),
            Some(origin)
        );
        let keys = ask(
            &service,
            "GET",
            "/.well-known/jwks.json",
            &[("origin", origin)],
        )
        .await;
        assert_eq!(keys.header(ALLOWED), Some(origin));
    }
    for origin in [
        "https://evil.example",
        "null",
        "http://shop.example.com",
        "https://shop.example.com:8443",
        "https://shop.example.com/",
        "https://SHOP.example.com",
        "https://shop.example.com.evil.example",
        "*",
    ] {
        let refused = preflight(&service, origin).await;
        for name in [
            ALLOWED,
            "access-control-allow-methods",
            "access-control-allow-headers",
        ] {
            assert_eq!(refused.header(name), None, "{origin}");
        }
        for path in ["/.well-known/jwks.json", "/userinfo", "/nowhere"] {
            let answer = ask(&service, "GET", path, &[("origin", origin)]).await;
            assert_eq!(answer.header(ALLOWED), None, "{origin} {path}");
        }
        let answer = token_request(&service, origin, demo::CLIENT).await;
        assert_eq!(answer.header(ALLOWED), None, "{origin}");
    }
    // A cache must not give the answer for one page to another.
    let keys = ask(&service, "GET", "/.well-known/jwks.json", &[]).await;
    assert_eq!(keys.header("vary"), Some("origin"));
}

#[tokio::test]
async fn an_answer_to_a_client_is_read_by_the_pages_of_this_client() {
    let service = Service::start().await;
    list(&service, "shop", &[SHOP]).await;
    list(&service, "other", &["https://other.example.com"]).await;
    let answer = token_request(&service, SHOP, "other").await;
    assert_eq!(answer.header(ALLOWED), None, "{}", answer.raw);
    let answer = token_request(&service, SHOP, "shop").await;
    assert_eq!(answer.header(ALLOWED), Some(SHOP));
    // Nobody knows whose client this is. Any page that may call may read that.
    let answer = token_request(&service, SHOP, "nobody").await;
    assert_eq!(answer.header(ALLOWED), Some(SHOP));
}

#[tokio::test]
async fn a_page_of_the_service_and_a_request_without_an_origin_cost_nothing_more_and_another_one_in_five_minutes()
 {
    let counted = Counted::start().await;
    let service = &counted.service;
    let keys = async |origin| {
        let headers = [("origin", origin)];
        let answer = ask(service, "GET", "/.well-known/passkey-endpoints", &headers);
        counted.cost(200, answer).await.1
    };
    assert_eq!(keys("https://localhost:8788").await, 0);
    assert_eq!(keys("null").await, 0);
    assert_eq!(keys(SHOP).await, 1);
    assert_eq!(keys("https://evil.example").await, 0);
    assert_eq!(counted.cost(204, preflight(service, SHOP)).await.1, 0);
    service.advance(KEPT);
    assert_eq!(counted.cost(204, preflight(service, SHOP)).await.1, 1);
}

#[tokio::test]
async fn while_the_table_is_down_the_pages_of_the_last_answer_may_call_and_without_one_none() {
    let proxy = Proxy::start().await;
    let service = Service::start_through(&[], |dynamodb, others| (proxy.before(dynamodb), others));
    let service = service.await;
    list(&service, "shop", &[SHOP]).await;
    proxy.always("Query", Fault::ServerError);
    assert_eq!(preflight(&service, SHOP).await.header(ALLOWED), None);
    proxy.heal();
    assert_eq!(preflight(&service, SHOP).await.header(ALLOWED), Some(SHOP));
    proxy.always("Query", Fault::ServerError);
    service.advance(10 * KEPT);
    assert_eq!(preflight(&service, SHOP).await.header(ALLOWED), Some(SHOP));
}
