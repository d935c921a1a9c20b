//! Decompression, band by band, at a fraction of the size.

use super::{LibjpegError, error_manager, guarded};
use mozjpeg_sys::{
    J_COLOR_SPACE, JPEG_LIB_VERSION, JSAMPARRAY_MUT, JSAMPROW_MUT, jpeg_common_struct, jpeg_component_info,
    jpeg_create_decompress, jpeg_decompress_struct, jpeg_destroy_decompress, jpeg_error_mgr, jpeg_mem_src,
    jpeg_progress_mgr, jpeg_read_header, jpeg_read_raw_data, jpeg_read_scanlines, jpeg_start_decompress,
};
use std::borrow::Cow;
use std::mem::{MaybeUninit, offset_of};
use std::os::raw::{c_int, c_uint, c_ulong, c_void};
use std::panic::resume_unwind;
use std::ptr::{self, NonNull};

/// What a decompressor hands out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::codec) enum Output {
    /// The components as they are stored, each in its own buffer at its own resolution.
    Planes,
    /// Red, green, blue.
    Rgb,
    /// Four inks, as stored: libjpeg leaves Adobe's inversion in place.
    Cmyk,
}

/// More scans than this are an attack: every scan costs a pass over all blocks, even when it is empty.
const MOST_SCANS: c_int = 100;
/// Rows of an interleaved band. A multiple of 16, so that no row of blocks is split at full size.
const ROWS_A_BAND: u32 = 16;

/// Rows of one plane as libjpeg has filled them; samples right of the picture's edge are padding.
#[derive(Debug)]
pub(in crate::codec) struct Rows {
    /// Whole rows.
    pub(in crate::codec) data: Vec<u8>,
    /// Bytes a row.
    pub(in crate::codec) stride: usize,
}

/// A picture being decompressed. Its bands reuse one buffer a plane.
#[derive(Debug)]
pub(in crate::codec) struct Decompressor<'a> {
    state: NonNull<State>,
    output: Output,
    planes: Vec<Rows>,
    /// libjpeg reads from here until the end.
    data: Cow<'a, [u8]>,
}

/// Everything C code points to; it stays in one place.
struct State {
    cinfo: jpeg_decompress_struct,
    errors: jpeg_error_mgr,
    progress: jpeg_progress_mgr,
    /// The inverse DCT that libjpeg has chosen for the first component.
    first_idct: *const c_void,
}

impl<'a> Decompressor<'a> {
    /// Reads the header and starts decompressing at 1/`shrink` of the size. Files of several scans are read here.
    ///
    /// With `Planes`, every component is reduced by the same divisor, however subsampled it is.
    ///
    /// # Panics
    /// If `shrink` is not 1, 2, 4 or 8.
    pub(in crate::codec) fn start(data: Cow<'a, [u8]>, output: Output, shrink: u32) -> Result<Self, LibjpegError> {
        assert!(matches!(shrink, 1 | 2 | 4 | 8), "libjpeg's block sizes are powers of two");
        let mut this = Self::create(data, output)?;
        let (state, data) = (this.state.as_ptr(), &this.data);
        guarded(|| {
            // SAFETY: the struct was created; `data` lives as long, and stays where it is when its owner moves.
            unsafe {
                let cinfo = &mut (*state).cinfo;
                jpeg_mem_src(cinfo, data.as_ptr(), data.len() as c_ulong);
                jpeg_read_header(cinfo, 1);
                configure(cinfo, output, shrink);
                jpeg_start_decompress(cinfo);
            }
        })?;
        // SAFETY: libjpeg has filled in the struct; no reference to it is alive.
        this.planes = unsafe { buffers(&(*state).cinfo, output) };
        Ok(this)
    }

