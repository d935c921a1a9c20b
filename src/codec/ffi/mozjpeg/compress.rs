//! Compression of a whole picture into memory.

use super::{LibjpegError, error_manager, guarded};
use mozjpeg_sys::{
    DCTSIZE, J_COLOR_SPACE, J_INT_PARAM, JINT_COMPRESS_PROFILE_VALUE, JSAMPARRAY, JSAMPROW, boolean,
    jpeg_c_set_int_param, jpeg_compress_struct, jpeg_create_compress, jpeg_destination_mgr, jpeg_destroy_compress,
    jpeg_error_mgr, jpeg_finish_compress, jpeg_scan_info, jpeg_set_colorspace, jpeg_set_defaults, jpeg_set_quality,
    jpeg_start_compress, jpeg_write_marker, jpeg_write_raw_data, jpeg_write_scanlines,
};
use std::mem::MaybeUninit;
use std::os::raw::{c_int, c_uint};
use std::ptr::NonNull;

/// How the samples to be compressed are laid out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::codec) enum Layout {
    /// One plane.
    Gray,
    /// One plane of three bytes a pixel; chroma is divided by these on the way in.
    Rgb { x: u8, y: u8 },
    /// Three planes, the last two smaller by these divisors, rounded up.
    YCbCr { x: u8, y: u8 },
}

/// What to make.
#[derive(Debug)]
pub(in crate::codec) struct Compression<'a> {
    pub(in crate::codec) width: u32,
    pub(in crate::codec) height: u32,
    pub(in crate::codec) layout: Layout,
    /// libjpeg's scale of 1 to 100; 0 counts as 1.
    pub(in crate::codec) quality: u8,
    pub(in crate::codec) progressive: bool,
    /// Markers and contents of segments to be written before the picture.
    pub(in crate::codec) segments: &'a [(u8, Vec<u8>)],
}

impl Compression<'_> {
    /// Bytes a row and rows of each plane.
    fn plane_shapes(&self) -> Vec<(usize, usize)> {
        let (width, height) = (self.width as usize, self.height as usize);
        match self.layout {
            Layout::Gray => vec![(width, height)],
            Layout::Rgb { .. } => vec![(width * 3, height)],
            Layout::YCbCr { x, y } => {
                let chroma = (width.div_ceil(x.into()), height.div_ceil(y.into()));
                vec![(width, height), chroma, chroma]
            }
        }
    }
}

/// Makes a JPEG file of `planes`, whose rows follow each other without padding.
///
/// Quality means what it means in libjpeg: its tables, no trellis, optimized Huffman codes.
///
/// # Panics
/// If a plane has not exactly the bytes that size and layout ask for, or is empty.
pub(in crate::codec) fn compress(what: &Compression, planes: &[&[u8]]) -> Result<Vec<u8>, LibjpegError> {
    let shapes = what.plane_shapes();
    let fits = planes.len() == shapes.len()
        && planes.iter().zip(&shapes).all(|(plane, &(stride, rows))| !plane.is_empty() && plane.len() == stride * rows);
    assert!(fits, "planes fit {}x{} {:?}", what.width, what.height, what.layout);

    let compressor = Compressor::create()?;
    let state = compressor.0.as_ptr();
    guarded(|| {
        // SAFETY: the struct was created and is configured before it is started; the planes' sizes were checked.
        unsafe {
            let cinfo = &mut (*state).cinfo;
            configure(cinfo, what);
            jpeg_start_compress(cinfo, 1);
            for (marker, body) in what.segments {
                let length = c_uint::try_from(body.len()).unwrap_or(c_uint::MAX);
                jpeg_write_marker(cinfo, (*marker).into(), body.as_ptr(), length);
            }
            if matches!(what.layout, Layout::Rgb { .. }) {
                write_lines(cinfo, planes[0], shapes[0].0);
            } else {
                write_planes(cinfo, planes, &shapes);
            }
            jpeg_finish_compress(cinfo);
        }
    })?;
    // SAFETY: libjpeg has finished, so the sink is ours again.
    Ok(std::mem::take(unsafe { &mut (*state).sink.file }))
}

/// Everything C code points to; it stays in one place.
struct State {
    cinfo: jpeg_compress_struct,
    errors: jpeg_error_mgr,
    sink: Sink,
}

/// A destination that is a growing vector.
#[repr(C)]
struct Sink {
    /// First, so that a pointer to it is one to the sink.
    manager: jpeg_destination_mgr,
    file: Vec<u8>,
}

/// Owns the state, which was leaked from a box.
struct Compressor(NonNull<State>);

