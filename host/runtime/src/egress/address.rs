//! Which addresses may be connected to.
//!
//! The policy belongs to the operator. Nothing that the owner of an account, a connector or a name server says can
//! loosen it. It judges addresses, never names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What the operator allows beyond the public internet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) loopback: bool,
    pub(crate) private: bool,
}

impl Policy {
    /// Whether this address may be connected to.
    pub(crate) fn allows(self, address: IpAddr) -> bool {
        match reach(address) {
            Reach::Public => true,
            Reach::Loopback => self.loopback,
            Reach::Private => self.private,
            Reach::Never => false,
        }
    }
}

/// Whether the address is this machine's own loopback.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    reach(address) == Reach::Loopback
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Public,
    Loopback,
    /// RFC 1918, RFC 6598 (carrier-grade NAT) and RFC 4193 (unique local).
    Private,
    /// Link-local and with it the metadata services of clouds, multicast, documentation, reserved, unspecified.
    Never,
}

fn reach(address: IpAddr) -> Reach {
    match address.to_canonical() {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

/// The IANA IPv4 Special-Purpose Address Registry.
fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        [127, ..] => Reach::Loopback,
        // The metadata service of Alibaba Cloud lies within the shared range, so this comes before it.
        [100, 100, 100, 200]
        | [0 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Reach::Never,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Reach::Private,
        _ => Reach::Public,
    }
}

/// The IANA IPv6 Special-Purpose Address Registry; what is neither there nor global unicast is not reachable.
fn reach_v6(address: Ipv6Addr) -> Reach {
    if address.is_loopback() {
        return Reach::Loopback;
    }
    match address.segments() {
        // IETF protocols with Teredo, documentation, 6to4. The metadata service of Amazon EC2 lies within the unique
        // local range, so this comes before it.
        [0x2001, 0..=0x01ff | 0x0db8, ..]
        | [0x2002, ..]
        | [0x3fff, 0..=0x0fff, ..]
        | [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254] => Reach::Never,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        // Translation to IPv4 (RFC 6052): what counts is where it leads.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            match reach_v4(Ipv4Addr::new(a, b, c, d)) {
                Reach::Public => Reach::Public,
                Reach::Loopback | Reach::Private | Reach::Never => Reach::Never,
            }
        }
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(policy: Policy, address: &str) -> bool {
        policy.allows(address.parse().unwrap())
    }

    const LOOPBACK: [&str; 4] = ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"];
    const PRIVATE: [&str; 6] =
        ["10.0.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1"];
    const NEVER: [&str; 24] = [
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::7f00:1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fe80::1",
        "ff02::1",
        "fd00:ec2::254",
    ];
    const PUBLIC: [&str; 6] =
        ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"];

    #[test]
    fn without_a_word_of_the_operator_only_the_public_internet_is_reachable() {
        let policy = Policy::default();
        assert!(PUBLIC.iter().all(|address| allowed(policy, address)));
        for address in LOOPBACK.iter().chain(&PRIVATE).chain(&NEVER) {
            assert!(!allowed(policy, address), "{address}");
        }
    }

    #[test]
    fn each_word_of_the_operator_opens_one_range() {
        let (loopback, private) =
            (Policy { loopback: true, private: false }, Policy { loopback: false, private: true });
        assert!(LOOPBACK.iter().all(|address| allowed(loopback, address) && !allowed(private, address)));
        assert!(PRIVATE.iter().all(|address| allowed(private, address) && !allowed(loopback, address)));
    }

    #[test]
    fn metadata_services_and_documentation_are_never_reachable() {
        let policy = Policy { loopback: true, private: true };
        for address in NEVER {
            assert!(!allowed(policy, address), "{address}");
        }
    }
}
