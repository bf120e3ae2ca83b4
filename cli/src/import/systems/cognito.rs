//! A user of Cognito: a line of its CSV, or an element of `list-users`. Cognito exports
//! neither password hashes nor the seeds of authenticator apps.

use countersign::domain::accounts::moving_in::arrival::Arrival;
use countersign::domain::accounts::moving_in::arrival::ArrivedFactor;
use countersign::domain::accounts::moving_in::former_details::FormerDetails;
use countersign::domain::accounts::moving_in::former_identity::FormerIdentity;
use countersign::domain::accounts::user::{EmailAddress, UserName};
use countersign::domain::factors::factor::Channel;
use countersign::domain::id::UserId;
use countersign::domain::messages::phone_number::PhoneNumber;
use serde_json::{Map, Value};

use crate::import::systems::fields::{Columns, ReadUser, line, object, parsed, said};

/// Columns that the service does not need. The summary does not report them as left
/// out.
const SILENT: [&str; 6] = [
    "usercreatedate",
    "userlastmodifieddate",
    "updatedat",
    "userstatus",
    "mfaoptions",
    "preferredmfasetting",
];

/// The columns that the import leaves out.
const NO_PLACE: [&str; 9] = [
    "middlename",
    "preferredusername",
    "profile",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "address",
];

/// The name under which the summary counts the authenticator apps, which Cognito does
/// not export.
const APPS: &str = "authenticator apps";

/// Reads a row.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8]) -> Result<ReadUser, String> {
    let mut columns = Columns::of(flat(object(row)?)?);
    if columns.text(&["userstatus"])?.as_deref() == Some("EXTERNAL_PROVIDER") {
        return Err("the user signs in with another provider".to_owned());
    }
    let name = columns.text(&["cognito:username", "username"])?;
    let sub = columns.text(&["sub"])?;
    let email = columns.text(&["email"])?;
    // Without the `sub`, the user name identifies the user.
    let former_id = sub.or_else(|| name.clone());
    let Some(first) = email.as_ref().or(name.as_ref()) else {
        return Err("neither email nor cognito:username".to_owned());
    };
    // If users sign in with an address, Cognito's user name is a UUID.
    let user_name = name.as_deref();
    let user_name = user_name.filter(|name| UserId::parse(name).is_none() || email.is_none());
    let phone = columns.text(&["phonenumber"])?;
    let phone = parsed(phone.as_deref(), "phone_number", PhoneNumber::parse)?;
    let phone_confirmed = columns.flag(&["phonenumberverified"], false)?;
    let methods = methods(&mut columns)?;
    let by_text = methods.contains(&"SMS_MFA".to_owned());
    let number = phone.as_ref().filter(|_| by_text && phone_confirmed);
    let factors =
        number.map(|number| ArrivedFactor::Address(Channel::Sms, number.as_str().to_owned()));
    let details = FormerDetails {
        name: columns.text(&["name"])?,
        nickname: columns.text(&["nickname"])?,
        picture: columns.text(&["picture"])?,
        ..FormerDetails::default()
    };
    let (profile, parts) = details.fitting();
    let arrival = Arrival {
        identity: identity(former_id.as_deref(), first),
        user_name: parsed(user_name, "cognito:username", UserName::parse)?,
        email: parsed(email.as_deref(), "email", EmailAddress::parse)?,
        email_confirmed: columns.flag(&["emailverified"], false)?,
        phone,
        phone_confirmed,
        given_name: line(columns.text(&["givenname"])?, "given_name")?,
        family_name: line(columns.text(&["familyname"])?, "family_name")?,
        profile,
        roles: columns.roles()?,
        active: columns.flag(&["enabled"], true)?,
        locked_until: None,
        two_factor: !methods.is_empty(),
        must_change_password: false,
        password: None,
        factors: factors.into_iter().collect(),
        recovery_codes: Vec::new(),
        kept: None,
    };
    let mut left_out = said(columns.0, &SILENT);
    left_out.extend(parts);
    if methods.iter().any(|method| method == "SOFTWARE_TOKEN_MFA") {
        left_out.push(APPS.to_owned());
    }
    Ok(ReadUser {
        arrival,
        former_id,
        left_out,
    })
}

/// Who the user is here. A `sub` of Cognito is a UUID. A user name that is none was never
/// the `sub` of a token.
fn identity(former: Option<&str>, name: &str) -> FormerIdentity {
    match former {
        Some(former) if UserId::parse(former).is_none() => FormerIdentity {
            id: UserId::of_name(&format!("cognito|{former}")),
            subject: None,
        },
        former => FormerIdentity::of(former, name),
    }
}

/// Turns each attribute of `list-users` into a column.
fn flat(mut row: Map<String, Value>) -> Result<Map<String, Value>, String> {
    let listed = row
        .remove("Attributes")
        .or_else(|| row.remove("UserAttributes"));
    let attributes = match listed {
        None => return Ok(row),
        Some(Value::Array(attributes)) => attributes,
        Some(_) => return Err("Attributes is no list".to_owned()),
    };
    for attribute in attributes {
        let (name, value) = (attribute.get("Name"), attribute.get("Value"));
        let (Some(name), Some(value)) = (name.and_then(Value::as_str), value) else {
            return Err("an element of Attributes lacks Name or Value".to_owned());
        };
        row.insert(name.to_owned(), value.clone());
    }
    Ok(row)
}

/// The second factors that are on, by Cognito's names. `cognito:mfa_enabled` in the
/// CSV, and `MFAOptions`, mean text messages.
fn methods(columns: &mut Columns) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    if let Some(Value::Array(methods)) = columns.0.remove("usermfasettinglist") {
        all.extend(methods.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    let options = columns.0.get("mfaoptions").and_then(Value::as_array);
    let options = options.is_some_and(|options| !options.is_empty());
    if columns.flag(&["cognito:mfaenabled"], false)? || (all.is_empty() && options) {
        all.push("SMS_MFA".to_owned());
    }
    Ok(all)
}

/// Whether the import knows this column of Cognito and leaves it out.
pub fn is_known(column: &str) -> bool {
    let parts = ["name", "nickname", "picture"];
    NO_PLACE.contains(&column) || parts.contains(&column) || column == APPS
}
