//! The words in which a path answers.

use super::kind::AUTH0;
use super::{ROUTES, Route};
use crate::domain::Dialect;
use crate::domain::issuer::Issuer;
use crate::wire::{Shape, Words};

/// How a path words its refusals: as its route does. A path without a route uses the
/// words of the routes around it.
pub fn words_of(path: &str) -> &'static Words {
    let route = ROUTES.iter().find(|route| fits(path, route.path));
    route.map_or_else(|| words_of_unknown(path), |route| route.kind.words)
}

/// Whether a path matches a pattern. `{…}` in the pattern matches any part.
fn fits(path: &str, pattern: &str) -> bool {
    let (mut path, mut pattern) = (path.split('/'), pattern.split('/'));
    loop {
        match (path.next(), pattern.next()) {
            (None, None) => return true,
            (Some(part), Some(known)) if part == known || known.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// The words of a path without a route, from `ROUTES` alone:
///
/// 1. Below the issuer of a dialect, the usual words of that issuer's routes.
/// 2. Otherwise the innermost folder of the path decides that has routes of one
///    dialect only: the usual words of the routes that stand in this very folder. If
///    all routes are in folders below, the usual words of the dialect.
/// 3. Otherwise the words of Auth0, as at the plain issuer.
fn words_of_unknown(path: &str) -> &'static Words {
    let issuer = Issuer::of_path(path);
    if issuer.dialect().is_some() {
        let of_issuer = |route: &&Route| Issuer::of_path(route.path) == issuer;
        return usual(answers().filter(of_issuer)).unwrap_or(AUTH0.words);
    }
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folder = above;
        let inside = |route: &&Route| below(route.path, folder).is_some();
        let mut dialects = answers().filter(inside).map(dialect_of);
        let Some(dialect) = dialects.next() else {
            continue;
        };
        if dialects.any(|another| another != dialect) {
            break;
        }
        let here =
            |route: &&Route| below(route.path, folder).is_some_and(|rest| !rest.contains('/'));
        let of_dialect = |route: &&Route| dialect_of(route) == dialect;
        let words = usual(answers().filter(here)).or_else(|| usual(answers().filter(of_dialect)));
        return words.unwrap_or(AUTH0.words);
    }
    AUTH0.words
}

/// The routes that are not pages. A page answers people, and a path without a page is
/// for programs.
fn answers() -> impl Iterator<Item = &'static Route> {
    let is_page = |route: &&Route| route.kind.words.shape == Shape::AidboxPage;
    ROUTES.iter().filter(move |route| !is_page(route))
}

fn dialect_of(route: &Route) -> Dialect {
    route.kind.words.dialect
}

/// The rest of a path in this folder.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// The words of most of these routes; of the first ones if two are as many.
fn usual(routes: impl Iterator<Item = &'static Route>) -> Option<&'static Words> {
    let mut counts: Vec<(&'static Words, usize)> = Vec::new();
    for words in routes.map(|route| route.kind.words) {
        match counts
            .iter_mut()
            .find(|(known, _)| known.shape == words.shape)
        {
            Some((_, count)) => *count += 1,
            None => counts.push((words, 1)),
        }
    }
    // `max_by_key` gives the last of several, so the first come last.
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map(|(words, _)| words)
}
