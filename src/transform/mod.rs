//! Operations on pixels that decide nothing: every size, layout and color is told to them.

mod blur;
mod boxes;
pub mod color;
mod composite;
mod convolve;
mod kernel;
mod light;
mod orient;
mod outline;
mod pad;
mod plane;
mod point;
mod red_eye;
mod reduced;
mod resize;
mod trim;
mod typed;
mod wavelet;
mod weigh;

pub use blur::{Gaussian, blur};
pub use composite::{Copies, composite, over};
pub use convolve::{Matrix, convolve};
pub use kernel::Kernel;
pub use light::Light;
pub(crate) use orient::keeps_chroma_in_place;
pub use orient::orient;
pub use outline::{Frame, outlined};
pub use pad::{Paste, lay, pad};
pub use point::{PointChain, PointStep, Tables};
pub use red_eye::correct_red_eye;
pub use reduced::reduced;
pub use resize::{Resampler, resize};
pub use trim::trim_box;
pub use wavelet::{Gains, Sharpened, sharpen};
