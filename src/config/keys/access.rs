//! Who may ask.

use super::{Key, key};
use crate::config::Profile;
use crate::config::kind::{Choice, Flag, Hidden, List, Maybe, Path, ZeroOr};
use crate::request::Digest;

pub(super) const KEYS: &[Key] = &[
    key!(
        "PROFILE",
        Choice<Profile>,
        config.profile,
        "Whose habits are followed: thumbor; sih3, the Serverless Image Handler up to version 3, which has other\n\
         defaults, needs no /unsafe/ where ALLOW_UNSAFE_URL is true, and answers errors as JSON; or sih7, its versions 4\n\
         to 7, which take requests as JSON in Base64 and edits in the query besides."
    ),
    key!("SECURITY_KEY", Hidden, key, "Secret that URLs are signed with. Empty: none."),
    key!(
        "SECURITY_KEY_FILE",
        Maybe<Path>,
        config.security.key_file,
        "File that holds that secret instead; spaces and line ends around it do not count. Also --keyfile."
    ),
    key!(
        "SECURITY_KEYS",
        List<Hidden>,
        older_keys,
        "Further secrets whose signatures are good, for the time of a rotation."
    ),
    key!(
        "SIGNER_TYPE",
        Choice<Digest>,
        config.security.scheme.digest,
        "Hash function of signatures: sha1, as Thumbor's, sha256 or sha512, as imagor's."
    ),
    key!(
        "SIGNER_TRUNCATE",
        ZeroOr<usize, 8, 88>,
        config.security.scheme.length,
        "Characters of signatures that are left when they are cut off, as imagor does. 0: all."
    ),
    key!(
        "ALLOW_DEFAULT_KEY",
        Flag,
        allow_default_key,
        "Start even if a secret is MY_SECURE_KEY, which everybody knows from Thumbor's documentation."
    ),
    key!(
        "ALLOW_UNSAFE_URL",
        Flag,
        config.security.allow_unsafe,
        "Serve URLs that begin with /unsafe/, which need no signature. (Thumbor's default is true.)"
    ),
    key!(
        "ENABLE_SIGNATURE",
        Flag,
        config.security.query_signatures,
        "PROFILE = sih7: URLs need a signature, ?signature=, the HMAC-SHA256 of path and query by SECURITY_KEY in hex, or\n\
         one of Thumbor's in the path."
    ),
    key!(
        "API_TOKENS",
        List<Hidden>,
        config.security.tokens,
        "Tokens for what changes things or costs work without a signature. Who asks shows one of them in the header\n\
         \"Authorization: Bearer ...\". Empty: such requests are refused."
    ),
    key!(
        "SIGN_URLS",
        Flag,
        config.security.signs,
        "GET /-/sign/<options>/<picture> answers that path signed by SECURITY_KEY to who shows one of API_TOKENS, so that\n\
         they can make URLs without the secret: on the page at /-/ui/, or with a script."
    ),
];
