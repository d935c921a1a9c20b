//! Which hosts, in all spellings.

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
fn addresses_are_judged_by_their_beginning_without_their_user() {
    let patterns = [r"https?://s3\.example\.com/bucket/", r"re.compile(r'http://(a|b)\.example/')"];
    let guard = guard(&patterns, &[]);
    let allowed = "http://s3.example.com/bucket/a https://S3.example.com/bucket/ http://u:p@s3.example.com/bucket/a \
        http://a.example/ http://b.example/x";
    for url in allowed.split_whitespace() {
        assert_eq!(judge(&guard, url), Ok(()), "{url}");
    }
    let refused = "http://s3.example.com/other/a http://s3.example.com.evil.test/bucket/ http://s3.example.com:8080/bucket/ \
        http://s3.example.com/bucket/../other/a http://s3.example.com/bucket/%2e%2e/other/a http://c.example/ \
        http://a.example@evil.test/ http://a.example%2f@evil.test/ http://evil.test/http://a.example/ https://a.example/ \
        http://evil.test\\@a.example/ http://evil.test?http://a.example/ http://evil.test#http://a.example/";
    for url in refused.split_whitespace() {
        assert_eq!(judge(&guard, url), Err(Refusal::NotListed), "{url}");
    }
    for broken in ["http://(", "re.compile(r'(')"] {
        let error = Guard::new(&[broken.into()], &[]).unwrap_err().to_string();
        assert!(error.starts_with("ALLOWED_SOURCES: `"), "{error}");
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

#[test]
fn the_network_policy_of_the_chart_excepts_what_is_refused_here() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docker/helm/tintype/templates/networkpolicy.yaml");
    let policy = std::fs::read_to_string(path).unwrap();
    let entries = policy.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let excepted: Vec<_> = entries.filter(|entry| entry.parse::<IpNet>().is_ok()).map(str::to_owned).collect();
    let v4 = SPECIAL_V4.iter().map(|(network, len)| format!("{network}/{len}"));
    let v6 = SPECIAL_V6.iter().map(|(network, len)| format!("{network}/{len}"));
    assert_eq!(excepted, v4.chain(v6).collect::<Vec<_>>());
    assert!(policy.contains(&format!("cidr: {}/{}\n", GLOBAL_V6.0, GLOBAL_V6.1)));
}
