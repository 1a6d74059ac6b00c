//! Several servers behind one route: weights, fail-over, health, and what is said when none is left.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::client::{ask, get};
use support::origin::{Origin, json};
use support::{Gateway, all_to, free_port, until};

#[test]
fn a_dead_server_costs_a_retry_and_never_an_answer() {
    let alive = Origin::start(|talk| talk.say(&json("{}")));
    let dead = format!("127.0.0.1:{}", free_port());
    let gateway = Gateway::start(&all_to(&[&alive.addr, &dead]));
    for _ in 0..40 {
        assert_eq!(get(&gateway.addr, "/o").status, 200);
    }
    assert_eq!(ask(&gateway.addr, "POST", "/o", &["Content-Length: 0"]).status, 200);
    assert_eq!(alive.count(), 41);
    assert!(gateway.metric("retries_total") > 0, "the dead server was never tried");
    let lines = gateway.access_lines(41);
    assert!(lines.iter().all(|line| line["retries"].as_u64() <= Some(1)));
}

#[test]
fn a_server_that_takes_requests_and_drops_them_costs_no_answer_either() {
    let alive = Origin::start(|talk| talk.say(&json("{}")));
    let broken = Origin::start(|talk| talk.close());
    let gateway = Gateway::start(&all_to(&[&alive.addr, &broken.addr]));
    for _ in 0..10 {
        assert_eq!(get(&gateway.addr, "/o").status, 200);
    }
    assert!(broken.count() > 0);
}

#[test]
fn a_post_that_may_have_arrived_is_not_sent_again() {
    let alive = Origin::start(|talk| talk.say(&json("{}")));
    let broken = Origin::start(|talk| talk.close());
    let gateway = Gateway::start(&all_to(&[&alive.addr, &broken.addr]));
    let statuses: Vec<_> = (0..4).map(|_| ask(&gateway.addr, "POST", "/o", &["Content-Length: 0"]).status).collect();
    assert_eq!(alive.count() + broken.count(), 4, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 502).count(), broken.count());
}

#[test]
fn weights_are_kept_exactly() {
    let [heavy, light] = [(); 2].map(|()| Origin::start(|talk| talk.say(&json("{}"))));
    let toml = format!(
        "[upstream.u]\nservers = [{{ addr = \"{}\", weight = 3 }}, {{ addr = \"{}\", weight = 1 }}]\n[[routes]]\npath_prefix = \"/\"\nupstream = \"u\"\n",
        heavy.addr, light.addr
    );
    let gateway = Gateway::start(&toml);
    for _ in 0..40 {
        get(&gateway.addr, "/");
    }
    assert_eq!((heavy.count(), light.count()), (30, 10));
}

#[test]
fn a_server_that_fails_its_checks_gets_no_requests_until_it_is_well() {
    let well = Arc::new(AtomicBool::new(false));
    let says = well.clone();
    let sick = Origin::start(move |talk| {
        let ill = talk.request.starts_with("GET /health ") && !says.load(Ordering::SeqCst);
        talk.say(if ill {
            "HTTP/1.1 503 Sick\r\nContent-Length: 0\r\n\r\n"
        } else {
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        });
    });
    let fine = Origin::saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let toml = all_to(&[&sick.addr, &fine.addr])
        .replace("[[routes]]", "health_check = { path = \"/health\", interval_s = 1 }\n[[routes]]");
    let gateway = Gateway::start(&toml);
    until("the sick server is left out", || gateway.error_log().contains("becomes unhealthy").then_some(()));
    let before = sick.count();
    for _ in 0..20 {
        assert_eq!(get(&gateway.addr, "/o").status, 200);
    }
    assert_eq!(sick.count(), before);
    well.store(true, Ordering::SeqCst);
    until("the server is back", || {
        get(&gateway.addr, "/o");
        (sick.count() > before).then_some(())
    });
}

#[test]
fn says_in_json_why_nobody_answered() {
    let mute = Origin::start(|talk| talk.wait_for_close());
    let dead = format!("127.0.0.1:{}", free_port());
    let toml = format!(
        "[upstream.dead]\nservers = [{{ addr = \"{dead}\" }}]\n[upstream.mute]\nservers = [{{ addr = \"{}\" }}]\n\
         [[routes]]\npath_prefix = \"/dead\"\nupstream = \"dead\"\n\
         [[routes]]\npath_prefix = \"/mute\"\nupstream = \"mute\"\ntimeout = 1\n",
        mute.addr
    );
    let gateway = Gateway::start(&toml);
    for (path, status, error, kind) in [
        ("/nowhere?token=s3cret", 404, "no-route", "NoRoute"),
        ("/dead/x", 502, "unreachable", "ConnectRefused"),
        ("/mute/x", 504, "timeout", "ReadTimedout"),
    ] {
        let answer = get(&gateway.addr, path);
        assert_eq!(answer.status, status);
        assert!(answer.header("retry-after").unwrap().parse::<u32>().is_ok());
        assert_eq!(answer.header("via").unwrap(), "1.1 holdfast-gateway");
        assert!(answer.header("server-timing").unwrap().starts_with("proxy;dur="));
        assert_eq!(answer.header("content-type").unwrap(), "application/json");
        let body = answer.json();
        assert_eq!((body["error"].as_str(), body["kind"].as_str()), (Some(error), Some(kind)));
        assert!(!body.to_string().contains("127.0.0.1") && !body.to_string().contains("s3cret"), "{body}");
        let head = ask(&gateway.addr, "HEAD", path, &[]);
        assert_eq!(head.status, status);
    }
}

#[test]
fn a_server_that_takes_no_connection_in_time_is_unreachable() {
    // Linux drops what comes when the queue is full; the connections have to live as long as the test.
    let full = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    full.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    full.listen(0).unwrap();
    let addr = full.local_addr().unwrap().as_socket().unwrap();
    let limit = std::time::Duration::from_millis(300);
    let waiting: Vec<_> = std::iter::from_fn(|| std::net::TcpStream::connect_timeout(&addr, limit).ok()).collect();
    assert!(!waiting.is_empty());
    // Takes connections, and says nothing in TLS.
    let mute = Origin::start(|talk| talk.wait_for_close());
    let toml = format!(
        "[upstream.full]\nservers = [{{ addr = \"{addr}\" }}]\n\
         [upstream.mute]\nservers = [{{ addr = \"{}\", tls = true, sni = \"localhost\" }}]\n\
         [[routes]]\npath_prefix = \"/full\"\nupstream = \"full\"\n\
         [[routes]]\npath_prefix = \"/mute\"\nupstream = \"mute\"\n",
        mute.addr
    );
    let gateway = Gateway::start(&toml);
    for path in ["/full", "/mute"] {
        let answer = get(&gateway.addr, path);
        let (status, body) = (answer.status, answer.json());
        assert_eq!((status, body["error"].as_str()), (502, Some("unreachable")), "{path}: {body}");
        assert!(body["kind"].as_str().unwrap().ends_with("Timedout"), "{path}: {body}");
    }
}
