//! How long the certificate lives, when it is made anew, and what clients make of it.

use super::*;
use crate::storage::scratch_directory::ScratchDirectory;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{ServerName, UnixTime};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const NOW: i64 = 1_800_000_000;

#[test]
fn it_lives_no_longer_than_ios_allows() {
    let made = Certificate::make(NOW, None).unwrap();
    let first_second = NOW - HOUR;
    assert!(made.expires_at - first_second < 825 * DAY);
    assert!(made.expires_at - NOW > 824 * DAY);
    assert!(made.server_config().is_ok());
}

#[test]
fn a_second_start_keeps_it_until_30_days_before_its_end() {
    let scratch = ScratchDirectory::new();
    let first = Certificate::open(scratch.path(), NOW, None).unwrap();
    let last_day = first.expires_at - RENEW_BEFORE;
    let kept = Certificate::open(scratch.path(), last_day, None).unwrap();
    assert!(first.made_now && !kept.made_now);
    assert_eq!(first.ca_pem, kept.ca_pem);
    assert_eq!(first.server_pem, kept.server_pem);

    let renewed = Certificate::open(scratch.path(), last_day + 1, None).unwrap();
    assert!(renewed.made_now);
    assert_ne!(renewed.ca_pem, first.ca_pem);
    assert!(
        !Certificate::open(scratch.path(), last_day + 2, None)
            .unwrap()
            .made_now
    );
}

#[test]
fn what_is_missing_or_damaged_is_made_anew() {
    let scratch = ScratchDirectory::new();
    for name in [CA_FILE, SERVER_FILE, KEY_FILE] {
        Certificate::open(scratch.path(), NOW, None).unwrap();
        std::fs::write(scratch.path().join(name), "garbage").unwrap();
        assert!(
            Certificate::open(scratch.path(), NOW, None)
                .unwrap()
                .made_now,
            "{name}"
        );
        std::fs::remove_file(scratch.path().join(name)).unwrap();
        assert!(
            Certificate::open(scratch.path(), NOW, None)
                .unwrap()
                .made_now,
            "{name}"
        );
        assert!(
            !Certificate::open(scratch.path(), NOW, None)
                .unwrap()
                .made_now,
            "{name}"
        );
    }
}

#[test]
fn a_key_that_is_not_the_certificates_is_noticed() {
    let scratch = ScratchDirectory::new();
    Certificate::open(scratch.path(), NOW, None).unwrap();
    let other = Certificate::make(NOW, None).unwrap();
    std::fs::write(scratch.path().join(KEY_FILE), other.key_pem).unwrap();
    assert!(
        Certificate::open(scratch.path(), NOW, None)
            .unwrap()
            .made_now
    );
}

#[test]
fn only_the_leafs_key_is_on_disk_and_only_for_its_owner() {
    let scratch = ScratchDirectory::new();
    Certificate::open(scratch.path(), NOW, None).unwrap();
    let mut with_key = Vec::new();
    for entry in std::fs::read_dir(scratch.path()).unwrap() {
        let path = entry.unwrap().path();
        if std::fs::read_to_string(&path)
            .unwrap()
            .contains("PRIVATE KEY")
        {
            with_key.push(path);
        }
    }
    assert_eq!(with_key, [scratch.path().join(KEY_FILE)]);
    let mode = std::fs::metadata(&with_key[0])
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// Whether a client that trusts `ca_pem` takes `server_pem` for `name` at `at`.
fn accepted(ca_pem: &str, server_pem: &str, name: &str, at: i64) -> bool {
    let parse = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(parse(ca_pem)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at.try_into().unwrap()));
    client
        .verify_server_cert(&parse(server_pem), &[], &name, &[], at)
        .is_ok()
}

#[test]
fn a_client_that_trusts_the_ca_accepts_the_local_names_and_no_others() {
    let made = Certificate::make(NOW, None).unwrap();
    for name in NAMES {
        for at in [NOW, NOW - HOUR, made.expires_at] {
            assert!(accepted(&made.ca_pem, &made.server_pem, name, at), "{name}");
        }
        assert!(!accepted(
            &made.ca_pem,
            &made.server_pem,
            name,
            made.expires_at + 1
        ));
    }
    for name in ["example.com", "127.0.0.2", "10.0.2.3"] {
        assert!(
            !accepted(&made.ca_pem, &made.server_pem, name, NOW),
            "{name}"
        );
    }
    let other = Certificate::make(NOW, None).unwrap();
    assert!(!accepted(&other.ca_pem, &made.server_pem, "localhost", NOW));
}

#[test]
fn the_host_that_a_phone_reaches_is_in_the_certificate_and_no_other() {
    for (host, others) in [
        ("192.168.1.20", ["192.168.1.21", "my-mac.local"]),
        ("fd00::a", ["fd00::b", "192.168.1.20"]),
        ("my-mac.local", ["your-mac.local", "192.168.1.20"]),
    ] {
        let named = NetworkHost::parse(host).unwrap();
        let made = Certificate::make(NOW, Some(&named)).unwrap();
        let accepted = |name: &str| accepted(&made.ca_pem, &made.server_pem, name, NOW);
        for name in NAMES.into_iter().chain([host]) {
            assert!(accepted(name), "{name}");
        }
        for name in others {
            assert!(!accepted(name), "{name}");
        }
    }
}

#[test]
fn another_host_makes_another_certificate_and_no_host_keeps_the_one_that_is_there() {
    let scratch = ScratchDirectory::new();
    let open = |host: Option<&str>| {
        let host = host.map(|host| NetworkHost::parse(host).unwrap());
        Certificate::open(scratch.path(), NOW, host.as_ref()).unwrap()
    };
    for (host, made_now) in [
        (None, true),
        (Some("192.168.1.20"), true),
        (Some("192.168.1.20"), false),
        (None, false),
        (Some("192.168.1.20"), false),
        (Some("my-mac.local"), true),
    ] {
        assert_eq!(open(host).made_now, made_now, "{host:?}");
    }
}

/// The program discards the authority's private key. This test keeps the private key of
/// an authority of its own, in order to sign other names with that key.
#[test]
fn even_with_its_key_the_ca_vouches_for_no_other_name() {
    let key = KeyPair::generate().unwrap();
    let ca = CertifiedIssuer::self_signed(ca(NOW, NOW + DAY, None).unwrap(), key).unwrap();
    for (name, wanted) in [
        ("localhost", true),
        ("127.1.2.3", true),
        ("::1", true),
        ("10.0.2.2", true),
        ("example.com", false),
        ("localhost.example.com", false),
        ("10.0.2.3", false),
        ("192.168.0.1", false),
        ("::2", false),
    ] {
        let mut params = leaf(NOW, NOW + DAY, None).unwrap();
        params.subject_alt_names = CertificateParams::new([name.to_owned()])
            .unwrap()
            .subject_alt_names;
        let signed = params
            .signed_by(&KeyPair::generate().unwrap(), &ca)
            .unwrap();
        assert_eq!(
            accepted(&ca.pem(), &signed.pem(), name, NOW),
            wanted,
            "{name}"
        );
    }
}
