//! The cookies of the pages. The prefix `__Host-` prevents other hosts of the domain
//! from setting them. No script can read them.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// The session of a signed-in browser.
pub const SESSION: &str = "__Host-countersign";
/// The pending login of a browser that has sent the right password.
pub const LOGIN: &str = "__Host-countersign-login";
/// A random value that binds forms to a browser before the sign-in.
pub const VISITOR: &str = "__Host-countersign-form";

/// The message about the last form, which the next page shows.
pub const SAID: &str = "__Host-countersign-said";
/// Recovery codes that were just made, encrypted.
pub const CODES: &str = "__Host-countersign-codes";
/// The journey on which the browser asked for a message.
pub const JOURNEY: &str = "__Host-countersign-journey";

/// A browser that its user trusts: with the password, the cookie stands in for the second factor.
pub const TRUSTED: &str = "__Host-countersign-trusted";

/// The longest cookie value that is read, in bytes. Tokens have at most 175.
const LONGEST: usize = 256;

/// The longest value of the cookies that hold more than a token, in bytes.
pub const LONGEST_TEXT: usize = 2048;

/// The value of a cookie, if the browser sent the cookie.
pub fn read_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    read_text(headers, name).filter(|value| value.len() <= LONGEST)
}

/// The message about the last form.
pub fn read_to_say(headers: &HeaderMap) -> Option<&str> {
    read_text(headers, SAID)
}

/// The value of a cookie that may hold more than a token.
pub fn read_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.find(|(known, _)| *known == name);
    found
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty() && value.len() <= LONGEST_TEXT)
}

/// Sets a cookie for twelve hours, which is how long a browser stays signed in.
pub fn set_cookie(response: &mut Response, name: &str, value: &str) {
    write(response, name, value, 43_200);
}

/// Sets the cookie of a pending login for ten minutes, which is how long a pending
/// login lives.
pub fn set_for_a_login(response: &mut Response, value: &str) {
    write(response, LOGIN, value, 600);
}

/// Sets the message that the next page shows. The browser asks for that page at once,
/// so a minute is enough.
pub fn set_to_say(response: &mut Response, value: &str) {
    write(response, SAID, value, 60);
}

/// Sets a cookie for this many seconds.
pub fn set_for(response: &mut Response, name: &str, value: &str, seconds: i64) {
    write(response, name, value, seconds);
}

pub fn clear_cookie(response: &mut Response, name: &str) {
    write(response, name, "", 0);
}

fn write(response: &mut Response, name: &str, value: &str, seconds: i64) {
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
