//! The name that somebody may have meant.

/// The candidate that is nearest to `name`, if at most a third of its letters differ.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, nearest) = candidates.map(|known| (strsim::damerau_levenshtein(name, known), known)).min()?;
    (distance * 3 <= name.len()).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_wrong_letters_are_forgiven() {
        let check =
            |name: &str, expected| assert_eq!(nearest(name, ["QUALITY", "PORT"].into_iter()), expected, "{name}");
        check("QUALTY", Some("QUALITY"));
        check("QUAILTY", Some("QUALITY"));
        check("PROT", Some("PORT"));
        check("PRO", None);
        check("", None);
    }
}
