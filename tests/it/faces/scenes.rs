//! Pictures with marked faces, composed from two portraits, and pictures without any.

use crate::support::fixtures::sample;
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageReader, Rgb, RgbImage};
use std::io::Cursor;
use std::path::Path;

/// Left, top, right, bottom in pixels.
pub(super) type Mark = [f32; 4];

/// A picture and the faces in it.
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) picture: RgbImage,
    pub(super) faces: Vec<Mark>,
}

/// From the hair line to the chin.
const COLLINS: Mark = [182.0, 68.0, 272.0, 182.0];
const HOPPER: Mark = [128.0, 98.0, 270.0, 246.0];

impl Scene {
    fn of(name: &'static str, picture: RgbImage, face: Mark) -> Self {
        Self { name, picture, faces: vec![face] }
    }

    fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    fn moved(&self, x: f32, y: f32) -> impl Iterator<Item = Mark> {
        self.faces.iter().map(move |[left, top, right, bottom]| [left + x, top + y, right + x, bottom + y])
    }

    /// The same larger or smaller, along x and along y.
    fn scaled(self, x: f32, y: f32) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "sizes"
        )]
        let side = |side: u32, by: f32| (side as f32 * by) as u32;
        let (width, height) = (side(self.picture.width(), x), side(self.picture.height(), y));
        let picture = imageops::resize(&self.picture, width, height, FilterType::Triangle);
        let faces = self.faces.iter().map(|[left, top, right, bottom]| [left * x, top * y, right * x, bottom * y]);
        Self { name: self.name, faces: faces.collect(), picture }
    }

    fn mirrored(self) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a size")]
        let width = self.picture.width() as f32;
        let faces = self.faces.iter().map(|[left, top, right, bottom]| [width - right, *top, width - left, *bottom]);
        Self { name: self.name, faces: faces.collect(), picture: imageops::flip_horizontal(&self.picture) }
    }

    /// Other colors, pixel by pixel.
    fn tinted(mut self, change: impl Fn([f32; 3]) -> [f32; 3]) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "samples")]
        let sample = |value: f32| value.clamp(0.0, 255.0) as u8;
        for Rgb(pixel) in self.picture.pixels_mut() {
            *pixel = change(pixel.map(f32::from)).map(sample);
        }
        self
    }

    /// The head turned by some degrees around the middle of the first face.
    fn tilted(self, degrees: f32) -> Self {
        let [left, top, right, bottom] = self.faces[0];
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (middle_x, middle_y) = (f32::midpoint(left, right), f32::midpoint(top, bottom));
        let source = self.picture;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "places"
        )]
        let picture = RgbImage::from_fn(source.width(), source.height(), |x, y| {
            let (x, y) = (x as f32 - middle_x, y as f32 - middle_y);
            let (x, y) = (middle_x + x * cos + y * sin, middle_y - x * sin + y * cos);
            *source.get_pixel((x.max(0.0) as u32).min(source.width() - 1), (y.max(0.0) as u32).min(source.height() - 1))
        });
        Self { picture, ..self }
    }

    /// Only a part.
    fn cut(self, x: u32, y: u32, width: u32, height: u32) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "places")]
        let faces = self.moved(-(x as f32), -(y as f32)).collect();
        let picture = imageops::crop_imm(&self.picture, x, y, width, height).to_image();
        Self { picture, faces, ..self }
    }

    /// With another scene laid over it.
    fn with(mut self, other: &Self, x: u32, y: u32) -> Self {
        imageops::replace(&mut self.picture, &other.picture, x.into(), y.into());
        #[expect(clippy::cast_precision_loss, reason = "places")]
        self.faces.extend(other.moved(x as f32, y as f32));
        self
    }
}

fn background(name: &'static str, width: u32, height: u32) -> Scene {
    let picture = image::load_from_memory(&sample(name)).unwrap().resize_to_fill(width, height, FilterType::Triangle);
    Scene { name, picture: picture.into_rgb8(), faces: Vec::new() }
}

