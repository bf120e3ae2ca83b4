//! Phone numbers: how people write them, and the form that messages need.

pub use crate::messages::numbering_plans::prefixes_of_country;
use crate::messages::numbering_plans::{calling_code_of, plan_of};
use crate::typed_text::characters;

/// A phone number in E.164 form that its country's plan allows: `+`, the
/// calling code and the number, without trunk digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads what a person typed: `+` or `00`, then the calling code and the
    /// number, with digits of any script. White space, invisible characters,
    /// dashes, dots, underscores, quotation marks, slashes and parentheses are
    /// left out. The trunk zero of `+44 (0)20…` is left out too. `None` if no plan has such a number.
    pub fn parse(typed: &str) -> Option<Self> {
        let kept: String = characters(typed)
            .filter(|character| !matches!(character, '/' | '⁄' | '(' | ')'))
            .collect();
        let digits = kept.strip_prefix('+').or_else(|| kept.strip_prefix("00"))?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        without_trunk(&format!("+{digits}"))
            .filter(|number| is_possible(number))
            .map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number without its country's trunk digits. If the trunk digit is a zero,
/// no number begins with a zero, so the zero is always removed. Other trunk
/// digits may also begin a number, so they are removed only from a number that
/// is too long with them.
fn without_trunk(number: &str) -> Option<String> {
    let country = calling_code_of(number)?;
    let rest = number.strip_prefix(country.prefix)?;
    let zero = country.trunk.starts_with('0');
    let stripped = rest
        .strip_prefix(country.trunk)
        .filter(|_| zero || rest.len() > country.longest)
        .unwrap_or(rest);
    let never = zero && stripped.starts_with('0');
    (!never).then(|| format!("{}{stripped}", country.prefix))
}

/// Whether a number has a length that its plan allows and, within the North
/// American plan, an area code and an exchange that begin with 2 to 9.
fn is_possible(number: &str) -> bool {
    let fits = plan_of(number).is_some_and(|plan| {
        let length = number.len() - plan.prefix.len();
        (plan.shortest..=plan.longest).contains(&length)
    });
    let begins = |at: usize| matches!(number.as_bytes().get(at), Some(b'2'..=b'9'));
    fits && (!number.starts_with("+1") || (begins(2) && begins(5)))
}

/// The prefix that counts text messages to this number (in E.164 form): `+` and
/// the calling code. If several countries share a code, the prefix has the
/// digits of one country: `+1876` is Jamaica, `+1` the United States and
/// Canada. For a number of no plan, the prefix is `+` alone.
pub fn charged_prefix(number: &str) -> &'static str {
    plan_of(number).map_or("+", |plan| plan.prefix)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{PhoneNumber, charged_prefix};

    fn read(typed: &str) -> Option<String> {
        PhoneNumber::parse(typed).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn a_number_is_in_e_164_form_however_it_is_written() {
        for typed in [
            "+1 (555) 555-0100",
            "+1.555.555.0100",
            "+1 555/555–0100",
            "001 555 555 0100",
            "\u{202a}+1\u{a0}555\u{2011}555\u{2011}0100\u{202c}",
            "\u{feff}＋１ ５５５ ５５５ ０１００\n",
            "+١٥٥٥٥٥٥٠١٠٠",
        ] {
            assert_eq!(read(typed).as_deref(), Some("+15555550100"), "{typed}");
        }
    }

    #[test]
    fn the_trunk_zero_of_a_business_card_is_left_out() {
        for (typed, number) in [
            ("+44 (0)20 7946 0000", "+442079460000"),
            ("+44 020 7946 0000", "+442079460000"),
            ("+49 (0) 171 1234567", "+491711234567"),
            ("+36 (06) 20 123 4567", "+36201234567"),
            ("+7 8 916 123-45-67", "+79161234567"),
            ("+52 1 55 1234 5678", "+525512345678"),
        ] {
            assert_eq!(read(typed).as_deref(), Some(number), "{typed}");
        }
    }

    #[test]
    fn a_zero_that_belongs_to_the_number_stays() {
        for (typed, number) in [
            ("+39 06 1234 5678", "+390612345678"),
            ("+39 (0)6 1234 5678", "+390612345678"),
            ("+225 01 23 45 67 89", "+2250123456789"),
        ] {
            assert_eq!(read(typed).as_deref(), Some(number), "{typed}");
        }
    }

    #[test]
    fn a_number_that_no_plan_has_is_none() {
        for typed in [
            "15555550100",
            "+0155555501",
            "+1555",
            "+1555555010012345",
            "+1555CALLME",
            "+1 (0)555 555 0116",
            // An area code and an exchange begin with 2 to 9.
            "+10005550100",
            "+11115550100",
            "+12021550123",
            "+18760550123",
            "+44 0020 7946 0000",
            "+44 20 7946",
            "+999 1234 5678",
            "+881 6 1234 5678",
            "+15555550100;ext=1",
            "++15555550100",
            "+",
            "00",
            "",
        ] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_message_is_counted_under_its_country() {
        for (number, prefix) in [
            ("+15555550100", "+1"),
            ("+18765550100", "+1876"),
            ("+17875550100", "+1787"),
            ("+442079460000", "+44"),
            ("+77011234567", "+77"),
            ("+79161234567", "+7"),
            ("+3530000", "+353"),
            ("+9991234", "+"),
        ] {
            assert_eq!(charged_prefix(number), prefix, "{number}");
        }
    }
}
