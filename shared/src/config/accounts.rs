//! Who may sign up, what an account with an unconfirmed address may do, and the names of
//! the directory of accounts.

use super::reader::Reader;
use crate::domain::Dialect;

/// The name of the directory of users in a new tenant of Auth0.
const CONNECTION: &str = "Username-Password-Authentication";

/// The longest name of a connection in Auth0.
const LONGEST_CONNECTION: usize = 128;

fn good_connection(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    name.len() <= LONGEST_CONNECTION && name.bytes().all(plain)
}

impl Reader<'_> {
    /// The served dialects in whose words a stranger may sign up.
    pub(super) fn read_sign_up(&mut self, served: &[Dialect]) -> Vec<Dialect> {
        const NAME: &str = "COUNTERSIGN_SIGN_UP";
        let names = self.list(NAME);
        let mut open = match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => {
                let all = Dialect::ALL.into_iter();
                all.filter(|dialect| dialect.registers_by_default())
                    .collect()
            }
            ["none"] => Vec::new(),
            _ => self.named_dialects(NAME, &names),
        };
        open.retain(|dialect| served.contains(dialect));
        open
    }

    /// The names of the directory of users. The names of the connections for codes are not
    /// among them.
    pub(super) fn connections(&mut self) -> Vec<String> {
        const NAME: &str = "COUNTERSIGN_CONNECTIONS";
        let names = self.list(NAME);
        let good = |name: &String| good_connection(name) && !["email", "sms"].contains(&&**name);
        if !names.iter().all(good) {
            let wants = "names of letters, digits and hyphens, other than email and sms, with \
                         commas between";
            self.is_wrong(NAME, wants);
        }
        match names.is_empty() {
            true => vec![CONNECTION.to_owned()],
            false => names,
        }
    }
}
