//! Exchanges of one authorization code at the same moment.

use futures_util::future::join_all;

use crate::dialects::aidbox::authorization::authorize::{VERIFIER, code, exchange};
use crate::harness::Service;
use crate::harness::browser::Browser;

#[tokio::test]
async fn of_twenty_exchanges_at_once_one_is_made_at_most() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let code = code(&browser).await;
    let all = (0..20).map(|_| exchange(&service, &code, &[("code_verifier", VERIFIER)]));
    let all = join_all(all).await;
    let done = all.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
    all.iter()
        .filter(|answer| answer.status != 200)
        .for_each(|answer| answer.is_refused(400, "invalid_grant", "Wrong code"));
}
