//! `doctor --settings`: checks the answers of a deployment before anything is created.
//!
//! The rules are those of `infra/template.yaml`, which CloudFormation would apply, and
//! those of the functions, which would not start.

mod answers;
pub mod guided;
pub mod long_form;
pub mod parameter;
mod rules;
mod template;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use countersign::config::Config;
use serde_json::{Map, json};

use crate::problem::Problem;
use crate::report::Report;
use crate::settings_file::answers::read_answers;
use crate::settings_file::guided::guided_template;
use crate::settings_file::template::Template;
use crate::stack;
use crate::upkeep::doctor::finding::Diagnosis;

/// What the findings are about.
const AREA: &str = "settings";

/// The issuer of a stack without a domain, for the check only.
const OWN_ISSUER: &str = "https://api.execute-api.amazonaws.com/";

/// Answers to the questions without a default, for the check only.
const ASSUMED: [(&str, &str); 2] = [
    ("ProductName", "Product"),
    ("SenderAddress", "login@example.com"),
];

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
    let template = Template::read()?;
    Ok(examined(&template, &read_answers(files)?)?.report())
}

/// Checks the answers as `check_settings` does. If nothing is found, writes the template for
/// `sam deploy --guided`. The questions that SAM will ask need no answer yet.
///
/// # Errors
/// The errors of `check_settings`. Exit code 2 if the file cannot be written, or is not in
/// the folder of `template.yaml`.
pub fn write_guided_template(files: &[PathBuf], to: &Path) -> Result<Report, Problem> {
    let template = Template::read()?;
    let answers = read_answers(files)?;
    let mut assumed = answers.clone();
    for (name, answer) in ASSUMED {
        let value = assumed.entry(name.to_owned()).or_default();
        if value.is_empty() {
            answer.clone_into(value);
        }
    }
    let findings = examined(&template, &assumed)?;
    if !findings.is_healthy() {
        return Ok(findings.report());
    }
    let beside = to.with_file_name("template.yaml");
    let problem = |why: String| Problem::usage(format!("{}: {why}", to.display()));
    if !beside.is_file() {
        let why = "the file belongs beside infra/template.yaml, because the folders of the \
                   functions are named from there";
        return Err(problem(why.to_owned()));
    }
    let made = guided_template(&template, &template.parameters(&answers))?;
    let questions = made["Parameters"].as_object().map_or(0, Map::len);
    let written = std::fs::write(to, format!("{made:#}\n"));
    written.map_err(|error| problem(error.to_string()))?;
    Ok(Report::Done {
        sentence: format!(
            "Nothing was found. Wrote {}: `sam deploy --guided` asks for {questions} parameters \
             and the region.",
            to.display()
        ),
        value: json!({ "written": to, "parameters": questions }),
    })
}

/// What is wrong with these answers.
fn examined(template: &Template, answers: &BTreeMap<String, String>) -> Result<Diagnosis, Problem> {
    let mut findings = Diagnosis::default();
    findings.checked(AREA);
    for (name, value) in answers {
        if let Some(wrong) = template.wrong_answer(name, value) {
            findings.add(AREA, wrong.told, wrong.remedy);
        }
    }
    let parameters = template.parameters(answers);
    for name in template.unanswered(&parameters) {
        let told = format!("{name} has no answer");
        findings.add(AREA, told, template.wants(&name));
    }
    // A wrong answer also breaks rules and settings, so these are checked after that.
    if findings.is_healthy() {
        for told in rules::broken_rules(template, &parameters)? {
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
    Ok(findings)
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
