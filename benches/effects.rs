//! What filters cost on a picture of a megapixel.
//!
//! `cargo bench --bench effects` times every filter by its example. With `-- --plain CALL...` it only prints what the
//! calls cost: a line for each call and layout with the nanoseconds of CPU time a pixel, for `compare/effects.py`.

mod scene;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use scene::scene;
use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use tintype::filter::{self, FILTERS};
use tintype::geometry::{Canvas, Size};
use tintype::raster::{PixelBuffer, PixelFormat};
use tintype::recipe::{Asset, AssetSpec, Policy, Recipe, Scene};
use tintype::request::{Accept, parse};
use tintype::transform::color;

const SIDE: u32 = 1000;
const LAYOUTS: [(&str, PixelFormat); 2] = [("rgb8", PixelFormat::Rgb), ("rgba8", PixelFormat::Rgba)];

fn recipe(call: &str) -> Recipe {
    let path = format!("/unsafe/filters:{call}/i.png");
    let request = parse(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let recipe = filter::compile(&request, Accept::default(), &Policy::default());
    let recipe = recipe.unwrap_or_else(|error| panic!("{call}: {error}"));
    assert!(recipe.ignored_filters.is_empty(), "{call} has filters that do not exist");
    recipe
}

/// What effects may know, with the pictures that they draw with: nine-patches for those that want one as it is, others
/// in the size that is wanted, of 300 by 200 by themselves.
fn scene_of(recipe: &Recipe, canvas: Size<Canvas>) -> Scene {
    let nine_patch = Size::new(20, 20);
    let drawn = |size: Size<Canvas>| Some(Arc::new(scene(PixelFormat::Rgba, size.width, size.height)));
    let asset = |spec: &AssetSpec| {
        let size = if spec.whole { nine_patch } else { Size::new(300, 200) };
        Asset { size, pixels: spec.whole.then(|| Arc::new(patch(size))) }
    };
    let assets = recipe.assets.iter().map(asset).collect();
    let mut scene = Scene { frame: (SIDE * 5 / 4, SIDE), assets, ..Scene::default() };
    for effect in &recipe.effects {
        if let Some((index, size)) = effect.asset(canvas, &scene) {
            scene.assets[index] = Asset { size, pixels: drawn(size) };
        }
    }
    scene
}

/// A translucent nine-patch whose middle stretches and holds the picture.
fn patch(size: Size<Canvas>) -> PixelBuffer<Canvas> {
    let mut patch = scene(PixelFormat::Rgba, size.width, size.height);
    let (width, height) = (size.width as usize, size.height as usize);
    let pixels = patch.first_mut().data.as_chunks_mut::<4>().0;
    for (at, pixel) in pixels.iter_mut().enumerate() {
        let (x, y) = (at % width, at / width);
        let on_border = x == 0 || y == 0 || x == width - 1 || y == height - 1;
        let is_guide = (x.min(y) == 0 || x == width - 1 || y == height - 1) && (x.max(y) / 4 == 2);
        match (on_border, is_guide) {
            (true, true) => *pixel = [0, 0, 0, 255],
            (true, false) => *pixel = [0; 4],
            (false, _) => {}
        }
    }
    patch
}

/// All effects in a row, as the plan does them.
fn apply(recipe: &Recipe, scene: &Scene, picture: PixelBuffer<Canvas>) -> PixelBuffer<Canvas> {
    recipe.effects.iter().fold(picture, |picture, effect| {
        let wanted = effect.wants(picture.format());
        effect.apply(color::convert(picture, wanted), scene)
    })
}

fn every_filter(criterion: &mut Criterion) {
    for (name, format) in LAYOUTS {
        let picture = scene(format, SIDE, SIDE);
        let mut group = criterion.benchmark_group(format!("effects/{name}"));
        group.sample_size(10).throughput(Throughput::Elements(picture.size().area_px()));
        for def in FILTERS {
            let recipe = recipe(def.example);
            if recipe.effects.is_empty() {
                continue; // it changes no pixels
            }
            let scene = scene_of(&recipe, picture.size());
            group.bench_function(BenchmarkId::from_parameter(def.name), |bencher| {
                let copy = || picture.clone();
                bencher.iter_batched(copy, |picture| apply(&recipe, &scene, picture), BatchSize::LargeInput);
            });
        }
    }
}

/// Nanoseconds that this thread has run for; some systems count whole ticks of milliseconds.
fn cpu_ns() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says what threads have used");
    text.split(' ').next().and_then(|first| first.parse().ok()).expect("the first number is nanoseconds")
}

/// CPU time of one run in nanoseconds: the mean over so many runs that ticks do not show.
fn mean_ns(mut run: impl FnMut()) -> f64 {
    let start = cpu_ns();
    let mut runs = 0.0;
    loop {
        run();
        runs += 1.0;
        let spent = cpu_ns() - start;
        if spent > 1e9 {
            return spent / runs;
        }
    }
}

/// What each call costs besides the copy of the picture that it works on.
#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn plain(calls: &[String]) {
    for call in calls {
        let recipe = recipe(call);
        for (name, format) in LAYOUTS {
            let picture = scene(format, SIDE, SIDE);
            let scene = scene_of(&recipe, picture.size());
            let copy_ns = mean_ns(|| drop(black_box(picture.clone())));
            let all_ns = mean_ns(|| drop(black_box(apply(&recipe, &scene, picture.clone()))));
            println!("{call}\t{name}\t{:.3}", (all_ns - copy_ns) / f64::from(SIDE * SIDE));
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--plain");
    if arguments.next().is_some() {
        return plain(&arguments.filter(|argument| argument != "--bench").collect::<Vec<String>>());
    }
    let mut criterion = Criterion::default().configure_from_args();
    every_filter(&mut criterion);
    criterion.final_summary();
}
