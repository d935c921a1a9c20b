//! Paths changed before they are read, and what everybody may ask.

use super::{Key, key};
use crate::config::RewriteSignature;
use crate::config::kind::{AllowedSize, Choice, Flag, List, Maybe, Path, Text, Whole};

pub(super) const KEYS: &[Key] = &[
    key!(
        "REWRITE_ENABLED",
        Maybe<Flag>,
        config.rewrite.enabled,
        "Whether paths are rewritten. none: by [[rewrite]] and REWRITE_MATCH_PATTERN only; true: by REWRITE_PATTERNS and\n\
         REWRITE_PATTERNS_FILE, too; false: not at all."
    ),
    key!(
        "REWRITE_PATTERNS",
        Text,
        config.rewrite.patterns,
        "Rules as the Serverless Image Handler takes them, [(r'^/thumb/(.+)$', r'/fit-in/100x100/\\1')], or the same as\n\
         JSON. The first rule that changes the path wins."
    ),
    key!("REWRITE_PATTERNS_FILE", Maybe<Path>, config.rewrite.patterns_file, "File with such a list."),
    key!(
        "REWRITE_MATCH_PATTERN",
        Text,
        config.rewrite.match_pattern,
        "Rule of later editions: /regular expression of JavaScript/flags, or a JSON list of them."
    ),
    key!(
        "REWRITE_SUBSTITUTION",
        Text,
        config.rewrite.substitution,
        "What REWRITE_MATCH_PATTERN is replaced by; $1 is a group. A JSON list where there is one of patterns."
    ),
    key!(
        "REWRITE_SIGNATURE",
        Choice<RewriteSignature>,
        config.rewrite.signature,
        "What a signature is checked against: after (the rewritten path), before (the path that came; rules see it\n\
         without its first segment) or trusted (paths that a rule has changed need no signature, all others do)."
    ),
    key!("REWRITE_MAX_RULES", Whole<usize, 1, 100_000>, config.rewrite.limits.max_rules, "Rules there may be."),
    key!(
        "REWRITE_MAX_BACKTRACKS",
        Whole<usize, 1000, 100_000_000>,
        config.rewrite.limits.max_backtracks,
        "Ways that one search for a pattern may try; beyond, 400. A thousand take well under a millisecond."
    ),
    key!(
        "REWRITE_MAX_MATCHES",
        Whole<usize, 1, 1_000_000>,
        config.rewrite.limits.max_matches,
        "Matches of all rules in one path; beyond, 400."
    ),
    key!(
        "ONLY_PRESETS",
        Flag,
        config.rewrite.restrictions.only_presets,
        "Without a signature only presets may be asked for, and nothing besides."
    ),
    key!(
        "ALLOWED_SIZES",
        List<AllowedSize>,
        config.rewrite.restrictions.sizes,
        "Sizes that may be asked for without a signature, such as \"300x200, 600x0\"; 0x0 is a request without a size.\n\
         Presets have the size that they have. Empty: all."
    ),
];
