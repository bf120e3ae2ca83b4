//! The optional distribution in front of the API: nobody can go around it, and behind
//! it the viewer's network is charged and not CloudFront's.

use countersign::routes::Function;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::deployment::event::kept;
use crate::harness::deployment::template::Stack;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

const SETTING: [(&str, &str); 1] = [("COUNTERSIGN_EDGE_SECRET", SECRET)];

/// Parameters of a stack with a distribution.
const PARAMETERS: [(&str, &str); 6] = [
    ("ProductName", "Example"),
    ("SenderAddress", "login@example.com"),
    ("DomainName", "login.example.com"),
    (
        "CertificateArn",
        "arn:aws:acm:eu-central-1:123456789012:certificate/1",
    ),
    (
        "EdgeCertificateArn",
        "arn:aws:acm:us-east-1:123456789012:certificate/2",
    ),
    ("EdgeSecret", SECRET),
];

fn through(secret: &str, viewer: &str) -> Value {
    let mut event = kept("token-auth0-password-wrong", &[]);
    // The gateway sees CloudFront's address.
    event["requestContext"]["http"]["sourceIp"] = json!("192.0.2.250");
    event["headers"]["x-countersign-edge"] = json!(secret);
    event["headers"]["cloudfront-viewer-address"] = json!(format!("{viewer}:50000"));
    event
}

#[tokio::test]
async fn who_goes_around_the_distribution_is_answered_nothing() {
    let service = Service::start_with(&SETTING).await;
    let token = service.function(Function::Token);
    let around = kept("token-auth0-password-wrong", &[]);
    let mut forged = around.clone();
    forged["headers"]["cloudfront-viewer-address"] = json!("198.51.100.7:50000");
    let wrong = through("0123456789abcdef0123456789abcdeX", "198.51.100.7");
    for event in [around, forged, wrong] {
        let answer = service.answer(&token, event).await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
        assert_eq!(answer.body["error"], "invalid_request", "{}", answer.raw);
    }
}

#[tokio::test]
async fn behind_the_distribution_each_viewer_is_charged_apart() {
    let service = Service::start_with(&SETTING).await;
    let token = service.function(Function::Token);
    for _ in 0..10 {
        let answer = service
            .answer(&token, through(SECRET, "198.51.100.7"))
            .await;
        assert_eq!(answer.status, 403, "{}", answer.raw);
    }
    let same = service
        .answer(&token, through(SECRET, "198.51.100.7"))
        .await;
    assert_eq!(same.status, 429, "{}", same.raw);
    let other = service.answer(&token, through(SECRET, "2001:db8::1")).await;
    assert_eq!(other.status, 403, "{}", other.raw);
}

#[tokio::test]
async fn without_a_distribution_its_headers_decide_nothing() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    for guess in 0..11 {
        let viewer = format!("198.51.100.{guess}");
        let answer = service.answer(&token, through(SECRET, &viewer)).await;
        let expected = if guess < 10 { 403 } else { 429 };
        assert_eq!(answer.status, expected, "{guess}: {}", answer.raw);
    }
}

#[test]
fn the_template_makes_the_distribution_for_a_secret_and_shows_it_to_the_functions() {
    let stack = Stack::new("users", &PARAMETERS, &[]);
    assert_eq!(stack.environment()["COUNTERSIGN_EDGE_SECRET"], SECRET);
    let edge = &stack.properties("Edge")["DistributionConfig"];
    assert_eq!(edge["Aliases"], json!(["login.example.com"]));
    let origin = &edge["Origins"][0];
    let header = json!([{ "HeaderName": "x-countersign-edge", "HeaderValue": SECRET }]);
    assert_eq!(origin["OriginCustomHeaders"], header);
    assert_eq!(
        origin["CustomOriginConfig"]["OriginProtocolPolicy"],
        "https-only"
    );
    let policy = &stack.properties("EdgeOriginRequest")["OriginRequestPolicyConfig"];
    assert_eq!(
        policy["HeadersConfig"],
        json!({
            "HeaderBehavior": "allViewerAndWhitelistCloudFront",
            "Headers": ["CloudFront-Viewer-Address"],
        })
    );
    // The gateway's own address is switched off.
    assert_eq!(stack.properties("Api")["DisableExecuteApiEndpoint"], true);
}

#[test]
fn without_a_secret_the_template_makes_no_distribution() {
    let parameters = &PARAMETERS[..4];
    let stack = Stack::new("users", parameters, &[]);
    for kind in [
        "AWS::CloudFront::Distribution",
        "AWS::CloudFront::OriginRequestPolicy",
        "AWS::WAFv2::WebACL",
    ] {
        assert!(stack.resources(kind).is_empty(), "{kind}");
    }
    assert_eq!(stack.environment()["COUNTERSIGN_EDGE_SECRET"], "");
}
