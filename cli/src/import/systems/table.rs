//! A row of a table of users: ASP.NET Identity's `AspNetUsers`, ABP's `AbpUsers`, or
//! any table with these column names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::domain::Timestamp;
use countersign::domain::accounts::foreign::pbkdf2::Pbkdf2;
use countersign::domain::accounts::moving_in::arrival::ArrivedFactor;
use countersign::domain::accounts::moving_in::arrival::{Arrival, ArrivedPassword};
use countersign::domain::accounts::moving_in::former_details::FormerDetails;
use countersign::domain::accounts::moving_in::former_identity::FormerIdentity;
use countersign::domain::accounts::user::{EmailAddress, UserName};
use countersign::domain::factors::factor::former_recovery_code;
use countersign::domain::messages::phone_number::PhoneNumber;
use countersign::domain::secret::Secret;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::import::systems::fields::{Columns, ReadUser, line, object, parsed, said, seed, slow};
use crate::import::systems::mapping::MappedColumn;

/// Columns that the service does not need. The summary does not report them as left
/// out.
const SILENT: [&str; 9] = [
    "normalizedusername",
    "normalizedemail",
    "securitystamp",
    "concurrencystamp",
    "accessfailedcount",
    "tenantid",
    "isexternal",
    "lastpasswordchangetime",
    "lastsignintime",
];

/// Columns of ASP.NET Identity and ABP that the import leaves out.
const NO_PLACE: [&str; 4] = ["extraproperties", "logins", "claims", "tokens"];

/// The columns of which a part may be left out.
const PARTS: [&str; 3] = ["name", "nickname", "picture"];

/// The most recovery codes of a user. ASP.NET Identity makes ten.
const MOST_CODES: usize = 20;

/// A lockout that ends in this year or later does not come from wrong guesses: an
/// administrator has locked the user out permanently.
const FOR_GOOD: u32 = 2100;

/// Reads a row. `mapped` names the columns that have other names in the file.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8], mapped: &[MappedColumn], now: Timestamp) -> Result<ReadUser, String> {
    let mut columns = Columns::of(object(row)?);
    for column in mapped {
        column.apply(&mut columns);
    }
    if columns.flag(&["isdeleted"], false)? {
        return Err("the user is deleted there".to_owned());
    }
    let user_name = columns.text(&["username"])?;
    let email = columns.text(&["email"])?;
    let Some(first) = email.as_ref().or(user_name.as_ref()) else {
        return Err("neither email nor user name".to_owned());
    };
    let former_id = columns.text(&["id"])?;
    let two_factor = columns.flag(&["twofactorenabled", "twofactor"], false)?;
    let phone = columns.text(&["phonenumber", "phone"])?;
    let lockout = lockout(&mut columns, now)?;
    let details = FormerDetails {
        name: columns.text(&["displayname"])?,
        nickname: columns.text(&["nickname"])?,
        picture: columns.text(&["picture"])?,
        ..FormerDetails::default()
    };
    let (profile, parts) = details.fitting();
    let arrival = Arrival {
        identity: FormerIdentity::of(former_id.as_deref(), first),
        user_name: parsed(user_name.as_deref(), "the user name", UserName::parse)?,
        email: parsed(email.as_deref(), "email", EmailAddress::parse)?,
        email_confirmed: columns.flag(&["emailconfirmed"], false)?,
        phone: parsed(phone.as_deref(), "the phone number", PhoneNumber::parse)?,
        phone_confirmed: columns.flag(&["phonenumberconfirmed", "phoneconfirmed"], false)?,
        given_name: line(columns.text(&["givenname", "name"])?, "the given name")?,
        family_name: line(columns.text(&["familyname", "surname"])?, "the family name")?,
        profile,
        roles: columns.roles()?,
        active: columns.flag(&["isactive", "active"], true)? && lockout != Lockout::ForGood,
        locked_until: match lockout {
            Lockout::Until(end) => Some(end),
            Lockout::Over | Lockout::ForGood => None,
        },
        two_factor,
        must_change_password: columns.flag(
            &["shouldchangepasswordonnextlogin", "mustchangepassword"],
            false,
        )?,
        password: columns
            .text(&["passwordhash"])?
            .map(|hash| password(&hash))
            .transpose()?,
        factors: app(&mut columns, two_factor)?,
        recovery_codes: recovery_codes(&mut columns, two_factor)?,
        kept: None,
    };
    let mut left_out = said(columns.0, &SILENT);
    left_out.extend(parts);
    Ok(ReadUser {
        arrival,
        former_id,
        left_out,
    })
}

