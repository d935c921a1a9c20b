//! The vectors of the rewrite feature, checked with Python, and what is ours: faults, limits, other forms.

use super::*;
use proptest::prelude::*;

const LIMITS: RewriteLimits =
    RewriteLimits { max_rules: 100, max_backtracks: 100_000, max_matches: 256, max_bytes: 8192 };
const H: &str = "0002fe146de274f90ae005346834e40c";

fn rules(list: &str) -> Rules {
    Rules::compile(RuleText::list(list).unwrap(), LIMITS).unwrap()
}

fn rewritten(rules: &Rules, path: &str) -> String {
    rules.rewrite(path).unwrap().map_or_else(|| path.to_owned(), |rewritten| rewritten.path)
}

/// Each path becomes what stands beside it.
fn check(list: &str, rows: &[(&str, &str)]) {
    let rules = rules(list);
    for (path, expected) in rows {
        assert_eq!(rewritten(&rules, path), *expected, "{path}");
    }
}

/// Each path stays as it is.
fn check_unchanged(list: &str, paths: &[&str]) {
    let rules = rules(list);
    for path in paths {
        assert_eq!(rules.rewrite(path), Ok(None), "{path}");
    }
}

fn error(list: &str) -> String {
    let compiled = RuleText::list(list).map_err(|error| vec![error]).and_then(|rules| Rules::compile(rules, LIMITS));
    let errors = compiled.map(|rules| rules.rules.len()).unwrap_err();
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn r1_the_guides_first_example() {
    let list = "[(r'^/string_to_match$', r'rewritten_string')]";
    check(list, &[("/string_to_match", "rewritten_string")]);
    check_unchanged(list, &["/string_to_match/x"]);
}

const ZOOM_IN_S: &str = r"[(r'^/([s])/([0-9a-f]+)-(zoom)\.([a-zA-Z0-9]+)$', r'/fit-in/630x630/s/\2.\4')]";

#[test]
fn r2_the_guides_zoom_in_the_same_folder() {
    check(ZOOM_IN_S, &[(&format!("/s/{H}-zoom.jpg"), &format!("/fit-in/630x630/s/{H}.jpg"))]);
    let upper = format!("/s/{}-zoom.jpg", H.to_uppercase());
    check_unchanged(ZOOM_IN_S, &[&format!("/s/{H}.jpg"), &format!("/S/{H}-zoom.jpg"), &upper]);
    check(ZOOM_IN_S, &[(&format!("/s/{H}-zoom.jpg\n"), &format!("/fit-in/630x630/s/{H}.jpg\n"))]);
}

#[test]
fn r3_the_guides_zoom_from_another_folder() {
    let list = r"[(r'^/([p])/([0-9a-f]+)-(zoom)\.([a-zA-Z0-9]+)$', r'/fit-in/630x630/product/\2.\4')]";
    check(list, &[(&format!("/p/{H}-zoom.jpg"), &format!("/fit-in/630x630/product/{H}.jpg"))]);
}

#[test]
fn r4_the_guides_six_rules() {
    let sizes = [("zoom", 630), ("product", 220), ("cart", 53), ("catalog", 120), ("gallery", 33), ("list", 92)];
    let rule = |(name, size)| {
        format!(r"(r'^/([s])/([0-9a-f]+)-({name})\.([a-zA-Z0-9]+)$', r'/fit-in/{size}x{size}/sample/\2.\4')")
    };
    let list = format!("[{}]", sizes.map(rule).join(",\n"));
    for (name, size) in sizes {
        check(&list, &[(&format!("/s/{H}-{name}.jpg"), &format!("/fit-in/{size}x{size}/sample/{H}.jpg"))]);
    }
    check_unchanged(&list, &[&format!("/s/{H}-related.jpg")]);
}

#[test]
fn r5_named_groups_in_plain_texts() {
    check(
        r"[('^/thumb/(?P<name>.+)$', '/fit-in/100x100/\\g<name>')]",
        &[("/thumb/a/b.jpg", "/fit-in/100x100/a/b.jpg")],
    );
}

#[test]
fn r6_looking_ahead() {
    let list = r"[(r'^/(?!unsafe/|fit-in/)(.*)$', r'/fit-in/800x600/\1')]";
    check(list, &[("/a.jpg", "/fit-in/800x600/a.jpg")]);
    check_unchanged(list, &["/fit-in/10x10/a.jpg"]);
}

#[test]
fn r7_all_matches_are_replaced() {
    check("[(r'-', r'_')]", &[("/a-b-c.jpg", "/a_b_c.jpg")]);
}

#[test]
fn r8_the_first_rule_that_changes_something_is_the_last() {
    check(r"[(r'(?i)\.JPE?G$', r'.webp'), (r'webp', r'never')]", &[("/x.JpEg", "/x.webp"), ("/x.webp", "/x.never")]);
}

#[test]
fn r9_a_rule_that_matches_and_changes_nothing_does_not_stop_the_list() {
    check(r"[(r'^/same/(.*)$', r'/same/\1'), (r'^/same/(.*)$', r'/changed/\1')]", &[("/same/a.jpg", "/changed/a.jpg")]);
}

#[test]
fn r10_a_tuple_of_rules_and_digits_of_ascii_only() {
    let list = r"((r'^/s/(\d+)x(\d+)/(.+)$', r'/\1x\2/smart/\3'),)";
    check(list, &[("/s/300x200/p.jpg", "/300x200/smart/p.jpg")]);
    check_unchanged(list, &["/s/３00x200/p.jpg"]);
}

#[test]
fn r11_ten_groups() {
    check(
        r"[(r'^/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)', r'/\10\g<1>0/')]",
        &[("/abcdefghij/k.jpg", "/ja0//k.jpg"), ("/abcdefghij", "/ja0/")],
    );
    check(r"[(r'^/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)/', r'/\10\g<1>0/')]", &[("/abcdefghij/k.jpg", "/ja0/k.jpg")]);
}

#[test]
fn r12_looking_behind() {
    let list = r"[(r'(\w+)\.\w+$(?<!\.png)', r'\g<0>.jpg')]";
    check(list, &[("/x/y.gif", "/x/y.gif.jpg")]);
    check_unchanged(list, &["/x/y.png"]);
}

#[test]
fn r13_no_rules() {
    for list in ["[]", "None", "()", " [ ] "] {
        check_unchanged(list, &["/", "/a.jpg", "/fit-in/1x1/a.jpg"]);
        assert!(rules(list).is_empty());
    }
}

#[test]
fn r14_texts_in_parts_comments_and_line_breaks() {
    check("[(r'^/w/' r'(\\d+)/(.+)$', \"/\\\\1x0/\\\\2\"), # c\n ]", &[("/w/320/a.jpg", "/320x0/a.jpg")]);
}

#[test]
fn r15_filters() {
    check(r"[(r'^/q/(\d+)/(.*)$', r'/filters:quality(\1)/\2')]", &[("/q/40/a.jpg", "/filters:quality(40)/a.jpg")]);
}

#[test]
fn r16_references_back() {
    let list = r"[(r'/(?P<d>[0-9]{2})/(?P=d)/', r'/\g<d>/')]";
    check(list, &[("/12/12/a.jpg", "/12/a.jpg")]);
    check_unchanged(list, &["/12/13/a.jpg"]);
}

#[test]
fn r17_what_is_no_list_of_rules_is_an_error_with_its_place() {
    let check = |list: &str, expected: &str| assert_eq!(error(list), expected, "{list}");
    check("", "line 1, column 1: expected a list, a tuple, a text in quotes or None");
    check("[(r'^/(a$', r'x')]", "rule 1, column 3 of its pattern: an opening bracket without a closing one");
    check("[('a')]", "line 1, column 2: expected a pattern and a substitution: two texts in quotes, in brackets");
    check("[compile('a')]", "line 1, column 2: expected a list, a tuple, a text in quotes or None");
}

#[test]
fn r18_fourteen_rules_of_two_folders() {
    let sizes =
        [("zoom", 650), ("raw", 360), ("cart", 83), ("catalog", 180), ("gallery", 22), ("list", 63), ("related", 47)];
    let rule = |(name, size)| {
        ["a", "b"].map(|folder| {
            let to = if folder == "a" { "sample" } else { "raw" };
            format!(r"(r'^/([{folder}])/([0-9a-f]+)-({name})\.([a-zA-Z0-9]+)$',r'/fit-in/{size}x{size}/{to}/\2.\4')")
        })
    };
    let list = format!("[{}]", sizes.map(rule).concat().join(","));
    assert_eq!(rules(&list).rules.len(), 14);
    check(
        &list,
        &[
            (
                "/b/4fff89be6cca5cf00afe8062a54796fa-zoom.jpg",
                "/fit-in/650x650/raw/4fff89be6cca5cf00afe8062a54796fa.jpg",
            ),
            ("/a/0f-related.png", "/fit-in/47x47/sample/0f.png"),
        ],
    );
}

#[test]
fn json_is_read_as_json() {
    check(r#"[["^\/a\/(\\d+)$", "\/\\1x0\/a.jpg"]]"#, &[("/a/30", "/30x0/a.jpg")]);
    check(r#"[["a", "b", 3]]"#, &[("/a", "/b")]); // further items do not count
}

#[test]
fn the_rule_that_hit_is_told() {
    let rules = rules("[('x', 'y'), ('a', 'b')]");
    let hit = rules.rewrite("/a").unwrap().unwrap();
    assert_eq!((hit.path.as_str(), hit.rule.name.as_str(), hit.rule.pattern.as_str()), ("/b", "rule 2", "a"));
}

#[test]
fn faults_of_rules_are_told_with_rule_and_column() {
    let check = |list: &str, expected: &str| assert_eq!(error(list), expected, "{list}");
    check(r"[('a', 'b'), ('c', r'd\2')]", "rule 2, column 2 of its substitution: no group `2`");
    check("[('(?P<n>a)', r'\\g<m>')]", "rule 1, column 1 of its substitution: no group `m`");
    check(
        "[('a', 'b'),\n ('c' 'd')]",
        "line 2, column 2: expected a pattern and a substitution: two texts in quotes, in brackets",
    );
    check("[('a', 'b'), ('c', 'd]", "line 1, column 20: the text that begins here has no end");
    check("[('a', 'b') ('c', 'd')]", "line 1, column 13: expected a comma or a closing bracket");
    check("[('a', 'b')] x", "line 1, column 14: the list ends here");
    check("'a'", "line 1, column 1: expected a list of rules");
    check(r"[('\xZZ', 'b')]", "line 1, column 4: this escape stands for no character");
    let many = format!("[{}]", "('a', 'b'),".repeat(101));
    check(&many, "101 rules exceed the limit of 100");
}

#[test]
fn no_path_is_worked_on_without_end() {
    let stubborn = rules(r"[(r'(?:(\w+)\1)*!', 'x')]");
    let rule = || "rule 1".to_owned();
    assert_eq!(stubborn.rewrite(&"a".repeat(8000)), Err(RewriteError::TooMuchWork { rule: rule() }));
    let hungry = rules("[('a', 'aa')]");
    assert_eq!(hungry.rewrite(&"a".repeat(300)), Err(RewriteError::TooMuchWork { rule: rule() }));
    let growing = rules(r"[('.+', r'\g<0>' r'\g<0>')]");
    assert_eq!(growing.rewrite(&"a".repeat(8000)), Err(RewriteError::TooLong { rule: rule(), limit_bytes: 8192 }));
    // No way is tried twice here, however long the path.
    assert_eq!(rules("[('(a+)+$', 'x')]").rewrite(&format!("{}!", "a".repeat(8000))), Ok(None));
}

/// Rules of the variables of later editions.
fn javascript(pattern: &str, substitution: &str) -> Result<Rules, Vec<RuleError>> {
    Rules::compile(RuleText::javascript(pattern, substitution).map_err(|error| vec![error])?, LIMITS)
}

#[test]
fn later_editions_write_javascript() {
    let check = |pattern: &str, substitution: &str, path: &str, expected: &str| {
        assert_eq!(rewritten(&javascript(pattern, substitution).unwrap(), path), expected, "{pattern} {path}");
    };
    check("/large/gm", "fit-in/1400x1400", "/large/a.jpg", "/fit-in/1400x1400/a.jpg");
    check("/(filters-)/gm", "filters:", "/filters-rotate(90)/a.jpg", "/filters:rotate(90)/a.jpg");
    check("/-/", "_", "/a-b-c", "/a_b-c"); // without g only the first
    check("/-/g", "_", "/a-b-c", "/a_b_c");
    check(r"/^\/w\/(\d+)\/(.*)$/", "/$1x0/$2", "/w/30/a", "/30x0/a");
    check(r"/(?<w>\d+)-(?<h>\d+)/", "$<w>x$<h>[$&]$$$3$x", "/3-4/a", "/3x4[3-4]$$3$x/a");
    check(r"/b/", "[$`|$']", "/abc", "/a[/a|c]c");
    check(r"/(a)(b)?c/", "$2$1$10", "/ac", "/aa0");
    check(r"/x*/g", "-", "/abxd", "-/-a-b--d-");
    check(r"/(?:(x)|y)\1z/", "!", "/yz", "/!"); // a group without a match is nothing
    check("/A/i", "b", "/a", "/b");
    check("/[^]]/", "b", "/a", "/a");
    check(r#"["/a/g", "/b/"]"#, r#"["x", "y"]"#, "/bb", "/yb");
    check(r#"["/a/", "/a/"]"#, r#"["a", "y"]"#, "/a", "/a"); // the first that matches is the last
    let error =
        |pattern: &str, substitution: &str| javascript(pattern, substitution).map(|_| ()).unwrap_err()[0].to_string();
    assert_eq!(error("large", "x"), "rule 1, column 1 of its pattern: expected `/pattern/flags`");
    assert_eq!(error("/a/gq", "x"), "rule 1, column 5 of its pattern: flag `q` is not known");
    assert_eq!(error("/a(/g", "x"), "rule 1, column 3 of its pattern: an opening bracket without a closing one");
    assert_eq!(error(r#"["/a/", "/b/"]"#, "x"), "2 patterns and 1 substitutions: each pattern needs one of its own");
}

proptest! {
    /// What cannot be compiled is an error here, never one of the engine, and nothing panics.
    #[test]
    fn any_text_is_a_rule_or_an_error_with_its_place(
        pattern in r"[a-c/.*+?|()\[\]{}^$\\1-3dwsbBZ:=!<>P#,-]{0,24}",
        substitution in r"[a-c/\\$g<>&0-3]{0,12}",
        path in "/[a-c1/ .-]{0,24}",
    ) {
        for dialect in [Dialect::Python, Dialect::JavaScript] {
            let slashed = if dialect == Dialect::Python { pattern.clone() } else { format!("/{pattern}/g") };
            let name = "rule 1".to_owned();
            let text = RuleText { name, dialect, pattern: slashed, substitution: substitution.clone() };
            match Rules::compile(vec![text], LIMITS) {
                Ok(rules) => drop(rules.rewrite(&path)),
                Err(errors) => prop_assert!(!errors[0].to_string().contains("cannot be compiled"), "{}", errors[0]),
            }
        }
    }
}
