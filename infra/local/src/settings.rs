//! The settings of the local service: the environment's `COUNTERSIGN_*` variables,
//! which a function reads too, and the defaults of `cargo local`.
//!
//! A variable in the environment replaces the default, even if it is empty. An empty
//! variable means "no value", as in a function. So you can try the settings of a
//! deployment here first.

use std::collections::BTreeSet;

use countersign::config::Config;
use countersign::config::environment::{Environment, printable};

use crate::defaults::settings as defaults;
use crate::options::Options;
use crate::problem::Problem;

/// The settings that only `cargo local` itself can set.
const OURS: [&str; 3] = [
    "COUNTERSIGN_TABLE",
    "COUNTERSIGN_KMS_KEY",
    "COUNTERSIGN_STACK",
];

const ISSUER: &str = "COUNTERSIGN_ISSUER";
const ENDPOINT: &str = "COUNTERSIGN_WEBHOOK_ENDPOINT";
const HEADERS: &str = "COUNTERSIGN_WEBHOOK_HEADERS";

/// The address of a stand-in that is not started yet.
const NOWHERE: &str = "http://127.0.0.1:1";

pub struct Settings {
    environment: Environment,
    issuer: Option<String>,
    warnings: Vec<String>,
}

impl Settings {
    /// Takes the settings of `environment`. The command line overrides them. Checks all
    /// of them before anything is started.
    ///
    /// # Errors
    /// One line that names every variable with a wrong value, and what is expected.
    pub fn read(environment: Environment, options: &Options) -> Result<Settings, Problem> {
        let given = environment.get(ISSUER).filter(|issuer| !issuer.is_empty());
        let issuer = options.issuer.clone().or(given.map(str::to_owned));
        let warnings = warnings(&environment, options);
        let settings = Settings {
            environment,
            issuer,
            warnings,
        };
        let default = if options.aws_only {
            Options::functions_issuer()
        } else {
            options.own_issuer(options.https_port)
        };
        let pairs = settings.pairs(&settings.issuer(default), NOWHERE);
        Settings::config(&pairs)?;
        if options.aws_only {
            settings.refuse_quotes(&pairs)?;
        }
        Ok(settings)
    }

    /// The issuer of the command line, or else of the environment, or else `default`.
    pub fn issuer(&self, default: String) -> String {
        self.issuer.clone().unwrap_or(default)
    }

    /// The names and values of all settings, for this issuer. `others` is the address
    /// of the stand-ins besides DynamoDB.
    pub fn pairs(&self, issuer: &str, others: &str) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in defaults(issuer, others) {
            // The default headers are for the stand-in. Another receiver does not get
            // them.
            let foreign = name == HEADERS && self.environment.get(ENDPOINT).is_some();
            if self.taken_value(name).is_none() && !foreign {
                pairs.push((name.to_owned(), value));
            }
        }
        for name in self.taken() {
            let value = self.environment.get(name).unwrap_or_default();
            pairs.push((name.to_owned(), value.to_owned()));
        }
        pairs
    }

    /// The settings, read as a function reads them.
    ///
    /// # Errors
    /// One line that names every wrong variable.
    pub fn config(pairs: &[(String, String)]) -> Result<Config, Problem> {
        let value = |name: &str| {
            let found = pairs.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        Config::read(value).map_err(|wrong| Problem::new(wrong.to_string()))
    }

    /// The names of the settings whose value is the environment's.
    pub fn of_environment(&self) -> Vec<String> {
        let issuer = self.environment.get(ISSUER).filter(|own| {
            let in_force = self.issuer.as_deref();
            in_force == Some(*own)
        });
        let issuer = issuer.map(|_| ISSUER);
        self.taken().chain(issuer).map(str::to_owned).collect()
    }

    /// Warnings about the environment, for the developer.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The settings from the environment, in a form that may be shown.
    pub fn printable(&self) -> Vec<String> {
        let value = |name: &str| self.environment.get(name).unwrap_or_default().to_owned();
        self.taken()
            .map(|name| printable(name, &value(name)))
            .collect()
    }

    /// The names of the settings from the environment, without the issuer, which is
    /// printed separately.
    fn taken(&self) -> impl Iterator<Item = &str> {
        let known = Config::names();
        self.environment
            .names()
            .filter(move |name| known.contains(*name))
            .filter(|name| !OURS.contains(name) && *name != ISSUER)
    }

    fn taken_value(&self, name: &str) -> Option<&str> {
        let taken = self.taken().any(|taken| taken == name);
        taken.then(|| self.environment.get(name)).flatten()
    }

    /// Refuses values that do not fit into one line between single quotes in the
    /// environment file.
    fn refuse_quotes(&self, pairs: &[(String, String)]) -> Result<(), Problem> {
        let unfit = pairs
            .iter()
            .find(|(_, value)| value.contains(['\'', '\n', '\r']));
        match unfit {
            None => Ok(()),
            Some((name, _)) => Err(Problem::new(format!(
                "{name} has a single quote or a line break in it, which the file for \
                 `cargo lambda watch` cannot hold"
            ))),
        }
    }
}

