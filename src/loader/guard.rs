//! Which hosts this server may ask, by name and by address.
//!
//! Names are judged before anything is asked. Addresses are judged where they come out of name resolution, and the
//! connection goes to a judged address: a name that changes its mind between two answers gains nothing.

use super::SetupError;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use regex::Regex;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The rules of `ALLOWED_SOURCES` and `ALLOW_PRIVATE_SOURCES`. Clones share them.
#[derive(Clone, Debug)]
pub struct Guard {
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    hosts: Vec<HostRule>,
    private: Vec<IpNet>,
}

/// One entry of `ALLOWED_SOURCES`.
#[derive(Debug)]
enum HostRule {
    Exact(String),
    Pattern(Regex),
}

/// Which rule refuses a host.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// There is a list of hosts, and it is not on it.
    #[error("it is not in ALLOWED_SOURCES")]
    NotListed,
    /// It has no address on the public internet.
    #[error("its address is private and not in ALLOW_PRIVATE_SOURCES")]
    PrivateAddress,
    /// It is to be asked by another protocol than HTTP.
    #[error("only http and https are spoken")]
    Scheme,
}

impl Guard {
    /// `hosts` as in `ALLOWED_SOURCES`: names, or regular expressions where they hold any of `\^$*+?{}[]()|`, matched
    /// against the whole lower-case name; none = all. `private` are networks that may be asked although private.
    ///
    /// # Errors
    /// [`SetupError::Pattern`] for an entry that looks like a regular expression and is none.
    pub fn new(hosts: &[String], private: &[IpNet]) -> Result<Self, SetupError> {
        let hosts = hosts.iter().map(|entry| HostRule::new(entry)).collect::<Result<_, _>>()?;
        Ok(Self { rules: Arc::new(Rules { hosts, private: private.to_vec() }) })
    }

    /// Judges what the URL shows: its scheme, its host's name, and its address if it is one.
    ///
    /// # Errors
    /// [`Refusal`]. A name that passes may still resolve to refused addresses.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        let Some(host) = url.host_str() else { return Err(Refusal::NotListed) };
        let hosts = &self.rules.hosts;
        if !hosts.is_empty() && !hosts.iter().any(|rule| rule.admits(host)) {
            return Err(Refusal::NotListed);
        }
        match address_of(host) {
            Some(address) if !self.admits(address) => Err(Refusal::PrivateAddress),
            _ => Ok(()),
        }
    }

    /// Whether a connection may go to this address.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = embedded(address).map_or(address, IpAddr::V4);
        is_public(address) || self.rules.private.iter().any(|network| network.contains(&address))
    }
}

impl HostRule {
    fn new(entry: &str) -> Result<Self, SetupError> {
        if !entry.contains(|c| r"\^$*+?{}[]()|".contains(c)) {
            return Ok(Self::Exact(entry.to_lowercase()));
        }
        match Regex::new(&format!("^(?:{entry})$")) {
            Ok(pattern) => Ok(Self::Pattern(pattern)),
            Err(source) => Err(SetupError::Pattern { entry: entry.to_owned(), source }),
        }
    }

    /// `host` is lower-case, as [`Url`] gives it.
    fn admits(&self, host: &str) -> bool {
        match self {
            Self::Exact(name) => name == host,
            Self::Pattern(pattern) => pattern.is_match(host),
        }
    }
}

/// The address that a URL's host is, if it is no name. [`Url`] has already turned octal, hexadecimal and short forms
/// into dotted ones, and IPv6 stands in brackets.
fn address_of(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => v6.parse().ok().map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    }
}

/// Resolves names as the system does and leaves only admitted addresses.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = if is_loopback_name(name.as_str()) {
                LOOPBACK.map(|address| SocketAddr::new(address, 0)).to_vec()
            } else {
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect()
            };
            let admitted: Vec<SocketAddr> = found.into_iter().filter(|found| guard.admits(found.ip())).collect();
            if admitted.is_empty() {
                return Err(Refusal::PrivateAddress.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// What the names of this machine stand for.
const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// `localhost` and names below it never leave this machine, whatever a resolver might say (RFC 6761, 6.3).
fn is_loopback_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rules.hosts.len() {
            0 => f.write_str("all public hosts"),
            count => write!(f, "{count} allowed hosts"),
        }
    }
}

