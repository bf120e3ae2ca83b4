//! The page with the tables: docs/figures/README.md.

use std::fmt::Write;

use serde_json::Value;

use crate::files::FUNCTIONS;
use crate::measure::flows::Step;
use crate::outcome::Outcome;

/// The share of the limit that whole logins shall reach.
const GOAL_SHARE: f64 = 0.85;
/// The CPU that a whole login may take beside argon2id, in milliseconds.
const GOAL_BESIDE_MS: f64 = 2.5;
const GOAL_COLD_MS: f64 = 10.0;
const GOAL_REFUSAL_MS: f64 = 0.3;

/// A number at a path of members, 0 if there is none.
pub fn number(figures: &Value, path: &[&str]) -> f64 {
    let found = path.iter().fold(figures, |value, name| &value[*name]);
    found.as_f64().unwrap_or_default()
}

/// Argon2id alone: the mean of the measurements before and after the logins.
pub fn argon2_ms(figures: &Value) -> f64 {
    let (before, after) = (
        number(figures, &["argon2", "ms"]),
        number(figures, &["argon2_again", "ms"]),
    );
    f64::midpoint(before, after)
}

/// The CPU of a whole login with an app beside argon2id, in milliseconds.
pub fn beside_ms(figures: &Value) -> f64 {
    let cpu = |step: Step| number(figures, &["one_at_a_time", "steps", step.name(), "cpu_ms"]);
    cpu(Step::Password) + cpu(Step::CodeOfApp) - argon2_ms(figures)
}

/// The CPU of a whole login with an app, in milliseconds.
pub fn login_ms(figures: &Value) -> f64 {
    argon2_ms(figures) + beside_ms(figures)
}

/// Whole logins a second on one core, at the best number of processes.
pub fn best_rate(figures: &Value) -> f64 {
    let runs =
        ["1", "4", "16"].map(|at_once| number(figures, &["several_at_once", at_once, "a_second"]));
    runs.into_iter().fold(0.0, f64::max)
}

/// How a figure stands to its goal.
fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "**missed**" }
}

/// The whole page.
pub fn page(figures: &Value) -> Outcome<String> {
    let mut page = String::new();
    let machine = &figures["machine"];
    let text = |name: &str| machine[name].as_str().unwrap_or_default().to_owned();
    writeln!(
        page,
        "# Figures\n\n\
         `cargo bench-login` measured these figures and wrote this page. The release binaries of \
         the functions run on one core, and poll a Runtime API that the program serves. The \
         embedded DynamoDB and the stand-ins of `cargo local` run on another core. \
         [figures.json](figures.json) has every number, and [profile.md](profile.md) says where the \
         CPU goes.\n\n\
         Measured on {}: {}, {}, {} cores. Load of the machine (processes that waited for a core, \
         mean of a minute): {} before the run, {} after it, of which the run itself is about 2. \
         A load above 3 means that other programs ran too, and that the times are too long.{}\n",
        text("date"),
        text("cpu"),
        text("architecture"),
        machine["cores"],
        machine["load"],
        figures["load_at_the_end"],
        if machine["pinned"] == true {
            ""
        } else {
            " Processes could not be bound to a core."
        },
    )?;
    goals(&mut page, figures)?;
    steps(&mut page, figures)?;
    requests(&mut page, figures)?;
    costs(&mut page, figures)?;
    others(&mut page, figures)?;
    Ok(page)
}

