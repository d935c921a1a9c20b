//! Transformations with a name, and what those may ask who bring no signature.

use super::segment::Segment;
use super::{Access, ImageId, ImageRequest, RequestError};
use crate::geometry::{Align, Dimension, HAlign, Request, VAlign};
use std::collections::BTreeMap;
use std::fmt;

/// Named transformations. Each is the request that its options say, with a picture that does not count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Presets(BTreeMap<String, ImageRequest>);

impl Presets {
    /// Adds the transformation that `options` say: what may stand between `unsafe` and the picture, such as
    /// `fit-in/300x200/filters:quality(70)`. Nothing is a transformation, too: the picture as it is.
    ///
    /// # Errors
    /// [`PresetError::NotOptions`] with the rest that is no option, and those of reading a path.
    pub fn add(&mut self, name: &str, options: &str) -> Result<&ImageRequest, PresetError> {
        let options = options.trim_matches('/');
        let path = if options.is_empty() { "/unsafe/i".to_owned() } else { format!("/unsafe/{options}/i") };
        let request = super::parse(&path)?;
        let rest = request.image.decoded();
        if let Some(rest) = rest.strip_suffix("/i") {
            return Err(PresetError::NotOptions { rest: rest.to_owned() });
        }
        if request.preset.is_some() {
            return Err(PresetError::Nested);
        }
        self.0.insert(name.to_owned(), request);
        Ok(&self.0[name])
    }

    /// The request with its preset's options in place of the preset's name. What the request itself says wins; its
    /// filters come after those of the preset.
    ///
    /// # Errors
    /// [`PresetError::Unknown`].
    pub fn expand(&self, request: ImageRequest) -> Result<ImageRequest, PresetError> {
        let Some(name) = &request.preset else { return Ok(request) };
        let preset = self.0.get(name).ok_or_else(|| PresetError::Unknown { name: name.clone() })?.clone();
        let sized = request.size != Request::default();
        let Align { horizontal, vertical } = request.align;
        Ok(ImageRequest {
            access: request.access,
            preset: None,
            debug: preset.debug || request.debug,
            meta: preset.meta || request.meta,
            trim: request.trim.or(preset.trim),
            crop: request.crop.or(preset.crop),
            fit: request.fit.or(preset.fit),
            size: if sized { request.size } else { preset.size },
            flip_x: preset.flip_x || request.flip_x,
            flip_y: preset.flip_y || request.flip_y,
            align: Align {
                horizontal: if horizontal == HAlign::default() { preset.align.horizontal } else { horizontal },
                vertical: if vertical == VAlign::default() { preset.align.vertical } else { vertical },
            },
            smart: preset.smart || request.smart,
            filters: preset.filters.into_iter().chain(request.filters).collect(),
            image: request.image,
        })
    }
}

/// What requests without a signature may ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restrictions {
    /// Presets and nothing besides.
    pub only_presets: bool,
    /// Sizes that may be asked for; empty: all.
    pub sizes: Vec<AskedSize>,
}

impl Restrictions {
    /// Whether a request, its preset not yet expanded, may be asked by everybody.
    ///
    /// A size list is also about the picture as it is (`0x0`) and about manual crops, which are sizes too. The size of a
    /// preset is its owner's choice.
    ///
    /// # Errors
    /// [`PresetError::OnlyPresets`], [`PresetError::Size`].
    pub fn check(&self, request: &ImageRequest) -> Result<(), PresetError> {
        let bare = ImageRequest {
            preset: request.preset.clone(),
            ..ImageRequest::new(request.access.clone(), request.image.clone())
        };
        let is_preset_alone = request.preset.is_some() && *request == bare;
        if self.only_presets && !is_preset_alone {
            return Err(PresetError::OnlyPresets);
        }
        let sized_by_preset = request.preset.is_some() && request.size == Request::default() && request.crop.is_none();
        if self.sizes.is_empty() || sized_by_preset || self.sizes.contains(&AskedSize(request.size)) {
            return Ok(());
        }
        Err(PresetError::Size { size: AskedSize(request.size) })
    }
}

/// A preset that cannot be read or used, or a request that needs one.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PresetError {
    /// The options of a preset do not end where the picture would begin.
    #[error("`{rest}` is no option, or stands in the wrong place")]
    NotOptions {
        /// From the first segment on that is no option.
        rest: String,
    },
    /// A preset that names another.
    #[error("a preset cannot name another preset")]
    Nested,
    /// The options of a preset make no path.
    #[error(transparent)]
    Options(#[from] RequestError),
    /// There is no preset of this name.
    #[error("there is no preset `{name}`")]
    Unknown {
        /// As written.
        name: String,
    },
    /// Without a signature only presets may be asked for.
    #[error("only presets may be asked for without a signature, as in /preset:name/picture.jpg")]
    OnlyPresets,
    /// Without a signature only certain sizes may be asked for.
    #[error("the size `{size}` may not be asked for without a signature")]
    Size {
        /// The size; 0x0 where none is written.
        size: AskedSize,
    },
}

/// A size as it stands in a path, without mirroring.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AskedSize(Request);

impl AskedSize {
    /// From `300x200`, `300x`, `0x0`, `origx200` ...
    pub fn read(text: &str) -> Option<Self> {
        let mut request = ImageRequest::new(Access::Unsafe, ImageId::of("i"));
        match Segment::read(text)? {
            size @ Segment::Size { flip_x: false, flip_y: false, .. } => size.apply(&mut request).ok()?,
            _ => return None,
        }
        Some(Self(request.size))
    }
}

