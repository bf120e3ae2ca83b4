//! Checks at the start the names that every message contains, so that no message fails
//! later because of them.

use std::error::Error;
use std::fmt;

use super::brand::Brand;
use super::{gsm7, message};

/// Why a [`Brand`] was refused. `Display` gives a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrandProblem {
    /// The product name is empty.
    ProductEmpty,
    /// The product name begins or ends with white space.
    ProductPadded,
    /// The product name has a control character (a line break, a tab).
    ProductControl(char),
    /// The product name has a character that is not in the GSM-7 alphabet.
    ProductNotGsm7(char),
    DomainEmpty,
    /// The domain has a character that no host name has.
    DomainCharacter(char),
    /// The domain is not a host name for the reason in this text.
    DomainShape(&'static str),
    /// With these names, a text message would be longer than one SMS.
    TooLong {
        /// The packed length of the longest SMS with these names, in bytes.
        bytes: usize,
        /// By how many characters (septets) the names together must become shorter.
        shorten_by: usize,
    },
}

impl Brand {
    /// Checks the product's name (GSM-7 characters) and the app's web domain (a host
    /// name, with international names in their `xn--` form). Converts the domain to
    /// lower case.
    ///
    /// # Errors
    /// A [`BrandProblem`] in these cases: a name is empty, a name has a control
    /// character or a character outside GSM-7, the domain is not a host name, or the
    /// longest text message with a code is longer than 140 bytes.
    pub fn new(
        product: impl Into<String>,
        domain: impl Into<String>,
    ) -> Result<Brand, BrandProblem> {
        let brand = Brand {
            product: product.into(),
            domain: domain.into().to_ascii_lowercase(),
        };
        check_product(&brand.product)?;
        check_domain(&brand.domain)?;
        check_length(&brand)?;
        Ok(brand)
    }
}

fn check_product(product: &str) -> Result<(), BrandProblem> {
    if product.trim().is_empty() {
        return Err(BrandProblem::ProductEmpty);
    }
    if let Some(c) = product.chars().find(|c| c.is_control()) {
        return Err(BrandProblem::ProductControl(c));
    }
    if let Some(c) = product.chars().find(|c| gsm7::septets_of(*c).is_none()) {
        return Err(BrandProblem::ProductNotGsm7(c));
    }
    if product.trim() != product {
        return Err(BrandProblem::ProductPadded);
    }
    Ok(())
}

/// Checks that the domain is a host name (RFC 1123 2.1). A single label, such as
/// `localhost`, is allowed.
fn check_domain(domain: &str) -> Result<(), BrandProblem> {
    use BrandProblem::DomainShape;
    if domain.is_empty() {
        return Err(BrandProblem::DomainEmpty);
    }
    if let Some(c) = domain
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'))
    {
        return Err(BrandProblem::DomainCharacter(c));
    }
    if domain.len() > 253 {
        return Err(DomainShape("it is longer than 253 characters"));
    }
    for label in domain.split('.') {
        if label.is_empty() {
            return Err(DomainShape("it has a dot too many"));
        }
        if label.len() > 63 {
            return Err(DomainShape("a part of it is longer than 63 characters"));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(DomainShape("a part of it begins or ends with a hyphen"));
        }
    }
    let last = domain.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DomainShape(
            "its last part is a number, as in an IP address",
        ));
    }
    Ok(())
}

fn check_length(brand: &Brand) -> Result<(), BrandProblem> {
    let longest = message::longest_sign_in_code_sms(brand);
    // Both names are checked above, and the other words are ours. So every character is
    // in the alphabet.
    let septets = gsm7::septets(&longest).unwrap_or(usize::MAX / 7);
    let bytes = gsm7::packed_bytes(septets);
    if bytes > gsm7::SMS_BYTES {
        return Err(BrandProblem::TooLong {
            bytes,
            shorten_by: septets - gsm7::SMS_BYTES * 8 / 7,
        });
    }
    Ok(())
}

