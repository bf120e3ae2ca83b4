//! `cargo local`: the whole service on this machine, or with `--aws-only` only the
//! stand-ins for AWS.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use clap::Parser;
use countersign::config::environment::Environment;
use countersign_local::certificate::Certificate;
use countersign_local::clock::{Clock, Now};
use countersign_local::data::{self, Data};
use countersign_local::defaults::TABLE;
use countersign_local::faults::Faults;
use countersign_local::http::api_page::api_page;
use countersign_local::http::event_routes::event_routes;
use countersign_local::http::fault_routes::fault_routes;
use countersign_local::http::local_routes::local_routes;
use countersign_local::http::operate_routes::operate_routes;
use countersign_local::http::servers::{Servers, bind_loopback};
use countersign_local::http::settings_routes::settings_routes;
use countersign_local::http::state_routes::state_routes;
use countersign_local::options::Options;
use countersign_local::page::page;
use countersign_local::problem::Problem;
use countersign_local::service::{self, Endpoints};
use countersign_local::settings::Settings;
use countersign_local::stand_in::StandIn;
use countersign_local::stop_signal::StopSignal;
use countersign_local::storage::data_directory::DataDirectory;
use countersign_local::storage::database::{Database, create_table, sdk_config};
use countersign_local::storage::environment_file;
use countersign_local::terminal::addresses::{Ports, what_others_reach, what_to_try};
use countersign_local::terminal::demo_table::demo_table;

const EVENT_BUS: &str = "COUNTERSIGN_EVENT_BUS";

/// The stack of each thread, in bytes: as large as that of a function's main thread, because
/// the futures of a build without optimisation are large.
const STACK: usize = 8 << 20;

/// How long tasks may still run after the servers have stopped.
const LAST_WORK: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "countersign: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Problem> {
    let environment = Environment::of_process().map_err(|wrong| Problem::new(wrong.to_string()))?;
    let settings = Settings::read(environment, options)?;
    let seed = Data::of_options(options)?;
    for warning in settings.warnings() {
        warn(warning);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()
        .map_err(|error| Problem::new(format!("cannot start threads: {error}")))?;
    let ended = runtime.block_on(async {
        if options.aws_only {
            aws_only(options, &settings, seed).await
        } else {
            whole_service(options, &settings, seed).await
        }
    });
    runtime.shutdown_timeout(LAST_WORK);
    ended
}

/// Runs everything in one process.
async fn whole_service(
    options: &Options,
    settings: &Settings,
    seed: Option<Data>,
) -> Result<(), Problem> {
    log_requests();
    let mut stop = StopSignal::listen()?;
    let mut servers = Servers::bind(options.port, options.https_port)?;
    if let Some(host) = &options.listen {
        servers = servers.also_on(host)?;
    }
    let directory = DataDirectory::open(&options.data)?;
    let data = data_of(options, seed, &directory, servers.http_port())?;
    let certificate =
        Certificate::open(directory.path(), system_time()(), options.listen.as_ref())?;
    let kept = (!options.memory).then(|| directory.path());
    let clock = Clock::open(kept, system_time())?;
    let faults = Faults::default();
    let listeners = Listeners {
        database: bind_loopback(0, "--https-port")?,
        stand_in: bind_loopback(0, "--port")?,
    };
    let (database, stand_in) = aws(
        options,
        &directory,
        clock.reader(),
        listeners,
        faults.clone(),
    )
    .await?;

    let issuer = settings.issuer(options.own_issuer(servers.https_port()));
    let time = clock.reader();
    let endpoints = endpoints(&database, &stand_in);
    let mut pairs = settings.pairs(&issuer, endpoints.others);
    deliver_events(&mut pairs);
    show_every_login(&mut pairs, &issuer);
    let time = countersign::clock::Clock::from_fn(move || time());
    let app = service::prepare(&pairs, endpoints, time, &faults).await?;
    let filled = data.fill(&app, options, &directory).await?;
    if let Some(missing) = data::missing(&app).await? {
        warn(&missing);
    }

    environment_file::write_for_operators(directory.path(), &pairs, endpoints, !options.memory)?;
    let ports = Ports {
        http: servers.http_port(),
        https: servers.https_port(),
    };
    let mut router = service::routes(&app)
        .merge(local_routes(stand_in.inbox().clone(), clock))
        .merge(event_routes(stand_in.events().clone()))
        .merge(operate_routes(app.clone()))
        .merge(settings_routes(&pairs, &settings.of_environment()))
        .merge(fault_routes(faults))
        .merge(page(ports.http, &app, &data.seed))
        .merge(state_routes(app.clone(), data.seed.clone()))
        .merge(api_page());
    if let Some(host) = options.listen.clone() {
        warn(&what_others_reach(&host, ports));
        // The guards of the routes find the named host in each request.
        router = router.layer(Extension(host));
    }
    let running = servers.start(router, &certificate)?;
    say(&format!("ready http://127.0.0.1:{}", ports.http));
    say(&what_to_try(&directory, &certificate, ports));
    say(&what_it_runs_on(settings, &issuer, &data, &filled));
    stop.received().await;
    running.stop().await;
    drop((stand_in, database));
    Ok(())
}

