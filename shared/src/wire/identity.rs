//! Sentences of ASP.NET Core Identity, which ABP and CodeMaze's apps show.

use crate::domain::accounts::password_policy::PasswordProblem;

/// A failed rule about passwords, in Identity's words where it has the rule.
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
