//! Filter calls as text: where one ends and the next begins, its name, its arguments.

use std::fmt;

/// One filter call as written, percent-decoded; nothing is known yet about its meaning.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct FilterCall {
    /// What stands before the first `(`; the whole text if there is none.
    pub name: String,
    /// What stands between the first `(` and the `)` that closes it, commas, spaces and quotes included.
    ///
    /// Text after that `)` is ignored, as Thumbor does. Where no `)` closes the first `(`, the last one counts.
    pub args: String,
    /// The whole call.
    pub text: String,
}

impl FilterCall {
    /// From the text of one call, such as `blur(7,2)`. Any text will do.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let (name, args) = match text.split_once('(') {
            Some((name, inside)) => (name.to_owned(), inside[..closing(inside)].to_owned()),
            None => (text.clone(), String::new()),
        };
        Self { name, args, text }
    }

    /// The calls in decoded filter text: it is cut at every `):`, and each piece but the last gets its `)` back.
    pub fn split(text: &str) -> Vec<Self> {
        let mut calls = Vec::new();
        let mut rest = text;
        while let Some((piece, after)) = rest.split_once("):") {
            calls.push(Self::new(format!("{piece})")));
            rest = after;
        }
        calls.push(Self::new(rest));
        calls
    }
}

impl fmt::Display for FilterCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where the arguments end in the text after the first `(`. Parentheses inside a quoted argument do not count.
fn closing(inside: &str) -> usize {
    let mut depth = 0_u32;
    let mut argument_starts = true;
    let mut skip_to = 0;
    for (at, byte) in inside.bytes().enumerate() {
        if at < skip_to {
            continue;
        }
        match byte {
            b'\'' if argument_starts => {
                if let Some(length) = inside[at + 1..].find('\'') {
                    skip_to = at + 1 + length + 1;
                }
            }
            b'(' => depth += 1,
            b')' if depth == 0 => return at,
            b')' => depth -= 1,
            _ => {}
        }
        argument_starts = byte == b',' || (argument_starts && byte == b' ');
    }
    inside.rfind(')').unwrap_or(inside.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_a_name_and_arguments() {
        let check = |text, name, args| {
            let call = FilterCall::new(text);
            assert_eq!((&*call.name, &*call.args, &*call.text), (name, args, text));
        };
        check("blur(7,2)", "blur", "7,2");
        check("grayscale()", "grayscale", "");
        check("blur( 7 , 2 )", "blur", " 7 , 2 ");
        check("Blur (7)", "Blur ", "7");
        check("quality(80)junk", "quality", "80");
        check("blur(7)grayscale()", "blur", "7"); // a forgotten colon
        check("blur(7))", "blur", "7");
        check("curve([(0,0),(255,255)],[(1,2)])", "curve", "[(0,0),(255,255)],[(1,2)]");
        check("watermark(http://h/x(1).png,0,0,0)", "watermark", "http://h/x(1).png,0,0,0");
        check("watermark(http://h/x(.png,0,0,0)", "watermark", "http://h/x(.png,0,0,0"); // never closed: the last one
        check("watermark('a).png',0,0,0)", "watermark", "'a).png',0,0,0");
        check("text( ':)' ,1)", "text", " ':)' ,1");
        check("text(it's :),1)", "text", "it's :"); // a quote inside an argument quotes nothing
        check("text('open)", "text", "'open");
        check("abc)", "abc)", "");
        check("", "", "");
    }

    #[test]
    fn filter_text_is_cut_at_parenthesis_and_colon() {
        let check = |text, expected: &[&str]| {
            let calls = FilterCall::split(text);
            assert_eq!(calls.iter().map(|call| &*call.text).collect::<Vec<_>>(), expected, "{text}");
        };
        check("a(1):b()", &["a(1)", "b()"]);
        check("a(1)", &["a(1)"]);
        check(":brightness(30)", &[":brightness(30)"]);
        check("a()::b()", &["a()", ":b()"]);
        check("a():):b()", &["a()", ")", "b()"]);
        check("watermark(http://h:80/a:b.png,0,0,0):x()", &["watermark(http://h:80/a:b.png,0,0,0)", "x()"]);
        check("text(:):1)", &["text(:)", "1)"]); // no argument can hold this
    }
}
