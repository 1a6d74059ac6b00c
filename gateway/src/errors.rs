//! The gateway's own answers: which status an error of Pingora becomes, and its JSON. Names kinds, never addresses.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use pingora::http::ResponseHeader;
use pingora::prelude::*;
use pingora::protocols::http::ServerSession;
use serde_json::json;

/// An answer that did not come from an origin.
#[derive(Debug)]
pub struct Refusal<'a> {
    pub status: u16,
    /// `no-route`, `unreachable`, `timeout`, `bad-request` or `internal`.
    code: &'static str,
    /// The kind of error in Pingora's words.
    kind: &'a str,
    text: &'static str,
    retry_after_s: u32,
}

/// No route has this path: trying soon again helps nobody.
pub const NO_ROUTE: Refusal = Refusal {
    status: 404,
    code: "no-route",
    kind: "NoRoute",
    text: "No route of this gateway has this path.",
    retry_after_s: 60,
};

/// What a failed request is answered with; none when there is nobody left to answer.
pub fn refusal(error: &Error) -> Option<Refusal<'_>> {
    use ErrorType::*;
    let (status, code, text, retry_after_s) = match (error.esource(), error.etype()) {
        (ErrorSource::Downstream, WriteError | ReadError | ConnectionClosed) => return None,
        // A server that takes no connection in time is as unreachable as one that refuses it.
        (ErrorSource::Upstream, ReadTimedout | WriteTimedout) => {
            (504, "timeout", "The upstream did not answer in time.", 5)
        }
        (ErrorSource::Upstream, _) => (502, "unreachable", "The upstream cannot be reached.", 5),
        (_, HTTPStatus(status @ 400..500)) => (*status, "bad-request", "The request cannot be served.", 60),
        (ErrorSource::Downstream, _) => (400, "bad-request", "The request cannot be read.", 60),
        _ => (500, "internal", "The gateway failed.", 30),
    };
    let kind = error.etype().as_str();
    Some(Refusal { status, code, kind, text, retry_after_s })
}

impl Refusal<'_> {
    /// Header and body; whoever sends it adds what every answer of the gateway carries.
    ///
    /// # Errors
    /// Only when a header cannot be built, which these can.
    pub fn answer(&self) -> Result<(ResponseHeader, Bytes)> {
        let body = json!({ "error": self.code, "kind": self.kind, "status": self.status, "message": self.text });
        let body = Bytes::from(body.to_string());
        let mut header = ServerSession::generate_error(self.status);
        header.insert_header(CONTENT_TYPE, "application/json")?;
        header.insert_header(CONTENT_LENGTH, body.len())?;
        header.insert_header("Retry-After", self.retry_after_s)?;
        Ok((header, body))
    }
}
