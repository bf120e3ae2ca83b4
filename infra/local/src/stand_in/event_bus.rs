//! A stand-in for EventBridge: `PutEvents` on any bus.

use super::feed::Feed;
use serde_json::{Value, json};

/// The delivered events, as CloudEvents in JSON.
pub type Events = Feed<Value>;

/// Takes every entry, and keeps the `Detail` of each entry. Returns EventBridge's answer.
pub(super) fn put_events(body: &[u8], events: &Events) -> Value {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let entries = asked["Entries"].as_array().map_or(&[][..], Vec::as_slice);
    let details = entries.iter().filter_map(|entry| entry["Detail"].as_str());
    for detail in details.filter_map(|detail| serde_json::from_str(detail).ok()) {
        events.add(detail);
    }
    let id = |_: &Value| json!({ "EventId": uuid::Uuid::new_v4().to_string() });
    let taken: Vec<Value> = entries.iter().map(id).collect();
    json!({ "FailedEntryCount": 0, "Entries": taken })
}
