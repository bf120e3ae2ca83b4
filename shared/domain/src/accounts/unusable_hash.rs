//! A stored password hash that cannot be computed here.

/// A stored hash that cannot be computed here. The text says why, without the
/// hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnusableHash(pub &'static str);
