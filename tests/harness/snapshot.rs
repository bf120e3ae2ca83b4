//! The whole answer, as a snapshot shows it. A word in brackets replaces each random
//! part.

use serde_json::Value;

use super::Answer;
use super::answer::{attribute, unescape};

/// A longer object or array is written on several lines.
const LINE: usize = 112;

/// The headers in the first line of a snapshot, after the status.
const FIRST: [&str; 3] = ["content-type", "cache-control", "pragma"];

/// Headers that a snapshot leaves out. Every answer has the first two.
const LEFT_OUT: [&str; 5] = [
    "x-request-id",
    "content-length",
    "content-type",
    "cache-control",
    "pragma",
];

/// Tags that do not end a line of a page.
const WITHIN_A_LINE: [&str; 6] = ["a", "/a", "strong", "/strong", "code", "/code"];

impl Answer {
    /// The first line has the status, the content type, `Cache-Control` and `Pragma`.
    /// The other headers and the body follow.
    pub fn shown(&self) -> String {
        let mut first = vec![self.status.to_string()];
        let headers = FIRST.map(|name| self.header(name));
        first.extend(headers.into_iter().flatten().map(str::to_owned));
        let mut lines = self.other_headers();
        lines.insert(0, first.join(" "));
        lines.extend((!self.raw.is_empty()).then(|| self.body_shown()));
        by_shape(&lines.join("\n"))
    }

    /// The status, the content type, the headers that not every answer has, and the
    /// body as it was sent.
    pub fn in_short(&self) -> String {
        let mut first = self.other_headers();
        let kind = self.header("content-type").unwrap_or_default();
        first.insert(0, format!("{} {kind}", self.status));
        by_shape(&format!("{}\n{}", first.join(", "), self.raw))
    }

    fn other_headers(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, value) in &self.headers {
            if !LEFT_OUT.contains(&name.as_str()) {
                lines.push(format!("{name}: {}", value.to_str().unwrap()));
            }
        }
        lines.sort();
        lines
    }

    /// A page as a person and a browser read it: the status and the title, where a
    /// redirect leads, the names of the cookies, the texts, and the fields of the forms.
    pub fn page(&self) -> String {
        let title = self.raw.split("<title>").nth(1).unwrap_or_default();
        let title = title.split("</title>").next().unwrap();
        let mut lines = vec![format!("{} {title}", self.status)];
        lines.extend(self.header("location").map(|to| format!("location: {to}")));
        lines.extend(self.cookies_set());
        let body = self.raw.split("<body").nth(1).unwrap_or_default();
        let texts = body.split('<').filter_map(|part| part.split_once('>'));
        let mut line = String::new();
        for (tag, text) in texts {
            let name = tag.split([' ', '>']).next().unwrap();
            if !WITHIN_A_LINE.contains(&name) {
                lines.push(std::mem::take(&mut line));
            }
            line += &control(name, tag);
            // A key is written in groups.
            line += &if name == "code" {
                text.replace(' ', "")
            } else {
                text.to_owned()
            };
        }
        lines.push(line);
        let lines = lines.iter().map(|line| line.trim());
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        by_shape(&unescape(&lines.join("\n")))
    }

    /// The names of the cookies that the answer sets or removes.
    fn cookies_set(&self) -> Vec<String> {
        let cookies = self.headers.get_all("set-cookie").into_iter();
        let name = |cookie: &str| match cookie.contains("Max-Age=0;") {
            true => format!("removes {}", cookie.split('=').next().unwrap()),
            false => format!("sets {}", cookie.split('=').next().unwrap()),
        };
        cookies
            .map(|cookie| name(cookie.to_str().unwrap()))
            .collect()
    }

    fn body_shown(&self) -> String {
        // The body as it was sent, if its format differs from ours.
        let written = self.body.to_string();
        match self.raw == written {
            true => laid_out(&self.body, 0),
            false => self.raw.clone(),
        }
    }
}

/// What a browser learns from this tag: a form's target, or a field's name and value, or
/// what a button sends. The value of `csrf` is random.
fn control(name: &str, tag: &str) -> String {
    let of = |name| attribute(tag, name).unwrap_or_default();
    let (field, value) = (of("name"), of("value"));
    let wrong = match of("aria-invalid") == "true" {
        true => " invalid",
        false => "",
    };
    match name {
        "form" => format!("form {}", of("action")),
        "input" if field == "csrf" => "[csrf]".to_owned(),
        "input" if value.is_empty() => format!("[{field}{wrong}]"),
        "input" | "button" if !field.is_empty() => format!("[{field}={value}{wrong}] "),
        _ => String::new(),
    }
}

