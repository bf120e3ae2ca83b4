//! What every field of a client must be.

use crate::domain::authorization::client::{
    Client, LONGEST_CLIENT_ID, LONGEST_TOKEN_SECONDS, may_lead_back,
};
use crate::domain::authorization::grant::Grant;
use crate::usecase::administration::not_done::NotDone;

/// The longest lifetime of refresh tokens, in seconds: a year.
const LONGEST_REFRESH_SECONDS: i64 = 31_536_000;

/// Refuses a client with a field that is wrong, and names the field.
pub(super) fn check_client(client: &Client) -> Result<(), NotDone> {
    let printable = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    let id = &client.id;
    if id.is_empty() || id.len() > LONGEST_CLIENT_ID || !printable(id) {
        return wrong("the id wants 1 to 256 printable ASCII characters");
    }
    for scope in &client.scopes {
        let good = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
        if scope.is_empty() || !scope.bytes().all(good) {
            return wrong(&format!(
                "{scope:?} is no scope: it wants text without spaces"
            ));
        }
    }
    for audience in &client.audiences {
        let bad = |one: char| one.is_whitespace() || one.is_control();
        if audience.is_empty() || audience.contains(bad) {
            return wrong(&format!(
                "{audience:?} is no audience: it wants text without spaces"
            ));
        }
    }
    for uri in &client.redirect_uris {
        if !may_lead_back(uri) {
            return wrong(&format!(
                "{uri:?} is no redirect URI: it wants a scheme and no fragment"
            ));
        }
    }
    machine(client)?;
    lifetime(
        "access-token-seconds",
        client.access_token_seconds,
        LONGEST_TOKEN_SECONDS,
    )?;
    let refresh = [
        ("refresh-idle-seconds", client.refresh_idle_seconds),
        ("refresh-absolute-seconds", client.refresh_absolute_seconds),
    ];
    for (name, seconds) in refresh {
        lifetime(name, seconds, LONGEST_REFRESH_SECONDS)?;
    }
    Ok(())
}

/// Refuses a client that may ask for tokens of its own and could never get one.
fn machine(client: &Client) -> Result<(), NotDone> {
    let grant = Grant::ClientCredentials;
    if client.grants.allows(grant) && client.is_public() {
        return wrong("the grant client_credentials wants a client with a secret");
    }
    let alone = client.grants.names().all(|name| name == grant.name());
    if client.grants.allows(grant) && alone && client.audiences.is_empty() {
        return wrong("a client with the grant client_credentials alone wants an audience");
    }
    Ok(())
}

fn lifetime(name: &str, seconds: Option<i64>, most: i64) -> Result<(), NotDone> {
    match seconds {
        Some(seconds) if !(1..=most).contains(&seconds) => {
            wrong(&format!("{name} wants 1 to {most} seconds"))
        }
        _ => Ok(()),
    }
}

fn wrong<T>(text: &str) -> Result<T, NotDone> {
    Err(NotDone::Refused(text.to_owned()))
}
