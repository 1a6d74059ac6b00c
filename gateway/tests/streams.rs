//! Event streams over the wire: at once, as they are, and never a cut that looks like an end.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use support::client::{ask, get};
use support::origin::{EVENTS, Origin, json};
use support::{Gateway, all_to, until};

#[test]
fn passes_each_event_on_before_the_next_is_there() {
    let (more, wait) = mpsc::channel();
    let wait = std::sync::Mutex::new(wait);
    let origin = Origin::start(move |talk| {
        talk.say(EVENTS);
        for number in 0..3 {
            talk.event(&format!("{number}"));
            wait.lock().unwrap().recv().unwrap();
        }
        talk.end();
    });
    let gateway = Gateway::start(&all_to(&[&origin.addr]));
    let mut stream = ask(&gateway.addr, "GET", "/o/events", &["Last-Event-ID: 41"]);
    assert_eq!(stream.header("cache-control").unwrap(), "no-cache, no-transform");
    assert_eq!(stream.header("x-accel-buffering").unwrap(), "no");
    assert_eq!(stream.header("via").unwrap(), "1.1 holdfast-gateway");
    assert!(stream.header("server-timing").unwrap().starts_with("proxy;dur="));
    for number in 0..3 {
        assert_eq!(stream.next(), format!("data: {number}\n\n"));
        assert_eq!(gateway.metric("streams_open"), 1);
        more.send(()).unwrap();
    }
    assert!(stream.body().whole);
    assert!(origin.last_request().to_ascii_lowercase().contains("last-event-id: 41\r\n"));
    until("the stream is over", || (gateway.metric("streams_open") == 0).then_some(()));
}

#[test]
fn a_stream_that_breaks_off_arrives_cut_with_all_its_whole_events() {
    for fault in ["fin", "rst", "fin in a chunk", "rst in a chunk"] {
        let origin = Origin::start(move |talk| {
            talk.say(EVENTS);
            for number in 0..4 {
                talk.event(&format!("{number}"));
            }
            if fault.ends_with("chunk") {
                talk.say("40\r\nid: 99\ndata: half an ev");
            }
            // What was sent must be read before an RST throws it away.
            std::thread::sleep(std::time::Duration::from_millis(200));
            if fault.starts_with("rst") { talk.reset() } else { talk.close() }
        });
        let gateway = Gateway::start(&all_to(&[&origin.addr]));
        let body = get(&gateway.addr, "/o").body();
        assert!(!body.whole, "{fault}: looks like an end");
        assert!(body.bytes.starts_with(b"data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\n"), "{fault}: {body:?}");
        let line = &gateway.access_lines(1)[0];
        assert_eq!((line["end"].as_str(), line["status"].as_u64()), (Some("upstream-cut"), Some(200)), "{fault}");
    }
}

#[test]
fn a_stream_with_a_stray_length_becomes_chunked_and_flows() {
    let origin = Origin::start(|talk| {
        talk.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100000\r\n\r\ndata: 1\n\n");
        talk.wait_for_close();
    });
    let gateway = Gateway::start(&all_to(&[&origin.addr]));
    let mut stream = get(&gateway.addr, "/o");
    assert_eq!(stream.header("content-length"), None);
    assert_eq!(stream.next(), "data: 1\n\n");
}

#[test]
fn keeps_what_the_origin_says_about_storing() {
    let origin = Origin::saying(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream;charset=utf-8\r\nCache-Control: public, max-age=60, no-store\r\nKeep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
    let gateway = Gateway::start(&all_to(&[&origin.addr]));
    let answer = get(&gateway.addr, "/o");
    assert_eq!(answer.header("cache-control").unwrap(), "no-store, no-cache, no-transform");
    assert_eq!(answer.header("keep-alive"), None);
}

#[test]
fn a_line_of_the_route_about_caching_takes_nothing_of_what_the_origin_forbids() {
    let origin = Origin::start(|talk| {
        let stored = if talk.request.starts_with("GET /o/plain") { "application/json" } else { "text/event-stream" };
        talk.say(&format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {stored}\r\nCache-Control: private, No-Cache, no-store\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ));
    });
    let more = "set_headers = { \"Cache-Control\" = \"no-cache\" }\n";
    let gateway = Gateway::start(&(all_to(&[&origin.addr]) + more));
    let control = |path| get(&gateway.addr, path).header("cache-control").unwrap();
    assert_eq!(control("/o/stream"), "no-cache, private, no-store, no-transform");
    assert_eq!(control("/o/plain"), "no-cache");
}