fn goals(page: &mut String, figures: &Value) -> Outcome<()> {
    let argon2 = argon2_ms(figures);
    let limit = 1e3 / argon2;
    let (rate, by_cpu) = (best_rate(figures), 1e3 / login_ms(figures));
    let beside = beside_ms(figures);
    writeln!(
        page,
        "## Goals\n\n\
         | figure | measured | goal | |\n|---|---|---|---|\n\
         | argon2id alone on one core | {argon2:.2} ms, {limit:.1} a second | | the limit |\n\
         | whole logins (password, then the code of an app) a second on one core, by their CPU | {by_cpu:.1}, {:.0} % of the limit | {:.0} % | {} |\n\
         | whole logins a second that one core did beside other work | {rate:.1}, {:.0} % of the limit | | |\n\
         | CPU of a whole login beside argon2id | {beside:.2} ms | {GOAL_BESIDE_MS} ms | {} |",
        by_cpu / limit * 100.0,
        GOAL_SHARE * 100.0,
        verdict(by_cpu / limit >= GOAL_SHARE),
        rate / limit * 100.0,
        verdict(beside <= GOAL_BESIDE_MS),
    )?;
    let slowest = FUNCTIONS
        .map(|name| number(figures, &["cold", name, "median_ms"]))
        .into_iter()
        .fold(0.0, f64::max);
    writeln!(
        page,
        "| cold start to the first poll, slowest function | {slowest:.1} ms | {GOAL_COLD_MS} ms | {} |",
        verdict(slowest <= GOAL_COLD_MS),
    )?;
    for (name, refusal) in figures["refusals"].as_object().into_iter().flatten() {
        let cpu = number(refusal, &["median_cpu_ms"]);
        writeln!(
            page,
            "| CPU of a refusal: {name} ({}) | {cpu:.2} ms | {GOAL_REFUSAL_MS} ms | {} |",
            refusal["status"],
            verdict(cpu <= GOAL_REFUSAL_MS),
        )?;
    }
    writeln!(page, "\n![Whole logins a second](logins.svg)\n")?;
    Ok(())
}

fn steps(page: &mut String, figures: &Value) -> Outcome<()> {
    writeln!(
        page,
        "## Steps\n\n\
         CPU is the time that the function's process had a core, from the event to the next poll, \
         in the mean. The other columns say how long the answer took, with 1 and with 16 \
         processes that share the core. In Lambda every process has a core of its own.\n\n\
         | step | CPU | p50 at 1 | p99 at 1 | p50 at 16 | p99 at 16 |\n|---|---|---|---|---|---|"
    )?;
    for step in Step::ALL {
        let alone = &figures["one_at_a_time"]["steps"][step.name()];
        let many = &figures["several_at_once"]["16"]["steps"][step.name()];
        let of = |steps: &Value, name: &str| match steps[name].as_f64() {
            Some(value) => format!("{value:.2} ms"),
            None => String::new(),
        };
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            step.name(),
            of(alone, "cpu_ms"),
            of(alone, "p50_ms"),
            of(alone, "p99_ms"),
            of(many, "p50_ms"),
            of(many, "p99_ms"),
        )?;
    }
    writeln!(page, "\n![CPU of each step](cpu.svg)\n")?;
    if let Some(skipped) = figures["instructions"]["skipped"].as_str() {
        writeln!(page, "Instructions were not counted: {skipped}.\n")?;
    } else {
        writeln!(page, "| instructions (callgrind) | millions |\n|---|---|")?;
        for (name, millions) in figures["instructions"]["millions"]
            .as_object()
            .into_iter()
            .flatten()
        {
            writeln!(
                page,
                "| {name} | {:.2} |",
                millions.as_f64().unwrap_or_default()
            )?;
        }
        writeln!(page)?;
    }
    let memory = &figures["one_at_a_time"]["memory"];
    writeln!(
        page,
        "After {} logins the process of `token` has {:.1} MiB of memory, {:.1} MiB at its peak.\n",
        memory["after_logins"],
        number(memory, &["now_kib"]) / 1024.0,
        number(memory, &["peak_kib"]) / 1024.0,
    )?;
    writeln!(
        page,
        "| whole logins with an app | at once 1 | at once 4 | at once 16 |\n|---|---|---|---|\n\
         | a second, on one core | {:.1} | {:.1} | {:.1} |\n\
         | share of the database's core that was busy | {:.0} % | {:.0} % | {:.0} % |\n",
        number(figures, &["several_at_once", "1", "a_second"]),
        number(figures, &["several_at_once", "4", "a_second"]),
        number(figures, &["several_at_once", "16", "a_second"]),
        number(
            figures,
            &["several_at_once", "1", "database_share_of_its_core"]
        ) * 100.0,
        number(
            figures,
            &["several_at_once", "4", "database_share_of_its_core"]
        ) * 100.0,
        number(
            figures,
            &["several_at_once", "16", "database_share_of_its_core"]
        ) * 100.0,
    )?;
    Ok(())
}

