use super::*;

const DEF: FilterDef = FilterDef {
    name: "test",
    about: "",
    example: "",
    params: &[
        Param { name: "natural", kind: Kind::Natural, default: None, about: "" },
        Param { name: "integer", kind: Kind::Integer, default: Some("-1"), about: "" },
        Param { name: "boolean", kind: Kind::Boolean, default: Some("false"), about: "" },
        Param { name: "text", kind: Kind::Text, default: Some("none"), about: "" },
    ],
    compile: |_, _| Ok(()),
};

fn check(text: &str, expected: Option<(i64, i64, bool, &str)>) {
    let args = parse(&DEF, text);
    let found = args.as_ref().map(|a| (a.number(0), a.number(1), a.boolean(2), a.text(3)));
    assert_eq!(found.ok(), expected, "{text}");
    assert!(args.err().is_none_or(|error| error.is_mismatch()), "{text}");
}

#[test]
fn arguments_match_as_a_whole_or_not_at_all() {
    check("7", Some((7, -1, false, "none")));
    check(" 7 , -3 , True , a b ", Some((7, -3, true, "a b")));
    check("007,5,1,'x, (y)'", Some((7, 5, true, "x, (y)")));
    check("7,5,0,it's", Some((7, 5, false, "it's")));
    check("7,5,0,'it", Some((7, 5, false, "'it")));
    for wrong in ["", " ", "-7", "7.5", "7,", "7,x", "7,5,TRUE", "7,5,1,", "7,5,1,a,b", "x", "٣"] {
        check(wrong, None);
    }
}

#[test]
fn what_does_not_match_names_filter_argument_and_expectation() {
    let check = |text, expected: &str| assert_eq!(parse(&DEF, text).unwrap_err().to_string(), expected);
    check("", "test: natural is missing, a whole number without a sign");
    check("-7", "test: natural `-7` is not a whole number without a sign");
    check("7,x", "test: integer `x` is not a whole number");
    check("7,5,TRUE", "test: boolean `TRUE` is not true or false");
    check("7,5,1,a,b, c ", "test: `b, c` is too much, it takes 4 arguments");
}

#[test]
fn decimals_may_lack_either_side_of_the_point() {
    const DECIMAL: FilterDef = FilterDef {
        params: &[Param { name: "d", kind: Kind::Within(&Kind::Decimal, 0, 1), default: None, about: "" }],
        ..DEF
    };
    let check = |text, expected: Option<f64>| {
        assert_eq!(parse(&DECIMAL, text).ok().map(|args| args.decimal(0)), expected, "{text}");
    };
    check("1.5", Some(1.5));
    check("-2", Some(-2.0));
    check(" -.25 ", Some(-0.25));
    for wrong in ["", "-", ".", "1.", "1e3", "+1", "inf", "NaN", "1.2.3", "1,5"] {
        check(wrong, None);
    }
    let error = parse(&DECIMAL, &"9".repeat(400)).unwrap_err();
    assert!(!error.is_mismatch() && error.to_string().ends_with("is not a number of this size"), "{error}");
}

#[test]
fn points_stand_in_brackets() {
    const POINTS: FilterDef = FilterDef {
        params: &[
            Param { name: "first", kind: Kind::Points, default: None, about: "" },
            Param { name: "second", kind: Kind::Points, default: None, about: "" },
        ],
        ..DEF
    };
    type Lists<'a> = (&'a [(i64, i64)], &'a [(i64, i64)]);
    let check = |text, expected: Option<Lists<'_>>| {
        let args = parse(&POINTS, text).ok();
        assert_eq!(args.as_ref().map(|args| (args.points(0), args.points(1))), expected, "{text}");
    };
    check("[(1,2),(3,4)],[(5,6)]", Some((&[(1, 2), (3, 4)], &[(5, 6)])));
    check(" [ ( 1 , 2 ) , (3,4), ] , [] ", Some((&[(1, 2), (3, 4)], &[])));
    check("[(1,2)(3,4)],[(5,6)]", Some((&[(1, 2), (3, 4)], &[(5, 6)])));
    for wrong in ["[(1,2)]", "[(1,2)],", "[(1,2)],[(1,2)],[]", "(1,2),(3,4)", "[(1)],[]", "[(-1,2)],[]", "[(1,2)x],[]"]
    {
        check(wrong, None);
    }
    assert!(!parse(&POINTS, &format!("[(1,{})],[]", "9".repeat(30))).unwrap_err().is_mismatch());
}

#[test]
fn a_number_that_no_machine_holds_is_an_error_that_shows_its_beginning() {
    let error = parse(&DEF, &"9".repeat(100)).unwrap_err();
    assert_eq!(error.to_string(), format!("test: natural `{}…` is not a 64-bit number", "9".repeat(40)));
}
