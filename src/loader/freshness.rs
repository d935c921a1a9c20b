//! What an origin's caching headers come to (RFC 9111, as for a shared cache).

use super::{OriginFacts, Validators};
use httpdate::parse_http_date;
use std::time::{Duration, SystemTime};

/// Longest time believed: about the 68 years that the standard asks recipients to be able to hold.
const MAX_FRESH_S: u64 = 1 << 31;

/// Values of headers as they came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CachingHeaders<'a> {
    /// All `Cache-Control`, joined by commas.
    pub(super) cache_control: &'a str,
    pub(super) expires: Option<&'a str>,
    pub(super) date: Option<&'a str>,
    pub(super) age: Option<&'a str>,
}

impl CachingHeaders<'_> {
    /// The facts about an original that has these validators.
    pub(super) fn facts(&self, validators: Validators) -> OriginFacts {
        let mut facts = OriginFacts { validators, ..OriginFacts::default() };
        let (mut shared_s, mut max_s) = (None, None);
        for directive in self.cache_control.split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "private" => facts.no_store = true,
                "no-cache" => {
                    shared_s = Some(0);
                    facts.must_revalidate = true;
                }
                "must-revalidate" | "proxy-revalidate" => facts.must_revalidate = true,
                "s-maxage" => shared_s = shared_s.or(Some(seconds(value))),
                "max-age" => max_s = max_s.or(Some(seconds(value))),
                _ => {}
            }
        }
        let lifetime = shared_s.or(max_s).map(Duration::from_secs).or_else(|| self.until_expiry());
        let age = Duration::from_secs(self.age.map_or(0, seconds));
        facts.fresh_for = lifetime.map(|lifetime| lifetime.saturating_sub(age));
        facts
    }

    /// A time that cannot be read has passed.
    fn until_expiry(&self) -> Option<Duration> {
        let expires = parse_http_date(self.expires?).unwrap_or(SystemTime::UNIX_EPOCH);
        let date = self.date.and_then(|date| parse_http_date(date).ok()).unwrap_or_else(SystemTime::now);
        Some(expires.duration_since(date).unwrap_or_default().min(Duration::from_secs(MAX_FRESH_S)))
    }
}

/// Seconds as caching headers have them. What cannot be read is 0, so that nothing is kept by mistake.
fn seconds(text: &str) -> u64 {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().unwrap_or(MAX_FRESH_S).min(MAX_FRESH_S) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_understood() {
        let check = |cache_control: &str, fresh_s: Option<u64>, flags: &str| {
            let facts = CachingHeaders { cache_control, ..CachingHeaders::default() }.facts(Validators::default());
            assert_eq!(facts.fresh_for, fresh_s.map(Duration::from_secs), "{cache_control}");
            let found = [(facts.no_store, "no-store "), (facts.must_revalidate, "must ")];
            let found: String = found.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
            assert_eq!(found.trim(), flags, "{cache_control}");
        };
        check("", None, "");
        check("public", None, "");
        check("max-age=60", Some(60), "");
        check("Max-Age = 60 , public", Some(60), "");
        check("max-age=\"60\"", Some(60), "");
        check("max-age=60, max-age=90", Some(60), "");
        check("max-age=60, s-maxage=10", Some(10), "");
        check("s-maxage=0,max-age=60", Some(0), "");
        check("max-age=-1", Some(0), "");
        check("max-age=", Some(0), "");
        check("max-age=soon", Some(0), "");
        check("max-age=99999999999999999999999", Some(MAX_FRESH_S), "");
        check("max-age=60, must-revalidate", Some(60), "must");
        check("max-age=60, proxy-revalidate", Some(60), "must");
        check("no-cache", Some(0), "must");
        check("no-cache=\"set-cookie\", max-age=60", Some(0), "must");
        check("max-age=60, no-cache", Some(0), "must");
        check("no-store", None, "no-store");
        check("private, max-age=60", Some(60), "no-store");
        check("NO-STORE, no-cache", Some(0), "no-store must");
    }

    #[test]
    fn expiry_counts_from_the_origins_clock_and_age_is_taken_off() {
        let date = "Tue, 15 Nov 1994 08:12:31 GMT";
        let check = |cache_control, expires, date, age, fresh_s: u64| {
            let headers = CachingHeaders { cache_control, expires: Some(expires), date, age };
            let fresh = headers.facts(Validators::default()).fresh_for;
            assert_eq!(fresh, Some(Duration::from_secs(fresh_s)), "{headers:?}");
        };
        check("", "Tue, 15 Nov 1994 08:13:31 GMT", Some(date), None, 60);
        check("", "Tue, 15 Nov 1994 08:13:31 GMT", Some(date), Some("20"), 40);
        check("", "Tue, 15 Nov 1994 08:13:31 GMT", Some(date), Some("90"), 0);
        check("", "Tue, 15 Nov 1994 08:10:31 GMT", Some(date), None, 0);
        check("", "Tue, 15 Nov 1994 08:13:31 GMT", None, None, 0);
        check("", "0", Some(date), None, 0);
        check("max-age=5", "Tue, 15 Nov 1994 08:13:31 GMT", Some(date), None, 5);
        check("", "Fri, 31 Dec 9999 23:59:59 GMT", Some(date), None, MAX_FRESH_S);
    }
}
