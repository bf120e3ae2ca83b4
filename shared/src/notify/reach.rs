//! Restricts what a webhook may connect to. The operator sets the endpoint's name, but
//! the owner of the name decides which address it resolves to. Without this check, the
//! owner could make a function post to its own Runtime API or to a neighbour in its
//! network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The schemes and addresses that a webhook may connect to.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    pub schemes: &'static [&'static str],
    /// Whether the webhook may connect to an address. Every address that a name
    /// resolves to is checked, and an address in the URL itself too.
    pub allows: fn(IpAddr) -> bool,
}

impl Reach {
    /// Public addresses over https. This is what a function uses.
    pub const PUBLIC: Reach = Reach {
        schemes: &["https"],
        allows: is_public_address,
    };

    /// Whether a URL is allowed by its scheme and, if it has an address instead of a
    /// name, by its address. The URL parser has already normalised the address.
    pub fn allows_url(&self, url: &Url) -> bool {
        let host = match url.host() {
            Some(Host::Ipv4(address)) => (self.allows)(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => (self.allows)(IpAddr::V6(address)),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        host && self.schemes.contains(&url.scheme())
    }
}

/// Whether an address is on the public internet (IANA's special-purpose address
/// registries, RFC 6890). An IPv6 address that contains an IPv4 address is checked as
/// the IPv4 address.
pub fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(address) => is_public_v4(address),
            None => is_public_v6(address),
        },
    }
}

/// The IPv4 address inside a mapped address (RFC 4291 2.5.5.2) or inside the well-known
/// NAT64 prefix (RFC 6052 2.1). In an IPv6-only network, all of IPv4 is reached through
/// NAT64.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = address.segments();
    let mapped = [a, b, c, d, e, f] == [0, 0, 0, 0, 0, 0xffff];
    let translated = [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0];
    let [[w, x], [y, z]] = [high.to_be_bytes(), low.to_be_bytes()];
    (mapped || translated).then(|| Ipv4Addr::new(w, x, y, z))
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    const REFUSED: [(Ipv4Addr, u32); 15] = [
        (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network
        (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
        (Ipv4Addr::new(100, 64, 0, 0), 10),   // behind a provider's NAT
        (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback: the Runtime API
        (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local: the metadata service
        (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
        (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
        (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
        (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
        (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
        (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
        (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
        (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
        (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
        (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
    ];
    let shares = |(network, bits): &(Ipv4Addr, u32)| {
        (address.to_bits() ^ network.to_bits()).leading_zeros() >= *bits
    };
    !REFUSED.iter().any(shares)
}

/// Only 2000::/3 is assigned for the public internet. The other addresses are loopback,
/// unspecified, unique-local, link-local, site-local, multicast, IPv4-compatible, or
/// NAT64 for local use.
fn is_public_v6(address: Ipv6Addr) -> bool {
    const GLOBAL: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    const REFUSED: [(Ipv6Addr, u32); 4] = [
        // IETF protocol assignments, including Teredo.
        (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
        // 6to4, which contains any IPv4 address.
        (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
        // Documentation.
        (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
        (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    ];
    let shares = |(network, bits): &(Ipv6Addr, u32)| {
        (address.to_bits() ^ network.to_bits()).leading_zeros() >= *bits
    };
    shares(&GLOBAL) && !REFUSED.iter().any(shares)
}

#[cfg(test)]
#[path = "reach_tests.rs"]
mod tests;