/// IPv4 networks of the IANA special-purpose registry that are not globally reachable, multicast, what is reserved,
/// and the one public address that a cloud answers on with its metadata.
const SPECIAL_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The part of IPv6 that is assigned to the public internet.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What within [`GLOBAL_V6`] is not: protocol assignments with Teredo, documentation, 6to4.
const SPECIAL_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether the address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !SPECIAL_V4.iter().any(|&(network, len)| Ipv4Net::new_assert(network, len).contains(&v4)),
        IpAddr::V6(v6) => {
            let within = |&(network, len): &(Ipv6Addr, u8)| Ipv6Net::new_assert(network, len).contains(&v6);
            within(&GLOBAL_V6) && !SPECIAL_V6.iter().any(within) && !is_isatap(v6)
        }
    }
}

/// The IPv4 address that traffic for an IPv6 address ends at: mapped (`::ffff:0:0/96`) and the well-known NAT64
/// prefix (`64:ff9b::/96`), which networks without IPv4 use for every host that has no IPv6.
fn embedded(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(v6) = address else { return None };
    match v6.octets() {
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] => Some(Ipv4Addr::new(a, b, c, d)),
        _ => v6.to_ipv4_mapped(),
    }
}

/// Whether the address tunnels to an IPv4 one by ISATAP.
fn is_isatap(v6: Ipv6Addr) -> bool {
    matches!(v6.segments(), [_, _, _, _, 0 | 0x200, 0x5efe, _, _])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(hosts: &[&str], private: &[&str]) -> Guard {
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        let private: Vec<IpNet> = private.iter().map(|network| network.parse().unwrap()).collect();
        Guard::new(&hosts, &private).unwrap()
    }

    fn judge(guard: &Guard, url: &str) -> Result<(), Refusal> {
        guard.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn addresses_that_are_not_public_are_refused_in_every_spelling() {
        let guard = guard(&[], &[]);
        let hosts = "127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 \
            017700000001 127.0.0.1. %31%32%37.0.0.1 １２７.0.0.1 127。0。0。1 0.0.0.0 0 0x0 0.1.2.3 10.0.0.1 \
            10.255.255.255 012.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 3232235521 100.64.0.1 100.127.255.255 \
            100.100.100.200 169.254.169.254 169.254.0.1 2852039166 0xa9fea9fe 0251.0376.0251.0376 168.63.129.16 \
            192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 \
            239.255.255.255 240.0.0.1 255.255.255.255 4294967295 [::1] [0:0:0:0:0:0:0:1] [::] [::127.0.0.1] \
            [::10.0.0.1] [::8.8.8.8] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] \
            [::ffff:169.254.169.254] [::ffff:10.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] \
            [64:ff9b::a9fe:a9fe] [64:ff9b:1::127.0.0.1] [64:ff9b:1::8.8.8.8] [2002:7f00:1::] [2002:a9fe:a9fe::1] \
            [2001:0:7f00:1::] [2001::1] [2001:db8::1] [3fff::1] [100::1] [fc00::1] [fd00:ec2::254] [fdff::1] \
            [fe80::1] [febf::1] [fec0::1] [ff02::1] [ff0e::1] [4000::1] [5f00::1] [2a00:1450::5efe:127.0.0.1] \
            [2a00:1450::200:5efe:10.0.0.1]";
        for host in hosts.split_whitespace() {
            assert_eq!(judge(&guard, &format!("http://{host}/x.jpg")), Err(Refusal::PrivateAddress), "{host}");
            assert_eq!(judge(&guard, &format!("https://{host}:8443/x")), Err(Refusal::PrivateAddress), "{host}");
        }
    }

    #[test]
    fn public_addresses_and_names_pass() {
        let guard = guard(&[], &[]);
        let hosts = "8.8.8.8 1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.0.0.1 128.0.0.1 169.253.0.1 \
            172.15.0.1 172.32.0.1 192.0.1.1 192.167.0.1 198.17.0.1 223.255.255.255 168.63.129.17 134744072 \
            [2001:4860:4860::8888] [2606:4700::1111] [2a00:1450::1] [::ffff:8.8.8.8] [64:ff9b::8.8.8.8] \
            example.com localhost";
        for host in hosts.split_whitespace() {
            assert_eq!(judge(&guard, &format!("http://{host}/x.jpg")), Ok(()), "{host}");
        }
    }

    #[test]
    fn private_networks_open_one_by_one() {
        let guard = guard(&[], &["127.0.0.0/8", "10.1.0.0/16", "fd00::/8", "192.168.7.7/32"]);
        for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "10.1.2.3", "[fd00::1]", "192.168.7.7", "[64:ff9b::10.1.0.1]"] {
            assert_eq!(judge(&guard, &format!("http://{host}/")), Ok(()), "{host}");
        }
        for host in ["10.2.0.1", "[::1]", "[fc00::1]", "192.168.7.8", "169.254.169.254"] {
            assert_eq!(judge(&guard, &format!("http://{host}/")), Err(Refusal::PrivateAddress), "{host}");
        }
    }

    #[test]
    fn only_http_is_spoken() {
        for url in ["ftp://example.com/a", "file:///etc/passwd", "gopher://example.com/", "data:image/png,x"] {
            assert_eq!(judge(&guard(&[], &[]), url), Err(Refusal::Scheme), "{url}");
        }
    }

    #[test]
    fn the_list_of_hosts_means_what_it_says() {
        let guard = guard(&["Example.com", r".+\.cdn\.example", "img[0-9]{1,2}.example.org|pics.example.org"], &[]);
        let allowed = "http://example.com/a https://EXAMPLE.com:444/a http://user:pw@example.com/ http://a.cdn.example/ \
            http://a.b.cdn.example/ http://img1.example.org/ http://img22.example.org/ http://pics.example.org/";
        for url in allowed.split_whitespace() {
            assert_eq!(judge(&guard, url), Ok(()), "{url}");
        }
        let refused = "http://www.example.com/ http://example.com.evil.test/ http://evilexample.com/ http://example.co/ \
            http://example.com@evil.test/ http://evil.test#example.com http://evil.test?example.com \
            http://evil.test\\@example.com/ http://evil.test/example.com http://evil.test:80#@example.com/ \
            http://examplexcom/ http://cdn.example/ http://a.cdn.example.evil.test/ http://example.com./ \
            http://img1.example.orgx/ http://ximg1.example.org/ http://xpics.example.org/ http://8.8.8.8/ \
            http://example.com%2eevil.test/ http://example.com%2f@evil.test/ http://пример.test/";
        for url in refused.split_whitespace() {
            assert_eq!(judge(&guard, url), Err(Refusal::NotListed), "{url}");
        }
    }

    #[test]
    fn a_listed_private_host_is_private_still() {
        assert_eq!(judge(&guard(&["127.0.0.1"], &[]), "http://127.0.0.1/"), Err(Refusal::PrivateAddress));
        assert_eq!(judge(&guard(&["127.0.0.1"], &["127.0.0.1/32"]), "http://127.0.0.1/"), Ok(()));
    }

    #[test]
    fn a_broken_pattern_is_told() {
        let error = Guard::new(&["(a".into()], &[]).unwrap_err().to_string();
        assert!(error.starts_with("ALLOWED_SOURCES: `(a` is not a regular expression"), "{error}");
    }

    #[tokio::test]
    async fn names_are_judged_by_what_they_resolve_to() {
        let resolve = |guard: Guard| guard.resolve("localhost".parse().unwrap());
        let refused = resolve(guard(&[], &[])).await.err().expect("localhost is private");
        assert_eq!(refused.downcast_ref(), Some(&Refusal::PrivateAddress));
        let opened: Vec<_> = resolve(guard(&[], &["127.0.0.0/8"])).await.unwrap().map(|found| found.ip()).collect();
        assert_eq!(opened, [IpAddr::from([127, 0, 0, 1])]);
    }
}
