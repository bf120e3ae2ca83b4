//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::acts::ActsCommand;
use crate::client::ClientCommand;
use crate::export::all::ExportOptions;
use crate::import::options::ImportOptions;
use crate::sends::SendsCommand;
use crate::session::SessionCommand;
use crate::upkeep::keys::KeysCommand;
use crate::user::UserCommand;

/// The options and the command of the command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "countersign",
    version,
    about = "Clients, users, sessions, messages and keys of a Countersign deployment",
    after_help = "Exit codes: 0 done, 1 the deployment does not answer, 2 wrong command line, \
                  3 no such client, user or session, 4 refused, 5 an import refused rows, \
                  6 doctor or try found something.\n\n\
                  Example: countersign --local user show user@example.com"
)]
pub struct Options {
    /// Which deployment.
    #[command(flatten)]
    pub connection: Connection,

    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub json: bool,

    /// Your name, which is kept with what you change [default: the name of your
    /// account on this machine]
    #[arg(long, global = true, value_name = "NAME")]
    pub by: Option<String>,

    /// Whether to write the event of each act on standard error, as one line of JSON for a
    /// log: always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value = "always",
        hide_possible_values = true
    )]
    pub log_events: LogEvents,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Whether the event of an act is a line on standard error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum LogEvents {
    Always,
    Never,
}

/// Which deployment.
#[derive(Args, Clone, Debug, Default)]
pub struct Connection {
    /// The `cargo local` that runs on this data folder: --local, --local DIR or
    /// --local=DIR [default folder: target/local]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "target/local"
    )]
    pub local: Option<PathBuf>,

    /// The deployment of this CloudFormation stack, with your AWS credentials and region
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "local")]
    pub stack: Option<String>,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Apps that sign users in
    #[command(subcommand, after_help = "Example: countersign client list")]
    Client(ClientCommand),
    /// People who sign in
    #[command(
        subcommand,
        after_help = "Example: countersign user show ann@example.com"
    )]
    User(UserCommand),
    /// Signed-in apps and browsers of a user
    #[command(
        subcommand,
        after_help = "Example: countersign session list ann@example.com"
    )]
    Session(SessionCommand),
    /// What an e-mail address or a phone number has used of its budgets of messages
    #[command(
        subcommand,
        after_help = "Example: countersign sends show ann@example.com"
    )]
    Sends(SendsCommand),
    /// The keys that codes, tokens and seeds depend on
    #[command(subcommand, after_help = "Example: countersign keys list")]
    Keys(KeysCommand),
    /// What operators did
    #[command(subcommand, after_help = "Example: countersign acts list --limit 20")]
    Acts(ActsCommand),
    /// Look for what will fail later, and name a command for each finding; exit code 6 if
    /// there is any
    #[command(after_help = "Example: countersign doctor --stack login\n\
                      Example: countersign doctor --settings answers.toml\n\
                      Example: countersign doctor --settings answers.toml --write-template infra/guided.json")]
    Doctor {
        /// Check the answers in this file before a deployment, and nothing else [repeatable]
        #[arg(long = "settings", value_name = "FILE")]
        settings: Vec<PathBuf>,
        /// Write the template for `sam deploy --guided` to this file: with the answers in it,
        /// and a parameter for each question only
        #[arg(long, value_name = "FILE", requires = "settings")]
        write_template: Option<PathBuf>,
    },
    /// Sign in once in each dialect, at the API itself, with a client and users that are made for
    /// it and removed after; exit code 6 if a login fails
    #[command(after_help = "Example: countersign try --stack login")]
    Try(TryOptions),
    /// Import users, with passwords and factors, or clients of another system; may be repeated
    #[command(
        after_help = "Example: countersign import users.ndjson --format auth0 --rejects rejects.ndjson\n\
                      Example: countersign import clients.json --clients --format auth0 --rejects rejects.ndjson"
    )]
    Import(ImportOptions),
    /// Export every user, with passwords and factors, to a file that import reads back
    #[command(
        after_help = "Example: countersign export users.ndjson.age --recipient age1xysr8nl3c40lj3zsg72rc0v2gj5f7dxhqaajt4567he2506aequqpsza95"
    )]
    Export(ExportOptions),
    /// Completions for a shell
    #[command(
        after_help = "Example: countersign completions bash > ~/.local/share/bash-completion/completions/countersign"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The options of `try`.
#[derive(Args, Clone, Debug)]
pub struct TryOptions {
    /// The API's address, if the issuer's domain does not lead to the API yet
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

impl Options {
    /// Reads a command line whose first word is the name of the program.
    ///
    /// # Errors
    /// What is wrong, or the help, as clap says it.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let words: Vec<OsString> = words.into_iter().collect();
        Self::try_parse_from(with_folder_joined(&words, Path::is_dir))
    }
}

