//! TLS at both ends: HTTP/2 to the client by ALPN, and an upstream whose certificate is checked.

mod support;

use pingora::connectors::http::Connector;
use pingora::http::RequestHeader;
use pingora::prelude::HttpPeer;
use pingora::protocols::http::client::HttpSession;
use pingora::protocols::tls::ALPN;
use std::fs;
use std::path::Path;
use std::sync::mpsc;
use support::origin::{EVENTS, Origin, json};
use support::{Gateway, all_to, client, folder, free_port, until};

/// A certificate for `localhost`, as cert.pem and key.pem of a folder.
fn certify(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
}

/// A gateway that also listens with TLS; the address of that comes first.
fn secure(toml: &str, folder: &Path) -> (String, Gateway) {
    certify(folder);
    let addr = format!("127.0.0.1:{}", free_port());
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.join(name).display().to_string());
    let gateway = Gateway::with(&format!("listen_tls = \"{addr}\"\ncertificate = \"{cert}\"\nkey = \"{key}\""), toml);
    until("TLS is listened for", || std::net::TcpStream::connect(&addr).ok());
    (addr, gateway)
}

async fn open(addr: &str, path: &str) -> HttpSession {
    let mut peer = HttpPeer::new(addr, true, "localhost".into());
    peer.options.verify_cert = false;
    peer.options.alpn = ALPN::H2;
    peer.options.read_timeout = Some(support::PATIENCE);
    let (mut session, _) = Connector::new(None).get_http_session(&peer).await.unwrap();
    let mut request = RequestHeader::build("GET", path.as_bytes(), None).unwrap();
    request.insert_header("Host", "localhost").unwrap();
    let HttpSession::H2(stream) = &mut session else { panic!("the gateway did not choose h2") };
    // With its end: an answer that needs no body may come before one, and closes the stream.
    stream.write_request_header(Box::new(request), true).unwrap();
    session.read_response_header().await.unwrap();
    session
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}

#[test]
fn a_stream_over_h2_flows_and_ends_as_the_origin_ends_it() {
    let (more, wait) = mpsc::channel::<bool>();
    let wait = std::sync::Mutex::new(wait);
    let origin = Origin::start(move |talk| {
        talk.say(
            &EVENTS.replace("\r\n\r\n", "\r\nContent-Length: 99\r\n\r\n").replace("Transfer-Encoding: chunked\r\n", ""),
        );
        talk.say("data: 1\n\n");
        if wait.lock().unwrap().recv().unwrap() {
            talk.say(&"x".repeat(90));
        }
        talk.close();
    });
    let folder = folder();
    let (addr, gateway) = secure(&all_to(&[&origin.addr]), &folder);
    for whole in [true, false] {
        run(async {
            let mut stream = open(&addr, "/o").await;
            let header = stream.response_header().unwrap();
            assert_eq!(header.status, 200);
            assert_eq!(header.headers["via"], "1.1 holdfast-gateway");
            assert_eq!(stream.read_response_body().await.unwrap().unwrap(), "data: 1\n\n");
            more.send(whole).unwrap();
            let rest = loop {
                match stream.read_response_body().await {
                    Ok(Some(_)) => {}
                    Ok(None) => break true,
                    Err(_) => break false,
                }
            };
            assert_eq!(rest, whole, "the end of the stream");
        });
    }
    assert_eq!(gateway.access_lines(2)[0]["protocol"], "h2");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_refusal_over_h2_is_json_too() {
    let folder = folder();
    let (addr, _gateway) = secure(&all_to(&["127.0.0.1:1"]), &folder);
    run(async {
        let mut answer = open(&addr, "/nowhere").await;
        let header = answer.response_header().unwrap();
        assert_eq!((header.status.as_u16(), header.headers["retry-after"].as_bytes()), (404, b"60".as_slice()));
        let body = answer.read_response_body().await.unwrap().unwrap();
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap()["error"], "no-route");
    });
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_upstream_with_tls_is_trusted_by_its_own_authority_and_name_only() {
    let origin = Origin::start(|talk| talk.say(&json("\"secret\"")));
    let folder = folder();
    let (addr, _inner) = secure(&all_to(&[&origin.addr]), &folder);
    let ca = folder.join("cert.pem").display().to_string();
    for (more, status) in [
        (format!(", sni = \"localhost\", ca = \"{ca}\""), 200),
        (format!(", sni = \"elsewhere.example\", ca = \"{ca}\""), 502),
        (", sni = \"localhost\"".to_string(), 502),
    ] {
        let toml = all_to(&[&addr]).replace(" }]", &format!(", tls = true{more} }}]"));
        let outer = Gateway::start(&toml);
        let answer = client::get(&outer.addr, "/o");
        assert_eq!(answer.status, status, "{more}: {}", outer.error_log());
    }
    fs::remove_dir_all(folder).unwrap();
}
