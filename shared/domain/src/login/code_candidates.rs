//! Decides which pending logins a code is tried against if the code names no login.

use crate::Timestamp;
use crate::accounts::user::User;
use crate::authorization::key_proof::KeyThumbprint;
use crate::id::LoginId;
use crate::login::pending_login::{Login, SentCode, SentTo, State};
use crate::sessions::party::Party;

/// A code without a token is tried against this many logins that wait for a
/// code: the newest, and a login that the user began on another device a moment
/// before. Every further login would raise the chance of a guess.
const TRIED: usize = 2;

/// A code that came without the token of a login.
#[derive(Clone, Copy, Debug)]
pub struct CodeAlone<'a> {
    /// The user that the request names.
    pub user: &'a User,
    /// The caller, if the dialect names the client.
    pub party: Option<Party<'a>>,
    /// The key of the request's proof. A client completes no login of another key.
    pub key: Option<&'a KeyThumbprint>,
    /// Where the code was sent, if it was sent.
    pub sent: Option<SentTo>,
    /// The network of the request, as logins store networks.
    pub network: &'a str,
    /// The time of the request.
    pub now: Timestamp,
}

impl CodeAlone<'_> {
    /// The logins that the code is tried against, of these logins of the user,
    /// newest first. First the verified logins, which wait for their tokens. Then
    /// the logins whose password came from this network, if the login stores the
    /// network. Then the newest. For a sent code, only the logins with a code that
    /// is still valid. How many other logins there are decides nothing.
    pub fn tried(&self, logins: Vec<Login>) -> Vec<Login> {
        let mine = unspent(logins)
            .into_iter()
            .filter(|login| self.may_fit(login));
        let (verified, mut waiting): (Vec<Login>, Vec<Login>) = mine.partition(is_verified);
        // So a person elsewhere who knows the password cannot push out a login of this
        // network.
        waiting.sort_by_key(|login| login.network.as_deref() != Some(self.network));
        waiting.truncate(TRIED);
        verified.into_iter().chain(waiting).collect()
    }

    fn may_fit(&self, login: &Login) -> bool {
        let sent_there = |to| is_verified(login) || login.good_sends(to, self.now).next().is_some();
        // A session confirms its own enrolment. A step-up is completed only by its own token,
        // because every holder of a refresh token can begin a step-up.
        !login.is_of_session()
            && login.steps_up.is_none()
            && self.party.is_none_or(|party| {
                let authorized = &login.authorized;
                authorized.client == party.name() && authorized.check_key(self.key).is_ok()
            })
            && login.check_live(self.user, self.now).is_ok()
            && self.sent.is_none_or(sent_there)
    }
}

fn is_verified(login: &Login) -> bool {
    matches!(login.state, State::Verified { .. })
}

/// The live logins, without the adopted sends whose code is spent or whose own
/// login is over. The login that a code was sent for says both.
fn unspent(mut logins: Vec<Login>) -> Vec<Login> {
    let open = logins.iter().filter(|login| login.state == State::CodeSent);
    let open: Vec<(LoginId, u32)> = open
        .flat_map(|login| login.sent.iter().map(|sent| (login.id, sent)))
        .filter(|(_, sent)| sent.earlier.is_none())
        .map(|(id, sent)| (id, sent.number))
        .collect();
    let good = |sent: &SentCode| {
        let earlier = sent.earlier;
        earlier.is_none_or(|id| open.contains(&(id, sent.number)))
    };
    for login in &mut logins {
        login.sent.retain(good);
    }
    logins
}

#[cfg(test)]
#[path = "tried_tests.rs"]
mod tests;
