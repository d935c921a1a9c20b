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
    /// The host's name.
    Exact(String),
    /// The whole of the host's name.
    Pattern(Regex),
    /// The beginning of the whole address.
    Address(Regex),
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
    /// It is to be asked without TLS, which the settings forbid.
    #[error("only https is spoken")]
    Insecure,
}

impl Guard {
    /// `hosts` as in `ALLOWED_SOURCES`: names, or regular expressions where they hold any of `\^$*+?{}[]()|`, matched
    /// against the whole lower-case name, or, with a `/` or in `re.compile('...')`, against the beginning of the whole
    /// address; none = all. `private` are networks that may be asked although private.
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
        if !hosts.is_empty() && !hosts.iter().any(|rule| rule.admits(url, host)) {
            return Err(Refusal::NotListed);
        }
        match address_of(host) {
            Some(address) if !self.admits(address) => Err(Refusal::PrivateAddress),
            _ => Ok(()),
        }
    }

    /// Judges what the URL's host resolves to here, for connections that somebody else makes. A name that only they
    /// can resolve passes.
    ///
    /// # Errors
    /// [`Refusal::PrivateAddress`].
    pub(super) async fn check_resolved(&self, url: &Url) -> Result<(), Refusal> {
        let Some(name) = url.domain().and_then(|name| name.parse().ok()) else { return Ok(()) };
        match self.resolve(name).await {
            Err(error) => error.downcast_ref().copied().map_or(Ok(()), Err),
            Ok(_) => Ok(()),
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
        let compile = |pattern: &str| {
            Regex::new(pattern).map_err(|source| SetupError::Pattern { entry: entry.to_owned(), source })
        };
        if let Some(pattern) = compiled_by_python(entry) {
            return compile(&format!("^(?:{pattern})")).map(Self::Address);
        }
        if entry.contains('/') {
            return compile(&format!("^(?:{entry})")).map(Self::Address);
        }
        if entry.contains(|c| r"\^$*+?{}[]()|".contains(c)) {
            return compile(&format!("^(?:{entry})$")).map(Self::Pattern);
        }
        Ok(Self::Exact(entry.to_lowercase()))
    }

    /// `host` is lower-case, as [`Url`] gives it.
    fn admits(&self, url: &Url, host: &str) -> bool {
        match self {
            Self::Exact(name) => name == host,
            Self::Pattern(pattern) => pattern.is_match(host),
            Self::Address(pattern) => pattern.is_match(without_user(url).as_str()),
        }
    }
}

/// The pattern in what a `thumbor.conf` may say instead of a text: `re.compile(r'...')`.
fn compiled_by_python(entry: &str) -> Option<&str> {
    let argument = entry.strip_prefix("re.compile(")?.strip_suffix(')')?.trim();
    let text = argument.strip_prefix('r').unwrap_or(argument);
    let within = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    within('\'').or_else(|| within('"'))
}

/// The address without name and password, in which anything may stand, other hosts' names too.
fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // Fails only where there is no host, and then there is no user either.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url
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
mod tests;
