//! `red_eye`: the red that a flash leaves in pupils taken out.

use super::{Args, ArgsError, FilterDef};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "red_eye",
    about: "takes the red of flashes out of eyes that were found; so far no eyes are looked for, so it changes nothing",
    example: "red_eye()",
    params: &[],
    compile,
};

/// As in Thumbor, only eyes that a detector has found are touched, never areas from the URL. No detector here tells
/// where eyes are, so nothing is to be done; [`correct_red_eye`] is what will be done to each of them.
///
/// [`correct_red_eye`]: crate::transform::correct_red_eye
fn compile(_args: &Args, _recipe: &mut Recipe) -> Result<(), ArgsError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::recipe;

    #[test]
    fn areas_from_the_url_are_no_eyes() {
        let recipe = recipe("focal(1x1:9x9):red_eye()").unwrap();
        assert!(recipe.effects.is_empty() && recipe.ignored_filters.is_empty());
    }
}
