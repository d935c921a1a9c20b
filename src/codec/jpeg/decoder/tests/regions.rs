//! Parts of pictures.

use super::*;

#[test]
fn a_region_has_the_samples_of_the_whole() {
    for sampling in [SAMPLINGS[0], SAMPLINGS[2], SAMPLINGS[5]] {
        let sketch = Sketch { restart_interval: 7, ..Sketch::new(200, 150, &sampling, 5) };
        for file in [sketch.baseline(), sketch.progressive(scans::PROGRESSIVE[1].1)] {
            for scale in SCALES {
                for output in [Output::Planes, Output::Pixels] {
                    check(&file, scale, output);
                }
            }
        }
    }
}

fn check(file: &[u8], scale: Scale, output: Output) {
    let options = options(scale, output);
    let (whole, _) = decode(file, &options).unwrap();
    let divisor = scale.divisor();
    let region = Region { columns: 70 / divisor..130 / divisor, rows: 50 / divisor..100 / divisor };
    let channels = if output == Output::Pixels { 3 } else { 1 };
    let mut decoder = Decoder::new(file, &Options { region: Some(region.clone()), ..options }).unwrap();
    let mut seen = 0;
    while let Some(band) = decoder.next_band().unwrap() {
        let rows = &band[0];
        for (y, row) in (rows.first..).zip(rows.data.chunks_exact(rows.stride)) {
            if !region.rows.contains(&u32::try_from(y).unwrap()) {
                continue;
            }
            seen += 1;
            // Interpolated chroma looks one sample beyond the region, which is not there: a block away all is the same.
            let margin = if output == Output::Pixels { 2 } else { 0 };
            let columns =
                (region.columns.start as usize + margin) * channels..(region.columns.end as usize - margin) * channels;
            assert!(row[columns.clone()] == whole[0].data[y * whole[0].width..][columns], "{scale:?} row {y}");
        }
    }
    assert_eq!(seen, region.rows.len());
}

#[test]
fn decoding_ends_with_the_last_row_of_the_region() {
    let file = Sketch::new(100, 300, &SAMPLINGS[2], 5).baseline();
    let cut = &file[..file.len() / 2];
    let region = Some(Region { columns: 0..100, rows: 0..60 });
    let (_, report) = decode(cut, &Options { region, ..options(Scale::Full, Output::Planes) }).unwrap();
    assert_eq!((report.errors, report.lost, report.real), (0, 0, 7 * 4));
}