fn fixture(name: &str) -> RgbImage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/faces").join(name);
    ImageReader::open(path).unwrap().decode().unwrap().into_rgb8()
}

fn collins() -> Scene {
    Scene::of("astronaut", image::load_from_memory(&sample("portrait.jpg")).unwrap().into_rgb8(), COLLINS)
}

fn hopper() -> Scene {
    Scene::of("admiral", fixture("hopper.jpg"), HOPPER)
}

/// Stored so badly that blocks show.
fn blocky(scene: Scene) -> Scene {
    let mut file = Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 12);
    DynamicImage::from(scene.picture).write_with_encoder(encoder).unwrap();
    Scene { picture: image::load_from_memory(file.get_ref()).unwrap().into_rgb8(), ..scene }
}

/// Grain that is the same every time.
fn grainy(mut scene: Scene) -> Scene {
    let mut state = 1_u32;
    for Rgb(pixel) in scene.picture.pixels_mut() {
        for sample in pixel {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = i16::try_from(state >> 26).unwrap() - 32;
            *sample = u8::try_from((i16::from(*sample) + grain).clamp(0, 255)).unwrap();
        }
    }
    scene
}

/// All scenes, those with faces first.
pub(super) fn all() -> Vec<Scene> {
    let gray = |[r, g, b]: [f32; 3]| [0.299 * r + 0.587 * g + 0.114 * b; 3];
    let gallery = background("photo.jpg", 1200, 900)
        .with(&collins().cut(120, 0, 220, 220), 40, 40)
        .with(&hopper().scaled(0.5, 0.5), 420, 60)
        .with(&collins().mirrored().cut(170, 0, 220, 220), 800, 30)
        .with(&hopper().mirrored().scaled(0.6, 0.6), 90, 500)
        .with(&collins().scaled(0.8, 0.8).cut(90, 0, 200, 200), 520, 560)
        .with(&hopper().cut(60, 40, 280, 240), 860, 560);
    let mut scenes = vec![
        collins(),
        hopper(),
        collins().cut(140, 10, 180, 190).scaled(3.0, 3.0).named("close up"),
        hopper().mirrored().named("mirrored"),
        background("photo.jpg", 1400, 800).with(&collins(), 850, 288).named("one third of the height"),
        background("wide.jpg", 1024, 640).with(&hopper().scaled(0.5, 0.5), 810, 380).named("in a corner"),
        background("tall.jpg", 600, 1200).with(&collins().scaled(0.7, 0.7), 120, 780).named("tall"),
        background("photo.jpg", 1200, 600).with(&collins(), 20, 80).with(&hopper(), 760, 120).named("two, far apart"),
        gallery.named("six"),
        collins().tinted(gray).named("gray"),
        hopper().tinted(|pixel| pixel.map(|v| v * 0.3)).named("dark"),
        collins().tinted(|pixel| pixel.map(|v| 160.0 + v * 0.37)).named("washed out"),
        hopper().tinted(|[r, g, b]| [r, g * 0.7, b * 0.4]).named("red light"),
        collins().tilted(20.0).named("tilted by 20"),
        hopper().tilted(-35.0).named("tilted by 35"),
        collins().scaled(0.7, 1.0).named("narrow, as if turned"),
        grainy(hopper()).named("grainy"),
        blocky(collins()).named("blocky"),
    ];
    for name in ["photo.jpg", "wide.jpg", "tall.jpg"] {
        scenes.push(background(name, 800, 600));
    }
    for name in ["cat.jpg", "coffee.jpg", "rocket.jpg"] {
        scenes.push(Scene { name, picture: fixture(name), faces: Vec::new() });
    }
    scenes.push(Scene { name: "helmet", ..collins().cut(260, 330, 250, 180) });
    scenes.last_mut().unwrap().faces.clear();
    scenes
}
