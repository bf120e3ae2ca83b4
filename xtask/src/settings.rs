//! Writes the reference of the settings: each setting with the parameters of the
//! template that give its value, and the parameters that give no setting.

use std::collections::{BTreeMap, BTreeSet};

use countersign::config::declared::SUBJECTS;
use countersign::config::declared::setting::{Absent, Setting, Subject};

pub const PAGE: &str = "docs/reference/settings.md";

const BEFORE: &str = "# Settings

`cargo xtask settings` writes this page from `shared/src/config/declared.rs` and `infra/template.yaml`.

Each function reads its settings from the environment at its cold start, and `cargo local` reads the \
same settings. In a deployment, the parameters of the template give the values. A missing or wrong \
setting stops the start, and the message names the variable. An empty value is no value.

The AWS SDK and the Lambda runtime read variables of their own: `AWS_REGION`, credentials, \
`AWS_ENDPOINT_URL_…`, `AWS_LAMBDA_…`.
";

const HEAD: &str = "| environment | parameter | Auth0, AuthConfig | default | what it is |\n\
                    |---|---|---|---|---|\n";

const PARAMETERS: &str = "## Parameters that are no settings

The deployment reads these parameters itself. No function knows them.

| parameter | default | what it is |
|---|---|---|
";

/// The page for this template.
pub fn page(template: &str) -> Result<String, String> {
    let template = Template::of(template)?;
    let mut used = BTreeSet::new();
    let mut subjects = String::new();
    for subject in &SUBJECTS {
        subjects.push_str(&table(subject, &template, &mut used)?);
    }
    let rest: String = template
        .order
        .iter()
        .filter(|name| !used.contains(*name))
        .filter_map(|name| Some(parameter(name, template.parameters.get(name)?)))
        .collect();
    Ok(format!("{BEFORE}{subjects}\n{PARAMETERS}{rest}"))
}

fn table(
    subject: &Subject,
    template: &Template,
    used: &mut BTreeSet<String>,
) -> Result<String, String> {
    let mut rows = String::new();
    for setting in subject.settings {
        let given = template.gives(setting.name)?;
        rows.push_str(&row(setting, &given));
        used.extend(given);
    }
    Ok(format!("\n## {}\n\n{HEAD}{rows}", subject.title))
}

fn row(setting: &Setting, given: &[String]) -> String {
    let quoted: Vec<String> = given.iter().map(|name| format!("`{name}`")).collect();
    let default = match setting.absent {
        Absent::Refused => "required".to_owned(),
        Absent::Value(value) => format!("`{value}`"),
        Absent::Told(words) => words.to_owned(),
    };
    let range = setting
        .range
        .map(|(least, most)| format!(". From {least} to {most}"));
    let secret = if setting.secret { ". Secret" } else { "" };
    let meaning = format!("{}{}{secret}", setting.meaning, range.unwrap_or_default());
    cells(&[
        &format!("`{}`", setting.name),
        &quoted.join(", "),
        setting.known_as,
        &default,
        &meaning,
    ])
}

fn parameter(name: &str, declared: &Declared) -> String {
    let default = match declared.default.as_deref() {
        None => "required".to_owned(),
        Some("") => "none".to_owned(),
        Some(value) => format!("`{value}`"),
    };
    // A description is plain text.
    let description = declared.description.replace('<', "\\<");
    cells(&[&format!("`{name}`"), &default, &description])
}

fn cells(cells: &[&str]) -> String {
    let escape = |cell: &&str| cell.replace('|', "\\|");
    let escaped: Vec<String> = cells.iter().map(escape).collect();
    format!("| {} |\n", escaped.join(" | "))
}

/// A parameter, as the template declares it.
struct Declared {
    default: Option<String>,
    description: String,
}

/// The parts of the template that give settings their values.
struct Template {
    order: Vec<String>,
    parameters: BTreeMap<String, Declared>,
    conditions: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
}

impl Template {
    fn of(text: &str) -> Result<Self, String> {
        let parameters = entries(text, "Parameters:", 2)?;
        let order = parameters.iter().map(|(name, _)| name.clone()).collect();
        let declared = |(name, part): (String, String)| {
            let value = |key: &str| member(&part, key);
            let declared = Declared {
                default: value("Default"),
                description: value("Description").unwrap_or_default(),
            };
            (name, declared)
        };
        Ok(Self {
            order,
            parameters: parameters.into_iter().map(declared).collect(),
            conditions: entries(text, "Conditions:", 2)?.into_iter().collect(),
            variables: entries(text, "      Variables:", 8)?.into_iter().collect(),
        })
    }

    /// The parameters that the value of this variable depends on.
    fn gives(&self, variable: &str) -> Result<Vec<String>, String> {
        let missing = || format!("the template does not set {variable}");
        let mut waiting = vec![self.variables.get(variable).ok_or_else(missing)?];
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(text) = waiting.pop() {
            for word in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
                if !seen.insert(word) {
                    continue;
                }
                if self.parameters.contains_key(word) {
                    found.push(word.to_owned());
                }
                waiting.extend(self.conditions.get(word));
            }
        }
        found.sort();
        Ok(found)
    }
}

/// The value of a member that stands on one line, without its quotes.
fn member(part: &str, key: &str) -> Option<String> {
    let start = format!("{key}: ");
    let line = part
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(&start))?;
    Some(line.trim_matches(['\'', '"']).to_owned())
}

/// The entries below a line, each with its text: `  Name: rest` and the deeper lines.
fn entries(text: &str, head: &str, indent: usize) -> Result<Vec<(String, String)>, String> {
    let mut lines = text.lines().skip_while(|line| *line != head);
    lines.next().ok_or_else(|| format!("no line is `{head}`"))?;
    let mut all: Vec<(String, String)> = Vec::new();
    for line in lines {
        let depth = line.len() - line.trim_start().len();
        let entry = line.trim_start();
        if entry.is_empty() || entry.starts_with('#') {
            continue;
        }
        if depth < indent {
            break;
        }
        match (depth == indent, entry.split_once(':'), all.last_mut()) {
            (true, Some((name, rest)), _) => all.push((name.to_owned(), format!("{rest}\n"))),
            (_, _, Some((_, part))) => part.push_str(&format!("{entry}\n")),
            (_, _, None) => return Err(format!("`{entry}` stands before the first entry")),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::Template;

    const TEMPLATE: &str = "Parameters:\n  Name:\n    Type: String\n    Default: 'x'\n  Domain:\n    \
                            Description: The domain.\nConditions:\n  HasDomain: !Not [!Ref Domain]\n\
                            Globals:\n  Function:\n    Environment:\n      Variables:\n        \
                            PLAIN: !Ref Name\n        WHOLE:\n          !If [HasDomain, 'a', 'b']\n        \
                            OWN: !Ref Table\n\nResources:\n";

    #[test]
    fn a_variable_depends_on_the_parameters_that_it_names_and_that_its_conditions_name() {
        let template = Template::of(TEMPLATE).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(template.gives("PLAIN"), Ok(vec!["Name".to_owned()]));
        assert_eq!(template.gives("WHOLE"), Ok(vec!["Domain".to_owned()]));
        assert_eq!(template.gives("OWN"), Ok(Vec::new()));
        assert!(template.gives("OTHER").is_err());
        let default = |name: &str| template.parameters[name].default.as_deref();
        assert_eq!((default("Name"), default("Domain")), (Some("x"), None));
    }
}
