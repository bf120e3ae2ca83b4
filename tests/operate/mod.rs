//! The operators' tool over the real store and the real router.

mod acts;
mod clients;
mod completions;
mod destinations;
mod export;
pub mod import;
mod papers;
mod process;
mod progress;
mod run;
pub mod stack;
mod trial;
pub mod upkeep;
mod user_update;
mod users;

use std::collections::BTreeSet;

use clap::CommandFactory;
use countersign_cli::options::Options;

/// The commands of the tool without subcommands: `user add`.
pub fn commands() -> BTreeSet<String> {
    fn collect(command: &clap::Command, path: &str, all: &mut BTreeSet<String>) {
        let inner = || {
            command
                .get_subcommands()
                .filter(|one| one.get_name() != "help")
        };
        if inner().next().is_none() {
            all.insert(path.trim().to_owned());
        }
        for one in inner() {
            collect(one, &format!("{path} {}", one.get_name()), all);
        }
    }
    let mut all = BTreeSet::new();
    collect(&Options::command(), "", &mut all);
    all
}
