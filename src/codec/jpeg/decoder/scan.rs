//! Scan headers (T.81, B.2.3).

use super::Error;
use super::frame::Header;

/// Which coefficients of which components a scan holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Scan {
    /// In the order of their blocks within an MCU.
    pub(super) components: Vec<ScanComponent>,
    /// First coefficient in zigzag order (Ss).
    pub(super) first: usize,
    /// Last coefficient (Se).
    pub(super) last: usize,
    /// Bit position that an earlier scan has gone to, 0 if there was none (Ah).
    pub(super) high: u32,
    /// Bit position that this scan goes to (Al).
    pub(super) low: u32,
}

/// A component of a scan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct ScanComponent {
    /// Index among the frame's components.
    pub(super) index: usize,
    /// Number of its DC table.
    pub(super) dc: usize,
    /// Number of its AC table.
    pub(super) ac: usize,
}

impl Scan {
    /// Reads the body of an SOS segment.
    ///
    /// # Errors
    /// [`Error::Broken`] for scans that the frame cannot have.
    pub(super) fn parse(body: &[u8], header: &Header) -> Result<Self, Error> {
        let broken = |what: &str| Error::broken(format!("scan header {what}"));
        let (&count, rest) = body.split_first().ok_or_else(|| broken("is empty"))?;
        let (specs, &[first, last, approximation]) = rest.split_last_chunk().ok_or_else(|| broken("is cut short"))?;
        if specs.len() != usize::from(count) * 2 || !(1..=4).contains(&count) {
            return Err(broken("does not fit its number of components"));
        }
        let mut components: Vec<ScanComponent> = Vec::with_capacity(count.into());
        for spec in specs.chunks_exact(2) {
            let named = header.components.iter().position(|component| component.id == spec[0]);
            // Files whose components share an id mean them in their order.
            let index = match named {
                Some(index) if components.iter().any(|other| other.index == index) => components.len(),
                Some(index) => index,
                None => return Err(broken(&format!("names the component {}, which the frame has not", spec[0]))),
            };
            let (dc, ac) = (usize::from(spec[1] >> 4), usize::from(spec[1] & 15));
            if dc > 3 || ac > 3 || index >= header.components.len() {
                return Err(broken("names a table or component that cannot be"));
            }
            components.push(ScanComponent { index, dc, ac });
        }
        let (high, low) = (approximation >> 4, approximation & 15);
        // Sequential files need not tell what they cannot choose.
        let (first, last, high, low) = if header.progressive { (first, last, high, low) } else { (0, 63, 0, 0) };
        let spectrum = if first == 0 { last == 0 || !header.progressive } else { components.len() == 1 };
        if !spectrum || last > 63 || first > last || high > 13 || low > 13 || high != 0 && high != low + 1 {
            return Err(broken(&format!("asks for coefficients {first} to {last}, bits {high} to {low}")));
        }
        let blocks = |component: &ScanComponent| {
            let component = &header.components[component.index];
            u32::from(component.x_factor * component.y_factor)
        };
        if components.len() > 1 && components.iter().map(blocks).sum::<u32>() > 10 {
            return Err(broken("has more than ten blocks in an MCU"));
        }
        let (first, last) = (first.into(), last.into());
        Ok(Self { components, first, last, high: high.into(), low: low.into() })
    }
}
