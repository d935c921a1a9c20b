use super::script::Script;
use super::{Remark, Setting, Value};
use std::collections::BTreeMap;

fn environment() -> BTreeMap<String, String> {
    [("SET", "on"), ("NUMBER", "7"), ("HOME", "/home/t")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn read(text: &str) -> (Vec<Setting>, Vec<Remark>) {
    let mut script = Script::default();
    script.read(text, "/etc/thumbor/thumbor.conf", &environment());
    (script.settings, script.remarks)
}

/// The value of an expression.
fn value(expression: &str) -> Result<Value, String> {
    let (settings, remarks) = read(&format!("A = 3\nWORDS = ['x', 'y']\nname = 'n'\nX = {expression}\n"));
    let last = settings.into_iter().find(|setting| setting.name == "X");
    last.map(|setting| setting.value)
        .ok_or_else(|| remarks.first().map(|remark| remark.text.clone()).unwrap_or_default())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list<const N: usize>(items: [&str; N]) -> Value {
    Value::List(items.map(text).to_vec())
}

#[test]
fn literals() {
    let check = |expression: &str, expected: Value| assert_eq!(value(expression), Ok(expected), "{expression}");
    check("None", Value::None);
    check("True", Value::Bool(true));
    check("0x1F", Value::Int(31));
    check("1_000_000", Value::Int(1_000_000));
    check("75e6", Value::Float(75e6));
    check("1.5e-3", Value::Float(0.0015));
    check(".5", Value::Float(0.5));
    check(r"'it\'s'", text("it's"));
    check(r"r'^\d+$'", text(r"^\d+$"));
    check(r"'\x41\u00e9\q'", text("Aé\\q"));
    check("b'bytes'", text("bytes"));
    check("'a' \"b\"\n", text("ab"));
    check("('a'\n  'b')  # joined", text("ab"));
    check("'''two\nlines'''", text("two\nlines"));
    check("['a', # first\n 'b',\n]", list(["a", "b"]));
    check("('a',)", list(["a"]));
    check("'a', 'b'", list(["a", "b"]));
    check("{'k': 1, 'l': [],}", Value::Dict(vec![(text("k"), Value::Int(1)), (text("l"), Value::List(vec![]))]));
    check("()", Value::List(vec![]));
}

#[test]
fn arithmetic_is_pythons() {
    let check = |expression: &str, expected: Value| assert_eq!(value(expression), Ok(expected), "{expression}");
    check("60 * 60 * 24", Value::Int(86_400));
    check("1 + 2 * 3 ** 2", Value::Int(19));
    check("-2 ** 2", Value::Int(-4));
    check("-7 // 2", Value::Int(-4));
    check("-7 % 3", Value::Int(2));
    check("7 / 2", Value::Float(3.5));
    check("2 ** -1", Value::Float(0.5));
    check("1 << 20 | 1", Value::Int((1 << 20) | 1));
    check("A * 2 if A > 2 else 0", Value::Int(6));
    check("1 < A <= 3 and not A == 4", Value::Bool(true));
    check("'x' in WORDS and 'z' not in WORDS", Value::Bool(true));
    check("None or 'default'", text("default"));
    check("WORDS + ['z']", list(["x", "y", "z"]));
    check("'ab' + 'c' * 2", text("abcc"));
    check("WORDS[-1]", text("y"));
    check("{'k': 1}['k']", Value::Int(1));
}

#[test]
fn texts_are_put_together() {
    let check = |expression: &str, expected: &str| assert_eq!(value(expression), Ok(text(expected)), "{expression}");
    check("'%s-%d%%' % (name, A)", "n-3%");
    check("'%s' % name", "n");
    check("'{}/{}/{x}{{}}'.format(name, A, x=1)", "n/3/1{}");
    check("f'{name}/{A + 1}{{}}'", "n/4{}");
    check("', '.join(WORDS)", "x, y");
    check("' A-B '.strip().lower().replace('-', '_')", "a_b");
    check("str(A)", "3");
}

#[test]
fn functions_of_settings() {
    let check = |expression: &str, expected: Value| assert_eq!(value(expression), Ok(expected), "{expression}");
    check("re.compile(r'^a\\.b$')", Value::Pattern(r"^a\.b$".into()));
    check("re.compile('a', re.IGNORECASE)", Value::Pattern("(?i)a".into()));
    check("os.environ.get('SET')", text("on"));
    check("os.environ.get('MISSING')", Value::None);
    check("os.environ.get('MISSING', A * 2)", Value::Int(6));
    check("os.environ['SET']", text("on"));
    check("int(os.getenv('NUMBER', 3))", Value::Int(7));
    check("'SET' in os.environ", Value::Bool(true));
    check("bool(int('0'))", Value::Bool(false));
    check("join('/srv', 'a', '/b', 'c')", text("/b/c"));
    check("os.path.join(os.path.dirname(os.path.abspath(__file__)), 'x')", text("/etc/thumbor/x"));
    check("os.path.expanduser('~/pictures')", text("/home/t/pictures"));
    check("'a,b'.split(',')", list(["a", "b"]));
    check("tuple(['a'])", list(["a"]));
    check("dict(k=1)", Value::Dict(vec![(text("k"), Value::Int(1))]));
    check("ast.literal_eval('[\"a\", true]')", Value::List(vec![text("a"), Value::Bool(true)]));
    check("strtobool('Yes')", Value::Bool(true));
}

#[test]
fn what_is_not_followed_is_said_in_words() {
    let check = |expression: &str, words: &str| {
        let said = value(expression).expect_err(expression);
        assert!(said.starts_with("X: ") && said.contains(words), "{expression}: {said}");
    };
    check("[w for w in WORDS]", "`for` is not understood here");
    check("lambda: 1", "`lambda`");
    check("missing + 1", "`missing` is not known");
    check("subprocess.check_output('id')", "`subprocess.check_output(...)` is not known");
    check("open('/etc/passwd').read()", "`open(...)` is not known");
    check("os.environ['MISSING']", "`MISSING` is not set here");
    check("'abc", "a text is never closed");
    check("(1", "a bracket is never closed");
    check("1 +", "it ends too early");
    check("'a' + 1", "`+` between a text and a number");
    check("10 ** 100", "`**` between a number and a number");
    check("1 / 0", "`/` between");
    check("f'{A:03d}'", "is no expression");
    check("?", "`?` means nothing here");
}

#[test]
fn hostile_expressions_end_in_words_too() {
    for expression in [
        "(".repeat(10_000) + "1" + &")".repeat(10_000),
        "-".repeat(10_000) + "1",
        "not ".repeat(100_000) + "1",
        "1".to_owned() + &" ** 1".repeat(10_000),
        "'a' * 1000 * 1000 * 1000".to_owned(),
        "A".to_owned() + &"[0]".repeat(10_000),
        "f'".to_owned() + &"{".repeat(1000) + "'",
        "1 << 9999".to_owned(),
    ] {
        // `not not 1` and the like are good; what counts is that they end.
        let _ = value(&expression);
    }
    let doubled = "a = 'x' * 1000\n".to_owned() + &"a = a + a\n".repeat(60) + "X = a\n";
    let (settings, remarks) = read(&doubled);
    assert!(settings.is_empty() && remarks[0].text.contains("too large"), "{remarks:?}");
}

#[test]
fn a_setting_remembers_where_it_stands_and_what_was_said_of_it() {
    let (settings, _) = read(
        "# of the file\n\n# above\n# and above\nQUALITY = 80 # behind\n\n\nquality_of_webp = QUALITY\nWEBP_QUALITY = quality_of_webp\n",
    );
    let [quality, webp] = settings.as_slice() else { panic!("{settings:?}") };
    assert_eq!((quality.line, quality.derived.as_deref()), (5, None));
    assert_eq!(quality.comments, [" above", " and above", " behind"]);
    assert_eq!((webp.line, webp.derived.as_deref()), (9, Some("WEBP_QUALITY = quality_of_webp")));
}

#[test]
fn later_lines_win_and_lists_grow() {
    let (settings, remarks) =
        read("A = B = 1\nA: int = 2\nL = ['a']\nL += ['b']\nL.append('c')\nL.extend(['d'])\n_X = 1\nlower = 2\n");
    let found: Vec<_> = settings.iter().map(|setting| (setting.name.as_str(), setting.value.clone())).collect();
    assert_eq!(found, [("B", Value::Int(1)), ("A", Value::Int(2)), ("L", list(["a", "b", "c", "d"]))]);
    assert_eq!(remarks, []);
}

#[test]
fn lines_that_are_not_followed_are_told_with_their_numbers_and_take_their_settings_with_them() {
    let (settings, remarks) = read(
        "import os\nfrom secrets import *\nQUALITY = 80\nif os.environ.get('SET'):\n    QUALITY = 90\n\n    # deep\n    MAX_WIDTH = 1\nelse:\n    QUALITY = 70\n\
         MAX_AGE = QUALITY\nprint('x', 1)\nMAX_HEIGHT = 5\nMAX_HEIGHT = f()\nd['k'] = 1\npass\n",
    );
    assert_eq!(settings, []);
    let told: Vec<_> =
        remarks.iter().map(|remark| (remark.line, remark.last, remark.is_loss, remark.text.as_str())).collect();
    assert_eq!(
        told,
        [
            (1, 1, false, "`import os` is passed over"),
            (2, 2, true, "`from secrets import *` is passed over; settings that it brings are not read"),
            (
                4,
                10,
                true,
                "`if os.environ.get(...` and what belongs to it is not followed; it may set QUALITY, MAX_WIDTH"
            ),
            (11, 11, true, "MAX_AGE: it uses `QUALITY`, and line 4, which sets that, is not understood"),
            (12, 12, true, "`print(...`: it sets nothing"),
            (14, 14, true, "MAX_HEIGHT: `f(...)` is not known to this reader, or not with these arguments"),
            (15, 15, true, "only plain names are set by this reader"),
        ]
    );
}

#[test]
fn a_bracket_that_is_never_closed_costs_its_own_line_only() {
    let (settings, remarks) = read("A = [\nB = 2\n");
    assert_eq!(settings.iter().map(|setting| setting.name.as_str()).collect::<Vec<_>>(), ["B"]);
    assert_eq!((remarks.len(), remarks[0].line, remarks[0].last), (1, 1, 1));
}

#[test]
fn remarks_show_nothing_that_stands_in_quotes() {
    let (_, remarks) = read("connect(password='hunter2')\nif key == 'hunter2':\n    X = 1\n");
    assert_eq!(remarks.len(), 2);
    assert!(remarks.iter().all(|remark| !remark.text.contains("hunter2")), "{remarks:?}");
}

#[test]
fn environment_variables_that_a_value_depends_on_are_known_through_other_names() {
    let (settings, _) = read("key = os.environ.get('SET')\nother = key\nX = other + os.environ.get('MISSING', '')\n");
    let asked: Vec<_> = settings[0].asked.iter().map(|variable| (variable.name.as_str(), variable.is_set)).collect();
    assert_eq!(asked, [("SET", true), ("MISSING", false)]);
}