impl fmt::Display for BrandProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BrandProblem::ProductEmpty => write!(f, "the product name is empty"),
            BrandProblem::ProductPadded => {
                write!(f, "the product name begins or ends with a space")
            }
            BrandProblem::ProductControl(c) => write!(
                f,
                "the product name has a control character (U+{:04X}), such as a line break or a tab",
                u32::from(*c)
            ),
            BrandProblem::ProductNotGsm7(c) => write!(
                f,
                "the product name has the character {c:?} (U+{:04X}), which is not in the GSM-7 \
                 alphabet of SMS: write the name without it",
                u32::from(*c)
            ),
            BrandProblem::DomainEmpty => write!(f, "the domain is empty"),
            BrandProblem::DomainCharacter(c) => write!(
                f,
                "the domain has the character {c:?}: it must be a bare host name such as \
                 app.example.com, without scheme, port or path, an international one in its \
                 xn-- form"
            ),
            BrandProblem::DomainShape(why) => {
                write!(f, "the domain does not look like a host name: {why}")
            }
            BrandProblem::TooLong { bytes, shorten_by } => write!(
                f,
                "with this product name and domain an SMS takes {bytes} bytes, and a single one \
                 holds {}: shorten the two together by {shorten_by} or more GSM-7 characters",
                gsm7::SMS_BYTES
            ),
        }
    }
}

impl Error for BrandProblem {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_brand_is_taken_and_its_domain_lowered() {
        let brand = Brand::new("Señor Example & Co", "App.Example.COM").unwrap();
        assert_eq!(brand.product, "Señor Example & Co");
        assert_eq!(brand.domain, "app.example.com");
        Brand::new("Example", "localhost").unwrap();
        Brand::new("1&1", "xn--bcher-kva.example").unwrap();
    }

    #[test]
    fn what_is_wrong_is_said_in_plain_words() {
        for (product, domain, says) in [
            ("", "example.com", "the product name is empty"),
            (" ", "example.com", "the product name is empty"),
            ("Acme ", "example.com", "begins or ends with a space"),
            ("A\nB", "example.com", "control character (U+000A)"),
            ("A\u{7f}B", "example.com", "control character (U+007F)"),
            ("Acme\n", "example.com", "control character (U+000A)"),
            ("Złoty", "example.com", "the character 'ł' (U+0142)"),
            ("Acme™", "example.com", "the character '™' (U+2122)"),
            ("Acme", "", "the domain is empty"),
            ("Acme", "https://example.com", "the character ':'"),
            ("Acme", "example.com/login", "the character '/'"),
            ("Acme", "example.com:443", "the character ':'"),
            ("Acme", "a\nb.com", "the character '\\n'"),
            ("Acme", "bücher.example", "the character 'ü'"),
            ("Acme", "my_app.example", "the character '_'"),
            ("Acme", "example.com.", "a dot too many"),
            ("Acme", "a..b", "a dot too many"),
            ("Acme", "-a.com", "a hyphen"),
            ("Acme", "a-.com", "a hyphen"),
            ("Acme", "127.0.0.1", "as in an IP address"),
        ] {
            let said = Brand::new(product, domain).unwrap_err().to_string();
            assert!(said.contains(says), "{product:?} {domain:?}: {said}");
        }
        let label = "a".repeat(64);
        let said = Brand::new("Acme", label).unwrap_err().to_string();
        assert!(said.contains("63 characters"), "{said}");
        let said = Brand::new("Acme", "a.".repeat(127) + "com").unwrap_err();
        assert!(said.to_string().contains("253 characters"), "{said}");
    }

    #[test]
    fn names_are_refused_at_the_first_septet_over_one_sms() {
        let domain = "example.com";
        let room = (1..160)
            .take_while(|n| Brand::new("x".repeat(*n), domain).is_ok())
            .count();
        let fits = Brand::new("x".repeat(room), domain).unwrap();
        let longest = message::longest_sign_in_code_sms(&fits);
        assert_eq!(gsm7::septets(&longest), Some(160));

        assert_eq!(
            Brand::new("x".repeat(room + 3), domain),
            Err(BrandProblem::TooLong {
                bytes: 143,
                shorten_by: 3
            })
        );
        let said = Brand::new("€".repeat(room), domain).unwrap_err();
        let over = room; // A euro sign takes two septets.
        assert_eq!(
            said.to_string(),
            format!(
                "with this product name and domain an SMS takes {} bytes, and a single one holds \
                 140: shorten the two together by {over} or more GSM-7 characters",
                gsm7::packed_bytes(160 + over)
            )
        );
    }
}