#[test]
fn compresses_what_is_no_stream_and_only_that() {
    let origin = Origin::start(|talk| {
        if talk.request.starts_with("GET /o/json") {
            return talk.say(&json(&format!("{{\"text\":\"{}\"}}", "again and ".repeat(100))));
        }
        talk.say(if talk.request.starts_with("GET /o/lines") {
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        } else {
            EVENTS
        });
        talk.event(&"x".repeat(600));
        talk.wait_for_close();
    });
    let gateway = Gateway::start(&all_to(&[&origin.addr]));
    for path in ["/o/events", "/o/lines"] {
        let mut stream = ask(&gateway.addr, "GET", path, &["Accept-Encoding: gzip, deflate, br, zstd"]);
        assert_eq!(stream.header("content-encoding"), None, "{path}");
        assert!(stream.next().contains(&"x".repeat(600)), "{path}");
    }
    let answer = ask(&gateway.addr, "GET", "/o/json", &["Accept-Encoding: gzip"]);
    assert_eq!(answer.header("content-encoding").unwrap(), "gzip");
    assert!(answer.header("vary").unwrap().to_ascii_lowercase().contains("accept-encoding"));
    let packed = answer.body().bytes;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    assert!(text.contains("again and again") && packed.len() < text.len() / 2);
}

#[test]
fn error_documents_on_a_stream_path_stay_as_they_are() {
    for (status, more) in [
        ("204 No Content", ""),
        ("401 Unauthorized", "WWW-Authenticate: Bearer\r\n"),
        ("429 Too Many Requests", "Retry-After: 7\r\n"),
        ("503 Service Unavailable", "Retry-After: 9\r\nContent-Type: text/event-stream\r\n"),
    ] {
        let body = if status.starts_with("204") { "" } else { "no such luck" };
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let text = format!("HTTP/1.1 {status}\r\nCache-Control: max-age=5\r\n{more}{length}\r\n{body}");
        let origin = Origin::start(move |talk| talk.say(&text));
        let toml = format!(
            "{}set_headers = {{ \"Cache-Control\" = \"no-cache\", \"X-Mark\" = \"1\" }}\n",
            all_to(&[&origin.addr])
        );
        let gateway = Gateway::start(&toml);
        let answer = ask(&gateway.addr, "GET", "/o", &["Accept: text/event-stream"]);
        assert_eq!(answer.status.to_string(), &status[..3]);
        assert_eq!(answer.header("cache-control").unwrap(), "max-age=5", "{status}");
        assert_eq!(answer.header("x-accel-buffering"), None, "{status}");
        assert_eq!(answer.header("x-mark"), None, "{status}");
        for line in more.lines() {
            let (name, value) = line.split_once(": ").unwrap();
            assert_eq!(answer.header(&name.to_ascii_lowercase()).as_deref(), Some(value), "{status}");
        }
        assert_eq!(answer.text(), body);
    }
}

#[test]
fn a_client_that_leaves_is_told_to_the_origin_and_to_no_error_log() {
    let (gone, wait) = mpsc::channel();
    let gone = std::sync::Mutex::new(gone);
    let origin = Origin::start(move |talk| {
        talk.say(EVENTS);
        talk.event("1");
        talk.wait_for_close();
        gone.lock().unwrap().send(()).unwrap();
    });
    let gateway = Gateway::start(&all_to(&[&origin.addr]));
    let mut stream = get(&gateway.addr, "/o");
    stream.next();
    drop(stream);
    wait.recv_timeout(support::PATIENCE).unwrap();
    let line = &gateway.access_lines(1)[0];
    assert_eq!((line["end"].as_str(), line["stream"].as_bool()), (Some("client-gone"), Some(true)));
    for abrupt in [true, false] {
        let mut hasty = TcpStream::connect(&gateway.addr).unwrap();
        hasty.write_all(b"GET /o HT").unwrap();
        if abrupt {
            socket2::SockRef::from(&hasty).set_linger(Some(std::time::Duration::ZERO)).unwrap();
        }
    }
    // By now it has seen both: it takes connections in their order.
    assert_eq!(get(&gateway.addr, "/health").status, 200);
    assert_eq!(gateway.error_log(), "");
}

#[test]
fn a_timeout_of_the_route_cuts_a_silent_stream_and_says_so() {
    let origin = Origin::start(|talk| {
        talk.say(EVENTS);
        talk.event("1");
        talk.wait_for_close();
    });
    let gateway = Gateway::start(&format!("{}timeout = 1\n", all_to(&[&origin.addr])));
    let body = get(&gateway.addr, "/o").body();
    assert_eq!((body.whole, body.bytes.as_slice()), (false, b"data: 1\n\n".as_slice()));
    assert_eq!(gateway.access_lines(1)[0]["end"], "read-timeout");
    let page = get(&gateway.addr, "/metrics").text();
    assert!(page.contains("holdfast_gateway_stream_ends_total{reason=\"read-timeout\"} 1\n"), "{page}");
    assert!(page.contains("holdfast_gateway_upstream_errors_total{kind=\"ReadTimedout\"} 1\n"), "{page}");
}
