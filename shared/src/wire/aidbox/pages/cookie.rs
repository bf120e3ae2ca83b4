//! The cookies of the pages. `__Host-` keeps other hosts of the domain from
//! setting them; none is readable by a script.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// The session of a browser that has signed in.
pub const SESSION: &str = "__Host-countersign";
/// The pending login of a browser that has shown the password.
pub const LOGIN: &str = "__Host-countersign-login";
/// A random value that ties forms to a browser before anybody signs in.
pub const BEFORE: &str = "__Host-countersign-form";

/// What the next page is to say about the form that was sent.
pub const SAID: &str = "__Host-countersign-said";
/// The recovery codes that were just shown, sealed.
pub const CODES: &str = "__Host-countersign-codes";
/// The authorization request that a message was asked for on the way to.
pub const JOURNEY: &str = "__Host-countersign-journey";

/// The longest cookie that is read, in bytes: tokens have 175 at most.
const LONGEST: usize = 256;

/// The longest of those that hold more than a token.
pub const LONGEST_TEXT: usize = 2048;

/// A cookie, if the browser sent it.
pub fn read_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    read_text(headers, name).filter(|value| value.len() <= LONGEST)
}

/// What a page is to say.
pub fn read_to_say(headers: &HeaderMap) -> Option<&str> {
    read_text(headers, SAID)
}

/// A cookie that may hold more than a token.
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

/// Sets a cookie for as long as a browser stays signed in: half a day.
pub fn set(response: &mut Response, name: &str, value: &str) {
    write(response, name, value, 43_200);
}

/// Sets a cookie for as long as a pending login lives.
pub fn set_for_a_login(response: &mut Response, value: &str) {
    write(response, LOGIN, value, 600);
}

/// Sets what the next page is to say; it is asked for at once.
pub fn set_to_say(response: &mut Response, value: &str) {
    write(response, SAID, value, 60);
}

/// Sets a cookie for this many seconds.
pub fn set_for(response: &mut Response, name: &str, value: &str, seconds: u32) {
    write(response, name, value, seconds);
}

/// Takes a cookie away.
pub fn clear(response: &mut Response, name: &str) {
    write(response, name, "", 0);
}

fn write(response: &mut Response, name: &str, value: &str, seconds: u32) {
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
