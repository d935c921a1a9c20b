//! The frame header and what else tells the shape and the colors of a picture (T.81, B.2.2).

use super::Error;
use super::markers::{
    APP0, APP14, BASELINE, END_OF_IMAGE, Markers, NUMBER_OF_LINES, PROGRESSIVE, RESTART_INTERVAL, START_OF_SCAN,
};

/// What the components of a picture mean.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::codec) enum ColorModel {
    /// One component.
    Gray,
    /// Luma and two color differences.
    YCbCr,
    /// Red, green, blue.
    Rgb,
    /// Four inks.
    Cmyk,
    /// Three of the inks as luma and color differences, and black.
    Ycck,
}

/// One component of the frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::codec) struct Component {
    /// By which scans name it.
    pub(in crate::codec) id: u8,
    /// Horizontal sampling factor, 1 to 4.
    pub(in crate::codec) x_factor: u8,
    /// Vertical sampling factor, 1 to 4.
    pub(in crate::codec) y_factor: u8,
    /// Number of its quantization table, 0 to 3.
    pub(in crate::codec) quantizer: u8,
}

/// Everything about a picture that is known before its first scan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::codec) struct Header {
    /// Pixels a row, never 0.
    pub(in crate::codec) width: u32,
    /// Rows, never 0; from the DNL segment if the frame header leaves it open.
    pub(in crate::codec) height: u32,
    /// Whether the scans refine the picture (SOF2).
    pub(in crate::codec) progressive: bool,
    /// One to four.
    pub(in crate::codec) components: Vec<Component>,
    /// What the components mean.
    pub(in crate::codec) colors: ColorModel,
    /// MCUs between restart markers when the first scan starts; 0 for none.
    pub(in crate::codec) restart_interval: u16,
}

impl Header {
    /// Reads everything up to the first scan.
    ///
    /// # Errors
    /// [`Error::Broken`] if there is nothing to decode, [`Error::Unsupported`] for arithmetic, lossless and
    /// hierarchical coding, for other than 8 bits a sample, and for two or more than four components.
    pub(in crate::codec) fn parse(data: &[u8]) -> Result<Self, Error> {
        let mut markers = Markers::new(data)?;
        let mut frame = None;
        let mut restart_interval = 0;
        let (mut jfif, mut adobe) = (false, None);
        loop {
            let (marker, body) = markers.next_segment()?;
            match marker {
                START_OF_SCAN => break,
                BASELINE..=PROGRESSIVE if frame.is_some() => return Err(Error::broken("more than one frame header")),
                BASELINE..=PROGRESSIVE => frame = Some((parse_frame(body)?, marker == PROGRESSIVE)),
                0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                    return Err(Error::Unsupported(coding_of(marker).into()));
                }
                RESTART_INTERVAL => restart_interval = parse_restart_interval(body)?,
                APP0 if body.len() >= 14 && body.starts_with(b"JFIF\0") => jfif = true,
                APP14 if body.len() >= 12 && body.starts_with(b"Adobe") => adobe = Some(body[11]),
                _ => {}
            }
        }
        let ((width, height, components), progressive) =
            frame.ok_or_else(|| Error::broken("a scan before the frame header"))?;
        if matches!(markers.rest(), [] | [0xFF] | [0xFF, END_OF_IMAGE, ..]) {
            return Err(Error::broken("no image data"));
        }
        let height = if height == 0 { number_of_lines(markers) } else { height };
        if width == 0 || height == 0 {
            return Err(Error::broken(format!("a size of `{width}x{height}`")));
        }
        let colors = color_model(&components, jfif, adobe)?;
        Ok(Self { width, height, progressive, components, colors, restart_interval })
    }

    /// Largest sampling factors: width and height of an MCU in blocks.
    pub(in crate::codec) fn factors(&self) -> (u32, u32) {
        let largest = |factor: fn(&Component) -> u8| self.components.iter().map(factor).max().unwrap_or(1).into();
        (largest(|component| component.x_factor), largest(|component| component.y_factor))
    }
}

/// MCUs between restart markers.
pub(super) fn parse_restart_interval(body: &[u8]) -> Result<u16, Error> {
    body.try_into().map(u16::from_be_bytes).map_err(|_| Error::broken("restart interval is not two bytes"))
}

/// Width, height and components.
fn parse_frame(body: &[u8]) -> Result<(u32, u32, Vec<Component>), Error> {
    let Some((&[precision, y1, y0, x1, x0, count], specs)) = body.split_first_chunk() else {
        return Err(Error::broken("frame header is cut short"));
    };
    if precision != 8 {
        return Err(Error::Unsupported(format!("{precision} bits a sample")));
    }
    if specs.len() != usize::from(count) * 3 {
        return Err(Error::broken("frame header does not fit its number of components"));
    }
    let components = specs.chunks_exact(3).map(|spec| Component {
        id: spec[0],
        x_factor: spec[1] >> 4,
        y_factor: spec[1] & 15,
        quantizer: spec[2],
    });
    let components: Vec<_> = components.collect();
    let factors = 1..=4;
    if components.iter().any(|c| !factors.contains(&c.x_factor) || !factors.contains(&c.y_factor)) {
        return Err(Error::broken("sampling factors outside 1 to 4"));
    }
    if let Some(component) = components.iter().find(|component| component.quantizer > 3) {
        return Err(Error::broken(format!("quantization table {} was not defined", component.quantizer)));
    }
    let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
    Ok((side(x1, x0), side(y1, y0), components))
}

/// The number of lines that the DNL segment after the first scan gives; 0 if there is none.
fn number_of_lines(mut markers: Markers) -> u32 {
    markers.skip_coded_data();
    match markers.next_segment() {
        Ok((NUMBER_OF_LINES, &[high, low])) => u16::from_be_bytes([high, low]).into(),
        _ => 0,
    }
}

/// libjpeg's guess.
fn color_model(components: &[Component], jfif: bool, adobe: Option<u8>) -> Result<ColorModel, Error> {
    let is_rgb = || match (jfif, adobe) {
        (true, _) => false,
        (_, Some(transform)) => transform == 0,
        _ => components.iter().map(|component| component.id).eq(*b"RGB"),
    };
    match components.len() {
        1 => Ok(ColorModel::Gray),
        3 if is_rgb() => Ok(ColorModel::Rgb),
        3 => Ok(ColorModel::YCbCr),
        4 if adobe == Some(2) => Ok(ColorModel::Ycck),
        4 => Ok(ColorModel::Cmyk),
        count => Err(Error::Unsupported(format!("{count} components"))),
    }
}

fn coding_of(marker: u8) -> &'static str {
    match marker {
        0xC3 => "lossless coding",
        0xC9..=0xCB | 0xCD..=0xCF => "arithmetic coding",
        _ => "hierarchical coding",
    }
}