/// Has every event delivered to the stand-in for EventBridge, so that the workbench
/// shows the events as they happen.
fn deliver_events(pairs: &mut Vec<(String, String)>) {
    if !pairs.iter().any(|(name, _)| name == EVENT_BUS) {
        pairs.push((EVENT_BUS.to_owned(), "countersign".to_owned()));
    }
}

/// Turns on the logins that a deployment turns on itself, so that the page shows them:
/// passkeys, if the issuer has a name, and trusted devices.
fn show_every_login(pairs: &mut Vec<(String, String)>, issuer: &str) {
    let mut default = |name: &str, value: &str| {
        if !pairs.iter().any(|(known, _)| known == name) {
            pairs.push((name.to_owned(), value.to_owned()));
        }
    };
    let host = url::Url::parse(issuer);
    if host.is_ok_and(|url| url.domain() == Some("localhost")) {
        default("COUNTERSIGN_PASSKEY_DOMAIN", "localhost");
    }
    default("COUNTERSIGN_TRUSTED_DEVICE_DAYS", "30");
}

/// Runs only the stand-ins on fixed ports. Makes keys and demo data for functions that
/// run elsewhere, and writes a file with the environment for these functions.
async fn aws_only(
    options: &Options,
    settings: &Settings,
    seed: Option<Data>,
) -> Result<(), Problem> {
    let mut stop = StopSignal::listen()?;
    let listeners = Listeners {
        stand_in: bind_loopback(options.port, "--port")?,
        database: bind_loopback(options.https_port, "--https-port")?,
    };
    let directory = DataDirectory::open(&options.data)?;
    if !options.memory {
        refuse_moved_clock(&directory)?;
    }
    let data = data_of(options, seed, &directory, options.port)?;
    let (database, stand_in) = aws(
        options,
        &directory,
        system_time(),
        listeners,
        Faults::default(),
    )
    .await?;
    let issuer = settings.issuer(Options::functions_issuer());
    let endpoints = endpoints(&database, &stand_in);
    let pairs = settings.pairs(&issuer, endpoints.others);
    let time = countersign::clock::Clock::system();
    let app = service::prepare(&pairs, endpoints, time, &Faults::default()).await?;
    let filled = data.fill(&app, options, &directory).await?;
    if let Some(missing) = data::missing(&app).await? {
        warn(&missing);
    }
    let environment = environment_file::write(directory.path(), &pairs, endpoints)?;
    environment_file::write_for_operators(directory.path(), &pairs, endpoints, false)?;
    say(&format!("ready {}", stand_in.endpoint()));
    say(&format!(
        "\n\
         environment  {}\n\
         functions    cargo lambda watch --invoke-address 127.0.0.1 --ignore-changes --env-file {0}\n\
         messages     curl {}/_local/messages",
        environment.display(),
        stand_in.endpoint(),
    ));
    say(&what_it_runs_on(settings, &issuer, &data, &filled));
    stop.received().await;
    Ok(())
}

