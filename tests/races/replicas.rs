//! Two regions with a global table. A condition holds in one region, because each replica
//! checks its own items. docs/scale.md has the rule that follows: one region writes, and a
//! failover waits until what was spent has expired.

use crate::harness::Service;

/// How long a failover waits: a step of 30 seconds is accepted until the next step ends.
const FAILOVER_WAIT: i64 = 60;

#[tokio::test]
async fn two_regions_that_both_write_accept_a_step_twice_so_only_one_region_may_write() {
    let first = Service::start().await;
    let (here, there) = (first.begin().await, first.begin().await);
    let second = first.other_region().await;
    first.replicate_to(&second).await;
    let code = first.totp();
    assert_eq!(first.redeem_otp(&here, &code).await.status, 200);
    let again = second.redeem_otp(&there, &code).await;
    assert_eq!(again.status, 200, "{}", again.raw);
}

#[tokio::test]
async fn a_step_that_was_spent_and_replicated_is_refused_in_the_other_region() {
    let first = Service::start().await;
    let (here, there) = (first.begin().await, first.begin().await);
    let second = first.other_region().await;
    let code = first.totp();
    assert_eq!(first.redeem_otp(&here, &code).await.status, 200);
    first.replicate_to(&second).await;
    let again = second.redeem_otp(&there, &code).await;
    assert_eq!(again.status, 403, "{}", again.raw);
}

#[tokio::test]
async fn after_a_failover_that_waits_a_step_is_accepted_once_even_if_its_write_was_lost() {
    let first = Service::start().await;
    let (here, there) = (first.begin().await, first.begin().await);
    let second = first.other_region().await;
    first.replicate_to(&second).await;
    let code = first.totp();
    assert_eq!(first.redeem_otp(&here, &code).await.status, 200);
    // The region is lost before this write was replicated.
    second.advance(FAILOVER_WAIT);
    let again = second.redeem_otp(&there, &code).await;
    assert_eq!(again.status, 403, "{}", again.raw);
    let next = second.redeem_otp(&there, &second.totp()).await;
    assert_eq!(next.status, 200, "{}", next.raw);
}
