//! Sizes, rectangles, fits and orientations: all arithmetic on coordinates, and the only place that rounds them.
//!
//! Coordinates carry their space as a type: a size of the file cannot be taken for one of the canvas.
//! This room knows no pixels and no URLs.

mod align;
mod fit;
mod focal;
mod orientation;
mod rect;
mod rounding;
mod scale;
mod size;
mod view;
mod zoom;

pub use align::{Align, HAlign, VAlign, auto_crop};
pub use fit::{Dimension, FitIn, Fitted, Request, grow_into, normalize};
pub use focal::{Focal, Origin, focal_center, keeping_whole};
pub use orientation::Orientation;
pub use rect::Rect;
pub use rounding::{ceil_to_u32, round_half_even, trunc_to_u32};
pub use scale::shrink_on_load;
pub use size::{Canvas, Decoded, Size, Stored, Upright};
pub use view::{View, Window};
pub use zoom::zoomed;
