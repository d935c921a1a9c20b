//! Who may change things: whoever shows a bearer token.

use super::error::Refusal;
use crate::config::Secret;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use subtle::{Choice, ConstantTimeEq as _};

/// The tokens that are good.
#[derive(Clone, Debug)]
pub(super) struct Tokens(Vec<Secret>);

impl Tokens {
    pub(super) fn new(tokens: &[Secret]) -> Self {
        Self(tokens.to_vec())
    }

    /// Goes on if a good token comes with the request. Without any good token nobody may.
    ///
    /// Every token is compared, each in a time that tells nothing of it but its length.
    pub(super) fn check(&self, asked: &HeaderMap) -> Result<(), Refusal> {
        let shown = asked.get(AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
        let Some(shown) = shown else { return Err(Refusal::token_missing()) };
        let same = |token: &Secret| token.reveal().as_bytes().ct_eq(shown);
        let good = self.0.iter().fold(Choice::from(0), |good, token| good | same(token));
        if good.into() { Ok(()) } else { Err(Refusal::token_missing()) }
    }
}

/// What follows `Bearer`, a word in any case.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    (scheme.eq_ignore_ascii_case(b"bearer ")).then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_good_token_opens_and_nothing_else_does() {
        let tokens = Tokens::new(&["new", "old"].map(Secret::new));
        let check = |header: Option<&'static str>, expected: bool| {
            let headers = header.map(|header| (AUTHORIZATION, HeaderValue::from_static(header)));
            assert_eq!(tokens.check(&headers.into_iter().collect()).is_ok(), expected, "{header:?}");
        };
        check(Some("Bearer new"), true);
        check(Some("bearer  old "), true);
        check(Some("Bearer other"), false);
        check(Some("Bearer newer"), false);
        check(Some("Bearer"), false);
        check(Some("Bearer "), false);
        check(Some("Basic new"), false);
        check(Some("new"), false);
        check(None, false);
        let nobody = Tokens::new(&[]);
        let empty = [(AUTHORIZATION, HeaderValue::from_static("Bearer "))].into_iter().collect();
        assert!(nobody.check(&empty).is_err());
    }
}
