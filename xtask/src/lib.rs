//! Derives parts of other files from the routes: the router of `cargo lambda watch`,
//! the routes of the template, the OpenAPI document, and a test event for each route.
//! Derives the reference of the settings from the declared settings and the template.
//! `cargo xtask routes` and `cargo xtask settings` write all of these, and a test checks
//! that the files have them.

mod events;
mod settings;
mod template;
mod watch;

use std::path::Path;

use countersign::openapi::document;

/// A file with the expected text.
pub struct Derived {
    /// Its path in the workspace.
    pub path: String,
    pub text: String,
}

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

fn file(path: &str, text: String) -> Derived {
    Derived {
        path: path.to_owned(),
        text,
    }
}

fn read(workspace: &Path, path: &str) -> Result<String, String> {
    std::fs::read_to_string(workspace.join(path)).map_err(|error| format!("{path}: {error}"))
}

/// Replaces the part between the first line that begins with `from` and the next line
/// that begins with `to`.
fn between(text: &str, (from, to): (&str, &str), part: &str) -> Result<String, String> {
    let begins = |line: &&str, mark: &str| line.trim_start().starts_with(mark);
    let missing = |mark: &str| format!("no line begins with `{mark}`");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let first = lines.iter().position(|line| begins(line, from));
    let (before, rest) = lines.split_at(first.ok_or_else(|| missing(from))? + 1);
    let next = rest.iter().position(|line| begins(line, to));
    let (_, after) = rest.split_at(next.ok_or_else(|| missing(to))?);
    Ok(format!("{}{part}{}", before.concat(), after.concat()))
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn only_what_is_between_two_lines_is_replaced() {
        let text = "Defaults:\n  old\nFrom: x\n  old\n  to\n  old\n";
        let replaced = between(text, ("From:", "to"), "  new\n");
        let expected = "Defaults:\n  old\nFrom: x\n  new\n  to\n  old\n";
        assert_eq!(replaced.as_deref(), Ok(expected));
        // A mark counts only at the beginning of a line.
        let problem = between("A From:\nto\n", ("From:", "to"), "");
        assert_eq!(problem, Err("no line begins with `From:`".to_owned()));
        let problem = between("From:\n", ("From:", "to"), "");
        assert_eq!(problem, Err("no line begins with `to`".to_owned()));
    }
}
