//! The text that Prometheus reads.

use super::{ALL, BUILD, process};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text};
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::LazyLock;

/// Its content type.
pub(crate) use prometheus_text::CONTENT_TYPE;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Everything));
    registry
});

/// All metrics as they stand. What is read elsewhere has to have been set before, that of the process excepted.
pub(crate) fn text() -> String {
    BUILD.of(env!("CARGO_PKG_VERSION")).set(1.0);
    process::read();
    let mut text = String::new();
    prometheus_text::encode(&mut text, &REGISTRY).expect("a string takes any text");
    text
}

#[derive(Debug)]
struct Everything;

impl Collector for Everything {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        ALL.iter().try_for_each(|metric| metric.encode(&mut encoder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{FETCHES, IN_FLIGHT, REQUEST_SECONDS, REQUESTS};
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    fn names() -> Vec<&'static str> {
        ALL.iter().map(|metric| metric.about().name).collect()
    }

    #[test]
    fn counts_are_told_as_prometheus_reads_them() {
        // Cells of the process that other tests do not touch.
        REQUESTS.at("418", "x").add(2);
        FETCHES.at("gcs", "late").add(1);
        REQUEST_SECONDS.of("stored").observe(Duration::from_millis(3));
        REQUEST_SECONDS.of("stored").observe(Duration::from_mins(1));
        let text = text();
        for line in [
            "# TYPE tintype_requests_total counter",
            "tintype_requests_total{status=\"other\",format=\"none\"} 2",
            "tintype_fetches_total{source=\"gcs\",outcome=\"late\"} 1",
            "# TYPE tintype_request_seconds histogram",
            "tintype_request_seconds_bucket{cache=\"stored\",le=\"0.0025\"} 0",
            "tintype_request_seconds_bucket{cache=\"stored\",le=\"0.005\"} 1",
            "tintype_request_seconds_bucket{cache=\"stored\",le=\"10\"} 1",
            "tintype_request_seconds_bucket{cache=\"stored\",le=\"+Inf\"} 2",
            "tintype_request_seconds_sum{cache=\"stored\"} 60.003",
            "tintype_request_seconds_count{cache=\"stored\"} 2",
            "# TYPE tintype_requests_in_flight gauge",
            concat!("tintype_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1.0"),
        ] {
            assert!(text.lines().any(|told| told == line), "`{line}` is missing in:\n{text}");
        }
        assert!(!text.contains("gcs\",outcome=\"failed"), "pairs that never were are not told");
        IN_FLIGHT.only().add(1);
        IN_FLIGHT.only().sub(1);
    }

    #[test]
    fn names_are_good_and_told_once() {
        let unique: BTreeSet<_> = names().into_iter().collect();
        assert_eq!(unique.len(), ALL.len());
        for metric in ALL {
            let about = metric.about();
            let counts = matches!(about.kind, prometheus_client::metrics::MetricType::Counter);
            assert_eq!(counts, about.name.ends_with("_total"), "{}", about.name);
            assert!(about.name.starts_with("tintype_") || about.name.starts_with("process_"), "{}", about.name);
        }
    }

    /// Names of our metrics in a text; those of series of a histogram are its own.
    fn mentioned(text: &str) -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let ours = words.filter(|word| word.starts_with("tintype_") || word.starts_with("process_"));
        let series =
            |word: &str| ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end)).map(str::to_owned);
        ours.map(|word| series(word).unwrap_or_else(|| word.to_owned())).collect()
    }

    #[test]
    fn the_dashboard_and_the_page_know_every_metric_and_no_other() {
        let known: BTreeSet<_> = names().into_iter().map(str::to_owned).collect();
        let read = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let dashboard = read("docker/grafana/tintype.json");
        serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
        let strange: Vec<_> = mentioned(&dashboard).difference(&known).cloned().collect();
        assert!(strange.is_empty(), "panels of what is not there: {strange:?}");
        assert_eq!(mentioned(&read("docs/observability.md")), known);
    }
}
