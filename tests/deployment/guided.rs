//! The template for `sam deploy --guided`: its questions, and that a stack of it is the stack
//! of `infra/template.yaml` with the same answers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::http::StatusCode;
use countersign_cli::settings_file::guided::ASKED;
use countersign_cli::settings_file::write_guided_template;
use countersign_cli::stack::settings;
use countersign_local::storage::database::sdk_config;
use serde_json::{Value, json};

use crate::harness::deployment::local::Folder;
use crate::harness::deployment::template::{Stack, template};
use crate::operate::stack::{described, stand_in};
use crate::tidy::source::read;

/// The most questions: the region and these parameters.
const MOST: usize = 8;

/// Answers as an owner with many wishes gives them.
const ANSWERS: [(&str, &str); 16] = [
    ("ProductName", "My Shop"),
    ("SenderAddress", "login@example.com"),
    ("SenderName", "My Shop & Co"),
    ("DomainName", "login.example.com"),
    (
        "CertificateArn",
        "arn:aws:acm:us-east-1:123456789012:certificate/a",
    ),
    ("HostedZoneId", "Z123"),
    ("SmsCountries", "+1,+44"),
    ("SmsDaily", "77"),
    ("Dialects", "auth0,codemaze"),
    ("CodeMazeClient", "shop"),
    ("MfaPolicy", "required"),
    (
        "CorsOrigins",
        "https://a.example.com, https://b.example.com",
    ),
    ("DeliveryReports", "true"),
    ("EventBus", "on"),
    ("TokenReservedConcurrency", "5"),
    ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms"),
];

const SECRETS: [(&str, &str); 2] = [
    ("WebhookHeaders", r#"{"authorization": "Bearer hidden"}"#),
    ("FirstClientSecret", "hidden-hidden-hidden-hidden-hidden"),
];

/// What was printed, and the template if one was written.
fn written(answers: &[(&str, &str)]) -> (String, Option<String>) {
    let folder = Folder::new();
    std::fs::create_dir(folder.path()).unwrap();
    std::fs::write(folder.path().join("template.yaml"), "").unwrap();
    let file = folder.path().join("answers.toml");
    let line = |(name, value): &(&str, &str)| format!("{name} = {}\n", json!(value));
    std::fs::write(&file, answers.iter().map(line).collect::<String>()).unwrap();
    let to = folder.path().join("guided.json");
    let report = write_guided_template(&[file], &to).unwrap();
    (report.text(false), std::fs::read_to_string(to).ok())
}

fn guided(answers: &[(&str, &str)]) -> Value {
    let (told, text) = written(answers);
    serde_json::from_str(&text.unwrap_or_else(|| panic!("{told}"))).unwrap()
}

/// The names of a template's parameters.
fn parameters(template: &Value) -> BTreeSet<String> {
    let declared = template["Parameters"].as_object().unwrap();
    declared.keys().cloned().collect()
}

/// Every parameter or resource that a value names.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("Ref").and_then(Value::as_str) {
                found.insert(name.to_owned());
            }
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn the_guided_deployment_asks_at_most_eight_questions_and_enter_is_an_answer_to_most() {
    let asked: BTreeSet<String> = ASKED.map(str::to_owned).into();
    for answers in [&[][..], &ANSWERS[..]] {
        let made = guided(answers);
        assert_eq!(parameters(&made), asked);
        // `sam deploy --guided` asks for the region too.
        assert!(parameters(&made).len() < MOST);
        for name in &asked {
            let given = answers.iter().find(|(known, _)| known == name);
            let default = &made["Parameters"][name]["Default"];
            match given {
                Some((_, value)) => assert_eq!(default, value),
                None => assert_eq!(default, &template()["Parameters"][name]["Default"]),
            }
            // SAM asks without end for such a parameter, if Enter is the answer.
            assert!(made["Parameters"][name]["NoEcho"].is_null());
        }
    }
}

#[test]
fn a_guided_stack_is_the_stack_of_the_template_with_the_same_answers() {
    for answers in [&ANSWERS[..2], &ANSWERS[..]] {
        let whole = Stack::new("login", answers, &[]);
        let guided = Stack::of(guided(answers), "login", &[], &[]);
        let resources = whole.names_under("Resources");
        assert_eq!(guided.names_under("Resources"), resources);
        let kinds: BTreeSet<&str> = resources
            .iter()
            .map(|name| whole.declared(name)["Type"].as_str().unwrap())
            .collect();
        for kind in kinds {
            assert_eq!(guided.resources(kind), whole.resources(kind), "{kind}");
        }
        assert_eq!(guided.environment(), whole.environment());
        for name in resources {
            // What `sam build` reads.
            let (one, other) = (guided.declared(&name), whole.declared(&name));
            for part in ["Metadata", "DependsOn", "Condition", "DeletionPolicy"] {
                assert_eq!(one[part], other[part], "{name}");
            }
        }
    }
}