    fn create(data: Cow<'a, [u8]>, output: Output) -> Result<Self, LibjpegError> {
        let state = Box::new(State {
            // SAFETY: numbers, raw pointers, optional functions and enums with a zero: zeros are valid.
            cinfo: unsafe { MaybeUninit::zeroed().assume_init() },
            errors: error_manager(),
            progress: jpeg_progress_mgr {
                progress_monitor: Some(count_scans),
                pass_counter: 0,
                pass_limit: 0,
                completed_passes: 0,
                total_passes: 0,
            },
            first_idct: ptr::null(),
        });
        let state = NonNull::from(Box::leak(state));
        // From here on dropping `this` frees what there is, also when creation fails.
        let this = Self { state, output, planes: Vec::new(), data };
        guarded(|| {
            let state = state.as_ptr();
            // SAFETY: the pointers stay valid as long as the struct: all live in the one leaked box.
            unsafe {
                (*state).cinfo.common.err = &raw mut (*state).errors;
                jpeg_create_decompress(&raw mut (*state).cinfo);
                (*state).cinfo.common.progress = &raw mut (*state).progress;
                (*state).cinfo.common.client_data = (&raw mut (*state).first_idct).cast();
            }
        })?;
        Ok(this)
    }

    /// Fills the buffers with the next rows; tells whether there were any.
    ///
    /// All buffers are filled to their ends, but for the picture's last band; what is below the picture's edge is
    /// padding. After an error nothing more may be asked.
    pub(in crate::codec) fn next_band(&mut self) -> Result<bool, LibjpegError> {
        let state = self.state.as_ptr();
        let output = self.output;
        // Collected anew for every band, because the buffers were lent out since the last one.
        let mut rows: Vec<Vec<JSAMPROW_MUT>> = self.planes.iter_mut().map(row_pointers).collect();
        guarded(|| {
            // SAFETY: the struct is in its decompressing state.
            let cinfo = unsafe { &mut (*state).cinfo };
            if cinfo.output_scanline >= cinfo.output_height {
                return false;
            }
            if output == Output::Planes {
                let mut planes: Vec<JSAMPARRAY_MUT> = rows.iter_mut().map(Vec::as_mut_ptr).collect();
                // SAFETY: each plane has the rows and the stride of one row of MCUs, see `buffers`.
                return unsafe { jpeg_read_raw_data(cinfo, planes.as_mut_ptr(), c_uint::MAX) } > 0;
            }
            let mut filled = 0;
            while filled < ROWS_A_BAND && cinfo.output_scanline < cinfo.output_height {
                let rows = &mut rows[0][filled as usize..];
                // SAFETY: `rows` are pointers to that many rows of the output's width.
                filled += unsafe { jpeg_read_scanlines(cinfo, rows.as_mut_ptr(), ROWS_A_BAND - filled) };
            }
            true
        })
    }

    /// What the last call of [`Self::next_band`] has filled.
    pub(in crate::codec) fn planes(&self) -> &[Rows] {
        &self.planes
    }
}

