//! `gifv`: a GIF becomes a video.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::{Recipe, Video};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "gifv",
    about: "makes a video of an answer that is a GIF, where the server's OPTIMIZERS say so",
    example: "gifv(mp4)",
    params: &[Param { name: "kind", kind: Kind::Word, default: Some("mp4"), about: "mp4 (H.264) or webm (VP8)" }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.output.video = Some(match args.text(0) {
        "mp4" => Video::Mp4,
        "webm" => Video::WebM,
        _ => return Err(args.mismatch(0, "mp4 or webm")),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    #[test]
    fn the_kind_may_be_left_out_and_must_exist() {
        let check = |call, expected| assert_eq!(recipe(call).unwrap().output.video, expected, "{call}");
        check("gifv()", Some(Video::Mp4));
        check("gifv(mp4)", Some(Video::Mp4));
        check("gifv(webm)", Some(Video::WebM));
        check("gifv(webm):gifv(avi)", Some(Video::WebM));
        check("gifv(avi)", None);
        assert_eq!(recipe("gifv(avi)").unwrap().ignored_filters, ["gifv"]);
    }
}
