//! Whose sign-in it is: the names that every message carries.

/// A product's name and web domain. Made by [`Brand::new`], which checks both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// What users call the product, as shown in messages.
    pub product: String,
    /// The app's web domain, in lower case: phones and browsers fill a code from an SMS in only
    /// on this domain, its subdomains and the apps associated with it.
    pub domain: String,
}
