//! What a credential has to be for, at our own endpoints.

use crate::authorization::client::Client;
use crate::sessions::token_place::TokenPlace;

/// What a credential has to be for.
#[derive(Clone, Copy, Debug)]
pub enum Audience<'a> {
    /// The endpoints of the user's account. A browser's cookie may do there what
    /// an access token for the account may do.
    Account,
    /// Our own pages. Only a browser's cookie is for them.
    Pages,
    /// The MFA endpoints.
    Mfa,
    /// The endpoints in the words of Auth0's My Account API.
    MyAccount,
    /// User information.
    UserInfo,
    /// The account or user information.
    AccountOrUserInfo,
    /// Any audience, in a token that was given to this client. A token of
    /// another client costs no read.
    OfClient(&'a Client),
}

impl Audience<'_> {
    /// Whether a browser's cookie is for this audience.
    pub fn takes_cookies(self) -> bool {
        match self {
            Self::Account | Self::Pages => true,
            Self::Mfa | Self::MyAccount | Self::UserInfo | Self::AccountOrUserInfo => false,
            Self::OfClient(_) => false,
        }
    }

    /// Where an access token that is bound to a key may be shown for this audience.
    pub fn place_of_bound_tokens(self) -> TokenPlace {
        match self {
            Self::Mfa => TokenPlace::HeaderOrBody,
            Self::Account
            | Self::Pages
            | Self::MyAccount
            | Self::UserInfo
            | Self::AccountOrUserInfo => TokenPlace::Header,
            Self::OfClient(_) => TokenPlace::Subject,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_for_the_account_and_the_pages_and_only_a_login_may_be_named_in_a_body() {
        let client = Client::new("app");
        for (audience, cookies, place) in [
            (Audience::Account, true, TokenPlace::Header),
            (Audience::Pages, true, TokenPlace::Header),
            (Audience::Mfa, false, TokenPlace::HeaderOrBody),
            (Audience::MyAccount, false, TokenPlace::Header),
            (Audience::UserInfo, false, TokenPlace::Header),
            (Audience::AccountOrUserInfo, false, TokenPlace::Header),
            (Audience::OfClient(&client), false, TokenPlace::Subject),
        ] {
            assert_eq!(audience.takes_cookies(), cookies, "{audience:?}");
            assert_eq!(audience.place_of_bound_tokens(), place, "{audience:?}");
        }
    }
}
