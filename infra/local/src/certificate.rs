//! Makes the certificate for https on this machine: a CA, and one leaf certificate that
//! the CA signs.
//!
//! Phones and browsers must be told to trust the CA, so the CA must be harmless. Its
//! name constraints permit only loopback names, the address that the Android emulator
//! gives its host, and the host of `--listen`. Its private key is dropped after the one signature and
//! never written.

use crate::network::NetworkHost;
use crate::problem::Problem;
use crate::storage::data_directory::write_private;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use time::OffsetDateTime;

/// The CA's certificate in the data folder, which clients must trust.
pub const CA_FILE: &str = "ca.pem";
const SERVER_FILE: &str = "server.pem";
const KEY_FILE: &str = "server.key";

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// The lifetime in seconds. iOS accepts at most 825 days from the first second to the
/// last.
const LIFETIME: i64 = 825 * DAY - HOUR;

/// A new certificate is made if the remaining lifetime is shorter than this.
const RENEW_BEFORE: i64 = 30 * DAY;

/// The names in the leaf certificate. 10.0.2.2 is this machine, seen from Android's
/// emulator.
const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "::1", "10.0.2.2"];

/// The text before the certificate in `server.pem`, outside the PEM block. The last
/// second of the certificate's life follows it.
const EXPIRES: &str = "Expires at ";

/// The text before the host of `--listen`, in the line after that.
const NAMES_TOO: &str = "Names ";

/// The CA's certificate, and the leaf certificate with its key, in PEM.
pub struct Certificate {
    /// The CA's certificate, which clients must trust.
    pub ca_pem: String,
    /// The leaf certificate.
    pub server_pem: String,
    /// When both certificates expire, in seconds since 1970.
    pub expires_at: i64,
    /// The host of `--listen` in the leaf certificate.
    host: Option<String>,
    /// Whether this call made the certificates. Clients that trusted an earlier CA must
    /// then be told again.
    pub made_now: bool,
    key_pem: String,
}

impl Certificate {
    /// The certificate in `directory`. Makes and stores a new one if there is none, if
    /// it is damaged, if it does not name `host`, or if less than 30 days are left at
    /// `now`. `now` is the real time in seconds since 1970, because clients judge by the
    /// real time and not by the service's clock.
    pub fn open(
        directory: &Path,
        now: i64,
        host: Option<&NetworkHost>,
    ) -> Result<Certificate, Problem> {
        let kept = Certificate::read(directory, now);
        let names = |kept: &Certificate| match host {
            Some(host) => kept.host.as_deref() == Some(host.name()),
            None => true,
        };
        if let Some(kept) = kept.filter(names) {
            return Ok(kept);
        }
        let made = Certificate::make(now, host)?;
        made.write(directory).map_err(|error| {
            Problem::new(format!(
                "cannot keep the certificate in {}: {error}",
                directory.display()
            ))
        })?;
        Ok(made)
    }

    /// Makes a CA and a leaf certificate. They are valid from an hour before `now`
    /// (seconds since 1970), for 825 days less an hour. The CA's private key is dropped
    /// at the end of this call.
    pub fn make(now: i64, host: Option<&NetworkHost>) -> Result<Certificate, Problem> {
        let not_made = |error| Problem::new(format!("cannot make a certificate: {error}"));
        let expires_at = now - HOUR + LIFETIME;
        let ca = CertifiedIssuer::self_signed(
            ca(now - HOUR, expires_at, host)?,
            KeyPair::generate().map_err(not_made)?,
        )
        .map_err(not_made)?;
        let key = KeyPair::generate().map_err(not_made)?;
        let server = leaf(now - HOUR, expires_at, host)?
            .signed_by(&key, &ca)
            .map_err(not_made)?;
        Ok(Certificate {
            ca_pem: ca.pem(),
            server_pem: server.pem(),
            expires_at,
            host: host.map(|host| host.name().to_owned()),
            made_now: true,
            key_pem: key.serialize_pem(),
        })
    }

