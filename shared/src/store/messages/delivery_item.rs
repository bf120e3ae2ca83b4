//! How the marks of a user's destinations stand in the user's profile. So each
//! step that reads the user knows the marks too.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::messages::delivery::{DeliveryMark, Trouble};
use crate::failure::Broken;
use crate::store::item::{Attributes, Closed, Item, NewItem, number_value, text_value};

/// What the name of a mark's attribute begins with. The hash of the destination
/// follows.
const PREFIX: &str = "delivery_";

/// The kind of a mark that was cleared.
const CLEARED: &str = "cleared";

/// The marks in a profile, by destination. A mark that this version cannot read
/// does not exist for this version.
pub(in crate::store) fn read_delivery(profile: Item<'_>) -> Vec<DeliveryMark> {
    let attributes = profile.0.iter();
    let marks = attributes.filter(|(name, _)| name.starts_with(PREFIX));
    let mut marks: Vec<DeliveryMark> = marks
        .filter_map(|(_, value)| read_mark(value.as_m().ok()?).newer("a report of a delivery"))
        .collect();
    marks.sort_by(|one, other| one.destination.cmp(&other.destination));
    marks
}

/// The name of the attribute that holds the mark of this destination.
pub(super) fn mark_name(hash: &str) -> String {
    format!("{PREFIX}{hash}")
}

pub(super) fn write_mark(mark: &DeliveryMark) -> AttributeValue {
    let kind = mark.trouble.map_or(CLEARED, Trouble::name);
    NewItem::nested()
        .with("destination", text_value(&mark.destination))
        .with("kind", text_value(kind))
        .with("at", number_value(mark.at))
        .into_value()
}

fn read_mark(mark: &Attributes) -> Result<DeliveryMark, Broken> {
    let mark = Item(mark);
    Ok(DeliveryMark {
        destination: mark.text("destination")?.to_owned(),
        trouble: match mark.text("kind")? {
            CLEARED => None,
            _ => Some(mark.id("kind", Trouble::from_name)?),
        },
        at: mark.number::<Timestamp>("at")?,
    })
}
