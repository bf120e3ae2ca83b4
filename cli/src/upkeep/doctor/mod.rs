//! `doctor`: looks for what will fail later, and names a command for each finding.

mod alarms;
mod clients;
mod clock;
mod email;
pub mod finding;
mod hashes;
mod key;
mod keys;
mod table;
mod texts;

use aws_config::SdkConfig;
use countersign::app::App;

#[cfg(feature = "deployments")]
use crate::connection::Opened;
use crate::problem::Problem;
use crate::report::Report;
use crate::upkeep::alarm_settings::AlarmSettings;
use crate::upkeep::doctor::finding::Diagnosis;

/// A deployment, and what `doctor` can reach of it.
pub struct Patient<'a> {
    /// The deployment.
    pub app: &'a App,
    /// AWS, unless the deployment is a `cargo local`.
    pub aws: Option<&'a SdkConfig>,
    /// What the stack says of alarms, if the deployment was found by its stack.
    pub alarms: Option<&'a AlarmSettings>,
}

/// Looks at a deployment.
///
/// # Errors
/// One line if the table does not answer.
pub async fn examine(patient: &Patient<'_>) -> Result<Report, Problem> {
    let app = patient.app;
    let mut findings = Diagnosis::of(&app.config.stack);
    keys::look(app, &mut findings).await?;
    clients::look(app, &mut findings).await?;
    hashes::look(app, &mut findings).await?;
    if let Some(aws) = patient.aws {
        table::look(app, aws, &mut findings).await?;
        key::look(app, aws, &mut findings).await;
        let seen = email::look(app, aws, &mut findings).await;
        clock::look(app, seen, &mut findings);
        texts::look(app, aws, &mut findings).await;
        if let Some(settings) = patient.alarms {
            alarms::look(settings, aws, &mut findings).await;
        }
    }
    Ok(findings.report())
}

/// Looks at the deployment that was found. A setting that the functions would
/// refuse is a finding too.
///
/// # Errors
/// The errors of `examine`; one line if no deployment was found.
#[cfg(feature = "deployments")]
pub async fn doctor(opened: Result<Opened, Problem>) -> Result<Report, Problem> {
    match opened {
        Ok(opened) => {
            let patient = Patient {
                app: &opened.app,
                aws: opened.aws.as_ref(),
                alarms: opened.alarms.as_ref(),
            };
            examine(&patient).await
        }
        Err(problem) if problem.is_of_settings() => {
            let mut findings = Diagnosis::default();
            findings.checked("settings");
            findings.add(
                "settings",
                problem.to_string(),
                "countersign doctor --settings answers.toml",
            );
            Ok(findings.report())
        }
        Err(problem) => Err(problem),
    }
}