    /// The settings of a TLS server: the leaf certificate and its key, HTTP/1.1, TLS
    /// 1.2 and 1.3.
    pub fn server_config(&self) -> Result<Arc<rustls::ServerConfig>, Problem> {
        let damaged = |error: &dyn fmt::Display| {
            Problem::new(format!("cannot serve the certificate: {error}"))
        };
        let chain = CertificateDer::pem_slice_iter(self.server_pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| damaged(&error))?;
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes())
            .map_err(|error| damaged(&error))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| damaged(&error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// The stored certificate, unless a part of it is missing, damaged or too old.
    fn read(directory: &Path, now: i64) -> Option<Certificate> {
        let read = |name: &str| std::fs::read_to_string(directory.join(name)).ok();
        let server = read(SERVER_FILE)?;
        let (expires_at, rest) = server.strip_prefix(EXPIRES)?.split_once('\n')?;
        let named = rest.strip_prefix(NAMES_TOO);
        let named = named.and_then(|rest| rest.split_once('\n'));
        let (host, server_pem) = match named {
            Some((host, server_pem)) => (Some(host.to_owned()), server_pem),
            None => (None, rest),
        };
        let kept = Certificate {
            ca_pem: read(CA_FILE)?,
            server_pem: server_pem.to_owned(),
            expires_at: expires_at.parse().ok()?,
            host,
            made_now: false,
            key_pem: read(KEY_FILE)?,
        };
        let fresh = (RENEW_BEFORE..=LIFETIME).contains(&(kept.expires_at - now));
        let whole = kept.ca_pem.contains("BEGIN CERTIFICATE") && kept.server_config().is_ok();
        (fresh && whole).then_some(kept)
    }

    /// `server.pem` is deleted first and written last. So if it exists, the other files
    /// belong to it.
    fn write(&self, directory: &Path) -> std::io::Result<()> {
        let server = directory.join(SERVER_FILE);
        match std::fs::remove_file(&server) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        write_private(&directory.join(KEY_FILE), self.key_pem.as_bytes())?;
        std::fs::write(directory.join(CA_FILE), &self.ca_pem)?;
        let named = self.host.as_ref();
        let named = named.map(|host| format!("{NAMES_TOO}{host}\n"));
        std::fs::write(
            server,
            format!(
                "{EXPIRES}{}\n{}{}",
                self.expires_at,
                named.unwrap_or_default(),
                self.server_pem
            ),
        )
    }
}

impl fmt::Debug for Certificate {
    /// Leaves the private key out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("expires_at", &self.expires_at)
            .field("made_now", &self.made_now)
            .finish_non_exhaustive()
    }
}

/// A CA for loopback names and `host` only. rcgen marks name constraints as critical.
fn ca(from: i64, to: i64, host: Option<&NetworkHost>) -> Result<CertificateParams, Problem> {
    let mut params = valid(CertificateParams::default(), from, to)?;
    // The time in the name distinguishes a renewed CA from an old CA in a trust store.
    params.distinguished_name = named(&format!("Countersign local CA {from}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut loopback_v6 = [0; 16];
    loopback_v6[15] = 1;
    let mut permitted = vec![
        GeneralSubtree::DnsName("localhost".to_owned()),
        GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
        GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([10, 0, 2, 2], 32)),
        GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(loopback_v6, 128)),
    ];
    permitted.extend(host.map(just));
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted,
        excluded_subtrees: Vec::new(),
    });
    Ok(params)
}

/// Permits this host.
fn just(host: &NetworkHost) -> GeneralSubtree {
    match host.address() {
        None => GeneralSubtree::DnsName(host.name().to_owned()),
        Some(IpAddr::V4(address)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(address.octets(), 32))
        }
        Some(IpAddr::V6(address)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(address.octets(), 128))
        }
    }
}

fn leaf(from: i64, to: i64, host: Option<&NetworkHost>) -> Result<CertificateParams, Problem> {
    let names = NAMES.into_iter().chain(host.map(NetworkHost::name));
    let names: Vec<String> = names.map(str::to_owned).collect();
    let params = CertificateParams::new(names)
        .map_err(|error| Problem::new(format!("cannot name the certificate: {error}")))?;
    let mut params = valid(params, from, to)?;
    params.distinguished_name = named("localhost");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn valid(params: CertificateParams, from: i64, to: i64) -> Result<CertificateParams, Problem> {
    let at = |seconds| {
        OffsetDateTime::from_unix_timestamp(seconds)
            .map_err(|error| Problem::new(format!("the system's time is impossible: {error}")))
    };
    let mut params = params;
    params.not_before = at(from)?;
    params.not_after = at(to)?;
    Ok(params)
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

#[cfg(test)]
mod tests;
