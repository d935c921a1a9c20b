//! Values as they are written, and as they are written back.

use super::*;
use std::fmt::Debug;
use std::time::Duration;

#[expect(clippy::needless_pass_by_value, reason = "rows read better")]
fn check<K: Kind>(text: &str, expected: Option<K::Out>)
where
    K::Out: Debug + PartialEq,
{
    assert_eq!(K::parse(&Given::One(text.into())), expected, "`{text}`");
}

/// Shown values are read again as they were.
fn check_shown<K: Kind>(out: K::Out, toml: &str)
where
    K::Out: Debug + PartialEq,
{
    assert_eq!(K::show(&out), toml);
    check::<K>(toml.trim_matches('"'), Some(out));
}

#[test]
fn flags() {
    for text in ["true", "True", "TRUE", "yes", "Yes", "on", "1", " true "] {
        check::<Flag>(text, Some(true));
    }
    for text in ["false", "False", "no", "NO", "off", "0"] {
        check::<Flag>(text, Some(false));
    }
    for text in ["", "2", "maybe", "y", "none"] {
        check::<Flag>(text, None);
    }
}

#[test]
fn whole_numbers() {
    for (text, number) in [("75e6", 75_000_000), ("75000000", 75_000_000), ("75_000_000", 75_000_000), ("1.0", 1)] {
        check::<Whole<u64>>(text, Some(number));
    }
    for text in ["", "1.5", "-1", "1e30", "nan", "inf", "0x10", "1,000"] {
        check::<Whole<u64>>(text, None);
    }
    check::<Whole<u8>>("256", None);
    check::<Whole<u8, 0, 100>>("101", None);
    check::<Whole<u8, 1>>("0", None);
    check::<Limit<u64>>("None", Some(0));
    check::<Maybe<Whole<u8>>>("none", Some(None));
    check::<Maybe<Whole<u8>>>("7", Some(Some(7)));
    check::<Maybe<Whole<u8>>>("seven", None);
}

#[test]
fn margins() {
    for (text, margin) in [("fine", 2.0), ("Fast", 1.0), ("1", 1.0), ("1.5", 1.5), ("10", 10.0)] {
        check::<Margin>(text, Some(margin));
    }
    for text in ["", "finest", "none", "0.9", "10.1", "nan", "inf", "-2"] {
        check::<Margin>(text, None);
    }
    check_shown::<Margin>(2.0, "\"fine\"");
    check_shown::<Margin>(1.0, "\"fast\"");
    check_shown::<Margin>(2.5, "2.5");
}

#[test]
fn modes_of_files() {
    for (text, mode) in [("660", 0o660), ("0660", 0o660), ("0o777", 0o777), ("000", 0)] {
        check::<FileMode>(text, Some(mode));
    }
    for text in ["", "6", "66", "668", "1777", "rw-", "+66", "-66"] {
        check::<FileMode>(text, None);
    }
    check_shown::<FileMode>(0o660, "\"660\"");
    check_shown::<FileMode>(0o007, "\"007\"");
}

#[test]
fn sizes_in_bytes() {
    for (text, bytes) in [("0", 0), ("1000", 1000), ("64MiB", 64 << 20), ("64 mib", 64 << 20), ("256MB", 256_000_000)] {
        check::<Bytes>(text, Some(bytes));
    }
    for (text, bytes) in
        [("1kB", 1000), ("1KiB", 1024), ("2g", 2 << 30), ("0.5GiB", 1 << 29), ("10B", 10), ("1e6", 1_000_000)]
    {
        check::<Bytes>(text, Some(bytes));
    }
    for text in ["", "MB", "-1MB", "1XB", "99999999999GiB", "1 2MB"] {
        check::<Bytes>(text, None);
    }
    check_shown::<Bytes>(64 << 20, "\"64MiB\"");
    check_shown::<Bytes>((64 << 20) + 1, "67108865");
    check_shown::<Bytes>(0, "0");
}

#[test]
fn times() {
    let ms = Duration::from_millis;
    for (text, time) in [("5", ms(5000)), ("0.25", ms(250)), ("5s", ms(5000)), ("500ms", ms(500)), ("2m", ms(120_000))]
    {
        check::<Time>(text, Some(time));
    }
    for text in ["", "s", "-1", "1 week", "five", "1e30h"] {
        check::<Time>(text, None);
    }
    check::<Time<1>>("0", None);
    check_shown::<Time>(ms(3_600_000), "\"1h\"");
    check_shown::<Time>(ms(90_000), "\"90s\"");
    check_shown::<Time>(ms(1500), "\"1500ms\"");
    check_shown::<Time>(ms(0), "\"0s\"");
    check::<Seconds>("1h", Some(3600));
    check::<Seconds>("1500ms", None);
}

#[test]
fn lists() {
    let check = |text: &str, expected: &[&str]| {
        let expected = expected.iter().map(|&item| item.to_owned()).collect();
        check::<List<HeaderText>>(text, Some(expected));
    };
    check("", &[]);
    check("[]", &[]);
    check("a", &["a"]);
    check("a, b ,c,", &["a", "b", "c"]);
    check("['a', \"b\"]", &["a", "b"]);
    check("('a', 'b,c')", &["a", "b,c"]);
    check("'a{1,2}', b", &["a{1,2}", "b"]);
    check("[a-z]+", &["[a-z]+"]);
    check("it's", &["it's"]);
    assert_eq!(List::<HeaderText>::show(&vec!["a".into(), "b\"c".into()]), r#"["a", "b\"c"]"#);
}

#[test]
fn paths_of_urls() {
    check::<UrlPath>("/old-ui/v1.0/", Some("old-ui/v1.0".to_owned()));
    for text in ["", "/", "a b", "{a}", "*", "a?b", "-/ui", "healthcheck", "unsafe/x"] {
        check::<UrlPath>(text, None);
    }
}

#[test]
fn addresses_networks_and_colors() {
    check_shown::<Address>([127, 0, 0, 1].into(), "\"127.0.0.1\"");
    check::<Address>("[::1]", Some("::1".parse().unwrap()));
    check::<Address>("localhost", Some([127, 0, 0, 1].into()));
    check_shown::<Network>("10.0.0.0/8".parse().unwrap(), "\"10.0.0.0/8\"");
    check::<Network>("10.0.0.1", Some("10.0.0.1/32".parse().unwrap()));
    check_shown::<HexColor>([1, 2, 255], "\"0102ff\"");
    check::<HexColor>("#FFFFFF", Some([255; 3]));
    for text in ["fff", "gggggg", "+fffff", "ffffff00", "é1234"] {
        check::<HexColor>(text, None);
    }
}

#[test]
fn log_filters() {
    for (text, filter) in [("INFO", "info"), ("WARNING", "warn"), ("CRITICAL", "error"), ("off", "off")] {
        check::<LogFilter>(text, Some(filter.into()));
    }
    check::<LogFilter>("info,tintype::loader=debug", Some("info,tintype::loader=debug".into()));
    for text in ["", "loud", "tintype=loud"] {
        check::<LogFilter>(text, None);
    }
}
