//! What an app says of a sign-out.

use crate::refusal::Refusal;

#[derive(Clone, Copy, Debug, Default)]
pub struct SignOutRequest<'a> {
    /// The client, if the request names it.
    pub client: Option<&'a str>,
    /// Where the browser goes afterwards.
    pub return_to: Option<&'a str>,
    /// An id token of the user who signs out.
    pub id_token_hint: Option<&'a str>,
}

impl<'a> SignOutRequest<'a> {
    /// The client whose return address is asked for, and the address. `hinted` is the client
    /// of the id token, which stands for a client that the request does not name. `None` if
    /// the browser goes nowhere.
    ///
    /// # Errors
    /// `RequestMalformed` for an id token of another client; `ParameterMissing` for a return
    /// address without a client.
    pub fn returns_to(
        &self,
        hinted: Option<&'a str>,
    ) -> Result<Option<(&'a str, &'a str)>, Refusal> {
        if let (Some(hinted), Some(client)) = (hinted, self.client)
            && hinted != client
        {
            return Err(Refusal::RequestMalformed(
                "id_token_hint is of another client",
            ));
        }
        let Some(uri) = self.return_to else {
            return Ok(None);
        };
        let client = self.client.or(hinted);
        let client = client.ok_or(Refusal::ParameterMissing("client_id"))?;
        Ok(Some((client, uri)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_of_the_id_token_stands_for_a_client_that_is_not_named() {
        let other = Err(Refusal::RequestMalformed(
            "id_token_hint is of another client",
        ));
        let missing = Err(Refusal::ParameterMissing("client_id"));
        let (app, back) = (Some("app"), Some("https://app.example.com/"));
        let to_app = Ok(Some(("app", "https://app.example.com/")));
        for (client, return_to, hinted, expected) in [
            (None, None, None, Ok(None)),
            (app, None, app, Ok(None)),
            (app, back, None, to_app.clone()),
            (None, back, app, to_app.clone()),
            (app, back, app, to_app),
            (None, back, None, missing),
            (app, None, Some("other"), other.clone()),
            (app, back, Some("other"), other),
        ] {
            let asked = SignOutRequest {
                client,
                return_to,
                id_token_hint: None,
            };
            assert_eq!(asked.returns_to(hinted), expected, "{client:?} {hinted:?}");
        }
    }
}