/// Functions that run elsewhere use the system's time. With a moved clock, they would
/// find items from the future.
fn refuse_moved_clock(directory: &DataDirectory) -> Result<(), Problem> {
    let zero: Now = Arc::new(|| 0);
    let ahead = Clock::open(Some(directory.path()), zero)?.now();
    if ahead == 0 {
        return Ok(());
    }
    Err(Problem::new(format!(
        "the clock of {} was moved by {ahead} seconds, which functions elsewhere do not follow; \
         choose another folder with --data DIR",
        directory.path().display()
    )))
}

/// Where the stand-ins listen.
struct Listeners {
    database: std::net::TcpListener,
    stand_in: std::net::TcpListener,
}

/// Starts the database with its table, and the stand-ins, on the given listeners. Posts to
/// the webhook meet `faults`.
async fn aws(
    options: &Options,
    directory: &DataDirectory,
    now: Now,
    listeners: Listeners,
    faults: Faults,
) -> Result<(Database, StandIn), Problem> {
    let file = (!options.memory).then(|| directory.database_file());
    let database = Database::open_on(listeners.database, file.as_deref())?;
    let client = aws_sdk_dynamodb::Client::new(&sdk_config(database.endpoint()));
    create_table(&client, TABLE).await?;
    let stand_in = StandIn::start_on(listeners.stand_in, directory.kms_master_key()?, now, faults)
        .map_err(|error| Problem::new(format!("cannot start the AWS stand-ins: {error}")))?;
    Ok((database, stand_in))
}

/// Lines for the terminal: the service's data and settings, and how to stop it. `filled`
/// says what the table was filled with.
fn what_it_runs_on(settings: &Settings, issuer: &str, data: &Data, filled: &str) -> String {
    let mut lines = vec![
        format!("issuer       {issuer}"),
        format!("keys         {issuer}.well-known/jwks.json"),
        format!("data         {filled}"),
    ];
    let taken = settings.printable();
    if !taken.is_empty() {
        lines.push("settings     from the environment:".to_owned());
        lines.extend(taken.iter().map(|taken| format!("             {taken}")));
    }
    if let Some(demo) = data.to_copy() {
        lines.extend([String::new(), demo_table(demo)]);
    }
    lines.extend([String::new(), "Stop with Ctrl-C.".to_owned()]);
    lines.join("\n")
}

fn endpoints<'a>(database: &'a Database, stand_in: &'a StandIn) -> Endpoints<'a> {
    Endpoints {
        dynamodb: database.endpoint(),
        others: stand_in.endpoint(),
    }
}

/// The first content of the table: the seed file's, or the folder's.
fn data_of(
    options: &Options,
    seed: Option<Data>,
    directory: &DataDirectory,
    page_port: u16,
) -> Result<Data, Problem> {
    let Some(data) = seed else {
        return Data::of_folder(options, directory, page_port);
    };
    if data.comes_late(options, directory) {
        warn(&format!(
            "{} was begun with the demo data, which stays beside the seed; \
             delete it, or choose another folder with --data DIR",
            directory.path().display()
        ));
    }
    Ok(data)
}

/// Prints a warning to standard error.
fn warn(line: &str) {
    let _ = writeln!(std::io::stderr(), "countersign: warning: {line}");
}

/// Starts the service's log on standard error, one line for each request.
fn log_requests() {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let lines = tracing_subscriber::fmt::layer()
        .compact()
        .with_target(false)
        .with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(
            // The embedded database logs a failed condition as an error.
            countersign::lambda::log_filter()
                .with_target("dynoxide", tracing_subscriber::filter::LevelFilter::ERROR)
                // Nothing here reads the documents of metrics.
                .with_target(
                    countersign::metrics::document::METRICS_TARGET,
                    tracing_subscriber::filter::LevelFilter::OFF,
                ),
        )
        .with(lines)
        .init();
}

fn system_time() -> Now {
    Arc::new(countersign::clock::system_time)
}

/// Prints one line to standard output and flushes it. If the reader has closed the
/// pipe, the service goes on.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