#[test]
fn every_name_in_a_guided_template_is_declared() {
    let made = guided(&ANSWERS);
    let mut named = BTreeSet::new();
    for part in ["Globals", "Conditions", "Rules", "Resources", "Outputs"] {
        references(&made[part], &mut named);
    }
    let gone = parameters(&template());
    let left = parameters(&made);
    for name in &named {
        assert!(left.contains(name) || !gone.contains(name), "{name}");
    }
    let text = made.to_string();
    for name in gone.difference(&left) {
        assert!(!text.contains(&format!("${{{name}}}")), "{name}");
    }
}

#[test]
fn a_secret_is_a_question_and_stands_in_no_file() {
    let (_, text) = written(&[&ANSWERS[..], &SECRETS].concat());
    let text = text.unwrap();
    assert!(!text.contains("hidden"), "a secret is in the template");
    let made: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parameters(&made).len(), ASKED.len() + SECRETS.len());
    for (name, _) in SECRETS {
        let declared = &made["Parameters"][name];
        assert_eq!(declared["NoEcho"], true);
        assert!(declared["Default"].is_null(), "{name}");
    }
    for name in ["EdgeSecret", "MigrationHeaders"] {
        assert!(made["Parameters"][name].is_null(), "{name}");
    }
}

#[test]
fn a_rule_that_an_answer_can_break_is_in_the_guided_template() {
    let rules = |answers: &[(&str, &str)]| -> Vec<String> {
        let made = guided(answers);
        let rules = made["Rules"].as_object().unwrap();
        let mut names: Vec<String> = rules.keys().cloned().collect();
        names.sort();
        names
    };
    // These four depend on a question.
    let open = [
        "ClientHasAudience",
        "CodeMazeHasClient",
        "DomainHasCertificate",
    ];
    assert_eq!(rules(&[]), open);
    let zone = [&open[..], &["ZoneHasDomain"]].concat();
    assert_eq!(rules(&ANSWERS), zone);
}

#[test]
fn what_doctor_finds_keeps_the_guided_template_from_being_written() {
    for (wrong, told) in [
        (
            ("MfaPolicy", "sometimes"),
            "MfaPolicy is none of the values",
        ),
        (("SmsCountries", "+1,+1"), "SmsCountries is wrong"),
        (("HostedZoneId", "Z1"), "HostedZoneId needs DomainName"),
    ] {
        let (printed, text) = written(&[wrong]);
        assert!(printed.contains(told), "{printed}");
        assert_eq!(text, None);
    }
}

#[test]
fn a_guided_template_is_written_beside_the_template_only() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path()).unwrap();
    let file = folder.path().join("answers.toml");
    std::fs::write(&file, "").unwrap();
    let to: PathBuf = folder.path().join("guided.json");
    let problem = write_guided_template(&[file], &to).unwrap_err();
    assert_eq!(problem.exit_code(), 2);
    assert!(problem.to_string().contains("beside infra/template.yaml"));
    assert!(!to.exists());
}

#[tokio::test]
async fn the_tool_has_the_settings_of_a_guided_stack() {
    let names = [("Table", "login-table")];
    let guided = Stack::of(guided(&ANSWERS), "login", &[], &names);
    let whole = Stack::new("login", &ANSWERS, &names);
    let mut found = Vec::new();
    for stack in [&guided, &whole] {
        let endpoint = stand_in(StatusCode::OK, described(stack)).await;
        let read = settings(&sdk_config(&endpoint), "login").await.unwrap();
        assert_eq!(read.alarms.topics.len(), 1);
        found.push(read.settings);
    }
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0]["COUNTERSIGN_SMS_DAILY"], "77");
    assert_eq!(found[0]["COUNTERSIGN_EVENT_BUS"], "login");
}

#[test]
fn git_ignores_the_guided_template() {
    assert!(
        read(".gitignore")
            .lines()
            .any(|line| line == "/infra/guided.json")
    );
}
