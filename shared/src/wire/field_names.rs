//! Refuses names that are nearly a parameter's name: `Scope`, `scope[]`, `scope.0`. RFC
//! 6749 3.2 says that unknown parameters are ignored. But a request without `scope` or
//! `audience` gets the default values, and these may allow more than the caller wanted.
//! The check applies only where an endpoint compares names by case.

use crate::domain::refusal::Refusal;
use crate::domain::typed_text::folded;
use crate::wire::Shape;
use crate::wire::documented_fields::documented;
use crate::wire::fields::Fields;

/// The parameters that every token endpoint reads, and those of `/userinfo` and
/// `/oauth/revoke`.
const OAUTH: [&str; 25] = [
    "access_token",
    "acr_values",
    "audience",
    "auth_session",
    "authn_response",
    "binding_code",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "device_name",
    "grant_type",
    "max_age",
    "mfa_token",
    "oob_code",
    "otp",
    "password",
    "realm",
    "recovery_code",
    "redirect_uri",
    "refresh_token",
    "remember_device",
    "scope",
    "token",
    "username",
];

/// The parameters that Auth0's endpoints read and do not document. `/oauth/par` takes
/// every parameter of an authorization request.
const AUTH0: [&str; 3] = ["id_token_hint", "request", "request_uri"];

/// A parameter of Aidbox's two-factor calls, which its token endpoint reads too.
const AIDBOX: [&str; 1] = ["transport"];

/// A parameter that the pages refuse.
const PAGES: [&str; 1] = ["issuer"];

/// The lists of parameters that endpoints of this shape compare by exact name. What the
/// handlers document is among them. The list is empty for endpoints that follow ASP.NET
/// Core, because ASP.NET Core ignores the case of names.
fn read_by(shape: Shape) -> Vec<&'static [&'static str]> {
    let auth0 = documented(Shape::Auth0);
    match shape {
        Shape::Auth0 => vec![&OAUTH, &AUTH0, auth0],
        Shape::Auth0MyAccount | Shape::Auth0Database => {
            vec![&OAUTH, &AUTH0, auth0, documented(shape)]
        }
        // ABP's own parameters may have names in any case.
        Shape::AbpToken => vec![&OAUTH],
        Shape::Aidbox => vec![&OAUTH, &AIDBOX, documented(shape)],
        Shape::AidboxTwoFactor => vec![documented(shape)],
        Shape::AidboxPage => vec![&PAGES, documented(shape)],
        Shape::AbpRest
        | Shape::CodeMazeLogin
        | Shape::CodeMazeText
        | Shape::CodeMazeRegistration
        | Shape::CodeMazeReset => Vec::new(),
    }
}

/// The parameter that `name` nearly matches. `name` may differ in case or width, or
/// contain invisible characters. It may also have marks around it, as in PHP's and
/// .NET's lists (`scope[]`, `scope.0`). A mark is any character except letters, digits
/// and underscores.
fn nearly(shape: Shape, name: &str) -> Option<&'static str> {
    let folded: String = folded(name).skip_while(|one| is_mark(*one)).collect();
    let mut read = read_by(shape).into_iter().flatten().copied();
    read.find(|read| *read != name && is_near(&folded, read))
}

fn is_mark(character: char) -> bool {
    !character.is_alphanumeric() && character != '_'
}

/// Whether `folded` starts with the parameter's name and then ends, goes on with `[`,
/// or goes on with a mark and after that has only marks and digits.
fn is_near(folded: &str, parameter: &str) -> bool {
    let Some(rest) = folded.strip_prefix(parameter) else {
        return false;
    };
    let mut marks = rest.chars();
    match marks.next() {
        None | Some('[') => true,
        Some(first) => is_mark(first) && marks.all(|one| is_mark(one) || one.is_numeric()),
    }
}

/// Returns the fields if no name is nearly a parameter of the endpoint and no name
/// contains a control character.
///
/// # Errors
/// `ParameterMisnamed`, `RequestMalformed`.
pub fn exactly_named(fields: Fields, shape: Shape) -> Result<Fields, Refusal> {
    let exact = !read_by(shape).is_empty();
    let controlled = |name: &str| name.chars().any(char::is_control);
    if exact && fields.names().any(controlled) {
        return Err(Refusal::RequestMalformed(
            "the name of a parameter has a control character",
        ));
    }
    let misnamed = fields.names().find_map(|name| nearly(shape, name));
    match misnamed {
        Some(name) => Err(Refusal::ParameterMisnamed(name)),
        None => Ok(fields),
    }
}

#[cfg(test)]
mod tests {
    use super::{Shape, nearly};

    #[test]
    fn a_name_in_another_case_in_brackets_or_with_white_space_is_nearly_the_parameters() {
        for name in [
            "Scope",
            "SCOPE",
            "scope[]",
            "scope[0]",
            "Scope[]",
            " scope",
            "scope\u{a0}",
            "scope\u{feff}",
            "sco\u{200b}pe",
            "\u{ff33}\u{ff23}ope",
            "scope\u{ff3b}0]",
            "scope.0",
            "scope.",
            "scope:12-3",
            "[scope]",
            "scope[hint]",
        ] {
            assert_eq!(nearly(Shape::Auth0, name), Some("scope"), "{name}");
        }
    }

    #[test]
    fn the_parameter_itself_and_what_no_endpoint_reads_are_left_alone() {
        for name in [
            "scope",
            "scopes",
            "Scopes",
            "scope2",
            "scope_hint",
            "scope_",
            "scope.hint",
            "scope-hint",
            "microscope",
            "extra[]",
            "__tenant",
            "_scope",
            "",
            "[]",
        ] {
            assert_eq!(nearly(Shape::Auth0, name), None, "{name}");
        }
        assert_eq!(nearly(Shape::CodeMazeLogin, "Token"), None);
    }
}
