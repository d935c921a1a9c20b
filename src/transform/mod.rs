//! Operations on pixels that decide nothing: every size, layout and color is told to them.

mod boxes;
pub mod color;
mod kernel;
mod light;
mod orient;
mod pad;
mod plane;
mod point;
mod red_eye;
mod resize;
mod trim;

pub use kernel::Kernel;
pub use light::Light;
pub(crate) use orient::keeps_chroma_in_place;
pub use orient::orient;
pub use pad::{Paste, pad};
pub use point::{PointChain, PointStep, Tables};
pub use red_eye::correct_red_eye;
pub use resize::{Resampler, resize};
pub use trim::trim_box;
