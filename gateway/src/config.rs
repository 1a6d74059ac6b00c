//! The configuration file: its shape, and where in the text a value stands. What the values may be is checked in check.rs.

use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
pub use toml::Spanned;

/// The whole file. Every key is written down here; a key that is not is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub upstream: HashMap<String, Upstream>,
    pub routes: Vec<Route>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Plain HTTP/1.1.
    pub listen: Option<Spanned<String>>,
    /// TLS, with HTTP/2 by ALPN; needs `certificate` and `key`, both PEM.
    pub listen_tls: Option<Spanned<String>>,
    pub certificate: Option<Spanned<PathBuf>>,
    pub key: Option<Spanned<PathBuf>>,
    /// Where `/health` and `/metrics` are, when they are not to be on `listen`.
    pub admin: Option<Spanned<String>>,
    pub threads: Option<Spanned<usize>>,
    /// How long open streams may go on after SIGTERM or a hand-over.
    #[serde(default = "ten")]
    pub grace_period_s: u64,
    /// One JSON line a request; standard output without it.
    pub access_log: Option<Spanned<PathBuf>>,
    /// Standard error without it.
    pub error_log: Option<Spanned<PathBuf>>,
    /// Where the old process hands its sockets to the new one.
    pub upgrade_socket: Option<PathBuf>,
    /// Origins whose pages may read the answers.
    #[serde(default)]
    pub cors_origins: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    pub servers: Spanned<Vec<UpstreamServer>>,
    pub health_check: Option<HealthCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamServer {
    /// `host:port`; a name is asked for again every half minute.
    pub addr: Spanned<String>,
    #[serde(default)]
    pub weight: Option<Spanned<usize>>,
    #[serde(default)]
    pub tls: bool,
    /// The name the certificate must carry; the host of `addr` without it.
    pub sni: Option<Spanned<String>>,
    /// PEM with the authorities to trust instead of the system's.
    pub ca: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    pub path: Spanned<String>,
    pub interval_s: Spanned<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub path_prefix: Spanned<String>,
    pub upstream: Spanned<String>,
    /// Pass the client's Host on; otherwise the server's own.
    #[serde(default)]
    pub preserve_host: bool,
    /// Seconds between two reads from upstream; 0 is none. See the README for what holds without it.
    pub timeout: Option<u64>,
    /// Set on what went well (2xx and 3xx); error documents stay as they are.
    #[serde(default)]
    pub set_headers: BTreeMap<Spanned<String>, Spanned<String>>,
    pub cache: Option<Cache>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// How long an answer is fresh when the origin does not say so itself.
    pub ttl_s: u32,
}

fn ten() -> u64 {
    10
}

/// A file as it was read: to say where in it something stands.
pub struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// # Errors
    /// A sentence that names the file.
    pub fn read(path: &Path) -> Result<Source, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| format!("{}: cannot be read ({e}). Name a file with --config.", path.display()))?;
        Ok(Source { path: path.into(), text })
    }

    /// # Errors
    /// One line: file, line, key, what is wrong.
    pub fn parse(&self) -> Result<Config, String> {
        toml::from_str(&self.text).map_err(|error| match error.span() {
            Some(span) => {
                let advice = match error.message() {
                    m if m.starts_with("unknown field") => "; remove it or correct its spelling",
                    m if m.starts_with("missing field") => "; add it",
                    _ => "",
                };
                self.complain(&span, &format!("{}{advice}", error.message()))
            }
            None => format!("{}: {}", self.path.display(), error.message()),
        })
    }

    /// `file:line: key: what`, for a value (or a key) that stands at `span`.
    pub fn complain(&self, span: &Range<usize>, what: &str) -> String {
        let line = self.text[..span.start].matches('\n').count() + 1;
        let path = self.path.display();
        match self.key_at(span) {
            Some(key) => format!("{path}:{line}: {key}: {what}"),
            None => format!("{path}:{line}: {what}"),
        }
    }

    /// A relative path of the file is meant from the folder the file is in. The result is absolute: a bare name of the file
    /// has an empty folder, which nobody finds, and another process knows our socket by its path.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        let joined = self.path.parent().unwrap_or(Path::new("")).join(path);
        // It fails where the working directory is gone; opening the path then says so.
        std::path::absolute(&joined).unwrap_or(joined)
    }

    /// The key whose value begins at `span`, or the key that is the span itself.
    fn key_at(&self, span: &Range<usize>) -> Option<&str> {
        let here = self.text[span.clone()].trim_matches('"');
        if self.text[span.end..].trim_start().starts_with('=') {
            return Some(here);
        }
        // The value of an array element or a table belongs to the key before it on the line.
        let before = &self.text[..span.start];
        let before = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        let before = &before[..before.rfind('=')?];
        let key = before.trim_end().rsplit([' ', '{', ',', '[']).next()?;
        Some(key.trim_matches('"'))
    }
}