impl fmt::Display for AskedSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side| match side {
            Dimension::Auto => "0".to_owned(),
            Dimension::Px(px) => px.to_string(),
            Dimension::Original => "orig".to_owned(),
        };
        write!(f, "{}x{}", side(self.0.width), side(self.0.height))
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn presets(pairs: &[(&str, &str)]) -> Presets {
        let mut presets = Presets::default();
        for (name, options) in pairs {
            presets.add(name, options).unwrap();
        }
        presets
    }

    #[test]
    fn a_preset_stands_for_its_options() {
        let presets = presets(&[
            ("thumb", "fit-in/300x200/right/smart/filters:quality(70)"),
            ("plain", ""),
            ("mirror", "/trim/1x2:3x4/-0x0/top/"),
        ]);
        let check = |path: &str, same: &str| {
            let expanded = presets.expand(parse(path).unwrap()).unwrap();
            assert_eq!(expanded, parse(same).unwrap(), "{path}");
        };
        check("/unsafe/preset:thumb/a.jpg", "/unsafe/fit-in/300x200/right/smart/filters:quality(70)/a.jpg");
        check("/preset:thumb/a/b.jpg", "/unsafe/fit-in/300x200/right/smart/filters:quality(70)/a/b.jpg");
        check("/hash/preset:plain/a.jpg", "/hash/a.jpg");
        check("/unsafe/preset:mirror/a.jpg", "/unsafe/trim/1x2:3x4/-0x0/top/a.jpg");
        check("/unsafe/smart/preset:thumb/a.jpg", "/unsafe/smart/preset:thumb/a.jpg"); // not in its place: a picture
        check("/unsafe/preset%3Athumb/a.jpg", "/unsafe/preset%3Athumb/a.jpg");
        check("/unsafe/preset:thumb", "/unsafe/preset:thumb"); // nothing would be left for the picture
    }

    #[test]
    fn what_a_request_says_wins_over_its_preset() {
        let presets = presets(&[("thumb", "fit-in/300x200/right/filters:quality(70)")]);
        let check = |path: &str, same: &str| {
            let expanded = presets.expand(parse(path).unwrap()).unwrap();
            assert_eq!(expanded, parse(same).unwrap(), "{path}");
        };
        check(
            "/unsafe/preset:thumb/meta/full-fit-in/100x0/left/top/filters:grayscale()/a.jpg",
            "/unsafe/meta/full-fit-in/100x0/left/top/filters:quality(70):grayscale()/a.jpg",
        );
        check("/unsafe/preset:thumb/0x0/center/a.jpg", "/unsafe/fit-in/300x200/right/filters:quality(70)/a.jpg");
        check("/unsafe/preset:thumb/-0x0/a.jpg", "/unsafe/fit-in/-300x200/right/filters:quality(70)/a.jpg");
    }

    #[test]
    fn presets_that_are_none_are_errors() {
        let check = |options: &str, expected: &str| {
            let error = Presets::default().add("x", options).unwrap_err();
            assert_eq!(error.to_string(), expected, "{options}");
        };
        check("300x200/blurry", "`blurry` is no option, or stands in the wrong place");
        check("smart/300x200", "`300x200` is no option, or stands in the wrong place");
        check("filters:blur(2", "`filters:blur(2` is no option, or stands in the wrong place");
        check("preset:y", "a preset cannot name another preset");
        check("99999999999x1", "`99999999999` is too large a number of pixels");
        let unknown = presets(&[]).expand(parse("/unsafe/preset:nope/a.jpg").unwrap()).unwrap_err();
        assert_eq!(unknown.to_string(), "there is no preset `nope`");
    }

    #[test]
    fn restrictions_let_through_what_is_listed() {
        let presets = Restrictions { only_presets: true, sizes: Vec::new() };
        let sizes = Restrictions {
            only_presets: false,
            sizes: ["300x200", "x100"].map(|size| AskedSize::read(size).unwrap()).to_vec(),
        };
        let check = |restrictions: &Restrictions, path: &str, error: Option<&str>| {
            let checked = restrictions.check(&parse(path).unwrap());
            assert_eq!(checked.err().map(|error| error.to_string()).as_deref(), error, "{path}");
        };
        let only = Some("only presets may be asked for without a signature, as in /preset:name/picture.jpg");
        check(&presets, "/unsafe/preset:thumb/a.jpg", None);
        check(&presets, "/unsafe/a.jpg", only);
        check(&presets, "/unsafe/300x200/a.jpg", only);
        check(&presets, "/unsafe/preset:thumb/meta/a.jpg", only);
        check(&presets, "/unsafe/preset:thumb/filters:blur(1)/a.jpg", only);
        check(&sizes, "/unsafe/300x200/a.jpg", None);
        check(&sizes, "/unsafe/fit-in/-300x-200/smart/a.jpg", None);
        check(&sizes, "/unsafe/x100/a.jpg", None);
        check(&sizes, "/unsafe/preset:thumb/a.jpg", None);
        check(&sizes, "/unsafe/preset:thumb/300x200/a.jpg", None);
        let size = |size: &str| Some(format!("the size `{size}` may not be asked for without a signature"));
        check(&sizes, "/unsafe/301x200/a.jpg", size("301x200").as_deref());
        check(&sizes, "/unsafe/a.jpg", size("0x0").as_deref());
        check(&sizes, "/unsafe/1x1:9x9/a.jpg", size("0x0").as_deref());
        check(&sizes, "/unsafe/preset:thumb/1x1:9x9/a.jpg", size("0x0").as_deref());
        check(&sizes, "/unsafe/preset:thumb/origx1/a.jpg", size("origx1").as_deref());
        check(&Restrictions::default(), "/unsafe/1x1/a.jpg", None);
        for none in ["-300x200", "smart", "300", "99999999999x1", ""] {
            assert_eq!(AskedSize::read(none), None, "{none}");
        }
    }
}