fn requests(page: &mut String, figures: &Value) -> Outcome<()> {
    writeln!(
        page,
        "## Requests to DynamoDB\n\n\
         The units are what the embedded DynamoDB says it would charge. The log is what the \
         function writes for the request.\n\n\
         | login by | step | requests | operations | read units | write units | log |\n\
         |---|---|---|---|---|---|---|"
    )?;
    for kind in ["app", "e-mail", "SMS", "refresh"] {
        for step in Step::ALL {
            let asked = &figures["requests"][kind][step.name()];
            if asked.is_null() {
                continue;
            }
            let operations = asked["operations"].as_object().into_iter().flatten();
            let operations: Vec<String> = operations
                .map(|(name, count)| format!("{count} {name}"))
                .collect();
            writeln!(
                page,
                "| {kind} | {} | {} | {} | {} | {} | {} bytes |",
                step.name(),
                asked["requests"],
                operations.join(", "),
                asked["read_units"],
                asked["write_units"],
                asked["log_bytes"],
            )?;
        }
    }
    writeln!(page)?;
    Ok(())
}

fn costs(page: &mut String, figures: &Value) -> Outcome<()> {
    let cost = &figures["cost"];
    writeln!(
        page,
        "## A million logins\n\n\
         In US dollars, from the list prices of {} in [prices.json](prices.json), without free \
         tiers. Lambda bills the CPU above, plus 3 ms for each request to DynamoDB. \
         The table leaves out what does not depend on logins: the fixed cost of KMS, alarms and the dashboard.\n\n\
         | login by | Lambda | API Gateway | DynamoDB | logs | messages | all |\n\
         |---|---|---|---|---|---|---|",
        cost["date"].as_str().unwrap_or_default(),
    )?;
    for kind in ["app", "e-mail", "SMS", "refresh"] {
        let of = |name: &str| number(cost, &["kinds", kind, name]);
        writeln!(
            page,
            "| {kind} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | **{:.2}** |",
            of("lambda"),
            of("gateway"),
            of("dynamodb"),
            of("logs"),
            of("messages"),
            of("all"),
        )?;
    }
    writeln!(
        page,
        "\nA million logins are those of {:.0} active users with 10 logins a month. At their list \
         prices for active users, Cognito (Essentials) takes {:.0} and Auth0 (B2C Essentials) \
         {:.0}; both charge for text messages in addition. The figure of Auth0 continues its price \
         for 500 users. For an e-mail, the table has SES's price à la carte: an account that began \
         with SES after 2026-07-21 pays 0.00016 in place of 0.0001, unless it changes its plan. \
         Prices that could not be confirmed on the date of the file: {}.\n\n![Cost of a million logins](cost.svg)\n",
        number(cost, &["active_users"]),
        number(cost, &["others", "Cognito"]),
        number(cost, &["others", "Auth0"]),
        cost["unconfirmed"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
    )?;
    Ok(())
}

fn others(page: &mut String, figures: &Value) -> Outcome<()> {
    writeln!(
        page,
        "## Cold starts and sizes\n\n\
         From exec to the first poll. `bare` is a function that does nothing, built in the same \
         run.\n\n\
         | function | median | fastest | slowest | memory at its peak | size |\n\
         |---|---|---|---|---|---|"
    )?;
    for name in FUNCTIONS.iter().chain([&"bare"]) {
        let cold = &figures["cold"][*name];
        let size = match figures["sizes"][*name].as_f64() {
            Some(bytes) => format!("{:.1} MB", bytes / 1e6),
            None => String::new(),
        };
        writeln!(
            page,
            "| `{name}` | {:.1} ms | {:.1} ms | {:.1} ms | {:.1} MiB | {size} |",
            number(cold, &["median_ms"]),
            number(cold, &["fastest_ms"]),
            number(cold, &["slowest_ms"]),
            number(cold, &["peak_kib"]) / 1024.0,
        )?;
    }
    writeln!(
        page,
        "\n![Cold starts](cold.svg)\n\n## Users in the table\n\n\
         | users | CPU of a whole login (median) | p50 of a whole login |\n|---|---|---|"
    )?;
    for row in figures["table"].as_array().into_iter().flatten() {
        writeln!(
            page,
            "| {} | {:.2} ms | {:.2} ms |",
            row["users"],
            number(row, &["median_cpu_ms"]),
            number(row, &["p50_ms"]),
        )?;
    }
    writeln!(page, "\n![A login while the table grows](table.svg)")?;
    Ok(())
}
