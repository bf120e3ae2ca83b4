//! Checks the file as a whole: nothing stands twice, and every factor is exactly one
//! factor.

use std::collections::HashSet;

use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::factors::factor::folded_recovery_code;
use countersign::domain::id::UserId;
use countersign::domain::secret::Secret;
use countersign_cli::import::exported::read_handle;

use super::content::{Seed, SeedFactor, SeedUser};

/// The clients, names and identifiers so far.
type Seen = HashSet<String>;

/// Checks the file. The error names the wrong field and the reason.
pub(super) fn check(seed: &Seed) -> Result<(), String> {
    let mut seen = Seen::new();
    for (index, client) in seed.clients.iter().enumerate() {
        once(
            &mut seen,
            format!("clients[{index}].id"),
            format!("client {}", client.id.as_str()),
        )?;
        if client.secrets.len() + client.secret_hashes.len() > 2 {
            return Err(format!(
                "clients[{index}].secrets: wants two at most, the old and the new"
            ));
        }
    }
    for (index, user) in seed.users.iter().enumerate() {
        of_user(&mut seen, user).map_err(|wrong| format!("users[{index}]{wrong}"))?;
    }
    Ok(())
}

fn of_user(seen: &mut Seen, user: &SeedUser) -> Result<(), String> {
    if user.login_name().is_empty() {
        return Err(": wants user_name or email".to_owned());
    }
    let id = user.given_id().map(|id| id.dashed());
    if let (Some(id), Some(subject)) = (&id, &user.subject) {
        let own = UserId::of_subject(subject.as_str()).dashed();
        if *id != own {
            return Err(format!(".subject: wants the id {own}, or none"));
        }
    }
    let user_name = user
        .user_name
        .as_ref()
        .map(|name| (".user_name", name.as_str()));
    let email = user.email.as_ref().map(|email| (".email", email.as_str()));
    if let Some(id) = &id {
        once(seen, ".id".to_owned(), format!("identifier {id}"))?;
    }
    let folded = |text: &str| LoginName::parse(text).map(|name| name.as_str().to_owned());
    let mut own: Option<String> = None;
    for (field, text) in [user_name, email].into_iter().flatten() {
        let name = folded(text).unwrap_or_default();
        // A user's name may be equal to the user's own address.
        if own.as_ref() != Some(&name) {
            once(seen, field.to_owned(), format!("name {name}"))?;
        }
        own = Some(name);
    }
    if user.recovery_codes.len() > 20 {
        return Err(".recovery_codes: wants 20 at most".to_owned());
    }
    if user.recovery_code_hashes.len() > 100 {
        return Err(".recovery_code_hashes: wants 100 at most".to_owned());
    }
    recovery_codes(user)?;
    if user.password.is_some() && user.password_hash.is_some() {
        return Err(".password_hash: wants no password beside it".to_owned());
    }
    if id.is_none() && !user.recovery_code_hashes.is_empty() {
        return Err(".recovery_code_hashes: wants the id that is in each hash".to_owned());
    }
    if let Some(problem) = user.profile().problem() {
        return Err(format!(": {problem}"));
    }
    passkeys(seen, user)?;
    factors(&user.factors)
}

/// Refuses a passkey that nobody could sign in with.
fn passkeys(seen: &mut Seen, user: &SeedUser) -> Result<(), String> {
    if let Some(handle) = &user.passkey_handle {
        let field = ".passkey_handle".to_owned();
        read_handle(handle).map_err(|wrong| format!("{field}: {wrong}"))?;
        once(seen, field, format!("handle {handle}"))?;
    }
    for (index, factor) in user.factors.iter().enumerate() {
        let Some(passkey) = &factor.passkey else {
            continue;
        };
        let field = format!(".factors[{index}].passkey");
        if user.passkey_handle.is_none() {
            return Err(format!("{field}: wants a passkey_handle of the user"));
        }
        let read = passkey
            .read()
            .map_err(|wrong| format!("{field}: {wrong}"))?;
        once(seen, field, format!("passkey {:?}", read.credential))?;
    }
    Ok(())
}

/// Refuses two recovery codes that look alike, because they would be one code that
/// works once.
fn recovery_codes(user: &SeedUser) -> Result<(), String> {
    let mut seen = HashSet::new();
    for (index, code) in user.recovery_codes.iter().enumerate() {
        let folded = folded_recovery_code(&Secret::new(code.as_str()));
        if !seen.insert(folded.expose().to_owned()) {
            return Err(format!(
                ".recovery_codes[{index}]: stands twice, where O is 0 and I and L are 1"
            ));
        }
    }
    Ok(())
}

fn factors(factors: &[SeedFactor]) -> Result<(), String> {
    let mut seen = Seen::new();
    let mut apps = Seen::new();
    for (index, factor) in factors.iter().enumerate() {
        let field = format!(".factors[{index}]");
        let SeedFactor {
            totp,
            sms,
            email,
            webhook,
            passkey,
            ..
        } = factor;
        let kinds = [
            totp.as_ref().map(|_| "authenticator app's seed".to_owned()),
            sms.as_ref().map(|to| format!("number {}", to.as_str())),
            email.as_ref().map(|to| format!("address {}", to.as_str())),
            webhook.as_ref().map(|_| "webhook".to_owned()),
            passkey.as_ref().map(|_| "passkey".to_owned()),
        ];
        let mut kinds = kinds.into_iter().flatten();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            return Err(format!(
                "{field}: wants one of totp, sms, email, webhook, passkey"
            ));
        };
        // A user may have several apps, each with a seed of its own.
        let app = totp.as_ref().map(|seed| seed.as_str().to_owned());
        if app.is_some_and(|seed| apps.insert(seed)) {
            continue;
        }
        // A user may have several passkeys. `passkeys` has compared them.
        if passkey.is_some() {
            continue;
        }
        if totp.is_some() {
            return Err(format!("{field}: the {kind} stands twice"));
        }
        once(&mut seen, field, kind)?;
    }
    Ok(())
}

/// Refuses a value that the file already has.
fn once(seen: &mut Seen, field: String, what: String) -> Result<(), String> {
    if seen.contains(&what) {
        return Err(format!("{field}: the {what} stands twice"));
    }
    seen.insert(what);
    Ok(())
}
