//! What a file of several scans holds, and which of its scans are needed.

use super::frame::Header;
use super::grid::{Grid, Shape};
use super::markers::{HUFFMAN_TABLES, Markers, QUANTIZATION_TABLES, RESTART_INTERVAL, START_OF_SCAN};
use super::progressive::band;
use super::scan::Scan;
use super::{Error, Limits, Progress};

/// Something between the first scan's tables and the end.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// Tables or a restart interval.
    Segment(u8, &'a [u8]),
    Scan {
        scan: Scan,
        /// Where the coded data starts; `None` if none of it is needed.
        coded_at: Option<usize>,
    },
}

/// Everything from the first scan on that may be of use, as far as markers can be followed.
pub(super) fn find_parts<'a>(
    header: &Header,
    first: Scan,
    mut markers: Markers<'a>,
    grid: &Grid,
    limits: &Limits,
    progress: &mut Progress,
) -> Result<Vec<Part<'a>>, Error> {
    let mut missing = Missing::new(header, grid);
    let mut scans = 1;
    missing.take(&first);
    let mut parts = vec![Part::Scan { scan: first, coded_at: Some(markers.position()) }];
    while missing.any() {
        markers.skip_coded_data();
        let Ok((marker, body)) = markers.next_segment() else {
            progress.errors += u32::from(!markers.is_at_end_of_image());
            break;
        };
        match marker {
            QUANTIZATION_TABLES | HUFFMAN_TABLES | RESTART_INTERVAL => parts.push(Part::Segment(marker, body)),
            START_OF_SCAN => {
                let Ok(scan) = Scan::parse(body, header) else {
                    progress.errors += 1;
                    break;
                };
                scans += 1;
                if scans > limits.scans {
                    return Err(Error::Limit(format!("more than {} scans", limits.scans)));
                }
                missing.take(&scan);
                parts.push(Part::Scan { scan, coded_at: Some(markers.position()) });
            }
            _ => {}
        }
    }
    Ok(parts)
}

/// Bits of coefficients that no scan has brought yet.
struct Missing {
    /// Of each component: by coefficient in zigzag order the bits that are missing, 0 for those that are not needed.
    bits: Vec<[u32; 64]>,
}

impl Missing {
    fn new(header: &Header, grid: &Grid) -> Self {
        let all = if header.progressive { 14 } else { 1 };
        let of = |shape: &Shape| std::array::from_fn(|k| if shape.scale.slot(k).is_some() { all } else { 0 });
        Self { bits: grid.components.iter().map(of).collect() }
    }

    fn take(&mut self, scan: &Scan) {
        for component in &scan.components {
            for missing in &mut self.bits[component.index][scan.first..=scan.last] {
                *missing = (*missing).min(scan.low);
            }
        }
    }

    fn any(&self) -> bool {
        self.bits.iter().flatten().any(|&missing| missing > 0)
    }
}

/// Strikes out the scans that are not needed. Gives for each component the coefficients that must be known not to be
/// zero, or else nothing could be refined.
pub(super) fn choose_scans(parts: &mut [Part], grid: &Grid) -> Vec<u64> {
    let kept: Vec<u64> = grid.components.iter().map(|shape| shape.scale.kept()).collect();
    let mut nonzero = vec![0; kept.len()];
    let needed = |scan: &Scan, nonzero: &[u64]| {
        let band = band(scan.first, scan.last);
        scan.components.iter().any(|component| band & (kept[component.index] | nonzero[component.index]) != 0)
    };
    // A refinement that is needed only for the sake of another one comes after what it refines: until nothing is new.
    loop {
        let before = nonzero.clone();
        for part in &*parts {
            if let Part::Scan { scan, .. } = part
                && scan.high > 0
                && scan.last > 0
                && needed(scan, &nonzero)
            {
                nonzero[scan.components[0].index] |= band(scan.first, scan.last);
            }
        }
        if nonzero == before {
            break;
        }
    }
    for part in parts {
        if let Part::Scan { scan, coded_at } = part
            && !needed(scan, &nonzero)
        {
            *coded_at = None;
        }
    }
    nonzero
}
