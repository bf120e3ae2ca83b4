//! Accepts the spellings of a path that ABP's and CodeMaze's own servers accept: any
//! case of letters, and a slash at the end. Two slashes are accepted after ABP's
//! issuer, because the issuer ends in a slash and an app may append a path that begins
//! with one.

/// The place where an app joins ABP's issuer and a path.
const JOINT: &str = "/abp//";

/// The path in the spelling of the first pattern that matches. Its parameters stay
/// unchanged. `None` if no pattern matches, or if the path has this spelling already.
pub fn canonical_spelling<'a>(
    path: &str,
    patterns: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let joined = match trimmed.split_at_checked(JOINT.len()) {
        Some((issuer, rest)) if issuer.eq_ignore_ascii_case(JOINT) => format!("/abp/{rest}"),
        Some(_) | None => trimmed.to_owned(),
    };
    let mut fitting = patterns.filter_map(|pattern| fit(&joined, pattern));
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
    use super::canonical_spelling;

    const PATTERNS: [&str; 3] = [
        "/api/accounts/login",
        "/api/users/by-name/{name}",
        "/abp/connect/token",
    ];

    fn read(path: &str) -> Option<String> {
        canonical_spelling(path, PATTERNS.into_iter())
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
    fn abps_issuer_and_a_path_are_joined_by_one_slash_or_two() {
        for path in ["/abp//connect/token", "/ABP//Connect/Token/"] {
            assert_eq!(read(path).as_deref(), Some("/abp/connect/token"), "{path}");
        }
        assert_eq!(read("/abp///connect/token"), None);
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
