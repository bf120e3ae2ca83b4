//! Which addresses are public, in every spelling.
#![allow(clippy::unwrap_used)]

use super::{Reach, is_public_address};
use url::Url;

/// Addresses that no webhook may reach, each for its own reason.
const REFUSED: [&str; 54] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.100.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "3fff:fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "5f00::1",
];

/// Public ones, the nearest neighbours of the refused among them.
const ALLOWED: [&str; 20] = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
];

#[test]
fn private_and_special_addresses_are_not_public() {
    for address in REFUSED {
        assert!(!is_public_address(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn the_addresses_beside_them_are_public() {
    for address in ALLOWED {
        assert!(is_public_address(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn an_address_in_a_url_is_refused_in_every_spelling() {
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "１２７.0.0.1",
        "127%2e0%2e0%2e1",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[fd00:ec2::254]",
        "0",
        "0xa9fea9fe",
        "10.1",
    ] {
        let url = Url::parse(&format!("https://{host}/codes")).unwrap();
        assert!(!Reach::PUBLIC.allows_url(&url), "{host} is {url}");
    }
}

#[test]
fn only_https_is_public() {
    for (url, allowed) in [
        ("https://codes.example.com/", true),
        ("https://1.1.1.1/", true),
        ("http://codes.example.com/", false),
        ("http://1.1.1.1/", false),
        ("ftp://codes.example.com/", false),
        ("data:text/plain,a", false),
    ] {
        let url = Url::parse(url).unwrap();
        assert_eq!(Reach::PUBLIC.allows_url(&url), allowed, "{url}");
    }
}
