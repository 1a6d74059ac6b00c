//! Where warnings and errors go: one line each, with the time, to a file or to standard error.

use crate::access_log::append;
use crate::time_text;
use log::{LevelFilter, Log, Metadata, Record};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

/// How Pingora begins the line about a client that left before its request was whole; nobody is asked about that one.
const CLIENT_LEFT: &str = "Fail to proxy: Downstream ";

struct ErrorLog(Option<File>);

/// From here on everything that is logged goes to `path`, or to standard error without one.
///
/// # Errors
/// When the file cannot be opened.
pub fn start(path: Option<&Path>) -> io::Result<()> {
    let log = ErrorLog(path.map(append).transpose()?);
    if log::set_logger(Box::leak(Box::new(log))).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
    Ok(())
}

impl Log for ErrorLog {
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.level() <= LevelFilter::Warn
    }

    fn log(&self, record: &Record) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = record.args().to_string();
        if text.starts_with(CLIENT_LEFT) {
            return;
        }
        let time = time_text::utc(SystemTime::now());
        // A line break in a message would look like another message.
        let text = text.replace(['\n', '\r'], " ");
        let line = format!("{time} {} {text}\n", record.level());
        let _ = match &self.0 {
            Some(file) => (&*file).write_all(line.as_bytes()),
            None => io::stderr().lock().write_all(line.as_bytes()),
        };
    }

    fn flush(&self) {}
}
