//! Numbers for Prometheus. Counters only go up; the text is made when somebody asks.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

/// All that is counted, once for the process.
#[derive(Default)]
pub struct Metrics {
    pub streams_open: AtomicI64,
    /// Requests that are being served, streams among them.
    pub in_flight: AtomicI64,
    pub streams: AtomicU64,
    pub bytes: AtomicU64,
    pub retries: AtomicU64,
    /// By the first digit of the status; 0 where no answer was sent.
    requests: [AtomicU64; 6],
    upstream_errors: Labelled,
    stream_ends: Labelled,
    cache: Labelled,
}

#[derive(Default)]
struct Labelled(Mutex<BTreeMap<String, u64>>);

impl Labelled {
    fn add(&self, label: &str) {
        let mut counts = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        match counts.get_mut(label) {
            Some(count) => *count += 1,
            None => drop(counts.insert(label.into(), 1)),
        }
    }
}

impl Metrics {
    pub fn answered(&self, status: u16) {
        self.requests[usize::from(status / 100).min(5)].fetch_add(1, Relaxed);
    }

    /// `kind` is Pingora's name for the error.
    pub fn upstream_error(&self, kind: &str) {
        self.upstream_errors.add(kind);
    }

    /// `reason` is the `end` of the access line.
    pub fn stream_ended(&self, reason: &str) {
        self.stream_ends.add(reason);
    }

    pub fn cached(&self, result: &str) {
        self.cache.add(result);
    }

    /// The text format of Prometheus.
    pub fn render(&self) -> String {
        let mut page = Page(String::with_capacity(2048));
        page.head("streams_open", "gauge", "Event streams that are open now.");
        page.plain("streams_open", self.streams_open.load(Relaxed));
        page.head("requests_in_flight", "gauge", "Requests being served now, streams among them.");
        page.plain("requests_in_flight", self.in_flight.load(Relaxed));
        page.head("streams_total", "counter", "Event streams that began.");
        page.plain("streams_total", self.streams.load(Relaxed));
        page.head("response_bytes_total", "counter", "Bytes of bodies passed on, before compression.");
        page.plain("response_bytes_total", self.bytes.load(Relaxed));
        page.head("retries_total", "counter", "Times another server was tried for a request.");
        page.plain("retries_total", self.retries.load(Relaxed));
        page.head("requests_total", "counter", "Requests by class of status; 0xx were left before an answer.");
        for (class, count) in self.requests.iter().enumerate() {
            page.labelled("requests_total", "class", &format!("{class}xx"), count.load(Relaxed));
        }
        page.all("upstream_errors_total", "kind", "Failures of servers, retried ones too.", &self.upstream_errors);
        page.all("stream_ends_total", "reason", "How event streams ended.", &self.stream_ends);
        page.all("cache_total", "result", "Answers of routes with a cache.", &self.cache);
        page.0
    }
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let full = format!("holdfast_gateway_{name}");
        let _ = writeln!(self.0, "# HELP {full} {help}\n# TYPE {full} {kind}");
    }

    fn plain(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "holdfast_gateway_{name} {value}");
    }

    fn labelled(&mut self, name: &str, label: &str, of: &str, value: u64) {
        let _ = writeln!(self.0, "holdfast_gateway_{name}{{{label}=\"{of}\"}} {value}");
    }

    fn all(&mut self, name: &str, label: &str, help: &str, counts: &Labelled) {
        self.head(name, "counter", help);
        let counts = counts.0.lock().unwrap_or_else(|broken| broken.into_inner());
        for (of, count) in counts.iter() {
            self.labelled(name, label, of, *count);
        }
    }
}
