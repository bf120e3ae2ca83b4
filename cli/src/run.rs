//! Runs the command of the command line on the deployment that the command line names.

use std::io::Write;
use std::process::ExitCode;

use crate::options::{Command, Options};
use crate::problem::Problem;
use crate::settings_file::check_settings;
use crate::trial::try_logins;
use crate::upkeep::doctor::doctor;
use crate::{act, completions, connection};

/// Runs the command of the command line, and gives the exit code.
pub fn run(options: &Options) -> ExitCode {
    log_problems();
    match done(options) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            tell_unannounced(problem.unannounced());
            let _closed = writeln!(std::io::stderr(), "countersign: {problem}");
            ExitCode::from(problem.exit_code())
        }
    }
}

fn done(options: &Options) -> Result<u8, Problem> {
    let mut out = std::io::stdout();
    if let Command::Completions { shell } = &options.command {
        completions::write(*shell, &mut out)?;
        return Ok(0);
    }
    if let Command::Doctor { settings } = &options.command
        && !settings.is_empty()
    {
        let report = check_settings(settings)?;
        report.print(options.json, &mut out)?;
        return Ok(report.exit_code());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::broken(format!("cannot start threads: {error}")))?;
    runtime.block_on(async {
        let opened = connection::open(&options.connection).await;
        let report = match &options.command {
            Command::Doctor { .. } => doctor(opened).await?,
            Command::Try(asked) => {
                let opened = opened?;
                let operator = act::operator_of(&opened.app, options);
                let done = try_logins(&opened, &operator, asked).await;
                act::announced(&opened.app, &operator, done).await?
            }
            _ => act::act(&opened?.app, options).await?,
        };
        tell_unannounced(report.unannounced());
        report.print(options.json, &mut out)?;
        Ok(report.exit_code())
    })
}

/// Writes each act that the bus did not take as one line of JSON on standard error, for
/// the log of the caller.
fn tell_unannounced(acts: &[serde_json::Value]) {
    for act in acts {
        let _closed = writeln!(std::io::stderr(), "{act}");
    }
}

/// Warnings and errors of the service's code, on standard error.
fn log_problems() {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let lines = tracing_subscriber::fmt::layer()
        .compact()
        .without_time()
        .with_target(false)
        .with_writer(std::io::stderr);
    let filter = Targets::new()
        .with_default(LevelFilter::ERROR)
        .with_target("countersign", LevelFilter::WARN);
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .init();
}
