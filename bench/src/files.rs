//! The binaries that are measured, and how they are built.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::outcome::Outcome;

pub const FUNCTIONS: [&str; 7] = [
    "token",
    "send-code",
    "verify",
    "enroll",
    "account",
    "keys",
    "feedback",
];

/// The binaries.
pub struct Built {
    functions: PathBuf,
    /// Whether each function lies in a folder of its own.
    folders: bool,
    /// `cargo local`, which has the embedded DynamoDB and the stand-ins.
    pub local: PathBuf,
    /// A function that does nothing.
    pub bare: PathBuf,
    pub argon2: PathBuf,
}

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Built {
    /// Builds what is missing. Functions are built for release together with the programs
    /// that stand beside them in the tables, so that all share their dependencies. In a
    /// quick run with functions from elsewhere, nothing is built for release.
    pub fn find(functions: Option<PathBuf>, quick: bool, build: bool) -> Outcome<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| workspace().join("target"), PathBuf::from);
        let folders = functions.is_some();
        let beside = if quick && folders { "debug" } else { "release" };
        if !build {
            // What an earlier run has built.
        } else if beside == "debug" {
            cargo(&["build", "--locked", "--workspace", "--bins"])?;
        } else {
            cargo(&["build", "--locked", "--package", "countersign-local"])?;
            let mut build = vec!["build", "--locked", "--release"];
            let packages = FUNCTIONS
                .iter()
                .filter(|_| !folders)
                .chain([&"bench-beside"]);
            build.extend(packages.flat_map(|name| ["--package", *name]));
            cargo(&build)?;
        }
        Ok(Self {
            functions: functions.unwrap_or_else(|| target.join("release")),
            folders,
            local: target.join("debug/countersign-local"),
            bare: target.join(beside).join("bare_function"),
            argon2: target.join(beside).join("argon2_alone"),
        })
    }

    /// The binary of a function.
    pub fn function(&self, name: &str) -> PathBuf {
        if self.folders {
            self.functions.join(name).join("bootstrap")
        } else {
            self.functions.join(name)
        }
    }

    /// The size of each function in bytes.
    pub fn sizes(&self) -> Outcome<Value> {
        let mut sizes = serde_json::Map::new();
        for name in FUNCTIONS {
            let size = std::fs::metadata(self.function(name))?.len();
            sizes.insert(name.to_owned(), json!(size));
        }
        Ok(json!(sizes))
    }
}

/// The processor that `cargo lambda build --release` compiles for. argon2id needs an eighth
/// fewer instructions there than on the oldest x86-64, so what stands beside the functions is
/// compiled for the same processor.
const PROCESSOR: &str = if cfg!(target_arch = "aarch64") {
    "-C target-cpu=neoverse-n1"
} else {
    "-C target-cpu=haswell"
};

fn cargo(arguments: &[&str]) -> Outcome<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(workspace());
    if arguments.contains(&"--release") {
        command.env("RUSTFLAGS", PROCESSOR);
    }
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo {}: {status}", arguments.join(" ")).into())
    }
}
