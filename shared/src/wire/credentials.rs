//! Reads the credentials of a request: client credentials and bearer tokens.

use std::borrow::Cow;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::usecase::authorization::authenticate_client::ClientCredentials;
use crate::usecase::proof_header::{ProofHeader, RequestProof, TokenHeader};
use crate::wire::fields::Fields;

/// The client's credentials. They stand in the body, or in an HTTP Basic header with
/// both parts form-encoded (RFC 6749 2.3.1), but not in both places. An `Authorization`
/// header of another scheme does not authenticate a client, because apps send the
/// user's access token with every call.
///
/// # Errors
/// `ParameterMissing` without a `client_id`. `ClientRejected` for a Basic header that
/// cannot be decoded. `RequestMalformed` if the client is named in both places.
pub fn client_credentials(
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<ClientCredentials, Refusal> {
    let in_body = fields.get("client_id");
    let Some(encoded) = of_scheme(headers, &["Basic"]) else {
        return Ok(ClientCredentials {
            id: in_body
                .ok_or(Refusal::ParameterMissing("client_id"))?
                .to_owned(),
            secret: fields.secret("client_secret").cloned(),
            in_header: false,
        });
    };
    let (id, secret) =
        basic(encoded).ok_or_else(|| Refusal::client_rejected("(unreadable)", true))?;
    let contradicts = in_body.is_some_and(|other| other != id);
    if contradicts || fields.get("client_secret").is_some() {
        return Err(Refusal::RequestMalformed("the client is named twice"));
    }
    Ok(ClientCredentials {
        id,
        secret: (!secret.is_empty()).then(|| Secret::new(secret)),
        in_header: true,
    })
}

/// The access token of the `Authorization` header. The scheme is `Bearer` (RFC 6750
/// 2.1) or `DPoP` (RFC 9449 7.1). react-native-auth0 writes `DPoP` before tokens that
/// are not bound to a key, so `authenticate` accepts such a token under either scheme.
/// For a token that is bound to a key, `authenticate` demands `DPoP` and a proof.
///
/// # Errors
/// `AccessTokenMissing` without such a header. `AccessTokenInvalid` if the token is
/// empty or not UTF-8.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let token = of_scheme(headers, &["Bearer", SCHEME]).ok_or(Refusal::AccessTokenMissing)?;
    std::str::from_utf8(token)
        .ok()
        .filter(|token| !token.is_empty())
        .ok_or(Refusal::AccessTokenInvalid)
}

/// The scheme of a token that is bound to a key (RFC 9449 7.1).
const SCHEME: &str = "DPoP";

/// The request header with the proof of a key (RFC 9449 4.1).
pub const PROOF: HeaderName = HeaderName::from_static("dpop");

/// The proof of a key that a request to this URL with this body shows, if it shows one.
pub fn request_proof(request: &Parts, url: String, body: &[u8]) -> RequestProof {
    let headers = &request.headers;
    let mut proofs = headers.get_all(PROOF).iter();
    let Some(first) = proofs.next() else {
        return RequestProof::default();
    };
    let only = first.to_str().ok().filter(|_| proofs.next().is_none());
    RequestProof::of(ProofHeader {
        text: only.map(str::to_owned),
        method: request.method.as_str().to_owned(),
        url,
        authorization: bearer(headers).ok().map(|token| TokenHeader {
            token: token.to_owned(),
            is_dpop: of_scheme(headers, &[SCHEME]).is_some(),
        }),
        rest: [
            request.uri.to_string().into_bytes(),
            all_of(headers, &AUTHORIZATION),
            all_of(headers, &CONTENT_TYPE),
            body.to_vec(),
        ],
    })
}

/// Every value of this header, with a line end after each.
fn all_of(headers: &HeaderMap, name: &HeaderName) -> Vec<u8> {
    let values = headers.get_all(name).iter();
    let lines = values.flat_map(|value| [value.as_bytes(), b"\n"].concat());
    lines.collect()
}

/// The text after the scheme of the `Authorization` header, if the scheme is one of
/// `schemes` (RFC 9110 11.4). The text may be empty.
fn of_scheme<'a>(headers: &'a HeaderMap, schemes: &[&str]) -> Option<&'a [u8]> {
    let header = headers.get(AUTHORIZATION)?.as_bytes().trim_ascii();
    let end = header.iter().position(u8::is_ascii_whitespace);
    let (given, rest) = header.split_at_checked(end.unwrap_or(header.len()))?;
    let mut known = schemes.iter();
    known
        .any(|scheme| given.eq_ignore_ascii_case(scheme.as_bytes()))
        .then(|| rest.trim_ascii())
}