/// JSON on as few lines as possible while staying readable.
fn laid_out(value: &Value, depth: usize) -> String {
    let whole = by_shape(&value.to_string());
    if whole.len() + 2 * depth <= LINE {
        return whole;
    }
    let below = |value| laid_out(value, depth + 1);
    let (open, parts, close): (_, Vec<String>, _) = match value {
        Value::Object(members) => {
            let member = |(name, value)| format!("\"{name}\": {}", below(value));
            ("{", members.iter().map(member).collect(), "}")
        }
        Value::Array(values) if values.iter().all(Value::is_string) => ("[", filled(values), "]"),
        Value::Array(values) => ("[", values.iter().map(below).collect(), "]"),
        _ => return whole,
    };
    let inner = "  ".repeat(depth + 1);
    let parts = parts.join(&format!(",\n{inner}"));
    format!("{open}\n{inner}{parts}\n{}{close}", "  ".repeat(depth))
}

/// Texts, as many on a line as fit.
fn filled(texts: &[Value]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in texts.iter().map(|text| by_shape(&text.to_string())) {
        match lines.last_mut() {
            Some(line) if line.len() + text.len() < LINE => *line += &format!(", {text}"),
            _ => lines.push(text),
        }
    }
    lines
}

/// The snapshot of these answers, which must all be equal.
#[track_caller]
pub fn alike(answers: &[Answer]) -> String {
    let shown = answers[0].shown();
    for answer in answers {
        assert_eq!(answer.shown(), shown);
    }
    shown
}

/// The snapshots of these answers, one after the other.
pub fn in_turn(answers: &[Answer]) -> String {
    let all: Vec<String> = answers.iter().map(Answer::shown).collect();
    all.join("\n\n")
}

/// Replaces words by `[jwt]`, `[id]`, `[seed]`, `[recovery code]` or `[opaque]` if they
/// have such a form. Times stay, because only the test moves the clock.
pub fn by_shape(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_of_a_word) {
        shown += &rest[..start];
        rest = &rest[start..];
        let end = rest.find(|sign| !is_of_a_word(sign)).unwrap_or(rest.len());
        shown += &word_by_shape(&rest[..end]);
        rest = &rest[end..];
    }
    shown + rest
}

fn is_of_a_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "_-.".contains(sign)
}

fn word_by_shape(word: &str) -> String {
    if word.starts_with("eyJ") && word.split('.').count() == 3 {
        return "[jwt]".to_owned();
    }
    let parts: Vec<String> = word.split('.').map(part_by_shape).collect();
    parts.join(".")
}

fn part_by_shape(part: &str) -> String {
    let is_hex = |text: &str| text.len() == 32 && text.bytes().all(|sign| sign.is_ascii_hexdigit());
    // The identifier of an authenticator: `totp|dev_0123…`, or in a path `totp%7Cdev_0123…`.
    if let Some((kind @ ("dev" | "7Cdev"), id)) = part.split_once('_')
        && is_hex(id)
    {
        return format!("{kind}_[id]");
    }
    let any = |of: fn(&u8) -> bool| part.as_bytes().iter().any(of);
    let capitals = !any(|sign| !sign.is_ascii_uppercase() && !sign.is_ascii_digit());
    let mixed = any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase);
    let shape = match part.len() {
        29 if capitals_in_groups(part) => "[recovery code]",
        36 if is_hex(&part.replace('-', "")) => "[id]",
        32 if is_hex(part) => "[id]",
        32 if capitals => "[seed]",
        24 if capitals => "[recovery code]",
        40.. if mixed => "[opaque]",
        _ => return part.to_owned(),
    };
    shape.to_owned()
}

/// `ABCD-EFGH-…`, as ABP and Aidbox show a recovery code.
fn capitals_in_groups(part: &str) -> bool {
    let capital = |sign: u8| sign.is_ascii_uppercase() || sign.is_ascii_digit();
    part.split('-')
        .all(|group| group.len() == 4 && group.bytes().all(capital))
}

#[test]
fn what_is_made_at_random_is_shown_by_its_shape_and_nothing_else_is() {
    let opaque = "aB".repeat(20);
    for (word, shape) in [
        ("eyJhbGciOiJub25lIn0.e30.c2ln", "[jwt]"),
        ("0123abcd-0123-4123-8123-0123456789ab", "[id]"),
        ("0123456789abcdef0123456789abcdef", "[id]"),
        ("totp|dev_0123456789abcdef0123456789abcdef", "totp|dev_[id]"),
        (
            "totp%7Cdev_0123456789abcdef0123456789abcdef",
            "totp%7Cdev_[id]",
        ),
        ("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "[seed]"),
        ("COUNTERSIGN2RECOVER4DEMO", "[recovery code]"),
        ("COUN-TERS-IGN2-RECO-VER4-DEMO", "[recovery code]"),
        (&*opaque, "[opaque]"),
        ("is2StepVerificationRequired", "is2StepVerificationRequired"),
        (
            "shouldChangePasswordOnNextLogin",
            "shouldChangePasswordOnNextLogin",
        ),
        (
            "insufficient_user_authentication",
            "insufficient_user_authentication",
        ),
        (
            "http://auth0.com/oauth/grant-type/mfa-otp",
            "http://auth0.com/oauth/grant-type/mfa-otp",
        ),
        ("2027-01-15T08:00:00+00:00", "2027-01-15T08:00:00+00:00"),
    ] {
        assert_eq!(by_shape(word), shape);
    }
}
