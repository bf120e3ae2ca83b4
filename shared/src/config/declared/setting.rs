//! What is declared of a setting.

/// What holds without a value.
#[derive(Clone, Copy, Debug)]
pub enum Absent {
    /// The start refuses.
    Refused,
    /// The same as with this value.
    Value(&'static str),
    /// Something else, in words.
    Told(&'static str),
}

#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name in the environment.
    pub name: &'static str,
    /// What the setting is.
    pub meaning: &'static str,
    pub absent: Absent,
    /// The least and the most of a number.
    pub range: Option<(i64, i64)>,
    /// The name in Auth0 or in Aidbox's `AuthConfig`.
    pub known_as: &'static str,
    /// Whether nobody may see the value.
    pub secret: bool,
}

impl Setting {
    pub(super) const fn new(name: &'static str, absent: Absent, meaning: &'static str) -> Self {
        Self {
            name,
            meaning,
            absent,
            range: None,
            known_as: "",
            secret: false,
        }
    }

    pub(super) const fn required(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Absent::Refused, meaning)
    }

    /// A setting that is off or empty without a value.
    pub(super) const fn optional(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Absent::Told("none"), meaning)
    }

    pub(super) const fn with_default(
        name: &'static str,
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, Absent::Value(default), meaning)
    }

    pub(super) const fn between(self, least: i64, most: i64) -> Self {
        Self {
            range: Some((least, most)),
            ..self
        }
    }

    pub(super) const fn known_as(self, known_as: &'static str) -> Self {
        Self { known_as, ..self }
    }

    pub(super) const fn secret(self) -> Self {
        Self {
            secret: true,
            ..self
        }
    }
}

/// Settings of one subject.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub title: &'static str,
    pub settings: &'static [Setting],
}
