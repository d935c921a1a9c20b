//! Signed paths: HMAC over the path as it came over the wire, in URL-safe Base64, as Thumbor has it.

use super::encoding::decode;
use super::scan::split_access;
use super::{ImageRequest, Part};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use hmac::{Hmac, KeyInit as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use std::fmt;
use subtle::{Choice, ConstantTimeEq as _};

/// How paths are signed. The default is Thumbor's; the others are imagor's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Scheme {
    /// What is hashed with.
    pub digest: Digest,
    /// Characters of the signature that are left when it is cut off; 0 = all.
    pub length: usize,
}

/// A hash function.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Digest {
    /// SHA-1, 28 characters.
    #[default]
    Sha1,
    /// SHA-256, 44 characters.
    Sha256,
    /// SHA-512, 88 characters.
    Sha512,
}

impl Scheme {
    /// The signature of `message`, by Thumbor's scheme 28 characters.
    ///
    /// `message` is a raw path without its first segment and without leading slash, percent-encoded as it will be sent.
    pub fn sign(self, key: &[u8], message: &str) -> String {
        self.text(&self.digest.mac(key), message)
    }

    fn text(self, mac: &KeyedMac, message: &str) -> String {
        let mut text = URL_SAFE.encode(mac.of(message));
        text.truncate(self.characters());
        text
    }

    /// Characters of a signature, padding included.
    fn characters(self) -> usize {
        let all = self.digest.mac_bytes().div_ceil(3) * 4;
        if self.length == 0 { all } else { self.length.min(all) }
    }

    /// Characters of a signature that are not padding.
    fn unpadded(self) -> usize {
        (self.digest.mac_bytes() * 8).div_ceil(6).min(self.characters())
    }
}

impl Digest {
    fn mac_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn mac(self, key: &[u8]) -> KeyedMac {
        const ANY: &str = "HMAC takes keys of any length";
        match self {
            Self::Sha1 => KeyedMac::Sha1(Hmac::new_from_slice(key).expect(ANY)),
            Self::Sha256 => KeyedMac::Sha256(Hmac::new_from_slice(key).expect(ANY)),
            Self::Sha512 => KeyedMac::Sha512(Box::new(Hmac::new_from_slice(key).expect(ANY))),
        }
    }
}

/// A hash function that has taken in a key.
#[derive(Clone)]
enum KeyedMac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Box<Hmac<Sha512>>),
}

impl KeyedMac {
    fn of(&self, message: &str) -> Vec<u8> {
        fn finish(mut mac: impl hmac::Mac, message: &str) -> Vec<u8> {
            mac.update(message.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
        match self {
            Self::Sha1(mac) => finish(mac.clone(), message),
            Self::Sha256(mac) => finish(mac.clone(), message),
            Self::Sha512(mac) => finish((**mac).clone(), message),
        }
    }
}

/// The signature of `message` by Thumbor's scheme, as [`Scheme::sign`] tells it.
pub fn sign(key: &[u8], message: &str) -> String {
    Scheme::default().sign(key, message)
}

/// The keys that signatures are accepted of, the current one and those being phased out.
#[derive(Clone, Default)]
pub struct Keys {
    scheme: Scheme,
    macs: Vec<KeyedMac>,
}

impl Keys {
    /// Takes keys as raw bytes, of any length. An empty key is left out: anybody could sign with it.
    pub fn new<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>, scheme: Scheme) -> Self {
        let keys = keys.into_iter().filter(|key| !key.as_ref().is_empty());
        Self { scheme, macs: keys.map(|key| scheme.digest.mac(key.as_ref())).collect() }
    }

    /// Whether there is no key, so that nothing can be verified.
    pub fn is_empty(&self) -> bool {
        self.macs.is_empty()
    }

    /// The signature of `message` by the current key, as [`Scheme::sign`] tells it; `None` where there is no key.
    pub fn sign(&self, message: &str) -> Option<String> {
        Some(self.scheme.text(self.macs.first()?, message))
    }

    /// Whether the first segment of `raw_path` is the signature, by any key, of all that follows its slash.
    ///
    /// What is signed is the rest exactly as it came over the wire; the signature itself may be percent-encoded and
    /// may lack its padding. Time does not depend on where a wrong signature differs, nor on which key is right.
    ///
    /// # Errors
    /// [`SignatureError`], also for `unsafe` paths and where there is no key.
    pub fn verify(&self, raw_path: &str) -> Result<(), SignatureError> {
        let (segment, message) = split_access(raw_path).map_err(|_| SignatureError::Malformed)?;
        let given = self.read(segment).ok_or(SignatureError::Malformed)?;
        let mut found = Choice::from(0);
        for mac in &self.macs {
            let expected = self.scheme.text(mac, message);
            found |= expected.as_bytes()[..self.scheme.unpadded()].ct_eq(given.as_bytes());
        }
        if bool::from(found) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }

    /// Whether `hex` is the whole MAC of a message, by any key, in hexadecimal digits of either case.
    pub fn signs(&self, message: &str, hex: &str) -> bool {
        let Some(given) = bytes(hex) else { return false };
        let mut found = Choice::from(0);
        for mac in &self.macs {
            found |= mac.of(message).ct_eq(&given);
        }
        found.into()
    }

    /// A signature as written, without padding; `None` if it cannot be one.
    fn read(&self, segment: &str) -> Option<String> {
        let mut text = decode(segment, Part::Signature).ok()?;
        if text.len() == self.scheme.characters()
            && text.as_bytes()[self.scheme.unpadded()..].iter().all(|byte| *byte == b'=')
        {
            text.truncate(self.scheme.unpadded());
        }
        let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (text.len() == self.scheme.unpadded() && text.bytes().all(alphabet)).then_some(text)
    }
}

/// What hexadecimal digits stand for.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| {
        let [high, low] = pair else { return None };
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        Some(digit(*high)? << 4 | digit(*low)?)
    };
    hex.as_bytes().chunks(2).map(byte).collect()
}

