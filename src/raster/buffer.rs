//! A whole picture in memory.

use super::{Band, BandPlane, PixelFormat};
use crate::geometry::Size;

/// Samples of one plane, rows from the top without padding.
#[derive(Clone, Eq, PartialEq)]
pub struct Plane {
    /// `height` rows of `stride` bytes.
    pub data: Vec<u8>,
    /// Bytes a row: samples a row times bytes a sample.
    pub stride: usize,
}

impl Plane {
    /// The rows from the top.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.data.chunks_exact(self.stride)
    }

    /// The rows from the top, to be written.
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [u8]> {
        self.data.chunks_exact_mut(self.stride)
    }

    /// Row `y`.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.stride..][..self.stride]
    }
}

impl std::fmt::Debug for Plane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plane({} bytes, stride {})", self.data.len(), self.stride)
    }
}

/// A picture of size `size` in `format`; never empty.
#[derive(Debug, Eq, PartialEq)]
pub struct PixelBuffer<S> {
    format: PixelFormat,
    size: Size<S>,
    planes: Vec<Plane>,
}

impl<S> PixelBuffer<S> {
    /// A picture with every byte zero.
    ///
    /// # Panics
    /// If a side is zero.
    pub fn new(format: PixelFormat, size: Size<S>) -> Self {
        assert!(size.area_px() > 0, "a picture has at least one pixel");
        let planes = (0..format.planes())
            .map(|index| {
                let (stride, rows) = plane_shape(format, size, index);
                Plane { data: vec![0; stride * rows], stride }
            })
            .collect();
        Self { format, size, planes }
    }

    /// A picture of one plane from its samples.
    ///
    /// # Panics
    /// If the format has several planes or `data` has not exactly the bytes that format and size ask for.
    pub fn from_vec(format: PixelFormat, size: Size<S>, data: Vec<u8>) -> Self {
        let (stride, rows) = plane_shape(format, size, 0);
        assert!(
            format.planes() == 1 && !data.is_empty() && data.len() == stride * rows,
            "samples fit {size} {format:?}"
        );
        Self { format, size, planes: vec![Plane { data, stride }] }
    }

    /// A picture from its planes.
    ///
    /// # Panics
    /// If they are not as many and as large as format and size ask for.
    pub fn from_planes(format: PixelFormat, size: Size<S>, planes: Vec<Plane>) -> Self {
        let fits = |(index, plane): (usize, &Plane)| {
            let (stride, rows) = plane_shape(format, size, index);
            stride > 0 && plane.stride == stride && plane.data.len() == stride * rows
        };
        let all = planes.len() == format.planes() && planes.iter().enumerate().all(fits);
        assert!(all && size.area_px() > 0, "planes fit {size} {format:?}");
        Self { format, size, planes }
    }

    /// How the samples are laid out.
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Size<S> {
        self.size
    }

    /// The planes: one, or Y, Cb, Cr.
    pub fn planes(&self) -> &[Plane] {
        &self.planes
    }

    /// The planes, to be written.
    pub fn planes_mut(&mut self) -> &mut [Plane] {
        &mut self.planes
    }

    /// The first plane: all samples of an interleaved format, luma of a planar one.
    pub fn first(&self) -> &Plane {
        &self.planes[0]
    }

    /// The first plane, to be written.
    pub fn first_mut(&mut self) -> &mut Plane {
        &mut self.planes[0]
    }

    /// The samples of an interleaved format, luma of a planar one.
    pub fn into_first(mut self) -> Vec<u8> {
        self.planes.swap_remove(0).data
    }

    /// Whether no pixel is transparent, not even a little.
    pub fn is_opaque(&self) -> bool {
        let channels = self.format.channels();
        !self.format.has_alpha() || self.first().data.iter().skip(channels - 1).step_by(channels).all(|a| *a == 255)
    }

    /// Only the first plane kept, as gray: what is left of YCbCr without its color.
    #[must_use]
    pub fn into_luma(mut self) -> Self {
        debug_assert!(self.format.channels() == 1, "only planar and gray pictures have a luma plane");
        self.planes.truncate(1);
        Self { format: PixelFormat::Gray, ..self }
    }

    /// The same numbers in another space, where the caller knows that the spaces agree.
    pub(crate) fn into_space<T>(self) -> PixelBuffer<T> {
        PixelBuffer { format: self.format, size: self.size.into_space(), planes: self.planes }
    }

    /// The whole picture as one band.
    pub fn as_band(&self) -> Band<'_> {
        let planes = self.planes.iter().map(|plane| BandPlane::new(&plane.data, plane.stride)).collect();
        Band::new(planes)
    }
}

impl<S> Clone for PixelBuffer<S> {
    fn clone(&self) -> Self {
        Self { format: self.format, size: self.size, planes: self.planes.clone() }
    }
}

/// Bytes a row and rows of plane `index`.
fn plane_shape<S>(format: PixelFormat, size: Size<S>, index: usize) -> (usize, usize) {
    let (x, y) = format.divisors(index);
    (size.width.div_ceil(x) as usize * format.channels(), size.height.div_ceil(y) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Canvas;
    use crate::raster::Subsampling;

    #[test]
    fn chroma_planes_cover_the_odd_column_and_row() {
        let picture = PixelBuffer::<Canvas>::new(PixelFormat::YCbCr(Subsampling::HALF), Size::new(5, 3));
        let shapes: Vec<_> = picture.planes().iter().map(|p| (p.stride, p.rows().len())).collect();
        assert_eq!(shapes, [(5, 3), (3, 2), (3, 2)]);
    }
}
