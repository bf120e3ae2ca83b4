//! The summary of an import.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::report::Report;
use crate::report::progress::Stage;

/// How many reasons a summary shows.
const REASONS: usize = 10;

/// How many names of left-out fields the summary has that the import does not know.
const UNKNOWN_FIELDS: usize = 100;

/// The longest such name, in characters.
const LONGEST_FIELD: usize = 100;

/// How many rows were imported, kept and refused.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) rows: u64,
    pub(super) made: u64,
    pub(super) kept: u64,
    pub(super) refused: u64,
    pub(super) without_password: u64,
    pub(super) with_factors: u64,
    /// Users whose names no password opens for now.
    pub(super) locked_out: u64,
    pub(super) left_out: BTreeMap<String, u64>,
    pub(super) reasons: BTreeMap<String, u64>,
}

impl Counts {
    /// Counts a refused row by the kind of its reason.
    pub(super) fn refuse(&mut self, reason: &str) {
        self.refused += 1;
        // The quoted part of a reason may name a user, so the summary has only the text
        // before the first quotation mark.
        let kind = reason.split(['"', '\'']).next().unwrap_or(reason);
        let kind = kind.trim_end_matches([' ', ':']);
        let kinds = &mut self.reasons;
        if kinds.len() < REASONS || kinds.contains_key(kind) {
            *kinds.entry(kind.to_owned()).or_default() += 1;
        }
    }

    /// Counts a field that was left out, by its name. A file may have any number of names
    /// that the import does not know. The summary has the first hundred, and counts the rest
    /// together.
    pub(super) fn leave_out(&mut self, field: String, known: bool) {
        let names = &mut self.left_out;
        let has_room = names.len() < UNKNOWN_FIELDS
            && field.chars().count() <= LONGEST_FIELD
            && !field.contains(char::is_control);
        let name = match known || has_room || names.contains_key(&field) {
            true => field,
            false => "other fields".to_owned(),
        };
        *names.entry(name).or_default() += 1;
    }

    /// How far the import is: `read` bytes of a file of this size.
    pub(super) fn stage<'a>(
        &self,
        things: &'a str,
        (part, whole): (u64, u64),
        beside: &'a str,
    ) -> Stage<'a> {
        Stage {
            part,
            whole,
            count: self.rows,
            things,
            beside,
        }
    }

    /// What the progress line says about refused rows.
    pub(super) fn beside(&self) -> String {
        format!(", {} refused", self.refused)
    }

    /// The summary that the import prints. `things` names what the rows are. Of the file of
    /// refused rows, the summary says whether it is encrypted.
    pub(super) fn report(
        self,
        things: &str,
        (rejects, encrypted): (&Path, bool),
        dry_run: bool,
    ) -> Report {
        let Self {
            rows,
            made,
            kept,
            refused,
            ..
        } = self;
        let value = json!({
            "rows": rows,
            "made": made,
            "kept": kept,
            "refused": refused,
            "without_password": self.without_password,
            "with_factors": self.with_factors,
            "locked_out": self.locked_out,
            "left_out": self.left_out,
            "reasons": self.reasons,
            "dry_run": dry_run,
        });
        let would = if dry_run { "would be made" } else { "made" };
        let mut sentence =
            format!("{rows} {things}: {made} {would}, {kept} kept, {refused} refused.");
        if self.without_password > 0 {
            let count = self.without_password;
            sentence += &format!(
                "\n{count} without a password: they set one by the page for a forgotten password."
            );
        }
        if let Value::Object(fields) = &value["left_out"]
            && !fields.is_empty()
        {
            let fields = fields.iter().map(|(name, count)| format!("{name} {count}"));
            sentence += &format!("\nLeft out: {}.", fields.collect::<Vec<_>>().join(", "));
        }
        if self.locked_out > 0 {
            sentence += &format!(
                "\n{} locked out there: they stay locked out here until the same time, or until \
                 `countersign user unlock`.",
                self.locked_out
            );
        }
        if refused > 0 {
            let how = match encrypted {
                true => ", encrypted to the key of --identity",
                false => "",
            };
            sentence += &format!("\nThe refused rows are in {}{how}:", rejects.display());
            for (reason, count) in &self.reasons {
                sentence += &format!("\n  {count:>7}  {reason}");
            }
        }
        Report::Imported {
            sentence,
            value,
            whole: refused == 0,
        }
    }
}
