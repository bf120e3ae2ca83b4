//! What `doctor` has looked at and found.

use aws_sdk_kms::error::ProvideErrorMetadata;
use serde_json::{Value, json};

use crate::report::Report;

/// What was looked at, and what was found.
#[derive(Debug, Default)]
pub struct Diagnosis {
    /// The command that takes the operator's role, which has every right that `doctor` needs.
    take_role: String,
    checked: Vec<&'static str>,
    found: Vec<Finding>,
    notes: Vec<Finding>,
}

/// Something that is wrong, and the command that mends it.
#[derive(Debug)]
struct Finding {
    area: &'static str,
    problem: String,
    remedy: String,
}

impl Diagnosis {
    /// Nothing was looked at yet in this stack.
    pub fn of(stack: &str) -> Self {
        Self {
            take_role: format!(
                "aws configure set profile.countersign.role_arn \"$(aws cloudformation describe-stacks \
                 --stack-name {stack} --output text \
                 --query \"Stacks[0].Outputs[?OutputKey=='OperatorRoleArn'].OutputValue\")\" && \
                 aws configure set profile.countersign.source_profile default && \
                 export AWS_PROFILE=countersign"
            ),
            ..Self::default()
        }
    }

    /// Notes that an area was looked at.
    pub fn checked(&mut self, area: &'static str) {
        self.checked.push(area);
    }

    pub fn add(
        &mut self,
        area: &'static str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Finding {
            area,
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    /// Whether nothing was found so far.
    pub fn is_healthy(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds something that costs, and that is no fault: `doctor` still ends with 0.
    pub fn note(
        &mut self,
        area: &'static str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.notes.push(Finding {
            area,
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    /// Adds that AWS did not answer a question, most often because the operator
    /// lacks the right to ask.
    pub fn unanswered(
        &mut self,
        area: &'static str,
        question: &str,
        error: &impl ProvideErrorMetadata,
    ) {
        let told = error.message().or(error.code()).unwrap_or("no answer");
        self.needs_role(area, format!("{question} is not known: {told}"));
    }

    /// Adds something that the operator's role may do, and that was not possible.
    pub fn needs_role(&mut self, area: &'static str, problem: String) {
        let remedy = self.take_role.clone();
        self.add(area, problem, remedy);
    }

    /// What `doctor` prints.
    pub fn report(self) -> Report {
        let lines = |all: &[Finding], before: &str| {
            let line = |one: &Finding| {
                let Finding {
                    area,
                    problem,
                    remedy,
                } = one;
                format!("{before}{area}: {problem}\n  {remedy}\n")
            };
            all.iter().map(line).collect::<String>()
        };
        let notes = lines(&self.notes, "Note: ");
        let checked = self.checked.join(", ");
        let count = self.found.len();
        let sentence = match count {
            0 => format!("{notes}Nothing was found. Checked: {checked}."),
            _ => format!(
                "{}{notes}Findings: {count}. Checked: {checked}.",
                lines(&self.found, "")
            ),
        };
        let values = |all: &[Finding]| -> Vec<Value> {
            let value = |one: &Finding| json!({ "area": one.area, "finding": one.problem, "remedy": one.remedy });
            all.iter().map(value).collect()
        };
        let (found, noted) = (values(&self.found), values(&self.notes));
        Report::Examined {
            sentence,
            value: json!({ "checked": self.checked, "findings": found, "notes": noted }),
            healthy: count == 0,
        }
    }
}
