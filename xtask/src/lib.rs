//! Derives parts of other files from the routes: the router of `cargo lambda watch`,
//! the routes of the template, the OpenAPI document, the lists of parameters, and a test event for each route.
//! Derives the reference of the settings from the declared settings and the template.
//! `cargo xtask routes` and `cargo xtask settings` write all of these, and a test checks
//! that the files have them.

mod derived;
mod events;
mod fields;
mod settings;
mod template;
mod watch;

use std::path::Path;

use countersign::openapi::document;

use crate::derived::{file, read};

pub use crate::derived::Derived;

/// Every file with derived parts, with the expected text.
///
/// # Errors
/// A sentence if a file cannot be read, or lacks the marks around its derived part.
pub fn derived(workspace: &Path) -> Result<Vec<Derived>, String> {
    let template = template::with_routes(&read(workspace, "infra/template.yaml")?)?;
    let reference = settings::page(&template)?;
    let mut all = vec![
        file(
            "Cargo.toml",
            watch::with_router(&read(workspace, "Cargo.toml")?)?,
        ),
        file("infra/template.yaml", template),
        file(settings::PAGE, reference),
        file("docs/openapi.json", format!("{:#}\n", document())),
        file(fields::FILE, fields::source()),
    ];
    all.extend(events::missing(workspace)?);
    Ok(all)
}

/// Writes the files that differ from the expected text. Returns their paths.
///
/// # Errors
/// As [`derived`], or if a file cannot be written.
pub fn write(workspace: &Path) -> Result<Vec<String>, String> {
    let mut written = Vec::new();
    for file in derived(workspace)? {
        let path = workspace.join(&file.path);
        if std::fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            continue;
        }
        std::fs::write(path, file.text).map_err(|error| format!("{}: {error}", file.path))?;
        written.push(file.path);
    }
    Ok(written)
}
