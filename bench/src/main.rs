//! `cargo bench-login`: what a login costs, measured with the release binaries of the
//! functions. docs/figures/README.md is written by this program.

mod extent;
mod files;
mod http;
mod local;
mod machine;
mod measure;
mod outcome;
mod process;
mod proxy;
mod report;
mod runtime_api;
mod stopwatch;
mod users;

use std::io::Write;
use std::process::ExitCode;

use extent::Extent;
use files::{Built, workspace};
use local::Local;
use measure::{cold, counting, instructions, load, table};
use outcome::Outcome;
use report::{cost, plots, tables};
use serde_json::{Value, json};
use users::Users;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let _closed = writeln!(std::io::stderr(), "bench-login: {problem}");
            ExitCode::FAILURE
        }
    }
}

const USAGE: &str = "usage: cargo bench-login [--quick] [--million] [--functions DIR]\n\
    --quick          measure little, and write nothing: does every part still run?\n\
    --write          after --quick: write the page all the same\n\
    --logins N       N whole logins one after the other, and not 1000\n\
    --million        up to a million users in the table (some minutes more)\n\
    --built          build nothing, and measure what an earlier run has built\n\
    --profile FILE   only write a profile of callgrind, with the names of functions if they\n\
    \x20                were built with CARGO_PROFILE_RELEASE_STRIP=false\n\
    --functions DIR  other builds of the functions, as DIR/<function>/bootstrap";

fn run() -> Outcome<()> {
    let mut extent = Extent {
        quick: false,
        writes: true,
        logins: 1_000,
        million: false,
    };
    let (mut functions, mut profile, mut build) = (None, None, true);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => {
                extent.quick = true;
                extent.writes = false;
            }
            "--write" => extent.writes = true,
            "--logins" => {
                let number = arguments.next().ok_or(USAGE)?;
                extent.logins = number.parse().map_err(|_| USAGE)?;
            }
            "--million" => extent.million = true,
            "--built" => build = false,
            "--profile" => profile = Some(arguments.next().ok_or(USAGE)?),
            "--functions" => functions = Some(arguments.next().ok_or(USAGE)?),
            _ => return Err(USAGE.into()),
        }
    }
    let built = Built::find(functions.map(Into::into), extent.quick, build)?;
    if let Some(file) = profile {
        let users = Users::planned(10, 1);
        let local = Local::start(&built.local, &users)?;
        return instructions::profile(&built, &local, &users, &file);
    }
    let figures = measured(&built, extent)?;
    let page = tables::page(&figures)?;
    say(&page)?;
    if extent.writes {
        let folder = workspace().join("docs/figures");
        std::fs::create_dir_all(&folder)?;
        let json = serde_json::to_string_pretty(&figures)?;
        std::fs::write(folder.join("figures.json"), json + "\n")?;
        std::fs::write(folder.join("README.md"), page)?;
        plots::write(&folder, &figures)?;
    }
    Ok(())
}

/// Measures one part after the other, because each part wants the core for itself.
fn measured(built: &Built, extent: Extent) -> Outcome<Value> {
    let began = stopwatch::now();
    let machine = machine::describe();
    // So many that nobody has to wait for the next code of an app.
    let users = Users::planned(extent.of(extent.logins + 1_500, 60), extent.of(100, 12));
    let local = Local::start(&built.local, &users)?;
    let mut parts = serde_json::Map::new();
    let mut part = |name: &str, value: Value| {
        let _closed = writeln!(
            std::io::stderr(),
            "{:5.0} s  {name}",
            began.elapsed().as_secs_f64()
        );
        parts.insert(name.to_owned(), value);
    };
    part("machine", machine);
    part("sizes", built.sizes()?);
    part("cold", cold::starts(built, &local, extent.of(20, 2))?);
    part("argon2", load::argon2_alone(built, extent.of(120, 10))?);
    let alone = load::one_at_a_time(built, &local, &users, extent)?;
    let steps = alone["steps"].clone();
    part("one_at_a_time", alone);
    let many = load::several_at_once(built, &local, &users, extent)?;
    part("several_at_once", many);
    part(
        "argon2_again",
        load::argon2_alone(built, extent.of(120, 10))?,
    );
    part(
        "refusals",
        load::refusals(built, &local, extent.of(200, 5))?,
    );
    let requests = counting::requests(built, &local, &users)?;
    part("cost", cost::of_a_million(&steps, &requests)?);
    part("requests", requests);
    part(
        "instructions",
        instructions::counted(built, &local, &users, extent)?,
    );
    part("table", table::growing(built, &local, &users, extent)?);
    part("load_at_the_end", machine::load());
    Ok(json!(parts))
}

fn say(text: &str) -> Outcome<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}
