//! What drawing would cost, estimated from the boxes around everything before anything is drawn.

use super::refused;
use crate::codec::CodecError;
use resvg::usvg::filter::Kind;
use resvg::usvg::{Fill, Group, Node, Paint, Path, Rect, Stroke, Tree};

/// Most pixels painted, each counted as often as it is, with weights for what is slow: some seconds.
const MAX_PIXELS: f64 = 2e9;

/// Most pixels of layers that exist at a time, at four bytes each.
const MAX_LAYER_PIXELS: f64 = 80e6;

/// Cost of a point of an outline, in pixels.
const POINT: f64 = 32.0;

/// Refuses drawings that would take too long or too much memory on a canvas of `width` by `height` pixels, at `scale`
/// pixels a unit.
///
/// # Errors
/// [`CodecError::Unsupported`].
pub(super) fn check(tree: &Tree, (width, height): (f64, f64), scale: f64) -> Result<(), CodecError> {
    let mut sum = Sum { width, height, scale, pixels: 0.0, layers: width * height, most_layers: 0.0 };
    sum.group(tree.root());
    if sum.pixels > MAX_PIXELS {
        return Err(refused(format!("{:.0} million pixels to paint", sum.pixels / 1e6)));
    }
    if sum.most_layers > MAX_LAYER_PIXELS.max(1.5 * width * height) {
        return Err(refused(format!("layers of {:.0} million pixels at a time", sum.most_layers / 1e6)));
    }
    Ok(())
}

fn many(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

struct Sum {
    width: f64,
    height: f64,
    /// Pixels a unit.
    scale: f64,
    pixels: f64,
    /// Pixels of layers under way.
    layers: f64,
    most_layers: f64,
}

impl Sum {
    /// Pixels of a box, as far as it can show.
    fn area(&self, area: Rect) -> f64 {
        let side = |side: f32, most: f64| (f64::from(side) * self.scale + 2.0).min(most).max(1.0);
        side(area.width(), self.width) * side(area.height(), self.height)
    }

    fn group(&mut self, group: &Group) {
        if self.pixels > MAX_PIXELS {
            return; // enough is known
        }
        let mut layer = 0.0;
        if group.should_isolate() {
            let shown = self.area(group.abs_layer_bounding_box().to_rect());
            // Filters may look at what lies around the canvas.
            layer = if group.filters().is_empty() { shown } else { 4.0 * shown };
            self.pixels += 2.0 * layer;
            for primitive in group.filters().iter().flat_map(|filter| filter.primitives()) {
                self.pixels += self.primitive(primitive.kind()) * layer;
                if let Kind::Image(image) = primitive.kind() {
                    self.group(image.root());
                }
            }
        }
        self.layers += layer;
        self.most_layers = self.most_layers.max(self.layers);
        let mut mask = group.mask();
        while let Some(next) = mask {
            self.layer_of(layer, next.root());
            mask = next.mask();
        }
        let mut clip = group.clip_path();
        while let Some(next) = clip {
            self.layer_of(layer, next.root());
            clip = next.clip_path();
        }
        for child in group.children() {
            match child {
                Node::Group(group) => self.group(group),
                Node::Path(path) => self.path(path),
                Node::Image(_) | Node::Text(_) => {} // are not drawn
            }
        }
        self.layers -= layer;
    }

    /// A group drawn on a layer of its own beside another.
    fn layer_of(&mut self, layer: f64, group: &Group) {
        self.layers += layer;
        self.pixels += 2.0 * layer;
        self.group(group);
        self.layers -= layer;
    }

    fn path(&mut self, path: &Path) {
        let paints = [path.fill().map(Fill::paint), path.stroke().map(Stroke::paint)];
        let outline = many(path.data().len());
        for paint in paints.into_iter().flatten() {
            self.pixels += self.area(path.abs_stroke_bounding_box()) + outline * POINT;
            if let Paint::Pattern(pattern) = paint {
                // Drawn once, as large as its tile is on the canvas, wherever that would be.
                let (x, y) = path.abs_transform().pre_concat(pattern.transform()).get_scale();
                let tile = pattern.rect();
                let sides = f64::from(tile.width()) * f64::from(x) * f64::from(tile.height()) * f64::from(y);
                let layer = sides * self.scale * self.scale;
                self.most_layers = self.most_layers.max(self.layers + layer);
                self.layer_of(layer, pattern.root());
            }
        }
        let dashes = path.stroke().and_then(|stroke| stroke.dasharray());
        if let Some(dashes) = dashes {
            let area = path.bounding_box();
            let length = f64::from(area.width() + area.height()) * outline;
            let period: f64 = dashes.iter().map(|dash| f64::from(*dash)).sum();
            self.pixels += length / period.max(1e-6) * many(dashes.len()) * POINT;
        }
    }

    /// Cost of a filter's step for each pixel.
    fn primitive(&self, kind: &Kind) -> f64 {
        match kind {
            Kind::ConvolveMatrix(matrix) => {
                4.0 * f64::from(matrix.matrix().columns()) * f64::from(matrix.matrix().rows())
            }
            Kind::Morphology(step) => {
                let side = |radius: f32, most: f64| (f64::from(radius) * self.scale * 2.0).min(most).max(1.0);
                4.0 * side(step.radius_x().get(), self.width) * side(step.radius_y().get(), self.height)
            }
            Kind::Turbulence(noise) => 60.0 * f64::from(noise.num_octaves()),
            Kind::GaussianBlur(_) | Kind::DropShadow(_) | Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => 30.0,
            _ => 6.0,
        }
    }
}
