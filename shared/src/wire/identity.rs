//! Sentences of ASP.NET Core Identity. The apps of ABP and CodeMaze show them.

use crate::domain::accounts::password_policy::PasswordProblem;

/// The sentence for a password that breaks a rule. Identity's own sentence is used
/// where Identity has the rule.
pub fn password_words(problem: PasswordProblem) -> String {
    match problem {
        PasswordProblem::TooShort { minimum } => {
            format!("Passwords must be at least {minimum} characters.")
        }
        PasswordProblem::TooLong { maximum } => {
            format!("Passwords must be at most {maximum} bytes long.")
        }
        PasswordProblem::Common => "This password is too common. Choose another.".to_owned(),
        PasswordProblem::OwnName => {
            "The password must not be made of your own names. Choose another.".to_owned()
        }
        PasswordProblem::Unchanged => {
            "The new password must differ from the present one.".to_owned()
        }
    }
}
