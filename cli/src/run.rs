//! Runs the command of the command line on the deployment that the command line names.

use std::io::Write;
use std::process::ExitCode;

use crate::options::{Command, LogEvents, Options};
use crate::problem::Problem;
use crate::report::progress::show_at_terminal;
use crate::settings_file::{check_settings, write_guided_template};
use crate::trial::try_logins;
use crate::upkeep::doctor::doctor;
use crate::{act, completions, connection};

/// Runs the command of the command line, and gives the exit code.
pub fn run(options: &Options) -> ExitCode {
    start_log(options.log_events == LogEvents::Always);
    show_at_terminal();
    match done(options) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
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
    if let Command::Doctor {
        settings,
        write_template,
    } = &options.command
        && !settings.is_empty()
    {
        let report = match write_template {
            Some(file) => write_guided_template(settings, file)?,
            None => check_settings(settings)?,
        };
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
                operator.tell_failed_acts(&opened.app).await;
                done?
            }
            _ => act::act(&opened?.app, options).await?,
        };
        report.print(options.json, &mut out)?;
        Ok(report.exit_code())
    })
}

/// Warnings and errors of the service's code, on standard error, and with `events` the event
/// of each act, as one line of JSON that is like a line of the functions' log.
fn start_log(events: bool) {
    use countersign::usecase::events::tell::EVENT_TARGET;
    use tracing_subscriber::Layer;
    use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let lines = tracing_subscriber::fmt::layer()
        .compact()
        .without_time()
        .with_target(false)
        .with_writer(std::io::stderr)
        .with_filter(
            Targets::new()
                .with_default(LevelFilter::ERROR)
                .with_target("countersign", LevelFilter::WARN),
        );
    let told = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_filter(filter_fn(|line| line.target() == EVENT_TARGET));
    tracing_subscriber::registry()
        .with(lines)
        .with(events.then_some(told))
        .init();
}