fn basic(encoded: &[u8]) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

/// Decodes one form-encoded value.
fn form_decoded(text: &str) -> Option<String> {
    // An encoded value cannot contain the separators `&` and `=`.
    if text.contains(['&', '=']) {
        return Some(text.to_owned());
    }
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    Some(
        pairs
            .next()
            .map_or(Cow::Borrowed(""), |(name, _)| name)
            .into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::{AUTHORIZATION, Fields, HeaderMap, Refusal, STANDARD, bearer, client_credentials};
    use base64::Engine;

    fn basic(pair: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let value = format!("Basic {}", STANDARD.encode(pair));
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        headers
    }

    fn read(headers: &HeaderMap, body: &str) -> Result<(String, Option<String>), Refusal> {
        let fields = Fields::from_form(body.as_bytes()).unwrap();
        let read = client_credentials(headers, &fields)?;
        Ok((
            read.id,
            read.secret.map(|secret| secret.expose().to_owned()),
        ))
    }

    #[test]
    fn credentials_come_in_the_body_or_as_basic() {
        let both = Ok(("app".to_owned(), Some("s3cret".to_owned())));
        assert_eq!(
            read(&HeaderMap::new(), "client_id=app&client_secret=s3cret"),
            both
        );
        assert_eq!(read(&basic("app:s3cret"), ""), both);
        assert_eq!(read(&basic("app:s3cret"), "client_id=app"), both);
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let (id, secret) = read(&basic("my%20app:a%3Ab+c%25"), "").unwrap();
        assert_eq!((id.as_str(), secret.as_deref()), ("my app", Some("a:b c%")));
    }

    #[test]
    fn credentials_in_two_places_are_malformed() {
        let twice = Err(Refusal::RequestMalformed("the client is named twice"));
        assert_eq!(
            read(&basic("app:s"), "client_id=app&client_secret=s"),
            twice
        );
        assert_eq!(read(&basic("app:s"), "client_id=other"), twice);
    }

    #[test]
    fn a_public_client_may_send_basic_with_an_empty_secret() {
        assert_eq!(read(&basic("app:"), ""), Ok(("app".to_owned(), None)));
    }

    #[test]
    fn a_bearer_token_is_read_whatever_the_case_of_the_scheme() {
        let mut headers = HeaderMap::new();
        assert_eq!(bearer(&headers), Err(Refusal::AccessTokenMissing));
        headers.insert(AUTHORIZATION, "Bearer".parse().unwrap());
        assert_eq!(bearer(&headers), Err(Refusal::AccessTokenInvalid));
        for header in ["bearer abc", "BEARER  abc ", "DPoP abc", "dpop\tabc"] {
            headers.insert(AUTHORIZATION, header.parse().unwrap());
            assert_eq!(bearer(&headers), Ok("abc"), "{header}");
        }
        for header in ["Basic abc", "Bearerabc abc", "abc", ""] {
            headers.insert(AUTHORIZATION, header.parse().unwrap());
            assert_eq!(
                bearer(&headers),
                Err(Refusal::AccessTokenMissing),
                "{header}"
            );
        }
    }

    #[test]
    fn a_header_that_is_not_basic_authenticates_no_client() {
        let mut headers = HeaderMap::new();
        for header in [
            "Bearer abc",
            "DPoP a.b.c",
            "Bearer",
            "Basically abc",
            "Digest x",
            "",
        ] {
            headers.insert(AUTHORIZATION, header.parse().unwrap());
            let body = "client_id=app&client_secret=s";
            assert_eq!(
                read(&headers, body),
                Ok(("app".to_owned(), Some("s".to_owned()))),
                "{header}"
            );
        }
    }

    #[test]
    fn a_broken_basic_header_is_rejected_whatever_stands_in_the_body() {
        let rejected = Err(Refusal::client_rejected("(unreadable)", true));
        let mut headers = HeaderMap::new();
        for header in [
            "Basic",
            "basic ",
            "BASIC !!!",
            "Basic ZGVtbw==",
            "Basic \u{e9}",
        ] {
            let header = axum::http::HeaderValue::from_bytes(header.as_bytes()).unwrap();
            headers.insert(AUTHORIZATION, header);
            for body in ["", "client_id=app"] {
                assert_eq!(read(&headers, body), rejected, "{headers:?}");
            }
        }
    }
}
