//! The OpenAPI document describes every route and no other, is kept in `docs/`, and is
//! true.

use std::collections::{BTreeMap, BTreeSet};

use countersign::openapi::{SHAPES, document};
use countersign::routes::ROUTES;
use countersign::routes::words::words_of;
use countersign::wire::abp::login::next_step::abp_next_step;
use countersign::wire::aidbox::login::next_step::aidbox_next_step;
use countersign::wire::auth0::login::next_step::auth0_next_step;
use countersign::wire::codemaze::login::next_step::{
    codemaze_next_step, codemaze_next_step_in_text,
};
use countersign::wire::{Shape, failure};
use serde_json::Value;

use crate::harness::refusals::next_steps;
use crate::harness::{Answer, START, document as checked};
use crate::tidy::source::workspace;

const KEPT: &str = "docs/openapi.json";
/// If this is set, the test writes the document anew.
const WRITE: &str = "COUNTERSIGN_TEST_WRITE_OPENAPI";

#[test]
fn the_kept_document_is_the_generated_one() {
    let generated = format!("{:#}\n", document());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(workspace().join(KEPT), &generated).unwrap();
    }
    let kept = std::fs::read_to_string(workspace().join(KEPT)).unwrap_or_default();
    assert!(
        kept == generated,
        "{KEPT} is not what the handlers say. Look at what has changed after\n\
         {WRITE}=1 cargo test -p tests --test all the_kept_document"
    );
}

#[test]
fn every_route_has_its_operation_and_the_document_has_no_other() {
    let routes: BTreeSet<(String, String)> = ROUTES
        .iter()
        .map(|route| (route.path.to_owned(), route.method.as_str().to_lowercase()))
        .collect();
    let document = document();
    let operations: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (path.clone(), method.clone()))
        })
        .collect();
    let missing: Vec<_> = routes.difference(&operations).collect();
    assert!(
        missing.is_empty(),
        "these routes have no operation: {missing:?}"
    );
    let more: Vec<_> = operations.difference(&routes).collect();
    assert!(more.is_empty(), "these are no routes: {more:?}");
}

#[test]
fn every_operation_says_in_a_sentence_what_it_does_and_has_a_name_of_its_own() {
    let document = document();
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name} stands twice");
            let summary = operation["summary"].as_str().unwrap();
            assert!(
                summary.len() < 120 && summary.ends_with('.'),
                "{name}: {summary}"
            );
            for (status, response) in operation["responses"].as_object().unwrap() {
                let refers = response.get("$ref").is_some();
                let described = response["description"].as_str().is_some();
                assert!(refers || described, "{name} {status}");
            }
            for requirement in operation["security"].as_array().into_iter().flatten() {
                for scheme in requirement.as_object().unwrap().keys() {
                    let known = &document["components"]["securitySchemes"][scheme];
                    assert!(known.is_object(), "{name}: {scheme}");
                }
            }
        }
    }
    assert_eq!(names.len(), ROUTES.len());
}

/// The places that the document refers to. Each must exist.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members
                .values()
                .for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        let reference = format!("#/components/schemas/{name}");
        assert!(found.contains(&*reference), "{name} is used nowhere");
    }
}

#[test]
fn every_page_is_html_or_leads_on_and_takes_a_form() {
    let document = document();
    for route in ROUTES {
        if words_of(route.path).shape != Shape::AidboxPage {
            continue;
        }
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][route.path][&method];
        let kinds = |content: &Value| -> Vec<String> {
            let content = content.as_object().into_iter().flatten();
            content.map(|(kind, _)| kind.clone()).collect()
        };
        let posts = kinds(&operation["requestBody"]["content"]);
        let form = "application/x-www-form-urlencoded";
        assert_eq!(
            posts.contains(&form.to_owned()),
            method == "post",
            "{method} {}",
            route.path
        );
        assert!(posts.len() < 2, "{method} {}: {posts:?}", route.path);
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = match response["$ref"].as_str() {
                Some(reference) => document.pointer(&reference[1..]).unwrap(),
                None => response,
            };
            let leads_on = status.starts_with('3');
            let wanted: &[&str] = if leads_on { &[] } else { &["text/html"] };
            assert_eq!(
                kinds(&response["content"]),
                wanted,
                "{} {status}",
                route.path
            );
            let headers = &response["headers"];
            assert_eq!(
                headers["Location"]["required"] == true,
                leads_on,
                "{}",
                route.path
            );
            assert!(headers["Set-Cookie"].is_object(), "{} {status}", route.path);
        }
    }
}

/// The path of a route with this shape of refusals.
fn path_of(shape: &str) -> &'static str {
    let (shape, _) = SHAPES.iter().find(|(_, name)| *name == shape).unwrap();
    let route = ROUTES
        .iter()
        .find(|route| words_of(route.path).shape == *shape);
    route
        .unwrap_or_else(|| panic!("no route says no as {shape:?}"))
        .path
}

#[tokio::test]
async fn every_next_step_of_a_login_has_a_documented_form() {
    for next in next_steps() {
        for (shape, response) in [
            ("auth0", auth0_next_step(&next)),
            ("abp-token", abp_next_step(&next)),
            ("codemaze-login", codemaze_next_step(&next)),
            ("codemaze-text", codemaze_next_step_in_text(&next)),
            ("aidbox", aidbox_next_step(&next)),
        ] {
            let answer = Answer::read(response).await;
            checked::is_shared_response(shape, &answer);
        }
    }
}

#[tokio::test]
async fn every_refusal_and_fault_is_documented_in_every_shape_and_nothing_else_is() {
    let document = document();
    let documented: BTreeSet<String> = document["components"]["responses"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(name, response)| {
            let kinds = response["content"].as_object().unwrap().keys();
            kinds.map(move |kind| format!("{name} {kind}"))
        })
        .collect();
    let mut given = BTreeMap::new();
    for (_, shape) in SHAPES {
        let path = path_of(shape);
        for no in crate::harness::refusals::every_way_of_saying_no() {
            let response = failure(words_of(path), no, START);
            let answer = Answer::read(response).await;
            let kind = answer.header("content-type").unwrap();
            let kind = kind.split(';').next().unwrap();
            given.insert(format!("{shape}-{} {kind}", answer.status), ());
            checked::is_shared_response(shape, &answer);
        }
    }
    assert_eq!(documented, given.into_keys().collect());
}
