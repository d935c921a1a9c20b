//! Patterns of Python: what they match was asked of Python 2.7.

use super::*;
use crate::request::rewrite::{RewriteLimits, RuleText, Rules};

/// What `re.sub` of Python makes of `text`.
fn sub(pattern: &str, substitution: &str, text: &str) -> String {
    let rule = RuleText {
        name: "rule 1".into(),
        dialect: Dialect::Python,
        pattern: pattern.into(),
        substitution: substitution.into(),
    };
    let limits = RewriteLimits { max_rules: 1, max_backtracks: 10_000, max_matches: 100, max_bytes: 1000 };
    let rules = Rules::compile(vec![rule], limits).unwrap_or_else(|errors| panic!("{pattern}: {errors:?}"));
    rules.rewrite(text).unwrap().map_or_else(|| text.to_owned(), |rewritten| rewritten.path)
}

#[test]
fn patterns_match_what_they_match_in_python() {
    let check = |pattern: &str, text: &str, expected: &str| {
        assert_eq!(sub(pattern, r"<\g<0>>", text), expected, "{pattern}");
    };
    // Matches of nothing, but for those behind another match.
    check("x*", "abxd", "<>a<>b<x>d<>");
    check("$", "a\n", "a<>\n<>");
    check("a$", "a\n", "<a>\n");
    check(r"a\Z", "a\n", "a\n");
    check(r"a\Z", "ba", "b<a>");
    check("(?m)^b$", "a\nb\nc", "a\n<b>\nc");
    check("a(?m)$", "a\nb", "<a>\nb"); // flags hold for what stands before them
    check(r"\bb\w", "ab ba", "ab <ba>");
    check(r"\Bb", "ab b", "a<b> b");
    check(r"\d\D\w\W\s\S", "1aé9- xy", "1aé9- xy");
    check(r"\d\D\w\W\s\S", "1aa- x", "<1aa- x>");
    check("(?i)k", "\u{212a}kK", "\u{212a}<k><K>");
    check("(?i)[^k]", "kKa", "kK<a>");
    check("(?i)[Y-b]", "yZ_aBcX", "<y><Z><_><a><B>cX");
    check(".", "a\nb", "<a>\n<b>");
    check("(?s).", "a\nb", "<a><\n><b>");
    check("(?x) a b # c\n c", "abc a b", "<abc> a b");
    check("a{2}", "aaa{2}", "<aa>a{2}");
    check("a{,2}b", "aaab", "a<aab>");
    check("a{2", "aaa{2", "aa<a{2>");
    check("a{}", "a{}", "<a{}>");
    check("{x", "{x", "<{x>");
    check("a{1,2}?", "aa", "<a><a>");
    check("[]a]+", "]a", "<]a>");
    check("[^]a]+", "]ab", "]a<b>");
    check("[a-]+", "a-b", "<a->b");
    check("[-a]+", "a-b", "<a->b");
    check(r"[\w-]+", "a-b", "<a-b>");
    check("[[:alpha:]]", "a:]b]", "a<:]>b]"); // no class: one of `[`, `:` and letters, then a bracket
    check(r"[a&&b]+", "a&b", "<a&b>");
    check(r"[+--a~~b]+", "+,-a~|", "<+,-a~>|");
    check(r"\_\/\-\e\h\K\<", "_/-ehK<", "<_/-ehK<>");
    check(r"\x41\101\0", "AA\0", "<AA\0>");
    check(r"[\101\b]", "A\u{8}", "<A><\u{8}>");
    check(r"(a)?(?(1)b|c)", "abc", "<ab><c>");
    check(r"(a)?(?(1)b)", "ab", "<ab>");
    check(r"(?:(a)|b)\1", "aab", "<aa>b");
    check(r"(a|ab)(c|bcd)(d*)", "abcd", "<abcd>");
    check(r"(?<=a|b)c", "acbcc", "a<c>b<c>c");
    check(r"(?P<n>a)(?P=n)(?#no\)", "aab", "<aa>b");
    check(r"(?i)(a)\1", "aA", "<aA>");
    check("a||b", "b", "<>b<>");
    check("(?:)", "ab", "<>a<>b<>");
    check("(?i:A)b", "abAbaB", "<ab><Ab>aB");
}

#[test]
fn substitutions_say_what_they_say_in_python() {
    let check = |substitution: &str, expected: &str| {
        assert_eq!(sub("(?P<n>b)(x)?", substitution, "abc"), expected, "{substitution}");
    };
    check(r"[\1\g<1>\g<n>\g<0>]", "a[bbbb]c");
    check(r"[\2]", "a[]c");
    check(r"\\\n\t", "a\\\n\tc");
    check(r"\0\101\08", "a\0A\08c");
    check(r"\.\q$1&", r"a\.\q$1&c");
    check("tail\\", "atail\\c");
}

#[test]
fn what_python_refuses_is_refused_with_its_place() {
    let check = |pattern: &str, at: usize, what: &str| {
        let fault = translate(pattern, Dialect::Python, Flags::default(), Lines::None).unwrap_err();
        assert_eq!((fault.at, fault.what.as_str()), (at, what), "{pattern}");
    };
    check("a)b", 1, "a closing bracket without an opening one");
    check("a(b(?:c)", 1, "an opening bracket without a closing one");
    check("*a", 0, "nothing to repeat");
    check("a|+", 2, "nothing to repeat");
    check("a**", 2, "a repeat of a repeat");
    check("a{2}{3}", 4, "a repeat of a repeat");
    check("a{3,2}", 1, "a repeat whose least is more than its most");
    check("a{1001}", 1, "a repeat of more than 1000 times");
    check("^*", 1, "nothing to repeat: an anchor has no characters");
    check("[a", 0, "a set without its closing bracket");
    check("x[]", 1, "a set without its closing bracket");
    check("[z-a]", 1, "no range of characters");
    check("(?i)[x-Z]", 5, "no range of characters");
    check("a\\", 1, "a backslash at the end");
    check(r"\x4", 0, "this escape stands for no character");
    check(r"(a)\2", 3, "no group `2` before this place");
    check(r"(a\1)", 2, "a group cannot refer to itself");
    check("(?P=n)", 4, "no group `n`");
    check("(?P<n>a)(?P<n>b)", 8, "a second group `n`");
    check("(?P<n", 4, "expected the name of a group");
    check("(?<n>a)", 0, "this sort of group does not exist");
    check("(?>a)", 0, "this sort of group does not exist");
    check("(?(2)a)", 3, "no group `2`");
    check("()(?(1)a|b|c)", 10, "a third branch of a condition");
    check("(?<=a+)b", 0, "a look-behind whose length is not fixed");
    check("(?#a", 0, "a comment without an end");
    check(&"(".repeat(60), 50, "groups are nested too deeply");
}
