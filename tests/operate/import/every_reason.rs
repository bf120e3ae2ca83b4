//! An import has really refused a row with each reason of the source.

use super::{REASONS, broken_files, clients, kinds, reasons, refused, systems_refused, table};
use crate::operate::export::{one_user, passkeys};
use crate::tidy::source::{code, files, read};

/// Texts of the same files that are the reason of no row.
const NOT_OF_A_ROW: [&str; 22] = [
    // What is left out of a row, and counted.
    "authenticator apps",
    "the grant {grant} of a public client",
    "the grant {grant:.64}",
    // About the command line.
    "wants OURS=THEIRS",
    "our column is one of {}",
    "--clients reads the formats auth0 and openiddict",
    "a password hash needs --hash-config",
    // About the file of --hash-config.
    "algorithm is not SCRYPT",
    "{name} is no small number",
    // About the file itself (broken_files.rs).
    "cannot read {}: {error}",
    "{}: {error}, behind row {done}; the rows before it were imported",
    "the first line does not name columns in UTF-8 or UTF-16: convert the file (iconv -t UTF-8)",
    "the file has no array {list:?}: name a file of one user a line users.ndjson",
    "the file ends within a text",
    "the file ends within a value",
    "the file's object does not end",
    "something stands behind the array",
    "the array is malformed: an object or ] is missing",
    "the array is malformed: an object does not end",
    // Libraries refuse what is checked before.
    "AES refused its key",
    "scrypt refused its parameters",
    "scrypt refused its output",
];

/// The texts in double quotes of a source.
fn texts(source: &str) -> Vec<String> {
    let plain = source.replace("b'\"'", "").replace("'\"'", "");
    let mut characters = plain.chars().peekable();
    let mut found = Vec::new();
    while let Some(character) = characters.next() {
        if character != '"' {
            continue;
        }
        let mut text = String::new();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => match characters.next() {
                    // The text goes on at the next word of the next line.
                    Some('\n') => {
                        while characters.next_if(|next| next.is_whitespace()).is_some() {}
                    }
                    Some(escaped) => text.push(escaped),
                    None => {}
                },
                other => text.push(other),
            }
        }
        found.push(text);
    }
    found
}

/// The parts of a text that are the same in every row: without `{…}`.
fn fixed(text: &str) -> Vec<&str> {
    let parts = text.split('{').enumerate().map(|(at, part)| match at {
        0 => part,
        _ => part.split_once('}').map_or("", |(_, rest)| rest),
    });
    parts.filter(|part| !part.trim().is_empty()).collect()
}

/// Whether a row was refused with this text, whose parts come in this order.
fn is_of(reason: &str, text: &str) -> bool {
    let mut left = reason;
    fixed(text).into_iter().all(|part| {
        let found = left.split_once(part);
        found.is_some_and(|(_, rest)| {
            left = rest;
            true
        })
    })
}

/// The texts of the sources that are reasons, with the file of each.
fn reasons_of_the_source() -> Vec<(String, String)> {
    let mut sources = files("cli/src/import/systems", ".rs");
    sources.extend(files("cli/src/import/clients", ".rs"));
    for path in [
        "cli/src/import/exported.rs",
        "cli/src/import/csv.rs",
        "cli/src/import/rows.rs",
        "cli/src/import/run.rs",
        "shared/domain/src/accounts/moving_in/former_user.rs",
        "shared/domain/src/accounts/moving_in/hash_kinds.rs",
        "shared/domain/src/accounts/moving_in/known_users.rs",
    ] {
        sources.push((path.to_owned(), read(path)));
    }
    let foreign = files("shared/domain/src/accounts/foreign", ".rs");
    sources.extend(
        foreign
            .into_iter()
            .filter(|(path, _)| !path.ends_with("tests.rs")),
    );
    let mut reasons = Vec::new();
    for (path, text) in &sources {
        for text in texts(&code(text)) {
            // A reason has several words, and a name of a field has one.
            let longest = fixed(&text).into_iter().map(str::trim);
            let longest = longest.max_by_key(|part| part.len()).unwrap_or_default();
            if longest.len() >= 8 && longest.contains(' ') && !NOT_OF_A_ROW.contains(&text.as_str())
            {
                reasons.push((path.clone(), text));
            }
        }
    }
    reasons
}

/// The tests whose imports refuse rows, together, with every reason.
const REFUSING: [fn(); 20] = [
    reasons::the_reasons_about_hashes_of_auth0_name_what_is_wrong_with_the_hash,
    reasons::a_digest_of_auth0s_schema_that_is_not_computed_here_is_named,
    reasons::the_reasons_about_columns_name_the_column,
    reasons::a_hash_of_firebase_that_is_too_short_is_refused,
    reasons::a_row_of_a_table_that_is_no_utf_8_is_refused_and_the_next_is_read,
    reasons::the_reasons_about_recovery_codes_name_what_is_wrong_with_them,
    reasons::a_line_of_csv_that_is_no_row_is_refused_and_the_next_is_read,
    refused::each_refused_row_has_its_reason_and_can_be_mended_in_its_file,
    refused::a_dry_run_writes_nothing_and_finds_what_the_import_would_refuse,
    systems_refused::each_refused_user_of_aidbox_has_its_reason,
    systems_refused::each_refused_user_of_keycloak_has_its_reason,
    systems_refused::each_refused_user_of_firebase_has_its_reason,
    systems_refused::each_refused_user_of_cognito_has_its_reason,
    clients::each_refused_client_has_its_reason,
    table::each_refused_row_of_a_table_has_its_reason,
    broken_files::a_dry_run_refuses_a_name_that_an_earlier_row_has,
    kinds::a_hash_that_cannot_carry_an_encoding_is_refused_with_one_and_taken_in_utf8,
    reasons::an_import_refuses_a_hash_whose_work_a_wrong_password_for_an_unknown_name_would_not_do,
    passkeys::a_row_whose_passkey_is_of_no_use_is_refused_and_the_next_is_imported,
    one_user::a_row_that_an_export_did_not_write_is_refused_with_its_reason,
];

#[test]
fn a_row_is_refused_with_every_reason_of_the_source() {
    for refusing in REFUSING {
        refusing();
    }
    let produced = REASONS.lock().unwrap().clone();
    let reasons = reasons_of_the_source();
    assert!(reasons.len() > 120, "{}", reasons.len());
    let unseen: Vec<String> = reasons
        .iter()
        .filter(|(_, text)| !produced.iter().any(|reason| is_of(reason, text)))
        .map(|(path, text)| format!("{path}: {text}"))
        .collect();
    assert_eq!(unseen, [""; 0], "no row was refused with these reasons");
}
