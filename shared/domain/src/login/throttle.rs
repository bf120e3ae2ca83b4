//! How many guesses and anonymous requests are allowed, when the next one is
//! allowed, and whose budget a guess draws on. The budgets of messages stand in `payers.rs`.
//!
//! The store charges each budget by one conditional write, before anything is
//! compared. This file has the numbers and the arithmetic.

use std::net::{IpAddr, Ipv6Addr};

use crate::Timestamp;
use crate::id::UserId;

/// A budget that refills steadily (generic cell rate algorithm): `burst` at
/// once, then one more every `interval` seconds. Its whole state is one time,
/// the `tat` (theoretical arrival time). At that moment the budget is full
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many are allowed at once.
    pub burst: i64,
    /// Seconds until one more is allowed.
    pub interval: i64,
}

/// Wrong codes of one user, over all factors and logins: 10, one more every 6 minutes.
pub const CODES: Budget = Budget {
    burst: 10,
    interval: 360,
};

/// What anybody may ask for without an account: a registration or a reset. From
/// one network: 20, then one more every 3 minutes.
pub const ANONYMOUS: Budget = Budget {
    burst: 20,
    interval: 180,
};

/// After this many wrong codes in a row, six-digit codes are closed until a
/// recovery code, a new password or an operator opens them (NIST SP 800-63B
/// 3.2.2).
pub const WRONG_CODES_IN_A_ROW: i64 = 100;

impl Budget {
    /// The latest `tat` at which the budget allows one more.
    pub fn latest(&self, now: Timestamp) -> Timestamp {
        now + (self.burst - 1) * self.interval
    }

    /// When a budget with this `tat` allows one more.
    pub fn allowed_at(&self, tat: Timestamp) -> Timestamp {
        tat - (self.burst - 1) * self.interval
    }

    /// How many are allowed at `now`.
    pub fn remaining(&self, tat: Timestamp, now: Timestamp) -> i64 {
        let used = (tat - now).max(0);
        let used = (used + self.interval - 1) / self.interval;
        (self.burst - used).max(0)
    }
}

/// How many wrong passwords a name may have from one network in a window. Each
/// counted password starts the window's time again. After that many, the
/// service compares none until the window ends.
pub const PASSWORDS_BY_ADDRESS: i64 = 10;

/// The length of that window in seconds.
pub const ADDRESS_WINDOW_SECONDS: i64 = 900;

/// How many wrong passwords in a row a name may have, from anywhere, before
/// each further password has to wait.
pub const PASSWORDS_BY_NAME: i64 = 100;

/// The count of wrong passwords in a row ends after this many seconds without a
/// wrong password.
pub const NAME_WINDOW_SECONDS: i64 = 86_400;

/// A network from which a name has completed a login within this many seconds
/// is known to the name. A known network does not wait for strangers.
pub const KNOWN_NETWORK_SECONDS: i64 = 30 * 86_400;

/// After this many wrong passwords in a row for a name, a network that is known
/// to the name waits as the others do, until a right password.
pub const WRONG_FROM_KNOWN_NETWORK: i64 = 100;

/// Wrong passwords from one network over all names: 100, then one more every 9
/// seconds, which is 100 in 15 minutes. Only wrong passwords count, so that an
/// office behind one address can work.
pub const PASSWORDS_BY_NETWORK: Budget = Budget {
    burst: 100,
    interval: 9,
};

/// The wait in seconds after the `count`-th wrong password in a row for a name.
/// There is no wait before the hundredth. Then the wait is 30 seconds, and
/// doubles up to one hour.
pub fn delay_after(count: i64) -> i64 {
    let beyond = count - PASSWORDS_BY_NAME;
    match u32::try_from(beyond) {
        Err(_) => 0,
        Ok(doublings) => 30_i64.saturating_mul(1 << doublings.min(7)).min(3600),
    }
}

/// The network that guesses from this address are charged to: an IPv4 address
/// itself, or the /64 of an IPv6 address, because a single customer has a whole
/// /64.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// How many wrong codes in a row a user has, by budget. A hundred in a row close
/// six-digit codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WrongCodes {
    /// In the user's own budget.
    pub user: i64,
    /// In the budget of strangers.
    pub stranger: i64,
    /// In the budget of the login's network.
    pub near: i64,
}

/// The budget that a guess is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guesser {
    /// The user's budget. The caller has shown the password or the login's
    /// token.
    User(UserId),
    /// The budget of strangers for this user. Anybody may guess there, so
    /// nobody can use up the user's own budget. The strangers' budget has the
    /// size of the user's, and closes as the user's does.
    Stranger(UserId),
    /// The budget of callers who have shown nothing, but come from the network
    /// that the login's right password came from. So a stranger elsewhere
    /// cannot make the user wait. This budget has the size of the user's, and
    /// closes as the user's does.
    Near(UserId),
}

impl Guesser {
    /// The budget of a caller who has shown neither the password nor a login's token.
    /// `from_known_network` says whether the user has signed in from the caller's network, or
    /// has shown the right password from there.
    pub fn without_proof(user: UserId, from_known_network: bool) -> Self {
        match from_known_network {
            true => Self::Near(user),
            false => Self::Stranger(user),
        }
    }

    /// The budget of a caller who only names the user, beside logins whose right passwords came
    /// from these networks.
    pub fn beside_logins<'a>(
        user: UserId,
        network: &str,
        mut began_from: impl Iterator<Item = Option<&'a str>>,
    ) -> Self {
        let near = began_from.any(|began| began == Some(network));
        Self::without_proof(user, near)
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, CODES, Guesser, delay_after, network_of};
    use crate::id::UserId;

    #[test]
    fn an_ipv6_address_stands_for_its_whole_64() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn a_budget_allows_its_burst_and_then_one_every_interval() {
        let budget = Budget {
            burst: 10,
            interval: 360,
        };
        let (now, mut tat, mut allowed) = (1_000_000, 0, 0);
        while tat <= budget.latest(now) {
            tat = tat.max(now) + budget.interval;
            allowed += 1;
        }
        assert_eq!(allowed, 10);
        assert_eq!(budget.remaining(tat, now), 0);
        assert_eq!(budget.allowed_at(tat), now + 360);
        assert_eq!(budget.remaining(tat, now + 360), 1);
    }

    #[test]
    fn a_full_budget_says_so() {
        assert_eq!(CODES.remaining(0, 1_000_000), 10);
        assert_eq!(CODES.remaining(1_000_360, 1_000_000), 9);
    }

    #[test]
    fn the_delay_grows_from_thirty_seconds_to_an_hour() {
        let delays: Vec<i64> = [99, 100, 101, 102, 106, 107, 500].map(delay_after).into();
        assert_eq!(delays, [0, 30, 60, 120, 1920, 3600, 3600]);
    }

    #[test]
    fn a_caller_from_the_network_of_a_right_password_does_not_wait_for_strangers() {
        let user = UserId::from_bytes([1; 16]);
        let (near, stranger) = (Guesser::Near(user), Guesser::Stranger(user));
        let table: [(&[Option<&str>], Guesser); 5] = [
            (&[Some("here")], near),
            (&[Some("elsewhere"), Some("here")], near),
            (&[Some("elsewhere")], stranger),
            (&[None], stranger),
            (&[], stranger),
        ];
        for (networks, guesser) in table {
            let began = networks.iter().copied();
            assert_eq!(
                Guesser::beside_logins(user, "here", began),
                guesser,
                "{networks:?}"
            );
        }
    }
}
