//! The hash that stands for a name where guesses at its password are counted.

use crate::domain::accounts::login_name::LoginName;
use crate::keyring::sha256;

/// The hash under which guesses at the password of this name are counted.
pub(crate) fn name_charge(name: &LoginName) -> String {
    sha256(&[b"name", name.as_str().as_bytes()])
}
