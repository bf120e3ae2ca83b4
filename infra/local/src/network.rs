//! `--listen ADDRESS`: the address or name at which a phone on the network reaches the
//! service, beside loopback.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use url::Host;

use crate::problem::Problem;

const WANTS: &str = "wants an address of this machine, such as 192.168.1.20, or its name";

/// An address or a name of this machine that the developer has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkHost {
    /// Without the brackets of an IPv6 address, as certificates write hosts.
    name: String,
    address: Option<IpAddr>,
}

impl NetworkHost {
    /// Reads the option's value.
    ///
    /// # Errors
    /// What the option wants. An address that stands for every address is refused,
    /// because a certificate and an issuer need one that others can reach.
    pub fn parse(text: &str) -> Result<NetworkHost, String> {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            if address.is_unspecified() || address.is_multicast() {
                return Err(format!("{WANTS}; {text} is not one address"));
            }
            let own = [[127, 0, 0, 1].into(), IpAddr::V6(1.into())];
            return match own.contains(&address) {
                true => Err(format!("{WANTS}; the service always listens on {text}")),
                false => Ok(NetworkHost {
                    name: address.to_string(),
                    address: Some(address),
                }),
            };
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) if name == "localhost" => {
                Err(format!("{WANTS}; the service always listens on {text}"))
            }
            Ok(Host::Domain(name)) if is_dns_name(&name) => Ok(NetworkHost {
                name,
                address: None,
            }),
            _ => Err(WANTS.to_owned()),
        }
    }

    /// The host as a certificate names it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The host as a URL or the header `Host` names it.
    pub fn in_urls(&self) -> String {
        match self.address {
            Some(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.name.clone(),
        }
    }

    /// The address if the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The addresses to listen on, with port 0. A name is looked up as any program of
    /// this machine looks it up.
    ///
    /// # Errors
    /// One line if the name is unknown, or means this machine's loopback only.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>, Problem> {
        if let Some(address) = self.address {
            return Ok(vec![SocketAddr::new(address, 0)]);
        }
        let name = &self.name;
        let found = (name.as_str(), 0).to_socket_addrs();
        reachable(name, found.map(Iterator::collect))
    }
}

/// The addresses of a name that others can reach.
fn reachable(name: &str, found: io::Result<Vec<SocketAddr>>) -> Result<Vec<SocketAddr>, Problem> {
    let mut addresses = found.map_err(|error| {
        Problem::new(format!(
            "--listen: no address of {name} was found ({error}); give the address itself"
        ))
    })?;
    addresses.retain(|one| !one.ip().is_loopback());
    if addresses.is_empty() {
        return Err(Problem::new(format!(
            "--listen: {name} is loopback on this machine, which no phone reaches; give the \
             address itself"
        )));
    }
    Ok(addresses)
}

/// Whether a certificate can have this name.
fn is_dns_name(name: &str) -> bool {
    let label = |label: &str| {
        let dash = label.starts_with('-') || label.ends_with('-');
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && !dash && label.bytes().all(good)
    };
    name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_a_name_is_taken_and_written_as_urls_and_certificates_do() {
        for (text, name, in_urls) in [
            ("192.168.1.20", "192.168.1.20", "192.168.1.20"),
            ("127.0.0.2", "127.0.0.2", "127.0.0.2"),
            ("fd00:0::0a", "fd00::a", "[fd00::a]"),
            ("[fd00::a]", "fd00::a", "[fd00::a]"),
            ("My-Mac.local", "my-mac.local", "my-mac.local"),
        ] {
            let host = NetworkHost::parse(text).unwrap();
            assert_eq!((host.name(), &*host.in_urls()), (name, in_urls), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_address_that_others_reach_is_refused() {
        for text in [
            "",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "127.0.0.1",
            "::1",
            "localhost",
            "192.168.1.20:8788",
            "https://my-mac.local/",
            "my mac",
            "my_mac.local",
            "-mac.local",
            "mac..local",
        ] {
            assert!(NetworkHost::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn of_a_name_only_the_addresses_that_others_reach_are_listened_on() {
        let at = |address: &str| SocketAddr::new(address.parse().unwrap(), 0);
        let found = vec![at("127.0.1.1"), at("192.168.1.20"), at("::1")];
        let addresses = reachable("my-mac.local", Ok(found)).unwrap();
        assert_eq!(addresses, [at("192.168.1.20")]);
        let loopback = reachable("my-mac", Ok(vec![at("127.0.1.1")])).unwrap_err();
        let line = loopback.to_string();
        assert!(line.starts_with("--listen: my-mac is loopback"), "{line}");
        let unknown = reachable("my-mac", Err(io::Error::other("unknown"))).unwrap_err();
        let line = "--listen: no address of my-mac was found (unknown); give the address itself";
        assert_eq!(unknown.to_string(), line);
    }
}
