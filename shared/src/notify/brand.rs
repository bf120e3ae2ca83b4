//! The names that every message contains.

/// A product's name and web domain. [`Brand::new`] checks both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The product's name in messages.
    pub product: String,
    /// The app's web domain, in lower case. Phones and browsers fill in a code from a
    /// text message only on this domain, on its subdomains, and in the apps that are
    /// associated with the domain.
    pub domain: String,
}
