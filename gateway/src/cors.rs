//! Cross-origin reading for the pages of an allow-list. Echoes the one origin that asked: `*` with credentials is refused by browsers.

use http::Method;
use http::header::{self, HeaderValue, ORIGIN, VARY};
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::prelude::*;

/// The origins of `cors_origins`.
pub struct Cors(pub Vec<String>);

/// `scheme://host` or `scheme://host:port`, as browsers send it.
pub fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    !scheme.is_empty() && !host.is_empty() && host.chars().all(plain) && !host.ends_with(':')
}

impl Cors {
    fn allowed<'a>(&self, request: &'a RequestHeader) -> Option<&'a HeaderValue> {
        let origin = request.headers.get(ORIGIN)?;
        self.0.iter().any(|one| one.as_bytes() == origin.as_bytes()).then_some(origin)
    }

    /// Lets the page that asked read this answer, and tells caches that answers differ.
    ///
    /// # Errors
    /// Only when a header cannot be built, which these can.
    pub fn mark(&self, request: &RequestHeader, answer: &mut ResponseHeader) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        answer.append_header(VARY, "Origin")?;
        let Some(origin) = self.allowed(request) else {
            return Ok(());
        };
        answer.insert_header(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin)?;
        answer.insert_header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true")?;
        let exposed = "Retry-After, Server-Timing, Via";
        answer.append_header(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed)?;
        Ok(())
    }

    /// The answer to an allowed page that asks beforehand, still to be marked like all answers; every other OPTIONS is the
    /// origin's to answer.
    ///
    /// # Errors
    /// Only when a header cannot be built, which these can.
    pub fn preflight(&self, request: &RequestHeader) -> Result<Option<ResponseHeader>> {
        let asked = request.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD);
        let (Some(method), Some(_)) = (asked, self.allowed(request)) else {
            return Ok(None);
        };
        if request.method != Method::OPTIONS {
            return Ok(None);
        }
        let mut answer = ResponseHeader::build(204, Some(8))?;
        answer.insert_header(header::ACCESS_CONTROL_ALLOW_METHODS, method)?;
        if let Some(names) = request.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.insert_header(header::ACCESS_CONTROL_ALLOW_HEADERS, names)?;
        }
        answer.insert_header(header::ACCESS_CONTROL_MAX_AGE, "600")?;
        Ok(Some(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for good in ["https://app.example", "http://localhost:5173", "http://[::1]:80", "app://holdfast"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in ["*", "app.example", "https://app.example/", "https://", "https://*.example"] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
