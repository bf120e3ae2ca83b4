//! Paths as ABP's and CodeMaze's own servers take them: in upper and lower case,
//! and with a slash at their end.

/// The path as the first pattern that it fits writes it, its parameters as they
/// came. `None` if it fits none of them, or is written so already.
pub fn as_written<'a>(path: &str, patterns: impl Iterator<Item = &'a str>) -> Option<String> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let mut fitting = patterns.filter_map(|pattern| fit(trimmed, pattern));
    fitting.next().filter(|written| written != path)
}

fn fit(path: &str, pattern: &str) -> Option<String> {
    let (mut given, mut known) = (path.split('/'), pattern.split('/'));
    let mut written = Vec::new();
    loop {
        match (given.next(), known.next()) {
            (None, None) => return Some(written.join("/")),
            (Some(value), Some(name)) if name.starts_with('{') && !value.is_empty() => {
                written.push(value);
            }
            (Some(given), Some(known)) if given.eq_ignore_ascii_case(known) => written.push(known),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::as_written;

    const PATTERNS: [&str; 2] = ["/api/accounts/login", "/api/users/by-name/{name}"];

    fn read(path: &str) -> Option<String> {
        as_written(path, PATTERNS.into_iter())
    }

    #[test]
    fn a_path_is_found_in_any_case_and_with_a_slash_at_its_end() {
        for path in [
            "/api/Accounts/Login",
            "/API/ACCOUNTS/LOGIN/",
            "/api/accounts/login/",
        ] {
            assert_eq!(read(path).as_deref(), Some("/api/accounts/login"), "{path}");
        }
    }

    #[test]
    fn a_parameter_stays_as_it_came() {
        let path = "/api/Users/By-Name/Ann%2BLee/";
        assert_eq!(read(path).as_deref(), Some("/api/users/by-name/Ann%2BLee"));
    }

    #[test]
    fn any_other_path_stays_as_it_is() {
        for path in [
            "/api/accounts/login",
            "/api/accounts/login//",
            "/api//accounts/login",
            "/api/accounts",
            "/api/users/by-name/",
            "/",
            "",
        ] {
            assert_eq!(read(path), None, "{path}");
        }
    }
}
