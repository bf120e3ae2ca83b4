//! The summary of an import.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::import::systems::table::UNDER_WAY;
use crate::report::Report;

/// How many reasons a summary shows.
const REASONS: usize = 10;

/// How many rows were imported, kept and refused.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) rows: u64,
    pub(super) made: u64,
    pub(super) kept: u64,
    pub(super) refused: u64,
    pub(super) without_password: u64,
    pub(super) with_factors: u64,
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

    /// The summary that the import prints. `things` names what the rows are.
    pub(super) fn report(self, things: &str, rejects: &Path, dry_run: bool) -> Report {
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
        if let Some(count) = self.left_out.get(UNDER_WAY) {
            sentence += &format!(
                "\n{count} locked out there by wrong passwords: they may try again here at once."
            );
        }
        if refused > 0 {
            sentence += &format!("\nThe refused rows are in {}:", rejects.display());
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
