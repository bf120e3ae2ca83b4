//! A user in ABP's form: exactly the members of `IdentityUserDto`.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::domain::Timestamp;
use crate::domain::accounts::user::{Account, User};
use crate::domain::factors::factor::Channel;
use crate::domain::id::UserId;
use crate::usecase::accounts::abp_find_user::FoundUser;
use crate::wire::abp::login::provider::Provider;

/// A user in ABP's form. `supportTwoFactor` says whether the user has a valid provider:
/// an authenticator app or a confirmed address. `twoFactorEnabled` (`demanded`) says
/// whether the user or a policy has turned two-factor on.
pub fn user_body(
    account: &Account,
    demanded: bool,
    wrong_passwords: i64,
    locked_until: Option<Timestamp>,
) -> Value {
    let user = &account.user;
    let roles = (!user.roles.is_empty()).then_some(&user.roles);
    json!({
        "tenantId": null,
        "userName": user.user_name,
        "email": user.email,
        "name": user.given_name,
        "surname": user.family_name,
        "emailConfirmed": user.email_confirmed,
        "phoneNumber": user.phone,
        "phoneNumberConfirmed": user.phone_confirmed,
        "supportTwoFactor": account.has_provider(),
        "twoFactorEnabled": demanded,
        "isActive": user.active,
        "lockoutEnabled": true,
        "isLockedOut": locked_until.is_some(),
        "lockoutEnd": locked_until.map(with_offset),
        "shouldChangePasswordOnNextLogin": user.must_change_password,
        "concurrencyStamp": stamp(user),
        "roleNames": roles,
        "accessFailedCount": wrong_passwords,
        "lastPasswordChangeTime": user.password_changed_at.map(with_offset),
        "isExternal": false,
        "isDeleted": false,
        "deleterId": null,
        "deletionTime": null,
        "lastModificationTime": null,
        "lastModifierId": null,
        "creationTime": time_text(user.created_at),
        "creatorId": null,
        "id": user.id.dashed(),
        "extraProperties": extra_properties(user),
    })
}

/// The body for a user that an administrator looked up.
pub fn found_body(found: &FoundUser) -> Value {
    let wrong = found.wrong_passwords;
    let demanded = found.second_factor_demanded;
    user_body(&found.account, demanded, wrong.count, wrong.locked_until)
}

/// A user's own profile: ABP's `ProfileDto`.
pub fn profile_body(user: &User) -> Value {
    json!({
        "userName": user.user_name,
        "email": user.email,
        "emailConfirmed": user.email_confirmed,
        "name": user.given_name,
        "surname": user.family_name,
        "phoneNumber": user.phone,
        "phoneNumberConfirmed": user.phone_confirmed,
        "isExternal": false,
        "hasPassword": user.password.is_some(),
        "concurrencyStamp": stamp(user),
        "extraProperties": extra_properties(user),
    })
}

/// `Undeliverable`: the providers whose messages to this user came back. ABP's own place for
/// what its members do not say.
fn extra_properties(user: &User) -> Value {
    let own = [
        (Provider::Email, Channel::Email, &user.email),
        (Provider::Phone, Channel::Sms, &user.phone),
    ];
    let own = own
        .into_iter()
        .filter(|(_, channel, to)| to.as_ref().is_some_and(|to| user.is_troubled(*channel, to)));
    let names: Vec<&str> = own.map(|(provider, ..)| provider.name()).collect();
    match names.is_empty() {
        true => json!({}),
        false => json!({ "Undeliverable": names }),
    }
}

/// 32 hexadecimal digits that change whenever the user's epoch changes.
fn stamp(user: &User) -> String {
    let id = u128::from_be_bytes(*user.id.bytes());
    let changed = id.wrapping_add(u128::from(user.epoch));
    UserId::from_bytes(changed.to_be_bytes()).to_string()
}

/// A time in UTC by ISO 8601, without an offset, as .NET writes it.
fn time_text(time: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp(time).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    let month = u8::from(month);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

fn with_offset(time: Timestamp) -> String {
    format!("{}+00:00", time_text(time))
}

#[cfg(test)]
mod tests {
    use super::{time_text, with_offset};

    #[test]
    fn times_are_iso_8601_in_utc() {
        assert_eq!(time_text(1_800_000_000), "2027-01-15T08:00:00");
        assert_eq!(with_offset(0), "1970-01-01T00:00:00+00:00");
    }
}
