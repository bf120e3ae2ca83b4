//! What a data key is for.

/// What a data key is for. KMS opens the key only under an encryption context
/// that names the purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Codes and opaque tokens.
    Tokens,
    /// TOTP seeds.
    Seeds,
    /// The private keys that sign JWTs.
    Signing,
}

impl Purpose {
    /// The name in the table and in KMS's encryption context.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Seeds => "seeds",
            Self::Signing => "signing",
        }
    }

    /// The purpose of that name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = [Self::Tokens, Self::Seeds, Self::Signing].into_iter();
        all.find(|purpose| purpose.name() == name)
    }
}
