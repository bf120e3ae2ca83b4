//! Reads one variable at a time. An empty value counts as missing.

use crate::domain::Dialect;

/// Reads variables, and collects the problems with them.
pub(super) struct Reader<'a> {
    pub value: &'a dyn Fn(&str) -> Option<String>,
    pub wrong: Vec<String>,
}

impl Reader<'_> {
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.value)(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    pub fn is_wrong(&mut self, name: &str, wants: &str) {
        self.wrong
            .push(format!("{name} is wrong: it wants {wants}"));
    }

    pub fn required(&mut self, name: &str, wants: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.wrong
                .push(format!("{name} is missing: it wants {wants}"));
            String::new()
        })
    }

    pub fn checked(&mut self, name: &str, wants: &str, good: fn(&str) -> bool) -> Option<String> {
        let text = self.optional(name)?;
        if !good(&text) {
            self.wrong
                .push(format!("{name} is wrong: it wants {wants}"));
        }
        Some(text)
    }

    pub fn number(&mut self, name: &str, default: i64, least: i64, most: i64) -> i64 {
        let Some(text) = self.optional(name) else {
            return default;
        };
        match text.parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                let wants = format!("a whole number from {least} to {most}");
                self.wrong
                    .push(format!("{name} is wrong: it wants {wants}"));
                default
            }
        }
    }

    /// The parts of a comma-separated list, without white space around them.
    pub fn list(&self, name: &str) -> Vec<String> {
        let text = self.optional(name).unwrap_or_default();
        let parts = text.split(',').map(str::trim);
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The value that was read. If the value is wrong, the variable is added to the
    /// problems.
    pub fn wanted<T: Default>(&mut self, name: &str, wants: &str, read: Option<T>) -> T {
        if read.is_none() {
            self.is_wrong(name, wants);
        }
        read.unwrap_or_default()
    }

    /// Whether the setting is the second of these words. Without a value: `default`.
    pub fn second_of(&mut self, name: &str, words: [&str; 2], default: bool) -> bool {
        let read = match self.optional(name) {
            None => Some(default),
            Some(text) => words
                .iter()
                .position(|word| *word == text)
                .map(|at| at == 1),
        };
        self.wanted(name, &words.join(" or "), read)
    }

    /// The dialects of these names. A name of no dialect is added to the problems.
    pub fn named_dialects(&mut self, setting: &str, names: &[String]) -> Vec<Dialect> {
        let mut dialects = Vec::new();
        for name in names {
            match Dialect::from_name(name) {
                Some(dialect) => dialects.push(dialect),
                None => self.wrong.push(format!(
                    "{setting} is wrong: it wants some of {}, with commas between",
                    Dialect::ALL.map(Dialect::name).join(", ")
                )),
            }
        }
        dialects
    }
}
