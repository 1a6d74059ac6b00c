//! What is done for event streams, and only for them: told by the type of the answer, never by the path.
//! Each line below was measured; what common advice for Pingora gets wrong is in the README.

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use pingora::http::ResponseHeader;
use pingora::modules::http::compression::ResponseCompression;
use pingora::prelude::*;
use pingora::proxy::Session;

/// Types whose readers want each piece at once. The compressor holds back all until the end.
const IN_PIECES: [&str; 6] = [
    "text/event-stream",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/json-seq",
    "application/grpc",
];

/// True for a stream of events that began well; an error document may have any type.
pub fn is_stream(answer: &ResponseHeader) -> bool {
    answer.status.is_success() && media_type(answer).is_some_and(|name| name == IN_PIECES[0])
}

/// True for everything whose reader waits for pieces, event streams among it.
pub fn comes_in_pieces(answer: &ResponseHeader) -> bool {
    media_type(answer).is_some_and(|name| IN_PIECES.contains(&name.as_str()))
}

/// True where the compressor would do harm: pieces that someone waits for, or an origin that forbids it.
pub fn wants_no_compression(answer: &ResponseHeader) -> bool {
    comes_in_pieces(answer) || directives(answer).any(|one| one.eq_ignore_ascii_case("no-transform"))
}

/// Switches the compressor off for this answer.
pub fn leave_uncompressed(session: &mut Session) {
    if let Some(compressor) = session.downstream_modules_ctx.get_mut::<ResponseCompression>() {
        compressor.adjust_level(0);
    }
}

/// The directives of an answer's `Cache-Control`.
pub fn control_of(answer: &ResponseHeader) -> Vec<String> {
    directives(answer).collect()
}

/// Adds the origin's directives to those of the route: what forbids storing a stream is not lost to a line about caching.
///
/// # Errors
/// Only when a header cannot be built, which these can.
pub fn keep(answer: &mut ResponseHeader, of_origin: Vec<String>) -> Result<()> {
    let mut all = control_of(answer);
    for one in of_origin {
        if !all.iter().any(|other| other.eq_ignore_ascii_case(&one)) {
            all.push(one);
        }
    }
    if !all.is_empty() {
        answer.insert_header(CACHE_CONTROL, all.join(", "))?;
    }
    Ok(())
}

/// Tells everybody behind us to pass events on at once and to keep none.
///
/// # Errors
/// Only when a header cannot be built, which these can.
pub fn prepare(answer: &mut ResponseHeader, is_head: bool) -> Result<()> {
    let mut control: Vec<_> =
        directives(answer).filter(|one| !one.contains('=') && !one.eq_ignore_ascii_case("public")).collect();
    for wanted in ["no-cache", "no-transform"] {
        if !control.iter().any(|one| one.eq_ignore_ascii_case(wanted)) {
            control.push(wanted.into());
        }
    }
    answer.insert_header(CACHE_CONTROL, control.join(", "))?;
    answer.insert_header("X-Accel-Buffering", "no")?;
    // With a length Pingora would flush only at the end. Without one the end of the connection would be the end of the
    // stream, and every cut would look like it: so the body becomes chunked. A HEAD has no body to frame.
    if !is_head && answer.headers.contains_key(CONTENT_LENGTH) {
        answer.remove_header(&CONTENT_LENGTH);
        answer.insert_header(TRANSFER_ENCODING, "chunked")?;
    }
    Ok(())
}

fn media_type(answer: &ResponseHeader) -> Option<String> {
    let value = answer.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

fn directives(answer: &ResponseHeader) -> impl Iterator<Item = String> {
    answer
        .headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(split)
        .map(|one| one.trim().to_string())
        .filter(|one| !one.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

/// At the commas between directives; one within quotes belongs to its value (RFC 9110 §5.6.4).
fn split(value: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let is_end = |letter: char| {
        let ends = letter == ',' && !quoted;
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && quoted && !escaped;
        ends
    };
    value.split(is_end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_within_quotes_ends_no_directive() {
        assert_eq!(split("private=\"a, b\", no-store"), ["private=\"a, b\"", " no-store"]);
        assert_eq!(split("x=\"\\\", y\",z"), ["x=\"\\\", y\"", "z"]);
    }

    #[test]
    fn a_stream_keeps_no_half_of_a_quoted_directive() {
        let mut answer = ResponseHeader::build(200, None).unwrap();
        answer.insert_header(CACHE_CONTROL, "private=\"set-cookie, x-id\", no-store").unwrap();
        prepare(&mut answer, false).unwrap();
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store, no-cache, no-transform");
    }
}
