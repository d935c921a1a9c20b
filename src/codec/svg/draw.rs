//! Pixels of a drawing.

use super::{broken, cost, head, refused, text};
use crate::codec::{CodecError, DecodeOptions, Decoder, SourceInfo};
use crate::geometry::{Decoded, Size};
use crate::raster::{Band, BandPlane, PixelFormat};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

/// Stack of the thread that draws: nesting is followed by recursion there.
const STACK_BYTES: usize = 32 << 20;

/// The drawing will have the size that `info` tells, whatever its own is.
#[expect(clippy::unnecessary_wraps, reason = "opens as all formats do")]
pub(super) fn open<'a>(
    file: &'a [u8],
    info: &SourceInfo,
    _: DecodeOptions,
) -> Result<Box<dyn Decoder + 'a>, CodecError> {
    Ok(Box::new(Drawing { file, size: info.size.into_space(), next: Step::Frame, pixels: Vec::new() }))
}

/// What the caller has to ask for next.
#[derive(PartialEq)]
enum Step {
    Frame,
    Band,
    Nothing,
}

/// Drawn whole, at once.
struct Drawing<'a> {
    file: &'a [u8],
    size: Size<Decoded>,
    next: Step,
    pixels: Vec<u8>,
}

impl Decoder for Drawing<'_> {
    fn size(&self) -> Size<Decoded> {
        self.size
    }

    fn format(&self) -> PixelFormat {
        PixelFormat::Rgba
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        if self.next != Step::Frame {
            return Ok(None);
        }
        self.next = Step::Band;
        Ok(Some(0))
    }

    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        if self.next != Step::Band {
            self.pixels = Vec::new();
            return Ok(None);
        }
        self.next = Step::Nothing;
        self.pixels = on_deep_stack(|| draw(self.file, self.size))?;
        Ok(Some(Band::new(vec![BandPlane::new(&self.pixels, self.size.width as usize * 4)])))
    }
}

/// Runs `work` on a thread whose stack is large, and waits for it.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, CodecError> + Send) -> Result<T, CodecError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("svg".into()).stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| refused(format!("no thread to draw on: {error}")))?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Straight RGBA pixels.
fn draw(file: &[u8], size: Size<Decoded>) -> Result<Vec<u8>, CodecError> {
    let text = text::whole(file)?;
    let document = text::parse(&text)?;
    let tree = Tree::from_xmltree(&document, &options()).map_err(|error| broken(error.to_string()))?;
    drop(document);
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let natural = head::root_tag(text.as_bytes()).map(head::natural_size);
    let natural = natural.ok_or_else(|| broken("there is no svg element"))?;
    let (scale_x, scale_y) = (width / natural.0, height / natural.1);
    cost::check(&tree, (width, height), scale_x.max(scale_y))?;
    let mut pixels = Pixmap::new(size.width, size.height).ok_or_else(|| refused(format!("{size} pixels")))?;
    let scale = Transform::from_scale(narrow(scale_x), narrow(scale_y));
    resvg::render(&tree, scale, &mut pixels.as_mut());
    Ok(pixels.take_demultiplied())
}

/// Nothing outside of the drawing, and no picture inside.
fn options() -> Options<'static> {
    Options {
        dpi: narrow(head::DPI),
        default_size: resvg::usvg::Size::from_wh(narrow(head::DEFAULT_SIZE.0), narrow(head::DEFAULT_SIZE.1))
            .expect("a positive size"),
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the renderer works in 32 bits")]
fn narrow(number: f64) -> f32 {
    number as f32
}