/// Shows how many keys there are, and none of them.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.macs.iter().map(|_| format_args!("***"))).finish()
    }
}

/// A signature that is not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureError {
    /// It does not have the form of one: so many characters of URL-safe Base64, with or without `=`.
    #[error("the first segment of the path is not a signature")]
    Malformed,
    /// It has the form, but is no key's signature of this path.
    #[error("the signature does not belong to this path")]
    Mismatch,
}

impl ImageRequest {
    /// The path that asks for this with a signature by `key`, with a leading slash; the own access does not matter.
    pub fn signed_path(&self, key: &[u8], scheme: Scheme) -> String {
        let rest = self.cache_key();
        format!("/{}/{rest}", scheme.sign(key, &rest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Access, ImageId};
    use super::*;

    fn keys<const N: usize>(keys: [&str; N]) -> Keys {
        Keys::new(keys, Scheme::default())
    }

    /// (key, message, signature) of both specifications.
    const VECTORS: &[(&str, &str, &str)] = &[
        (
            "mysecuritykey",
            "210x210/smart/filters:watermark(https://d2n9bu90z1w8su.cloudfront.net/serverless-image-handler-ui/img/aws-logo-watermark.png,75,0,0)/serverless-image-handler-ui/img/multiface.jpg",
            "Wwjr74-R7GrVN0XPT-Aq_DGFOh8=",
        ),
        ("mysecuritykey", "300x200/smart/path/to/image.jpg", "ha6uSZ2-vhF-kJHvRwfKRIfp0ns="),
        ("MY_SECURE_KEY", "300x200/smart/path/to/image.jpg", "3ZAFIB9OK_j_R10MafCdhFO99mE="),
        (
            "s3cr3t",
            "fit-in/640x480/filters:quality(70):fill(white)/http%3A//example.com/a%20b.jpg",
            "QQLwFtDtspF-NIZF0F9PdmUdR2g=",
        ),
        ("s3cr3t", "10x10:90x90/trim-me/x.png", "c2fjE0Mha2TqKl4ufFtH947TmgU="),
        ("mysecuritykey", "200x200/smart/sub-folder/myimage.jpg", "xYPyZ85kv-zKtzHsGe84Sx3IaeE="),
        (
            "mysecuritykey",
            "300x200/smart/filters:watermark(https%3A%2F%2Fcdn.example.com%2Flogos%2Facme%20logo.png,-10,-10,50)/photos/cat.jpg",
            "Erkyz4Mj52_PcA4kDJSl0fNfbGQ=",
        ),
        (
            "rotate-me-2024",
            "fit-in/300x400/filters:fill(00ff00):rotate(90)/some/path/example.jpg",
            "WUboqVzwaQzh7sqfQBYbNzMeyzY=",
        ),
        (
            "rotate-me-2024",
            "meta/10x10:310x210/-300x-200/left/top/filters:quality(40):format(webp)/products/shoe%20(1).png",
            "Et_XsK5Qj0R1-PhBivlBbVRJHEk=",
        ),
        ("0123456789abcdef", "fit-in/100x100/images/%C3%A9t%C3%A9.jpg", "Z3ZVyCTZ9jxhlc07TpJlumOnT04="),
        ("0123456789abcdef", "fit-in/100x100/images/été.jpg", "yntk4m74ohtNr2YzzAtQ78kOjzs="),
        ("my-security-key", "unsafe-looking/key.jpg", "YHzGMxNMYuu6qThW48qRg9LoL8k="),
    ];

    #[test]
    fn signatures_are_thumbors() {
        for (key, message, signature) in VECTORS {
            assert_eq!(sign(key.as_bytes(), message), *signature, "{message}");
            assert_eq!(keys([key]).verify(&format!("/{signature}/{message}")), Ok(()), "{message}");
        }
    }

    const MESSAGE: &str = "300x200/smart/path/to/image.jpg";

    #[test]
    fn a_signature_may_be_escaped_and_unpadded() {
        for segment in [
            "3ZAFIB9OK_j_R10MafCdhFO99mE=",
            "3ZAFIB9OK_j_R10MafCdhFO99mE%3D",
            "3ZAFIB9OK_j_R10MafCdhFO99mE%3d",
            "3ZAFIB9OK_j_R10MafCdhFO99mE",
            "3ZAFIB9OK%5Fj%5fR10MafCdhFO99mE=",
        ] {
            assert_eq!(keys(["MY_SECURE_KEY"]).verify(&format!("/{segment}/{MESSAGE}")), Ok(()), "{segment}");
            assert_eq!(keys(["MY_SECURE_KEY"]).verify(&format!("{segment}/{MESSAGE}")), Ok(()), "{segment}");
        }
        let escaped_minus = format!("/ha6uSZ2%2DvhF%2dkJHvRwfKRIfp0ns%3D/{MESSAGE}");
        assert_eq!(keys(["mysecuritykey"]).verify(&escaped_minus), Ok(()));
    }

    #[test]
    fn forgeries_are_refused() {
        use SignatureError::{Malformed, Mismatch};
        let good = "3ZAFIB9OK_j_R10MafCdhFO99mE=";
        let encoded_in_path = sign(b"MY_SECURE_KEY", "a b.jpg");
        let rows = [
            (format!("/{}/{MESSAGE}", sign(b"MY_SECURE_KEYx", MESSAGE)), Mismatch),
            (format!("/{}/{MESSAGE}", sign(b"", MESSAGE)), Mismatch),
            (format!("/{}/{MESSAGE}", sign(b"MY_SECURE_KEY", "1x1/other.jpg")), Mismatch),
            (format!("/{}/{MESSAGE}", sign(b"MY_SECURE_KEY", "/300x200/smart/path/to/image.jpg")), Mismatch),
            (format!("/{encoded_in_path}/a%20b.jpg"), Mismatch), // signed in decoded form
            (format!("/{good}/{MESSAGE}x"), Mismatch),
            (format!("/{good}/{good}/{MESSAGE}"), Mismatch), // only the first is taken off
            (format!("/{good}/300x200/smart/{good}/path/to/image.jpg"), Mismatch),
            (format!("/{good}/%33{}", &MESSAGE[1..]), Mismatch), // same meaning, other bytes
            (format!("/{}/{MESSAGE}", good.to_uppercase()), Mismatch),
            (format!("/{}/{MESSAGE}", good.to_lowercase()), Mismatch),
            (format!("/4{}/{MESSAGE}", &good[1..]), Mismatch),
            (format!("/AAAAAAAAAAAAAAAAAAAAAAAAAAA=/{MESSAGE}"), Mismatch),
            (format!("/3ZAFIB9OK_j_R10MafCdhFO99mF=/{MESSAGE}"), Mismatch), // differs in unused bits only
            (format!("/{good}=/{MESSAGE}"), Malformed),
            (format!("/{good}%253D/{MESSAGE}"), Malformed),
            (format!("/3ZAFIB9OK/j/R10MafCdhFO99mE=/{MESSAGE}"), Malformed), // the alphabet that is not for URLs
            (format!("/3ZAFIB9OK%2Fj%2FR10MafCdhFO99mE=/{MESSAGE}"), Malformed),
            (format!("/{}/{MESSAGE}", &good[..26]), Malformed),
            (format!("//{good}/{MESSAGE}"), Malformed),
            (format!("/unsafe/{MESSAGE}"), Malformed),
            (format!("/%75nsafe/{MESSAGE}"), Malformed),
            (format!("/2101780459dcae01605af39da3ef36d564afee64/{MESSAGE}"), Malformed), // hex
            (format!("/9ipWtjiwbnmoUCrW2lAyWqE3zmjVjXsaGUHSkADYF74=/{MESSAGE}"), Malformed), // SHA-256
            (format!("/%ff%fe/{MESSAGE}"), Malformed),
            (format!("/{good}"), Malformed),
            (format!("/{good}/"), Malformed),
            ("/".to_owned(), Malformed),
            (String::new(), Malformed),
        ];
        for (path, error) in rows {
            assert_eq!(keys(["MY_SECURE_KEY", ""]).verify(&path), Err(error), "{path}");
        }
        let with_slash = VECTORS[0].1;
        let path = format!("/oARh5XTMfJ02qX6V47h9PSRNIus=/{with_slash}");
        assert_eq!(sign(b"mysecuritykey", &format!("/{with_slash}")), "oARh5XTMfJ02qX6V47h9PSRNIus=");
        assert_eq!(keys(["mysecuritykey"]).verify(&path), Err(Mismatch));
    }

    #[test]
    fn any_of_several_keys_will_do_and_without_keys_nothing_does() {
        let path = |key: &[u8]| format!("/{}/{MESSAGE}", sign(key, MESSAGE));
        let two = keys(["new", "old"]);
        assert_eq!(two.verify(&path(b"new")), Ok(()));
        assert_eq!(two.verify(&path(b"old")), Ok(()));
        assert_eq!(two.verify(&path(b"older")), Err(SignatureError::Mismatch));
        let none = keys([""]);
        assert!(none.is_empty());
        assert_eq!(none.verify(&path(b"")), Err(SignatureError::Mismatch));
    }

    #[test]
    fn keys_do_not_show_themselves() {
        assert_eq!(format!("{:?}", keys(["secret", "older"])), "[***, ***]");
    }

    #[test]
    fn a_signed_path_verifies_and_forgets_the_former_access() {
        let request = ImageRequest::new(Access::Signed("wrong".to_owned()), ImageId::of("http://h/a b.jpg?c"));
        let path = request.signed_path(b"key", Scheme::default());
        assert_eq!(path, format!("/{}/http%3A//h/a%20b.jpg%3Fc", sign(b"key", "http%3A//h/a%20b.jpg%3Fc")));
        assert_eq!(keys(["key"]).verify(&path), Ok(()));
    }

    #[test]
    fn other_digests_and_shorter_signatures_are_imagors() {
        // By Python's hmac and base64.
        let check = |digest, length, expected: &str| {
            let scheme = Scheme { digest, length };
            assert_eq!(scheme.sign(b"s3cr3t", MESSAGE), expected);
            let keys = Keys::new(["older", "s3cr3t"], scheme);
            for signature in [expected, expected.trim_end_matches('=')] {
                assert_eq!(keys.verify(&format!("/{signature}/{MESSAGE}")), Ok(()), "{signature}");
            }
            let shorter = &expected.trim_end_matches('=')[1..];
            assert_eq!(keys.verify(&format!("/{shorter}/{MESSAGE}")), Err(SignatureError::Malformed));
            assert_eq!(keys.verify(&format!("/A{shorter}/{MESSAGE}")), Err(SignatureError::Mismatch));
        };
        check(Digest::Sha1, 0, "5Oc9tWJOHAshrntIvAsqB8Xl9yc=");
        check(Digest::Sha1, 40, "5Oc9tWJOHAshrntIvAsqB8Xl9yc=");
        check(Digest::Sha1, 28, "5Oc9tWJOHAshrntIvAsqB8Xl9yc=");
        check(Digest::Sha1, 200, "5Oc9tWJOHAshrntIvAsqB8Xl9yc=");
        check(Digest::Sha256, 0, "VncxJYdZ0pzwEpdGXJF9Q_g_CAhFLUGFZIZtMg6y0pA=");
        check(Digest::Sha256, 40, "VncxJYdZ0pzwEpdGXJF9Q_g_CAhFLUGFZIZtMg6y");
        check(Digest::Sha256, 200, "VncxJYdZ0pzwEpdGXJF9Q_g_CAhFLUGFZIZtMg6y0pA=");
        check(
            Digest::Sha512,
            0,
            "mfZJVeF_zMc3wuT4FrLkEgwKAQnjIaEkhrsALiEp6ypoMMUaUi3_y104DIOjkIHX7wfMXwhVlTHSf28dGZbowQ==",
        );
        check(Digest::Sha512, 40, "mfZJVeF_zMc3wuT4FrLkEgwKAQnjIaEkhrsALiEp");
        check(
            Digest::Sha512,
            200,
            "mfZJVeF_zMc3wuT4FrLkEgwKAQnjIaEkhrsALiEp6ypoMMUaUi3_y104DIOjkIHX7wfMXwhVlTHSf28dGZbowQ==",
        );
    }
}