impl Compressor {
    fn create() -> Result<Self, LibjpegError> {
        let manager = jpeg_destination_mgr {
            next_output_byte: std::ptr::null_mut(),
            free_in_buffer: 0,
            init_destination: Some(begin_file),
            empty_output_buffer: Some(grow_file),
            term_destination: Some(end_file),
        };
        // SAFETY: numbers, raw pointers, optional functions and enums with a zero: zeros are valid.
        let cinfo = unsafe { MaybeUninit::zeroed().assume_init() };
        let sink = Sink { manager, file: Vec::new() };
        // From here on dropping `this` frees what there is, also when creation fails.
        let this = Self(NonNull::from(Box::leak(Box::new(State { cinfo, errors: error_manager(), sink }))));
        let state = this.0.as_ptr();
        guarded(|| {
            // SAFETY: the pointers stay valid as long as the struct: all live in the one leaked box.
            unsafe {
                (*state).cinfo.common.err = &raw mut (*state).errors;
                jpeg_create_compress(&raw mut (*state).cinfo);
                (*state).cinfo.dest = (&raw mut (*state).sink).cast();
            }
        })?;
        Ok(this)
    }
}

impl Drop for Compressor {
    fn drop(&mut self) {
        // SAFETY: the box was leaked in `create` and is taken back only here; nothing points into it any more.
        let mut state = unsafe { Box::from_raw(self.0.as_ptr()) };
        // SAFETY: allowed in every state, also for a struct that is all zeros.
        unsafe { jpeg_destroy_compress(&mut state.cinfo) };
    }
}

/// Sets everything between creation and start.
///
/// # Safety
/// The struct was created and not started.
unsafe fn configure(cinfo: &mut jpeg_compress_struct, what: &Compression) {
    let (components, input, stored) = match what.layout {
        Layout::Gray => (1, J_COLOR_SPACE::JCS_GRAYSCALE, J_COLOR_SPACE::JCS_GRAYSCALE),
        Layout::Rgb { .. } => (3, J_COLOR_SPACE::JCS_RGB, J_COLOR_SPACE::JCS_YCbCr),
        Layout::YCbCr { .. } => (3, J_COLOR_SPACE::JCS_YCbCr, J_COLOR_SPACE::JCS_YCbCr),
    };
    cinfo.image_width = what.width;
    cinfo.image_height = what.height;
    cinfo.input_components = components;
    cinfo.in_color_space = input;
    // SAFETY: as the caller promises. The profile decides what the defaults are: libjpeg's own tables, no trellis,
    // no search for scans.
    unsafe {
        let profile = JINT_COMPRESS_PROFILE_VALUE::JCP_FASTEST as c_int;
        jpeg_c_set_int_param(cinfo, J_INT_PARAM::JINT_COMPRESS_PROFILE, profile);
        jpeg_set_defaults(cinfo);
        jpeg_set_colorspace(cinfo, stored);
        jpeg_set_quality(cinfo, what.quality.into(), 1);
    }
    cinfo.optimize_coding = 1;
    cinfo.raw_data_in = boolean::from(!matches!(what.layout, Layout::Rgb { .. }));
    if let Layout::YCbCr { x, y } | Layout::Rgb { x, y } = what.layout {
        // SAFETY: `jpeg_set_colorspace` has made three components, with factors of 1 for chroma.
        let luma = unsafe { &mut *cinfo.comp_info };
        luma.h_samp_factor = x.into();
        luma.v_samp_factor = y.into();
    }
    if what.progressive {
        let script: &'static [jpeg_scan_info] = if components == 1 { &GRAY_SCANS } else { &COLOR_SCANS };
        cinfo.scan_info = script.as_ptr();
        cinfo.num_scans = c_int::try_from(script.len()).unwrap_or(0);
    }
}

/// Hands over interleaved rows.
///
/// # Safety
/// Compression was started, and `pixels` are rows of `stride` bytes as many as the picture has.
unsafe fn write_lines(cinfo: &mut jpeg_compress_struct, pixels: &[u8], stride: usize) {
    let rows: Vec<JSAMPROW> = pixels.chunks_exact(stride).map(<[u8]>::as_ptr).collect();
    while cinfo.next_scanline < cinfo.image_height {
        let rest = &rows[cinfo.next_scanline as usize..];
        // SAFETY: there are as many rows as lines are left.
        unsafe { jpeg_write_scanlines(cinfo, rest.as_ptr(), cinfo.image_height - cinfo.next_scanline) };
    }
}

