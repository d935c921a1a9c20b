//! Which trace work belongs to: W3C trace context, carried from a request to the tasks that it starts.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::Instrument as _;

/// The flag that says that spans are kept.
const SAMPLED: u8 = 1;

tokio::task_local! {
    static CURRENT: Option<Context>;
}

/// A span that work belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Context {
    /// Never 0.
    pub(crate) trace_id: u128,
    /// Never 0.
    pub(crate) span_id: u64,
    /// Whether spans of this trace are kept.
    pub(crate) sampled: bool,
}

impl Context {
    /// The context of a header `traceparent`; `None` if it is none that a reader of version 00 understands.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let mut hex = |digits: usize| {
            let part = parts.next()?;
            let plain = part.len() == digits && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            u128::from_str_radix(part, 16).ok().filter(|_| plain)
        };
        let (version, trace_id, span_id, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        // Later versions may have more parts.
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        let span_id = u64::try_from(span_id).ok()?;
        let sampled = flags & u128::from(SAMPLED) != 0;
        (trace_id != 0 && span_id != 0).then_some(Self { trace_id, span_id, sampled })
    }

    /// The first span of a new trace.
    pub(crate) fn new(sampled: bool) -> Self {
        Self { trace_id: u128::from(unique()) << 64 | u128::from(unique()), span_id: unique(), sampled }
    }

    /// A span of the same trace.
    pub(crate) fn child(self) -> Self {
        Self { span_id: unique(), ..self }
    }
}

/// As in `traceparent`.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = if self.sampled { SAMPLED } else { 0 };
        write!(f, "00-{:032x}-{:016x}-{flags:02x}", self.trace_id, self.span_id)
    }
}

/// A number that does not come again soon and that nobody outside can foresee; never 0.
pub(crate) fn unique() -> u64 {
    static SECRET: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    SECRET.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)).max(1)
}

/// What the work under way belongs to, if to anything.
pub(crate) fn current() -> Option<Context> {
    CURRENT.try_with(|context| *context).ok().flatten()
}

/// Does work that belongs to this.
pub(crate) fn within<F: Future>(context: Option<Context>, work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(context, work)
}

/// The same work, belonging to what this task belongs to wherever it is done; its log lines, too.
pub(crate) fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    within(current(), work).in_current_span()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn headers_are_read_and_written() {
        let context = Context::parse(HEADER).unwrap();
        assert_eq!((context.span_id, context.sampled), (0xb7ad_6b71_6920_3331, true));
        assert_eq!(context.to_string(), HEADER);
        let later = format!("cc{}-what-comes-later", &HEADER[2..]);
        assert_eq!(Context::parse(&later), Some(context));
        let child = context.child();
        assert!(child.trace_id == context.trace_id && child.span_id != context.span_id);
        assert_eq!(Context::parse(&Context::new(false).to_string()).map(|new| new.sampled), Some(false));
    }

    #[test]
    fn what_is_no_context_is_none() {
        for header in [
            "",
            "00",
            &HEADER[..54],
            &HEADER.to_uppercase(),
            &format!("{HEADER}-more"),
            &format!("ff{}", &HEADER[2..]),
            &HEADER.replace("b7ad6b7169203331", "0000000000000000"),
            &HEADER.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &HEADER.replace("b7", "+7"),
        ] {
            assert_eq!(Context::parse(header), None, "{header}");
        }
    }

    #[tokio::test]
    async fn tasks_belong_to_what_started_them() {
        let context = Context::parse(HEADER);
        assert_eq!(current(), None);
        let inner = within(context, async { tokio::spawn(carried(async { current() })).await.unwrap() }).await;
        assert_eq!(inner, context);
        assert_eq!(tokio::spawn(carried(async { current() })).await.unwrap(), None);
    }
}
