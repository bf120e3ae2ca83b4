//! `doctor --settings`: checks the answers of a deployment before anything is created.
//!
//! The rules are those of `infra/template.yaml`, which CloudFormation would apply, and
//! those of the functions, which would not start.

mod answers;
pub mod long_form;
pub mod parameter;
mod rules;
mod template;

use std::collections::BTreeMap;
use std::path::PathBuf;

use countersign::config::Config;

use crate::problem::Problem;
use crate::report::Report;
use crate::settings_file::answers::read_answers;
use crate::settings_file::template::Template;
use crate::stack;
use crate::upkeep::doctor::finding::Diagnosis;

/// What the findings are about.
const AREA: &str = "settings";

/// The issuer of a stack without a domain, for the check only.
const OWN_ISSUER: &str = "https://api.execute-api.amazonaws.com/";

/// Settings whose parameters a stack does not show, because the parameters are secret.
const SECRET: [(&str, &str); 3] = [
    ("COUNTERSIGN_EDGE_SECRET", "EdgeSecret"),
    ("COUNTERSIGN_WEBHOOK_HEADERS", "WebhookHeaders"),
    ("COUNTERSIGN_MIGRATION_HEADERS", "MigrationHeaders"),
];

/// Checks the answers in these files. Of two files with an answer to the same question,
/// the later file counts, as for `sam deploy`.
///
/// # Errors
/// Exit code 2 if a file cannot be read or is no TOML. What is wrong with an answer is a
/// finding of the report.
pub fn check_settings(files: &[PathBuf]) -> Result<Report, Problem> {
    let answers = read_answers(files)?;
    let template = Template::read()?;
    let mut findings = Diagnosis::default();
    findings.checked(AREA);
    for (name, value) in &answers {
        if let Some(wrong) = template.wrong_answer(name, value) {
            findings.add(AREA, wrong.told, wrong.remedy);
        }
    }
    let parameters = template.parameters(&answers);
    for name in template.unanswered(&parameters) {
        let told = format!("{name} has no answer");
        findings.add(AREA, told, template.wants(&name));
    }
    // A wrong answer also breaks rules and settings, so these are checked after that.
    if findings.is_healthy() {
        for told in rules::broken_rules(&template, &parameters)? {
            findings.add(AREA, told, "change one of the answers");
        }
    }
    let settings = settings(&parameters);
    if findings.is_healthy()
        && let Err(wrong) = Config::read(|name| settings.get(name).cloned())
    {
        for told in wrong.to_string().split("; ") {
            findings.add(AREA, named(told), "change the answer");
        }
    }
    Ok(findings.report())
}

/// The environment of the functions with these parameters.
fn settings(parameters: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let parameter = |name: &str| parameters.get(name).map_or("", String::as_str);
    let mut settings = stack::settings_of_parameters(parameter);
    for (setting, name) in SECRET {
        settings.insert(setting.to_owned(), parameter(name).to_owned());
    }
    let issuer = match parameter("DomainName") {
        "" => OWN_ISSUER.to_owned(),
        domain => format!("https://{domain}/"),
    };
    let own = [
        ("COUNTERSIGN_TABLE", "table".to_owned()),
        ("COUNTERSIGN_KMS_KEY", "key".to_owned()),
        ("COUNTERSIGN_STACK", "stack".to_owned()),
        ("COUNTERSIGN_ISSUER", issuer),
    ];
    settings.extend(own.map(|(name, value)| (name.to_owned(), value)));
    settings
}

/// A sentence about a setting, with the name of the setting's parameter.
fn named(told: &str) -> String {
    let secret = SECRET.into_iter();
    let all = stack::PARAMETERS.into_iter().chain(secret);
    // The longest name first: the name of one setting may begin another.
    let mut all: Vec<(&str, &str)> = all.collect();
    all.sort_by_key(|(setting, _)| std::cmp::Reverse(setting.len()));
    all.iter().fold(told.to_owned(), |told, (setting, name)| {
        told.replace(setting, name)
    })
}
