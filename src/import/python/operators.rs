//! Arithmetic and comparisons, as Python has them.

use super::Unclear;
use super::value::Value;
use std::cmp::Ordering;

/// `sign value`.
pub(super) fn unary(sign: &str, value: &Value) -> Result<Value, Unclear> {
    let result = match (sign, value) {
        ("not", value) => Some(Value::Bool(!value.is_true())),
        ("-", Value::Float(value)) => Some(Value::Float(-value)),
        ("-", value) => value.int().and_then(i64::checked_neg).map(Value::Int),
        ("+", Value::Float(value)) => Some(Value::Float(*value)),
        ("+", value) => value.int().map(Value::Int),
        ("~", value) => value.int().map(|value| Value::Int(!value)),
        _ => None,
    };
    result.ok_or_else(|| Unclear::new(format!("`{sign}` before {} gives no setting", value.kind())))
}

/// `left sign right`.
pub(super) fn binary(sign: &str, left: Value, right: Value) -> Result<Value, Unclear> {
    let unclear = Unclear::new(format!("`{sign}` between {} and {} gives no setting", left.kind(), right.kind()));
    let result = match (sign, left, right) {
        ("+", Value::Text(left), Value::Text(right)) => Some(Value::Text(left + &right)),
        ("+", Value::List(left), Value::List(right)) => Some(Value::List([left, right].concat())),
        ("%", Value::Text(pattern), arguments) => return percent(&pattern, arguments)?.bounded(),
        ("*", Value::Text(text), Value::Int(times)) | ("*", Value::Int(times), Value::Text(text)) => {
            // What is too long is refused before it is made.
            let times = usize::try_from(times).unwrap_or(0);
            (times <= 1000 && text.len() <= 1000).then(|| Value::Text(text.repeat(times)))
        }
        (sign, left, right) => match (left.int(), right.int()) {
            (Some(left), Some(right)) => whole(sign, left, right),
            _ => left.float().zip(right.float()).and_then(|(left, right)| fraction(sign, left, right)),
        },
    };
    result.ok_or(unclear)?.bounded()
}

fn whole(sign: &str, left: i64, right: i64) -> Option<Value> {
    #[expect(clippy::cast_precision_loss, reason = "as Python does it")]
    let result = match sign {
        "+" => left.checked_add(right)?,
        "-" => left.checked_sub(right)?,
        "*" => left.checked_mul(right)?,
        "//" => floored(left, right)?,
        "%" => left.checked_sub(floored(left, right)?.checked_mul(right)?)?,
        "**" if right < 0 => return fraction(sign, left as f64, right as f64),
        "**" => left.checked_pow(u32::try_from(right).ok()?)?,
        "<<" => left.checked_mul(1_i64.checked_shl(u32::try_from(right).ok()?).filter(|power| *power > 0)?)?,
        ">>" => left.checked_shr(u32::try_from(right).ok()?)?,
        "|" => left | right,
        "&" => left & right,
        "^" => left ^ right,
        _ => return fraction(sign, left as f64, right as f64),
    };
    Some(Value::Int(result))
}

/// The quotient rounded down, as Python's `//`.
fn floored(left: i64, right: i64) -> Option<i64> {
    let quotient = left.checked_div(right)?;
    let inexact = left.checked_rem(right)? != 0;
    Some(if inexact && (left < 0) != (right < 0) { quotient - 1 } else { quotient })
}

fn fraction(sign: &str, left: f64, right: f64) -> Option<Value> {
    let result = match sign {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "//" => (left / right).floor(),
        "%" => left - right * (left / right).floor(),
        "**" => left.powf(right),
        _ => return None,
    };
    result.is_finite().then_some(Value::Float(result))
}

/// Whether `left sign right` holds.
pub(super) fn holds(sign: &str, left: &Value, right: &Value) -> Result<bool, Unclear> {
    let order = || match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => left.float().zip(right.float()).and_then(|(left, right)| left.partial_cmp(&right)),
    };
    let ordered = |wanted: fn(Ordering) -> bool| {
        let unclear =
            || Unclear::new(format!("`{sign}` between {} and {} is not understood", left.kind(), right.kind()));
        order().map(wanted).ok_or_else(unclear)
    };
    match sign {
        "==" | "is" => Ok(equal(left, right)),
        "!=" | "is not" => Ok(!equal(left, right)),
        "<" => ordered(Ordering::is_lt),
        "<=" => ordered(Ordering::is_le),
        ">" => ordered(Ordering::is_gt),
        ">=" => ordered(Ordering::is_ge),
        "in" => contains(right, left),
        "not in" => contains(right, left).map(|found| !found),
        _ => Err(Unclear::new(format!("`{sign}` is not understood"))),
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    left == right || left.float().zip(right.float()).is_some_and(|(left, right)| left.total_cmp(&right).is_eq())
}

fn contains(whole: &Value, part: &Value) -> Result<bool, Unclear> {
    match whole {
        Value::Text(text) => Ok(text.contains(part.text()?)),
        Value::List(items) => Ok(items.iter().any(|item| equal(item, part))),
        Value::Dict(pairs) => Ok(pairs.iter().any(|(key, _)| equal(key, part))),
        other => Err(Unclear::new(format!("nothing is `in` {}", other.kind()))),
    }
}

/// `'%s/%d' % (a, b)`.
fn percent(pattern: &str, arguments: Value) -> Result<Value, Unclear> {
    let mut arguments = match arguments {
        Value::List(items) => items.into_iter(),
        one => vec![one].into_iter(),
    };
    let mut out = String::new();
    let mut pieces = pattern.split('%');
    out.push_str(pieces.next().unwrap_or_default());
    while let Some(piece) = pieces.next() {
        if piece.is_empty() {
            // `%%`, and what stands between it and the next sign.
            out.push('%');
            out.push_str(pieces.next().unwrap_or_default());
            continue;
        }
        let unclear = || Unclear::new("of `%` only %s, %d and %% are understood");
        let rest = piece.strip_prefix('s').or_else(|| piece.strip_prefix('d')).ok_or_else(unclear)?;
        let value = arguments.next().ok_or_else(|| Unclear::new("`%` has too few values"))?;
        out.push_str(&value.to_string());
        out.push_str(rest);
    }
    Ok(Value::Text(out))
}
