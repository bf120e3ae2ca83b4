//! The countries that text messages may go to. Messages elsewhere cost money,
//! and fraudsters have messages sent to expensive numbers.

use crate::messages::numbering_plans::calling_code_of;
use crate::messages::phone_number::charged_prefix;

/// The longest prefix in digits. A whole number is a prefix too.
const LONGEST_PREFIX: usize = 15;

/// Prefixes of numbers, each allowed or excluded. Without any prefix, no
/// messages go out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SmsCountries(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// `+` and digits.
    prefix: String,
    lets_in: bool,
}

impl SmsCountries {
    /// Reads prefixes like `+1`, `+4479`, and exclusions like `-1876` or
    /// `-+1876`. `None` if a text is not a prefix of a number of any plan, or
    /// if a prefix stands there twice.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut rules: Vec<Rule> = Vec::new();
        for text in texts {
            let rule = Rule::parse(text)?;
            if rules.iter().any(|known| known.prefix == rule.prefix) {
                return None;
            }
            rules.push(rule);
        }
        Some(Self(rules))
    }

    /// Whether no messages go out.
    pub fn is_empty(&self) -> bool {
        !self.0.iter().any(|rule| rule.lets_in)
    }

    /// Whether messages may go to this number (in E.164 form). The longest
    /// prefix that the number begins with decides. A calling code alone is not
    /// enough for a country that shares the code and has digits of its own,
    /// such as Jamaica's 876 after `+1`.
    pub fn reach(&self, number: &str) -> bool {
        let country = charged_prefix(number);
        let fits = self
            .0
            .iter()
            .filter(|rule| number.starts_with(&rule.prefix));
        let longest = fits.max_by_key(|rule| rule.prefix.len());
        longest.is_some_and(|rule| rule.lets_in && rule.prefix.starts_with(country))
    }
}

impl Rule {
    fn parse(text: &str) -> Option<Self> {
        let (text, lets_in) = match text.strip_prefix('-') {
            Some(rest) => (rest.trim_start(), false),
            None => (text, true),
        };
        let digits = match (text.strip_prefix('+'), lets_in) {
            (Some(digits), _) => digits,
            (None, false) => text,
            (None, true) => return None,
        };
        let prefix = format!("+{digits}");
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let fits = plain && digits.len() <= LONGEST_PREFIX && calling_code_of(&prefix).is_some();
        fits.then_some(Self { prefix, lets_in })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::SmsCountries;

    const ENGLAND: &str = "+447911123456";
    const CANADA: &str = "+14165550100";
    const JAMAICA: &str = "+18765550100";
    const BERMUDA: &str = "+14415550100";

    fn reached(setting: &str) -> Vec<&'static str> {
        let countries = SmsCountries::parse(setting.split(',')).unwrap();
        let all = [ENGLAND, CANADA, JAMAICA, BERMUDA];
        all.into_iter().filter(|to| countries.reach(to)).collect()
    }

    #[test]
    fn a_calling_code_reaches_no_country_that_only_shares_it() {
        assert_eq!(reached("+1"), [CANADA]);
        assert_eq!(reached("+1,+1876"), [CANADA, JAMAICA]);
        assert_eq!(reached("+1876"), [JAMAICA]);
        let russia = SmsCountries::parse(["+7"]).unwrap();
        assert!(russia.reach("+79161234567") && !russia.reach("+77011234567"));
    }

    #[test]
    fn the_longest_prefix_decides_in_whatever_order_they_stand() {
        assert_eq!(reached("+44,-4479"), [""; 0]);
        assert_eq!(reached("-+4479,+44,+447911"), [ENGLAND]);
        assert_eq!(reached("+447911123456"), [ENGLAND]);
        assert_eq!(reached("+1,-1416,+1876,-1876555"), [""; 0]);
        assert_eq!(reached("+1,-1876"), [CANADA]);
    }

    #[test]
    fn exclusions_alone_reach_nobody() {
        assert!(SmsCountries::parse(["-1876"]).unwrap().is_empty());
        assert!(!SmsCountries::parse(["+1", "-1876"]).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_prefix_of_a_number_is_a_wrong_setting() {
        for wrong in [
            "US",
            "44",
            "+",
            "-",
            "+0",
            "+4",
            "+999",
            "+1-876",
            "+1234567890123456",
            "+1,+1",
            "+1,-1",
        ] {
            assert_eq!(SmsCountries::parse(wrong.split(',')), None, "{wrong}");
        }
    }
}
