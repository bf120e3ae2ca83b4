//! The context of a request has its client and its keys. So no step authenticates the
//! client or fetches the keys a second time.

use crate::tidy::source::{code, sources};

/// The use cases that run in a request.
fn use_cases_of_requests() -> Vec<(String, String)> {
    let outside = ["/keys/", "/administration/", "/request_keys.rs"];
    let of_request = |path: &str| !outside.iter().any(|part| path.contains(part));
    let all = sources("shared/src/usecase").into_iter();
    all.filter(|(path, _)| of_request(path)).collect()
}

#[test]
fn a_request_fetches_the_keys_by_its_context_alone() {
    let mut fetches = 0;
    for (path, text) in use_cases_of_requests() {
        let code: String = code(&text).split_whitespace().collect();
        assert!(
            !code.contains("keyring.current_ring(") && !code.contains("keyring.open_or_reread("),
            "{path} fetches keys beside those of the request"
        );
        fetches += code.matches("context.ring()").count();
    }
    assert!(fetches > 20, "{fetches}");
}

#[test]
fn one_file_authenticates_clients_and_every_later_step_takes_the_client_from_the_context() {
    // An authorization request sends no client secret. The service checks its redirect
    // URI instead.
    let by_redirect_uri = "shared/src/usecase/authorization/authorize.rs";
    let mut read = 0;
    for (path, text) in use_cases_of_requests() {
        read += 1;
        let code: String = code(&text).split_whitespace().collect();
        let takes = code.contains("client:&Client") || code.contains("client:&'aClient");
        let makes_tokens = path.ends_with("sessions/issue_tokens.rs");
        assert!(
            !takes || makes_tokens || path == by_redirect_uri,
            "{path} takes a client beside the context"
        );
        let makes_context = code.contains("ClientContext::new(");
        let authenticates = path.ends_with("authorization/authenticate_client.rs");
        assert!(makes_context == authenticates, "{path}");
    }
    assert!(read > 40, "{read}");
}
