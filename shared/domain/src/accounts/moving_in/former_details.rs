//! What apps show of a user of another system, as far as it fits here.

use crate::accounts::profile::Profile;

/// What apps show of a user of another system and keep with the user. Nobody is refused
/// because of it: a part that does not fit here is left out.
#[derive(Default)]
pub struct FormerDetails {
    /// `name`
    pub name: Option<String>,
    /// `nickname`
    pub nickname: Option<String>,
    /// `picture`
    pub picture: Option<String>,
    /// `user_metadata`: `None` in place of a value that is no text.
    pub metadata: Vec<(String, Option<String>)>,
}

/// The details that fit here, and the names of the fields that do not fit.
#[derive(Default)]
struct FittedProfile {
    profile: Profile,
    left_out: Vec<String>,
}

impl FittedProfile {
    /// Takes the text of a field, if there is a text and it fits.
    fn take(
        &mut self,
        field: &str,
        text: Option<String>,
        place: fn(&mut Profile) -> &mut Option<String>,
    ) {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            return;
        };
        let mut with = self.profile.clone();
        *place(&mut with) = Some(text);
        match with.problem() {
            None => self.profile = with,
            Some(_) => self.left_out.push(field.to_owned()),
        }
    }
}

impl FormerDetails {
    /// The parts that fit here, and the names of the fields of which a part does not fit.
    pub fn fitting(self) -> (Profile, Vec<String>) {
        let mut fitted = FittedProfile::default();
        fitted.take("name", self.name, |profile| &mut profile.name);
        fitted.take("nickname", self.nickname, |profile| &mut profile.nickname);
        fitted.take("picture", self.picture, |profile| &mut profile.picture);
        let FittedProfile {
            mut profile,
            mut left_out,
        } = fitted;
        let mut whole = true;
        for (name, text) in self.metadata {
            let Some(text) = text else {
                whole = false;
                continue;
            };
            profile.metadata.insert(name.clone(), text);
            if profile.problem().is_some() {
                profile.metadata.remove(&name);
                whole = false;
            }
        }
        if !whole {
            left_out.push("user_metadata".to_owned());
        }
        (profile, left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::{FormerDetails, Profile};

    #[test]
    fn a_part_that_does_not_fit_is_left_out_and_the_rest_stays() {
        let long = "x".repeat(100_000);
        let text = |text: &str| Some(text.to_owned());
        let metadata =
            |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        let nothing: &[&str] = &[];
        for (details, name, kept, left_out) in [
            (FormerDetails::default(), None, 0, nothing),
            (
                FormerDetails {
                    name: text("Ann"),
                    nickname: text("  "),
                    metadata: vec![metadata("team", Some("blue"))],
                    ..FormerDetails::default()
                },
                text("Ann"),
                1,
                nothing,
            ),
            (
                FormerDetails {
                    name: text(&long),
                    metadata: vec![metadata("team", None), metadata("city", Some("Bonn"))],
                    ..FormerDetails::default()
                },
                None,
                1,
                &["name", "user_metadata"],
            ),
            (
                FormerDetails {
                    metadata: vec![metadata("team", Some(&long))],
                    ..FormerDetails::default()
                },
                None,
                0,
                &["user_metadata"],
            ),
        ] {
            let (profile, out): (Profile, Vec<String>) = details.fitting();
            assert_eq!((profile.name, profile.metadata.len()), (name, kept));
            assert_eq!(out, left_out);
        }
    }
}
