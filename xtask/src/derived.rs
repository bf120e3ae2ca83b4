//! A file that has a derived part, and how the part is replaced.

use std::path::Path;

/// A file with the expected text.
pub struct Derived {
    /// Its path in the workspace.
    pub path: String,
    pub text: String,
}

/// A file with this text.
pub fn file(path: &str, text: String) -> Derived {
    Derived {
        path: path.to_owned(),
        text,
    }
}

/// The text of a file of the workspace.
pub fn read(workspace: &Path, path: &str) -> Result<String, String> {
    std::fs::read_to_string(workspace.join(path)).map_err(|error| format!("{path}: {error}"))
}

/// Replaces the part between the first line that begins with `from` and the next line
/// that begins with `to`.
pub fn between(text: &str, (from, to): (&str, &str), part: &str) -> Result<String, String> {
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
