//! `#[operation(…)]`: what the OpenAPI document says of a handler.
//!
//! It is `#[utoipa::path(…)]` without method and path. utoipa demands both, but a handler does
//! not know them: the route's line in `routes.rs` states them, and a handler may serve several
//! routes. So this macro writes a method and a path that `openapi.rs` replaces by the route's.

use proc_macro::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};

/// Documents a handler. The arguments are those of `#[utoipa::path(…)]` besides method and path.
#[proc_macro_attribute]
pub fn operation(arguments: TokenStream, handler: TokenStream) -> TokenStream {
    // These texts are Rust, so the parser takes them.
    let replaced: TokenStream = "post, path = \"/\",".parse().unwrap_or_default();
    let inner = group(Delimiter::Parenthesis, [replaced, arguments]);
    let name: TokenStream = "::utoipa::path".parse().unwrap_or_default();
    let attribute = group(Delimiter::Bracket, [name, inner.into()]);
    let hash = TokenTree::Punct(Punct::new('#', Spacing::Alone));
    [hash, attribute].into_iter().chain(handler).collect()
}

fn group(delimiter: Delimiter, parts: [TokenStream; 2]) -> TokenTree {
    let mut group = Group::new(delimiter, parts.into_iter().collect());
    group.set_span(Span::call_site());
    TokenTree::Group(group)
}
