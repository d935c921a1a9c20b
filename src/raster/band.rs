//! Some rows of a picture, borrowed from whoever decodes it.

/// The next rows of a picture: of each plane as many as the decoder has, in order, none twice.
///
/// Planes may advance by different numbers of rows; over the whole picture each plane gets all of its rows.
#[derive(Debug)]
pub struct Band<'a> {
    planes: Vec<BandPlane<'a>>,
}

/// Rows of one plane.
#[derive(Clone, Copy, Debug)]
pub struct BandPlane<'a> {
    data: &'a [u8],
    stride: usize,
}

impl<'a> Band<'a> {
    /// A band of these planes, in the order of the format.
    pub fn new(planes: Vec<BandPlane<'a>>) -> Self {
        Self { planes }
    }

    /// The planes in the order of the format.
    pub fn planes(&self) -> &[BandPlane<'a>] {
        &self.planes
    }
}

impl<'a> BandPlane<'a> {
    /// Rows of `stride` bytes each; a row's samples may be followed by padding.
    ///
    /// # Panics
    /// If `data` is not a whole number of rows.
    pub fn new(data: &'a [u8], stride: usize) -> Self {
        assert!(stride > 0 && data.len().is_multiple_of(stride), "whole rows of {stride} bytes");
        Self { data, stride }
    }

    /// The rows, top first, padding included.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        self.data.chunks_exact(self.stride)
    }
}
