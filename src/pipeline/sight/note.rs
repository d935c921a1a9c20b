//! What was seen, as Thumbor leaves it beside an original: a list of points in JSON.

use crate::geometry::{Focal, Origin};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Points beyond this many are not read.
const MOST_POINTS: usize = 1000;

/// Numbers may have a fraction; it does not count.
#[derive(Deserialize, Serialize)]
struct Point {
    x: f64,
    y: f64,
    z: f64,
    height: f64,
    width: f64,
    origin: String,
    /// Which file was looked at, by its fingerprint; Thumbor does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<u64>,
}

/// The points of a note; `None` if they are those of an earlier file.
pub(super) fn read(note: &[u8], file: u64) -> Result<Option<Vec<Focal>>, serde_json::Error> {
    let points: Vec<Point> = serde_json::from_slice(note)?;
    let same = points.iter().all(|point| point.file.is_none_or(|noted| noted == file));
    Ok(same.then(|| points.iter().take(MOST_POINTS).map(Point::focal).collect()))
}

/// A note of what was seen in a file.
pub(super) fn written(points: &[Focal], file: u64) -> Bytes {
    let points: Vec<Point> = points.iter().map(|focal| Point::of(focal, file)).collect();
    serde_json::to_vec(&points).expect("numbers and names always serialize").into()
}

impl Point {
    #[expect(clippy::cast_precision_loss, reason = "areas of pictures are far below what is exact")]
    fn of(focal: &Focal, file: u64) -> Self {
        Self {
            x: focal.x.into(),
            y: focal.y.into(),
            z: focal.weight as f64,
            height: focal.height.into(),
            width: focal.width.into(),
            origin: focal.origin.name().to_owned(),
            file: Some(file),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, which is what is meant"
    )]
    fn focal(&self) -> Focal {
        let side = |side: f64| (side as u32).max(1);
        Focal {
            x: self.x as u32,
            y: self.y as u32,
            width: side(self.width),
            height: side(self.height),
            weight: self.z as u64,
            origin: Origin::of_detector(&self.origin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_thumbor_are_read_and_ours_are_the_same() {
        let thumbor =
            br#"[{"x": 401, "y": 160.0, "z": 42025.0, "height": 205, "width": 205, "origin": "Face Detection"},
            {"x": 3, "y": 4, "z": 1.0, "height": 1, "width": 1, "origin": "alignment"}]"#;
        let focal = read(thumbor, 7).unwrap().unwrap();
        let face = Focal { x: 401, y: 160, width: 205, height: 205, weight: 42_025, origin: Origin::Face };
        assert_eq!(focal, [face, Focal::point(3, 4, Origin::Feature)]);
        let ours = written(&focal, 7);
        assert_eq!(read(&ours, 7).unwrap(), Some(focal));
        assert_eq!(read(&ours, 8).unwrap(), None, "the file has changed");
        assert!(read(b"{}", 7).is_err() && read(b"[{}]", 7).is_err());
    }
}
