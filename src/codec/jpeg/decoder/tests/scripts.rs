//! Progressive files that libjpeg's own tools have written after scan scripts (`libjpeg-turbo-progs` in Debian).

use super::oracle::{distance, libjpeg};
use super::*;
use crate::codec::ffi::mozjpeg::Output as LibjpegOutput;
use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::NamedTempFile;

/// Scripts for three components. Empty: libjpeg's own.
const SCRIPTS: [(&str, &str); 6] = [
    ("libjpeg's own", ""),
    ("three scans", "0,1,2: 0-0,0,0; 0: 1-63,0,0; 1: 1-63,0,0; 2: 1-63,0,0;"),
    (
        "as MozJPEG likes them",
        "0: 0-0,0,0; 1,2: 0-0,0,0; 0: 1-8,0,2; 1: 1-8,0,0; 2: 1-8,0,0; 0: 9-63,0,2; 0: 1-63,2,1; 0: 1-63,1,0;
         1: 9-63,0,0; 2: 9-63,0,0;",
    ),
    (
        "bit by bit",
        "0,1,2: 0-0,0,3; 0: 1-63,0,3; 1: 1-63,0,3; 2: 1-63,0,3;
         0,1,2: 0-0,3,2; 0: 1-63,3,2; 1: 1-63,3,2; 2: 1-63,3,2;
         0,1,2: 0-0,2,1; 0: 1-63,2,1; 1: 1-63,2,1; 2: 1-63,2,1;
         0,1,2: 0-0,1,0; 0: 1-63,1,0; 1: 1-63,1,0; 2: 1-63,1,0;",
    ),
    (
        "every low coefficient alone",
        "0: 0-0,0,0; 1: 0-0,0,0; 2: 0-0,0,0; 0: 1-1,0,0; 0: 2-2,0,1; 0: 3-3,0,0; 0: 4-4,0,1; 0: 5-63,0,1; 1: 1-4,0,0;
         2: 1-1,0,0; 2: 2-5,0,0; 1: 5-63,0,0; 2: 6-63,0,0; 0: 2-2,1,0; 0: 4-4,1,0; 0: 5-63,1,0;",
    ),
    (
        "refined in other bands than begun in",
        "0,1,2: 0-0,0,1; 0: 1-5,0,2; 0: 6-63,0,2; 2: 1-63,0,1; 1: 1-63,0,1; 0: 4-20,2,1; 0: 1-3,2,1; 0: 21-63,2,1;
         0: 2-63,1,0; 0: 1-1,1,0; 1: 3-63,1,0; 1: 1-2,1,0; 2: 1-63,1,0; 0,1,2: 0-0,1,0;",
    ),
];

/// What a tool makes of a small file; baseline without a script.
fn run(tool: &str, arguments: &[&str], script: Option<&str>, input: &[u8]) -> Vec<u8> {
    let mut command = Command::new(tool);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut file = NamedTempFile::new().unwrap();
    match script {
        None => &mut command,
        Some("") => command.arg("-progressive"),
        Some(script) => {
            file.write_all(script.as_bytes()).unwrap();
            command.args([OsStr::new("-scans"), file.path().as_os_str()])
        }
    };
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{tool}, of libjpeg-turbo-progs: {error}"));
    // What is written meanwhile fits into the pipe.
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{tool} {arguments:?} {script:?}");
    output.stdout
}

#[test]
fn whatever_the_script_the_samples_are_those_of_libjpeg_and_of_the_formula() {
    for (seed, sampling) in (1..).zip([SAMPLINGS[0], SAMPLINGS[2], SAMPLINGS[5]]) {
        let sketch = Sketch::new(61, 45, &sampling, seed);
        let baseline = sketch.baseline();
        for (name, script) in SCRIPTS {
            for restart in ["0", "3B"] {
                let file = run("jpegtran", &["-restart", restart], Some(script), &baseline);
                assert!(Header::parse(&file).unwrap().progressive);
                let full = planes(&file, Scale::Full);
                assert!(full == libjpeg(&file, LibjpegOutput::Planes, &full), "{sampling:?} {name}");
                for scale in SCALES {
                    let reduced = planes(&file, scale);
                    assert!(reduced == planes(&baseline, scale), "{sampling:?} {name} {scale:?} restart {restart}");
                    for (component, picture) in reduced.iter().enumerate() {
                        let distance = distance(&sketch, component, scale, picture);
                        assert!(distance <= 1.0, "{sampling:?} {name} {scale:?} component {component}: {distance}");
                    }
                }
            }
        }
    }
}

#[test]
fn pictures_that_cjpeg_has_compressed_are_those_of_libjpeg_and_of_their_baseline_twin() {
    let picture = waves_as_ppm(150, 130);
    for quality in ["30", "75", "98"] {
        let arguments = ["-quality", quality, "-sample", "2x2"];
        let baseline = run("cjpeg", &arguments, None, &picture);
        for (name, script) in SCRIPTS {
            let file = run("cjpeg", &arguments, Some(script), &picture);
            let full = planes(&file, Scale::Full);
            assert!(full == libjpeg(&file, LibjpegOutput::Planes, &full), "quality {quality} {name}");
            for scale in SCALES {
                assert!(planes(&file, scale) == planes(&baseline, scale), "quality {quality} {name} {scale:?}");
            }
        }
    }
}

/// Waves that become shorter to the right, and noise below.
fn waves_as_ppm(width: u32, height: u32) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D;
    let mut file = format!("P6 {width} {height} 255\n").into_bytes();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let noise = writer::random(&mut state) % u64::from(1 + y);
        for divisor in [90.0, 140.0, 200.0] {
            let wave = (f64::from(x * x) / divisor).sin() * 70.0 + f64::from(y) / 2.0 + 90.0;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
            file.push(wave.clamp(0.0, 255.0) as u8 ^ (noise & 31) as u8);
        }
    }
    file
}
