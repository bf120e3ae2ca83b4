//! The bus that events are delivered to, if there is one.

use super::reader::Reader;

fn good_bus(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    match text.strip_prefix("arn:") {
        Some(arn) => arn.bytes().all(|byte| plain(byte) || byte == b':'),
        None => text.len() <= 256 && text.bytes().all(plain),
    }
}

impl Reader<'_> {
    /// The bus. `None` delivers nothing.
    pub fn event_bus(&mut self, name: &str) -> Option<String> {
        let wants = "the name or the ARN of an EventBridge bus";
        self.checked(name, wants, good_bus)
    }
}