/// Writes `--local DIR` as `--local=DIR`. clap alone would take a command behind `--local` for
/// the folder, or a folder for a command. Before the command, the word behind `--local` is the
/// folder, unless the word is the name of a command. Behind the command, the word may be an
/// argument of the command, so the word is the folder only if there is such a folder.
fn with_folder_joined(words: &[OsString], is_folder: fn(&Path) -> bool) -> Vec<OsString> {
    let mut names = Vec::new();
    names_within(&Options::command(), &mut names);
    let is_name = |word: &OsStr| {
        word.to_str()
            .is_some_and(|word| names.iter().any(|name| name == word))
    };
    let mut joined: Vec<OsString> = Vec::new();
    let mut in_command = false;
    let mut left = words.iter().peekable();
    while let Some(word) = left.next() {
        if word == "--" {
            joined.push(word.clone());
            joined.extend(left.cloned());
            return joined;
        }
        in_command |= is_name(word);
        let folder = left.next_if(|next| {
            let is_option = next.as_encoded_bytes().starts_with(b"-");
            let may_be = !is_option && !is_name(next);
            word == "--local" && may_be && (!in_command || is_folder(Path::new(next)))
        });
        joined.push(match folder {
            Some(folder) => {
                let mut both = word.clone();
                both.push("=");
                both.push(folder);
                both
            }
            None => word.clone(),
        });
    }
    joined
}

/// The names of every command, and of the commands in it.
fn names_within(command: &clap::Command, names: &mut Vec<String>) {
    names.push("help".to_owned());
    for inner in command.get_subcommands() {
        names.push(inner.get_name().to_owned());
        names_within(inner, names);
    }
}

impl Connection {
    /// Whether the command line names a deployment.
    pub fn names_a_deployment(&self) -> bool {
        self.local.is_some() || self.stack.is_some()
    }
}

impl Command {
    /// Whether the command reaches more than the table and the keys: files of the operator,
    /// or the API.
    pub fn reaches_outside(&self) -> bool {
        match self {
            Self::Import(_) | Self::Export(_) | Self::Try(_) => true,
            Self::Doctor { settings, .. } => !settings.is_empty(),
            Self::Client(command) => command.reads_a_file(),
            Self::User(command) => command.writes_a_file(),
            Self::Session(_)
            | Self::Sends(_)
            | Self::Keys(_)
            | Self::Acts(_)
            | Self::Completions { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::ffi::OsString;
    use std::path::Path;

    use super::{LogEvents, Options, with_folder_joined};
    use clap::CommandFactory;

    #[test]
    fn an_act_has_a_line_in_the_log_unless_the_caller_says_otherwise() {
        let read = |words: &[&str]| {
            let words = [&["countersign", "acts", "list"], words].concat();
            let words = words.into_iter().map(OsString::from);
            Options::read(words).map(|options| options.log_events)
        };
        assert_eq!(read(&[]).unwrap(), LogEvents::Always);
        assert_eq!(read(&["--log-events=always"]).unwrap(), LogEvents::Always);
        assert_eq!(read(&["--log-events", "never"]).unwrap(), LogEvents::Never);
        assert!(read(&["--log-events=auto"]).is_err());
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Options::command().debug_assert();
    }

    #[test]
    fn the_word_behind_local_is_the_folder_unless_it_is_of_the_command() {
        let known = |path: &Path| path == Path::new("data") || path == Path::new("client");
        let joined = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let joined = with_folder_joined(&words, known);
            let words = joined.iter().map(|word| word.to_str().unwrap());
            words.collect::<Vec<_>>().join(" ")
        };
        for (line, wanted) in [
            ("c --local import a --format auth0", None),
            ("c --local --json client list", None),
            ("c --local=data client list", None),
            ("c --local", None),
            (
                "c --by client --local data user find x",
                Some("c --by client --local=data user find x"),
            ),
            (
                "c --local data client list",
                Some("c --local=data client list"),
            ),
            ("c --local gone import a", Some("c --local=gone import a")),
            // The name of a command is no folder, even if there is such a folder.
            ("c --local client list", None),
            ("c client --local list", None),
            ("c client list --local", None),
            (
                "c client list --local data",
                Some("c client list --local=data"),
            ),
            ("c user show --local ann@example.com", None),
            (
                "c user show --local data ann@example.com",
                Some("c user show --local=data ann@example.com"),
            ),
            ("c user find -- --local data", None),
        ] {
            assert_eq!(joined(line), wanted.unwrap_or(line));
        }
    }

    #[test]
    fn every_command_and_every_group_has_an_example_in_its_help() {
        fn look(command: &clap::Command, path: &str) {
            if command.get_name() == "help" {
                return;
            }
            let help = command.get_after_help();
            let help = help.map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example: countersign "), "{path} has none");
            for one in command.get_subcommands() {
                look(one, &format!("{path} {}", one.get_name()));
            }
        }
        for one in Options::command().get_subcommands() {
            look(one, one.get_name());
        }
    }
}