impl Drop for Decompressor<'_> {
    fn drop(&mut self) {
        // SAFETY: the box was leaked in `create` and is taken back only here; nothing points into it any more.
        let mut state = unsafe { Box::from_raw(self.state.as_ptr()) };
        // SAFETY: allowed in every state, also for a struct that is all zeros.
        unsafe { jpeg_destroy_decompress(&mut state.cinfo) };
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

/// Sets what is wanted, between reading the header and starting.
///
/// # Safety
/// The header has been read.
unsafe fn configure(cinfo: &mut jpeg_decompress_struct, output: Output, shrink: u32) {
    cinfo.scale_num = 1;
    cinfo.scale_denom = shrink;
    match output {
        Output::Planes => {
            cinfo.raw_data_out = 1;
            cinfo.do_fancy_upsampling = 0;
            if shrink > 1 {
                // SAFETY: the struct was created, and `client_data` is what `keep_subsampled` expects.
                unsafe { set_idct_method_selector(cinfo, keep_subsampled) };
            }
        }
        Output::Rgb => cinfo.out_color_space = J_COLOR_SPACE::JCS_RGB,
        Output::Cmyk => cinfo.out_color_space = J_COLOR_SPACE::JCS_CMYK,
    }
    // At 1/8 nothing but the DC coefficients is used, so guessing others would be wasted time.
    cinfo.do_block_smoothing = c_int::from(shrink < 8);
}

/// Buffers for one band.
///
/// # Safety
/// Decompression has been started.
unsafe fn buffers(cinfo: &jpeg_decompress_struct, output: Output) -> Vec<Rows> {
    let rows = |stride: usize, count: usize| Rows { data: vec![0; stride * count], stride };
    if output != Output::Planes {
        let stride = cinfo.output_width as usize * usize::try_from(cinfo.output_components).unwrap_or(0);
        return vec![rows(stride, ROWS_A_BAND as usize)];
    }
    let count = usize::try_from(cinfo.num_components).unwrap_or(0);
    (0..count)
        .map(|index| {
            // SAFETY: `comp_info` points to that many components.
            let component = unsafe { cinfo.comp_info.add(index) };
            // SAFETY: as above, and nobody writes to them meanwhile.
            let (component, fields) = unsafe { (&*component, &*hidden(component)) };
            let block = usize::try_from(fields.dct_scaled_size).unwrap_or(0);
            let blocks_high = usize::try_from(component.v_samp_factor).unwrap_or(0);
            rows(component.width_in_blocks as usize * block, blocks_high * block)
        })
        .collect()
}

fn row_pointers(plane: &mut Rows) -> Vec<JSAMPROW_MUT> {
    plane.data.chunks_exact_mut(plane.stride).map(<[u8]>::as_mut_ptr).collect()
}

/// Refuses files of too many scans.
unsafe extern "C-unwind" fn count_scans(common: &mut jpeg_common_struct) {
    let cinfo = ptr::from_mut(common).cast::<jpeg_decompress_struct>();
    // SAFETY: only decompression structs get this monitor, and their first field is the common one.
    if unsafe { (*cinfo).input_scan_number } > MOST_SCANS {
        resume_unwind(Box::new(LibjpegError(format!("more than {MOST_SCANS} scans"))));
    }
}

/// Where the crate hides fields that we must write: those between `height_in_blocks` and `quant_table`.
#[repr(C)]
struct HiddenFields {
    dct_scaled_size: c_int,
    downsampled_width: c_uint,
    downsampled_height: c_uint,
    component_needed: c_int,
    mcu_width: c_int,
    mcu_height: c_int,
    mcu_blocks: c_int,
    mcu_sample_width: c_int,
    last_col_width: c_int,
    last_row_height: c_int,
}

/// The hidden fields of a component.
///
/// # Safety
/// `component` points into libjpeg's array of components.
unsafe fn hidden(component: *const jpeg_component_info) -> *mut HiddenFields {
    // SAFETY: the fields are inside the component.
    unsafe { component.byte_add(HIDDEN_OFFSET).cast::<HiddenFields>().cast_mut() }
}

const HIDDEN_OFFSET: usize = offset_of!(jpeg_component_info, height_in_blocks) + size_of::<c_uint>();
const _: () = {
    let end = HIDDEN_OFFSET + size_of::<HiddenFields>();
    assert!(JPEG_LIB_VERSION == 62, "other versions have two scaled sizes");
    assert!(end.next_multiple_of(align_of::<*const u8>()) == offset_of!(jpeg_component_info, quant_table));
};

type IdctSelector =
    unsafe extern "C-unwind" fn(&mut jpeg_decompress_struct, *mut jpeg_component_info, *mut *const c_void, *mut c_int);

unsafe extern "C-unwind" {
    /// MozJPEG's hook into the choice of the inverse DCT; the crate declares it for the wrong struct.
    #[link_name = "jpeg_set_idct_method_selector"]
    fn set_idct_method_selector(cinfo: *mut jpeg_decompress_struct, selector: IdctSelector);
}

/// Makes every component be shrunk as much as the first one.
///
/// When shrinking, libjpeg would rather give subsampled chroma a larger inverse DCT than upsample it afterwards.
/// We want chroma as subsampled as it was, and cheap. libjpeg asks here once a component before the first row.
unsafe extern "C-unwind" fn keep_subsampled(
    cinfo: &mut jpeg_decompress_struct,
    component: *mut jpeg_component_info,
    idct: *mut *const c_void,
    _multipliers: *mut c_int,
) {
    let first_idct = cinfo.common.client_data.cast::<*const c_void>();
    // SAFETY: libjpeg passes valid pointers; `client_data` was set to `first_idct` of our state; both components
    // lie in one array, whose hidden fields are where the assertions above have found them.
    unsafe {
        let first = cinfo.comp_info;
        if component == first {
            *first_idct = *idct;
            return;
        }
        let size = (*hidden(first)).dct_scaled_size;
        let fields = hidden(component);
        *idct = *first_idct;
        (*fields).dct_scaled_size = size;
        (*fields).mcu_sample_width = (*fields).mcu_width * size;
    }
}
