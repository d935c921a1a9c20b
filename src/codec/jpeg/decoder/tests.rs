//! The decoder against libjpeg, against the definition of its transforms, and against damage.

mod entropy;
mod faults;
mod folder;
mod oracle;
mod regions;
mod scripts;
mod writer;

use super::*;
use writer::{Sketch, scans};

/// Samples of a component or of pixels without padding: bytes a row, and all rows.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Picture {
    width: usize,
    data: Vec<u8>,
}

const SCALES: [Scale; 4] = [Scale::Full, Scale::Half, Scale::Quarter, Scale::Eighth];

fn options(scale: Scale, output: Output) -> Options {
    Options { scale, output, region: None, limits: Limits::default() }
}

/// All that is handed out, and what is said of it.
fn decode(file: &[u8], options: &Options) -> Result<(Vec<Picture>, Report), Error> {
    let mut decoder = Decoder::new(file, options)?;
    let (header, grid) = (decoder.header.clone(), decoder.grid.clone());
    let widths: Vec<_> = match options.output {
        Output::Planes => grid.components.iter().map(|shape| shape.width).collect(),
        Output::Pixels => {
            vec![header.width.div_ceil(options.scale.divisor()) as usize * header.colors.channels()]
        }
    };
    let mut pictures: Vec<_> = widths.into_iter().map(|width| Picture { width, data: Vec::new() }).collect();
    while let Some(band) = decoder.next_band()? {
        assert_eq!(band.len(), pictures.len());
        for (picture, rows) in pictures.iter_mut().zip(band) {
            for row in rows.data.chunks_exact(rows.stride.max(1)) {
                picture.data.extend_from_slice(&row[..picture.width]);
            }
        }
    }
    Ok((pictures, decoder.report()))
}

/// The samples of a sound file.
fn planes(file: &[u8], scale: Scale) -> Vec<Picture> {
    let (planes, report) = decode(file, &options(scale, Output::Planes)).unwrap();
    assert_eq!((report.errors, report.lost), (0, 0));
    planes
}

/// Sampling factors of three components: the usual ones and what else the standard allows.
const SAMPLINGS: [[(u8, u8); 3]; 10] = [
    [(1, 1), (1, 1), (1, 1)],
    [(2, 1), (1, 1), (1, 1)],
    [(2, 2), (1, 1), (1, 1)],
    [(1, 2), (1, 1), (1, 1)],
    [(4, 1), (1, 1), (1, 1)],
    [(4, 2), (1, 1), (1, 1)],
    [(3, 1), (1, 1), (1, 1)],
    [(2, 3), (1, 2), (1, 1)],
    [(2, 2), (2, 1), (1, 2)],
    [(1, 1), (2, 2), (1, 1)],
];

#[test]
fn pictures_of_several_scans_are_those_of_one() {
    for sampling in SAMPLINGS {
        let sketch = Sketch::new(61, 45, &sampling, 7);
        let baseline = sketch.baseline();
        for (name, script) in scans::PROGRESSIVE {
            for restart_interval in [0, 3] {
                let progressive = Sketch { restart_interval, ..sketch.clone() }.progressive(script);
                for scale in SCALES {
                    let (one, several) = (planes(&baseline, scale), planes(&progressive, scale));
                    assert!(one == several, "{sampling:?} {name} {scale:?} restart {restart_interval}");
                }
            }
        }
        let apart = sketch.sequential(&[&[0], &[2], &[1]]);
        for scale in SCALES {
            assert!(planes(&baseline, scale) == planes(&apart, scale), "{sampling:?} {scale:?} not interleaved");
        }
    }
}

#[test]
fn restart_markers_and_fill_bytes_change_nothing() {
    let sketch = Sketch::new(70, 33, &SAMPLINGS[2], 3);
    let plain = sketch.baseline();
    for restart_interval in [1, 2, 5, 200] {
        let marked = Sketch { restart_interval, ..sketch.clone() }.baseline();
        assert_ne!(plain, marked);
        let filled = writer::with_fill_bytes(&marked);
        for scale in SCALES {
            assert_eq!(planes(&plain, scale), planes(&marked, scale));
            assert_eq!(planes(&plain, scale), planes(&filled, scale));
        }
    }
}

#[test]
fn the_height_may_come_after_the_scan() {
    let sketch = Sketch::new(40, 52, &SAMPLINGS[2], 5);
    let file = sketch.baseline();
    let late = writer::with_late_height(&file);
    assert_eq!(Header::parse(&late), Header::parse(&file));
    assert_eq!(planes(&late, Scale::Half), planes(&file, Scale::Half));
}

#[test]
fn a_sequential_picture_takes_memory_for_a_band_only() {
    // A header of 100 megapixels; the buffers do not depend on what follows.
    let mut file = Sketch::new(16, 16, &SAMPLINGS[2], 1).baseline();
    let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    let decoder = Decoder::new(&file, &options(Scale::Eighth, Output::Planes)).unwrap();
    let bytes: usize = decoder.planes.iter().map(|plane| plane.data.len()).sum();
    assert!(bytes < 64 << 10, "{bytes}");
    assert!(matches!(decoder.source, Source::Sequential(_)));
}

#[test]
fn coefficients_beyond_the_limit_are_refused_up_front() {
    let file = Sketch::new(64, 64, &SAMPLINGS[0], 1).progressive(scans::PROGRESSIVE[0].1);
    let limits = |coefficient_bytes| Limits { coefficient_bytes, ..Limits::default() };
    let with = |scale, bytes| Options { limits: limits(bytes), ..options(scale, Output::Planes) };
    assert!(Decoder::new(&file, &with(Scale::Full, 3 * 64 * 128)).is_ok());
    let error = Decoder::new(&file, &with(Scale::Full, 3 * 64 * 128 - 1)).unwrap_err();
    assert_eq!(error.to_string(), "24576 bytes for coefficients, of 24575");
    assert!(Decoder::new(&file, &with(Scale::Eighth, 3 * 64 * 2)).is_ok());
}
