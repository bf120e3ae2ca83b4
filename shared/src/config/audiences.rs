//! The audiences of our own endpoints, which come from the issuer.

use super::Config;
use crate::domain::authorization::client::OwnAudiences;

impl Config {
    /// The audiences that a token may get although the request names none.
    pub fn own_audiences(&self) -> OwnAudiences {
        OwnAudiences {
            userinfo: self.userinfo_audience(),
            account: self.account_audience(),
        }
    }

    /// The audiences of every endpoint of ours. They are nobody's API, although clients
    /// list them.
    pub fn own_endpoints(&self) -> [String; 4] {
        [
            self.userinfo_audience(),
            self.account_audience(),
            self.mfa_audience(),
            self.my_account_audience(),
        ]
    }

    /// The audience of the endpoints for users' own accounts.
    pub fn account_audience(&self) -> String {
        format!("{}api/account/", self.issuer)
    }

    /// The audience of our own user information endpoint.
    pub fn userinfo_audience(&self) -> String {
        format!("{}userinfo", self.issuer)
    }

    /// The audience of the endpoints in the words of Auth0's My Account API.
    pub fn my_account_audience(&self) -> String {
        format!("{}me/", self.issuer)
    }

    /// The audience of our own MFA endpoints.
    pub fn mfa_audience(&self) -> String {
        format!("{}mfa/", self.issuer)
    }
}
