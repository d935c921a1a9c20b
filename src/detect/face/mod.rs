//! `face`: faces, frontal or turned, by a small network. Also answers for Thumbor's profile and glasses detectors.

mod network;
mod tensor;

use self::network::{Candidate, candidates};
use super::{Detector, Region};
use crate::cancel::{CancelToken, Cancelled};
use crate::geometry::{Canvas, Origin, Size, Window};
use crate::raster::PixelBuffer;
use std::fmt;

/// How sure the network has to be.
const THRESHOLD: f32 = 0.7;
/// Two candidates that share more of their common area than this are the same face.
const SAME_FACE: f32 = 0.45;
/// Most candidates that are compared with each other.
const MOST_CANDIDATES: usize = 1000;
/// A face is moved up by this part of its height, as in Thumbor, so that the hair is kept.
const FOR_HAIR: f32 = 0.12;
/// Pixels of the longer side of the copy that is looked at. Faces from about a thirtieth of it are found.
pub(super) const SIDE_PX: u32 = 320;
/// An eye reaches so far from its middle, in widths of the face.
const EYE: f32 = 0.16;

/// Finds faces.
#[derive(Debug)]
pub(super) struct FaceDetector;

impl fmt::Display for FaceDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("face")
    }
}

impl Detector for FaceDetector {
    fn side_px(&self) -> u32 {
        SIDE_PX
    }

    fn detect(&self, picture: &PixelBuffer<Canvas>, cancel: &CancelToken) -> Result<Vec<Region>, Cancelled> {
        let size = picture.size();
        let mut faces = faces(picture, cancel)?;
        faces.sort_by(|a, b| area(b).total_cmp(&area(a)));
        let region = |face: Candidate| {
            let [left, top, right, bottom] = face.edges;
            let up = (bottom - top) * FOR_HAIR;
            let up = if up <= top { up } else { 0.0 };
            let [left, top, right, bottom] = [left, top - up, right, bottom - up].map(f64::from);
            Region::of_pixels(left, top, right, bottom, size, Origin::Face)
        };
        Ok(faces.into_iter().filter_map(region).collect())
    }
}

/// Where the eyes of all faces are in an opaque RGB picture of [`SIDE_PX`]: squares, in fractions of its sides.
///
/// # Errors
/// When the work is cancelled.
pub(super) fn eyes(picture: &PixelBuffer<Canvas>, cancel: &CancelToken) -> Result<Vec<Window>, Cancelled> {
    let Size { width, height, .. } = picture.size();
    let square = |face: &Candidate, [x, y]: [f32; 2]| {
        let reach = (face.edges[2] - face.edges[0]) * EYE;
        let [left, top, side] = [x - reach, y - reach, 2.0 * reach].map(f64::from);
        Window::new(left, top, side, side).scaled(1.0 / f64::from(width), 1.0 / f64::from(height))
    };
    let faces = faces(picture, cancel)?;
    Ok(faces.iter().flat_map(|face| face.eyes.map(|eye| square(face, eye))).collect())
}

fn faces(picture: &PixelBuffer<Canvas>, cancel: &CancelToken) -> Result<Vec<Candidate>, Cancelled> {
    let Size { width, height, .. } = picture.size();
    Ok(distinct(candidates(&picture.first().data, (width as usize, height as usize), THRESHOLD, cancel)?))
}

/// The surest candidate of each face.
fn distinct(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(MOST_CANDIDATES);
    let mut faces: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if faces.iter().all(|face| shared(face, &candidate) <= SAME_FACE) {
            faces.push(candidate);
        }
    }
    faces
}

fn area(Candidate { edges: [left, top, right, bottom], .. }: &Candidate) -> f32 {
    (right - left) * (bottom - top)
}

/// The part of the area of both together that both cover.
fn shared(a: &Candidate, b: &Candidate) -> f32 {
    let [left, top] = [0, 1].map(|edge| a.edges[edge].max(b.edges[edge]));
    let [right, bottom] = [2, 3].map(|edge| a.edges[edge].min(b.edges[edge]));
    let both = (right - left).max(0.0) * (bottom - top).max(0.0);
    both / (area(a) + area(b) - both)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(score: f32, edges: [f32; 4]) -> Candidate {
        Candidate { score, edges, eyes: [[0.0; 2]; 2] }
    }

    #[test]
    fn the_surest_of_overlapping_candidates_stays() {
        let faces = distinct(vec![
            candidate(0.8, [0.0, 0.0, 10.0, 10.0]),
            candidate(0.9, [1.0, 0.0, 11.0, 10.0]),
            candidate(0.7, [20.0, 0.0, 30.0, 10.0]),
            candidate(0.75, [8.0, 0.0, 18.0, 10.0]), // a third of what both cover
        ]);
        let scores: Vec<f32> = faces.iter().map(|face| face.score).collect();
        assert_eq!(scores, [0.9, 0.75, 0.7]);
    }

    #[test]
    fn areas_share_what_both_cover() {
        let square = candidate(1.0, [0.0, 0.0, 2.0, 2.0]);
        assert!((shared(&square, &candidate(1.0, [1.0, 0.0, 3.0, 2.0])) - 1.0 / 3.0).abs() < 1e-6);
        assert!(shared(&square, &candidate(1.0, [2.0, 2.0, 3.0, 3.0])).abs() < 1e-6);
    }
}
