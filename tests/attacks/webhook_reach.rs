//! A function's webhook connects only to public addresses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::notify::Reach;
use countersign_local::service::THIS_MACHINE;
use tokio::net::TcpListener;

use crate::dialects::aidbox::factors::webhook::{HOOKED, before, with_hooked_user};
use crate::harness::aidbox::{Receiver, Reply, webhook};
use crate::harness::{Service, logged};

/// Counts the connections that are made to a port of this machine.
async fn watched() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, connections)
}

#[tokio::test]
async fn a_function_connects_to_no_private_address_however_it_is_written() {
    let mut service = Service::start().await;
    with_hooked_user(&service).await;
    let (port, connections) = watched().await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fc00::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "[ff02::1]",
        "255.255.255.255",
    ] {
        let url = format!("https://{host}:{port}/codes");
        let [endpoint] = webhook(&url);
        let timeout = ("COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS", "5000");
        service.take(service.restarted_with_reach(&[endpoint, timeout], Reach::PUBLIC));
        let (answer, lines) = logged(service.aidbox_login(HOOKED, None)).await;
        assert_eq!(answer.status, 503, "{host}: {}", answer.raw);
        assert!(
            format!("{lines:?}").contains("AddressRefused"),
            "{host}: {lines:?}"
        );
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    // If this address is allowed, the webhook connects to it.
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{port}/codes");
        service.take(service.restarted_with_reach(&webhook(&url), THIS_MACHINE));
        service.aidbox_login(HOOKED, None).await;
    }
    assert!(connections.load(Ordering::SeqCst) >= 2);
}

#[tokio::test]
async fn a_function_posts_over_https_only() {
    let receiver = Receiver::start(Reply::Status(200)).await;
    let mut service = before(&receiver).await;
    let everywhere = Reach {
        schemes: Reach::PUBLIC.schemes,
        ..THIS_MACHINE
    };
    service.take(service.restarted_with_reach(&webhook(&receiver.url), everywhere));
    let answer = service.aidbox_login(HOOKED, None).await;
    assert_eq!(answer.status, 503, "{}", answer.raw);
    assert!(receiver.posts().is_empty());
}
