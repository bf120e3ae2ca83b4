//! The reason that an operator gives for an act.

use countersign::usecase::administration::operator::Operator;

/// A reason for the record of the act, which a person can read later.
pub(crate) fn parse_reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let good = (1..=500).contains(&text.chars().count()) && !text.contains(char::is_control);
    match good {
        true => Ok(text.to_owned()),
        false => Err("wants 1 to 500 characters in one line".to_owned()),
    }
}

/// The operator, with this reason.
pub(crate) fn because(mut operator: Operator, reason: &str) -> Operator {
    operator.reason = Some(reason.to_owned());
    operator
}