fn warnings(environment: &Environment, options: &Options) -> Vec<String> {
    let known = Config::names();
    let mut warnings = Vec::new();
    let ours = || environment.names().filter(|name| OURS.contains(name));
    if ours().next().is_some() {
        let names: Vec<&str> = ours().collect();
        warnings.push(format!(
            "{} ignored: the table, the key and the stack are this machine's own",
            names.join(", ")
        ));
    }
    if options.issuer.is_some() && environment.get(ISSUER).is_some() {
        warnings.push(format!("{ISSUER} ignored: --issuer says another"));
    }
    for name in environment.names().filter(|name| !known.contains(*name)) {
        warnings.push(match nearest(name, &known) {
            Some(near) => format!("{name} is no setting; is it {near}?"),
            None => format!("{name} is no setting"),
        });
    }
    warnings
}

/// The setting that `name` probably means, if one is similar enough.
fn nearest<'a>(name: &str, known: &'a BTreeSet<String>) -> Option<&'a str> {
    // The common prefix must not count as similarity.
    let own = |name: &str| name.trim_start_matches("COUNTERSIGN_").to_owned();
    let likeness = |known: &str| strsim::jaro_winkler(&own(name), &own(known));
    let best = known
        .iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(best) > 0.85).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn read(pairs: &[(&str, &str)], arguments: &[&str]) -> Result<Settings, Problem> {
        let options = Options::parse_from([&["countersign"], arguments].concat());
        Settings::read(Environment::from_pairs(pairs), &options)
    }

    fn value(settings: &Settings, name: &str) -> Option<String> {
        let pairs = settings.pairs("https://localhost:8788/", "http://127.0.0.1:9");
        let mut found = pairs.into_iter().filter(|(known, _)| known == name);
        let (first, second) = (found.next(), found.next());
        assert!(second.is_none(), "{name} stands twice");
        first.map(|(_, value)| value)
    }

    #[test]
    fn a_variable_takes_the_place_of_the_default_and_an_empty_one_means_no_value() {
        let settings = read(
            &[
                ("COUNTERSIGN_AAL_POLICY", "aal2"),
                ("COUNTERSIGN_SMS_COUNTRIES", ""),
            ],
            &[],
        );
        let settings = settings.unwrap();
        let value = |name| value(&settings, name);
        assert_eq!(value("COUNTERSIGN_AAL_POLICY").unwrap(), "aal2");
        assert_eq!(value("COUNTERSIGN_SMS_COUNTRIES").unwrap(), "");
        assert_eq!(value("COUNTERSIGN_TABLE").unwrap(), "countersign");
        assert_eq!(
            settings.printable(),
            [
                "COUNTERSIGN_AAL_POLICY=aal2",
                "COUNTERSIGN_SMS_COUNTRIES (empty)"
            ]
        );
        assert!(settings.warnings().is_empty());
    }

    #[test]
    fn every_wrong_value_is_refused_by_its_name_and_nothing_of_it_is_said() {
        let wrong = [
            ("COUNTERSIGN_MFA_POLICY", "hush"),
            ("COUNTERSIGN_WEBHOOK_HEADERS", "hush"),
        ];
        let problem = read(&wrong, &[]).err().unwrap().to_string();
        for (name, _) in wrong {
            assert!(problem.contains(&format!("{name} is wrong")), "{problem}");
        }
        assert!(!problem.contains("hush"), "{problem}");
    }

    #[test]
    fn a_name_that_is_nearly_a_settings_is_told_with_the_settings() {
        let settings = read(
            &[
                ("COUNTERSIGN_MFA_POLCY", "required"),
                ("COUNTERSIGN_CONFIRMATION", "email"),
                ("COUNTERSIGN_WEATHER_FORECAST_TOMORROW", "rain"),
            ],
            &[],
        );
        assert_eq!(
            settings.unwrap().warnings(),
            [
                "COUNTERSIGN_CONFIRMATION is no setting; is it COUNTERSIGN_CONFIRMATION_REQUIRED?",
                "COUNTERSIGN_MFA_POLCY is no setting; is it COUNTERSIGN_MFA_POLICY?",
                "COUNTERSIGN_WEATHER_FORECAST_TOMORROW is no setting"
            ]
        );
    }

    #[test]
    fn what_is_this_machines_own_is_ignored_and_said_to_be() {
        let settings = read(
            &[
                ("COUNTERSIGN_TABLE", "production"),
                ("COUNTERSIGN_KMS_KEY", "alias/production"),
                ("COUNTERSIGN_STACK", "production"),
            ],
            &[],
        );
        let settings = settings.unwrap();
        let names = "COUNTERSIGN_KMS_KEY, COUNTERSIGN_STACK, COUNTERSIGN_TABLE ignored: ";
        assert!(settings.warnings()[0].starts_with(names));
        for name in OURS {
            assert!(!value(&settings, name).unwrap().contains("production"));
        }
        assert!(settings.printable().is_empty());
    }

    #[test]
    fn the_command_lines_issuer_comes_before_the_environments() {
        let environment = [(ISSUER, "https://login.example.com/")];
        let default = || "https://localhost:8788/".to_owned();
        let settings = read(&environment, &[]).unwrap();
        assert_eq!(settings.issuer(default()), "https://login.example.com/");
        let settings = read(&environment, &["--issuer", "https://10.0.2.2:1/"]).unwrap();
        assert_eq!(settings.issuer(default()), "https://10.0.2.2:1/");
        assert_eq!(settings.warnings().len(), 1);
        let problem = read(&[(ISSUER, "login.example.com")], &[]).err().unwrap();
        assert!(problem.to_string().contains("COUNTERSIGN_ISSUER is wrong"));
    }

    #[test]
    fn the_stand_ins_headers_are_not_sent_to_another_receiver() {
        let settings = read(&[(ENDPOINT, "https://codes.example.com/")], &[]).unwrap();
        assert_eq!(value(&settings, HEADERS), None);
        assert!(value(&read(&[], &[]).unwrap(), HEADERS).is_some());
    }

    #[test]
    fn what_the_file_for_functions_elsewhere_cannot_hold_is_refused() {
        let quote = [("COUNTERSIGN_THEME_TITLE", "It's you")];
        assert!(read(&quote, &[]).is_ok());
        let problem = read(&quote, &["--aws-only"]).err().unwrap().to_string();
        assert!(
            problem.starts_with("COUNTERSIGN_THEME_TITLE has a single quote"),
            "{problem}"
        );
    }
}
