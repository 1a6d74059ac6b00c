//! One JSON line a request, written when its last byte is gone or its client is. Holds no query, no header, no credential.

use crate::metrics::Metrics;
use crate::time_text;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Instant, SystemTime};

/// Where lines go. A file is opened for appending, so that two processes may write to it during a hand-over.
pub struct AccessLog(Option<File>);

impl AccessLog {
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: Option<&Path>) -> io::Result<AccessLog> {
        path.map(append).transpose().map(AccessLog)
    }

    fn write(&self, line: &Value) {
        // One write a line: lines of several threads do not mix. A full disk must not stop the traffic.
        let text = format!("{line}\n");
        let _ = match &self.0 {
            Some(file) => (&*file).write_all(text.as_bytes()),
            None => io::stdout().lock().write_all(text.as_bytes()),
        };
    }
}

/// Opens a log for appending.
///
/// # Errors
/// When it cannot be opened.
pub fn append(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(path)
}

/// What is noted about a request while it runs. Writes its line when it is dropped: a stream that the end of the process
/// cuts is dropped too, and has its line.
pub struct Record {
    log: Arc<AccessLog>,
    metrics: Arc<Metrics>,
    at: SystemTime,
    pub started: Instant,
    pub method: String,
    /// Without the query.
    pub path: String,
    pub client: String,
    pub protocol: &'static str,
    pub upstream: Option<String>,
    pub status: u16,
    pub bytes: usize,
    pub stream: bool,
    pub retries: usize,
    /// `complete`, `client-gone`, `upstream-cut`, `read-timeout`, `gateway-error`; `shutdown` until one of these is known.
    pub end: &'static str,
    /// Pingora's kind of the error, if there was one.
    pub error: Option<String>,
}

impl Record {
    pub fn begin(log: &Arc<AccessLog>, metrics: &Arc<Metrics>) -> Record {
        metrics.in_flight.fetch_add(1, Relaxed);
        Record {
            log: log.clone(),
            metrics: metrics.clone(),
            at: SystemTime::now(),
            started: Instant::now(),
            method: String::new(),
            path: String::new(),
            client: String::new(),
            protocol: "",
            upstream: None,
            status: 0,
            bytes: 0,
            stream: false,
            retries: 0,
            end: "shutdown",
            error: None,
        }
    }

    pub fn stream_began(&mut self) {
        self.stream = true;
        self.metrics.streams.fetch_add(1, Relaxed);
        self.metrics.streams_open.fetch_add(1, Relaxed);
    }

    pub fn passed_on(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.metrics.bytes.fetch_add(bytes as u64, Relaxed);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.metrics.answered(self.status);
        if self.stream {
            self.metrics.streams_open.fetch_sub(1, Relaxed);
            self.metrics.stream_ended(self.end);
        }
        self.log.write(&json!({
            "time": time_text::utc(self.at),
            "client": self.client,
            "protocol": self.protocol,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "bytes": self.bytes,
            "duration_ms": self.started.elapsed().as_millis() as u64,
            "upstream": self.upstream,
            "stream": self.stream,
            "retries": self.retries,
            "end": self.end,
            "error": self.error,
        }));
        self.metrics.in_flight.fetch_sub(1, Relaxed);
    }
}