/// Whether the import knows this column of ASP.NET Identity or ABP and leaves it out.
pub fn is_known(column: &str) -> bool {
    NO_PLACE.contains(&column) || PARTS.contains(&column)
}

/// What a row says about a lockout.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lockout {
    Over,
    /// No password is accepted until then.
    Until(Timestamp),
    /// An administrator has locked the user out permanently.
    ForGood,
}

/// ASP.NET Identity reads the end only if `LockoutEnabled` is on.
fn lockout(columns: &mut Columns, now: Timestamp) -> Result<Lockout, String> {
    let enabled = columns.flag(&["lockoutenabled"], true)?;
    let end = columns.text(&["lockoutend", "lockoutenddateutc"])?;
    let Some(end) = end.filter(|_| enabled) else {
        return Ok(Lockout::Over);
    };
    let unread = "the end of the lockout is no time";
    let year = end.get(..4).and_then(|year| year.parse::<u32>().ok());
    if year.ok_or(unread)? >= FOR_GOOD {
        return Ok(Lockout::ForGood);
    }
    match moment(&end).ok_or(unread)? {
        end if end <= now => Ok(Lockout::Over),
        end => Ok(Lockout::Until(end)),
    }
}

/// The moment that a database's text says, in UTC if the text has no offset:
/// `2026-11-29 17:24:00.1234567 +00:00`.
fn moment(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.get(1..)?.split_at_checked(8)?;
    let offset = rest.trim_start_matches(|sign: char| sign == '.' || sign.is_ascii_digit());
    let offset = match offset.trim() {
        "" => "Z".to_owned(),
        // PostgreSQL writes the hours only.
        hours if hours.len() == 3 => format!("{hours}:00"),
        whole => whole.to_owned(),
    };
    let moment = OffsetDateTime::parse(&format!("{date}T{time}{offset}"), &Rfc3339);
    Some(moment.ok()?.unix_timestamp())
}

/// The authenticator app, if two-factor authentication is on.
fn app(columns: &mut Columns, two_factor: bool) -> Result<Vec<ArrivedFactor>, String> {
    let Some(key) = columns.text(&["authenticatorkey", "totpsecret"])? else {
        return Ok(Vec::new());
    };
    let seed = seed(&key).ok_or("the authenticator key is no base32 of 10 to 64 bytes")?;
    // Without two-factor authentication, nobody has shown that the key works, so it is
    // not a factor.
    let app = two_factor.then_some(ArrivedFactor::App(seed));
    Ok(app.into_iter().collect())
}

/// The recovery codes that are not used yet, if two-factor authentication is on: a list,
/// or a text with `;` between, as ASP.NET Identity stores them.
fn recovery_codes(columns: &mut Columns, two_factor: bool) -> Result<Vec<Secret>, String> {
    let wrong = "a recovery code has not 8 to 23 letters and digits";
    let codes = columns.list(
        "recoverycodes",
        "the recovery codes are not a list of texts",
    )?;
    let codes = codes.iter().map(|code| former_recovery_code(code));
    let codes: Option<Vec<Secret>> = codes.collect();
    let codes = codes.ok_or(wrong)?;
    match codes.len() {
        0..=MOST_CODES => Ok(if two_factor { codes } else { Vec::new() }),
        _ => Err("there are more than 20 recovery codes".to_owned()),
    }
}

/// A password hash: ASP.NET Identity's base64, or a hash in one of the stored forms.
fn password(hash: &str) -> Result<ArrivedPassword, String> {
    let why = |why: &str| format!("the password hash: {why}");
    let stored = if hash.starts_with('$') {
        hash.to_owned()
    } else {
        let bytes = STANDARD
            .decode(hash)
            .map_err(|_| why("neither base64 nor $kind$"))?;
        let pbkdf2 = Pbkdf2::of_aspnet(&bytes).map_err(|unusable| why(unusable.0))?;
        pbkdf2.to_text()
    };
    slow(stored)
}