/// Hands over planes, one row of MCUs after the other, continued to whole blocks by repeating the edges.
///
/// # Safety
/// Compression was started, and `planes` have the `shapes` of the picture's components.
unsafe fn write_planes(cinfo: &mut jpeg_compress_struct, planes: &[&[u8]], shapes: &[(usize, usize)]) {
    let mut padded: Vec<PaddedPlane> = planes
        .iter()
        .zip(shapes)
        .enumerate()
        .map(|(index, (data, &(stride, rows)))| {
            // SAFETY: there is a component for each plane.
            let component = unsafe { &*cinfo.comp_info.add(index) };
            let rows_a_band = usize::try_from(component.v_samp_factor).unwrap_or(0) * DCTSIZE;
            let width = component.width_in_blocks as usize * DCTSIZE;
            PaddedPlane { data, stride, rows, width, scratch: vec![0; width * rows_a_band] }
        })
        .collect();
    let mut band = 0;
    while cinfo.next_scanline < cinfo.image_height {
        let rows: Vec<Vec<JSAMPROW>> = padded.iter_mut().map(|plane| plane.band(band)).collect();
        let arrays: Vec<JSAMPARRAY> = rows.iter().map(Vec::as_ptr).collect();
        // SAFETY: every component gets the rows of one row of MCUs, each as wide as its blocks.
        unsafe { jpeg_write_raw_data(cinfo, arrays.as_ptr(), c_uint::MAX) };
        band += 1;
    }
}

/// A plane that seems to go on beyond its right and bottom edge.
struct PaddedPlane<'a> {
    data: &'a [u8],
    stride: usize,
    rows: usize,
    /// Of whole blocks, in samples.
    width: usize,
    /// A band of rows that are too short as they are.
    scratch: Vec<u8>,
}

impl PaddedPlane<'_> {
    /// Pointers to the rows of a band, each of them `width` samples.
    fn band(&mut self, band: usize) -> Vec<JSAMPROW> {
        let count = self.scratch.len() / self.width;
        let row = |y: usize| &self.data[(band * count + y).min(self.rows - 1) * self.stride..][..self.stride];
        if self.stride >= self.width {
            return (0..count).map(|y| row(y).as_ptr()).collect();
        }
        for (y, padded) in self.scratch.chunks_exact_mut(self.width).enumerate() {
            let (samples, padding) = padded.split_at_mut(self.stride);
            samples.copy_from_slice(row(y));
            padding.fill(samples[self.stride - 1]);
        }
        self.scratch.chunks_exact(self.width).map(<[u8]>::as_ptr).collect()
    }
}

/// A scan of coefficients `from` to `to` of the first `count` components named.
const fn scan(count: c_int, component_index: [c_int; 4], from: c_int, to: c_int) -> jpeg_scan_info {
    jpeg_scan_info { comps_in_scan: count, component_index, Ss: from, Se: to, Ah: 0, Al: 0 }
}

/// Luma's coarse half early, then chroma, then luma's rest.
///
/// No successive approximation, unlike libjpeg's own ten scans: those take two to three times as long to write and to
/// read and save one or two percent more of a photograph's bytes, on smooth pictures none.
static COLOR_SCANS: [jpeg_scan_info; 5] = [
    scan(3, [0, 1, 2, 0], 0, 0),
    scan(1, [0; 4], 1, 8),
    scan(1, [2, 0, 0, 0], 1, 63),
    scan(1, [1, 0, 0, 0], 1, 63),
    scan(1, [0; 4], 9, 63),
];
static GRAY_SCANS: [jpeg_scan_info; 3] = [scan(1, [0; 4], 0, 0), scan(1, [0; 4], 1, 8), scan(1, [0; 4], 9, 63)];

/// # Safety
/// `cinfo.dest` points to a [`Sink`]; nobody else refers to it during the call.
unsafe fn sink_of(cinfo: &mut jpeg_compress_struct) -> &mut Sink {
    // SAFETY: as the caller promises.
    unsafe { &mut *cinfo.dest.cast::<Sink>() }
}

impl Sink {
    /// Lets libjpeg write into the vector's spare capacity, of which there will be at least `bytes`.
    fn lend(&mut self, bytes: usize) {
        self.file.reserve(bytes);
        let spare = self.file.spare_capacity_mut();
        self.manager.free_in_buffer = spare.len();
        self.manager.next_output_byte = spare.as_mut_ptr().cast();
    }
}

unsafe extern "C-unwind" fn begin_file(cinfo: &mut jpeg_compress_struct) {
    // SAFETY: only called with the destination that `create` has set.
    unsafe { sink_of(cinfo) }.lend(16 << 10);
}

unsafe extern "C-unwind" fn grow_file(cinfo: &mut jpeg_compress_struct) -> boolean {
    // SAFETY: as above.
    let sink = unsafe { sink_of(cinfo) };
    // SAFETY: libjpeg calls this when it has filled all that was lent.
    unsafe { sink.file.set_len(sink.file.capacity()) };
    sink.lend(sink.file.len());
    1
}

unsafe extern "C-unwind" fn end_file(cinfo: &mut jpeg_compress_struct) {
    // SAFETY: as above.
    let sink = unsafe { sink_of(cinfo) };
    // SAFETY: all but what is still free has been written.
    unsafe { sink.file.set_len(sink.file.capacity() - sink.manager.free_in_buffer) };
}
