//! Checks and hashes a new password.

use crate::app::App;
use crate::domain::accounts::password::{Compared, PasswordHash};
use crate::domain::accounts::password_policy::{Guesses, LEAST_GUESSES, PasswordProblem};
use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::user::User;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::random_bytes;

/// The hash of a password that this user chooses, if the password passes every
/// rule. If `present` is given, the new password must differ from it.
///
/// # Errors
/// `PasswordRejected`.
pub(crate) fn new_password(
    app: &App,
    user: &User,
    password: &Secret,
    present: Option<&PasswordHash>,
) -> Result<PasswordHash, Failure> {
    let policy = app.config.password_policy;
    let product = app.config.messages.brand.product.as_str();
    let problem = policy
        .check_length(password)
        .or_else(|| policy.check_guesses(guesses(password, &user.guessable_words(product))));
    if let Some(problem) = problem {
        return Err(AccountRefusal::PasswordRejected(problem).into());
    }
    if let Some(present) = present {
        let compared = app.hasher.compare(password, Some(present));
        if compared.is_ok_and(|compared| compared != Compared::Wrong) {
            return Err(AccountRefusal::PasswordRejected(PasswordProblem::Unchanged).into());
        }
    }
    let hashed = app.hasher.hash(password, random_bytes()?);
    hashed.map_err(|unusable| {
        Broken::internal(format!("the password could not be hashed: {}", unusable.0)).into()
    })
}

/// How many characters of a password zxcvbn reads. If letters are replaced by digits
/// and signs ("leet"), each further character takes zxcvbn more time.
const ESTIMATED: usize = 50;

/// An estimate by zxcvbn. zxcvbn knows the passwords, words and names that
/// attackers try first, and how people vary them. zxcvbn reads `ESTIMATED`
/// characters, so a long text costs no more. zxcvbn's numbers may overflow, so
/// zxcvbn is built without overflow checks in every profile (`Cargo.toml` says why).
fn guesses(password: &Secret, names: &[&str]) -> Guesses {
    let text = password.expose();
    let end = text.char_indices().nth(ESTIMATED).map(|(at, _)| at);
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let estimate = |names: &[&str]| zxcvbn::zxcvbn(text, names).guesses();
    let with_names = estimate(names);
    let without_names = if with_names < LEAST_GUESSES {
        estimate(&[])
    } else {
        with_names
    };
    Guesses {
        with_names,
        without_names,
    }
}
