//! Which route a request takes and what it looks like at the origin; CORS; the cache; the gateway's own pages.

mod support;

use std::time::Duration;
use support::client::{ask, get};
use support::origin::{EVENTS, Origin, json};
use support::{Gateway, all_to};

fn routed(routes: &[(&str, &str, &str)]) -> String {
    let mut toml = String::new();
    for (number, (prefix, addr, more)) in routes.iter().enumerate() {
        toml += &format!(
            "[upstream.u{number}]\nservers = [{{ addr = \"{addr}\" }}]\n[[routes]]\npath_prefix = \"{prefix}\"\nupstream = \"u{number}\"\n{more}\n"
        );
    }
    toml
}

#[test]
fn the_longest_prefix_wins_and_ends_at_a_segment() {
    let origins =
        ["short", "long", "rest"].map(|name| Origin::start(move |talk| talk.say(&json(&format!("\"{name}\"")))));
    let [short, long, rest] = &origins;
    let gateway = Gateway::start(&routed(&[
        ("/events", &short.addr, ""),
        ("/events/live/", &long.addr, ""),
        ("/", &rest.addr, ""),
    ]));
    for (path, origin) in [
        ("/events", "short"),
        ("/events/1?x=/events/live", "short"),
        ("/events/live", "long"),
        ("/events/live/2", "long"),
        ("/events/lively", "short"),
        ("/eventsfoo", "rest"),
    ] {
        assert_eq!(get(&gateway.addr, path).json(), origin, "{path}");
    }
    assert_eq!(get(&gateway.addr, "/events/../etc").status, 404);
}

#[test]
fn the_origin_sees_the_host_it_is_meant_to_see_and_who_asked() {
    let [kept, own] = [(); 2].map(|()| Origin::start(|talk| talk.say(&json("{}"))));
    let gateway = Gateway::start(&routed(&[("/kept", &kept.addr, "preserve_host = true"), ("/own", &own.addr, "")]));
    get(&gateway.addr, "/kept?q=1");
    get(&gateway.addr, "/own");
    let seen = kept.last_request().to_ascii_lowercase();
    assert!(seen.starts_with("get /kept?q=1 ") && seen.contains("\r\nhost: client.example\r\n"), "{seen}");
    let seen = own.last_request().to_ascii_lowercase();
    for line in [
        &format!("host: {}", own.addr),
        "x-forwarded-host: client.example",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-proto: http",
        "via: 1.1 holdfast-gateway",
    ] {
        assert!(seen.contains(&format!("\r\n{line}\r\n")), "{line} in {seen}");
    }
}

#[test]
fn headers_of_a_route_are_set_and_a_stream_stays_one() {
    let origin = Origin::start(|talk| {
        talk.say(if talk.request.contains("/json") {
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=9\r\nContent-Length: 0\r\n\r\n"
        } else {
            EVENTS
        });
        talk.close();
    });
    let gateway = Gateway::start(&routed(&[(
        "/s",
        &origin.addr,
        "set_headers = { \"Cache-Control\" = \"no-cache\", \"X-Mark\" = \"1\" }",
    )]));
    let answer = get(&gateway.addr, "/s/json");
    assert_eq!(
        (answer.header("cache-control").as_deref(), answer.header("x-mark").as_deref()),
        (Some("no-cache"), Some("1"))
    );
    assert_eq!(get(&gateway.addr, "/s/stream").header("cache-control").unwrap(), "no-cache, no-transform");
}

#[test]
fn a_head_is_answered_as_the_origin_answers_it() {
    let origin = Origin::start(|talk| {
        assert!(talk.request.starts_with("HEAD "), "{}", talk.request);
        talk.say(if talk.request.contains("/no") {
            "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 12\r\n\r\n"
        } else {
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 12\r\n\r\n"
        });
    });
    let gateway = Gateway::start(&routed(&[("/", &origin.addr, "cache = { ttl_s = 30 }")]));
    let refused = ask(&gateway.addr, "HEAD", "/no", &[]);
    assert_eq!((refused.status, refused.header("allow").as_deref()), (405, Some("GET")));
    let good = ask(&gateway.addr, "HEAD", "/yes", &[]);
    assert_eq!((good.status, good.header("content-length").as_deref()), (200, Some("12")));
    assert_eq!(gateway.metric("streams_total"), 0);
}

#[test]
fn only_listed_origins_may_read_and_all_caches_know_that() {
    let origin = Origin::start(|talk| {
        talk.say(if talk.request.starts_with("OPTIONS") {
            "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"
        } else {
            EVENTS
        });
        talk.close();
    });
    let gateway = Gateway::with("cors_origins = [\"https://app.example\"]", &all_to(&[&origin.addr]));
    let read = ask(&gateway.addr, "GET", "/o", &["Origin: https://app.example"]);
    assert_eq!(read.header("access-control-allow-origin").unwrap(), "https://app.example");
    assert_eq!(read.header("access-control-allow-credentials").unwrap(), "true");
    assert!(read.header("vary").unwrap().contains("Origin"));
    for stranger in [&["Origin: https://evil.example"][..], &[]] {
        let read = ask(&gateway.addr, "GET", "/o", stranger);
        assert_eq!(read.header("access-control-allow-origin"), None);
        assert!(read.header("vary").unwrap().contains("Origin"));
    }
    let asked = ["Access-Control-Request-Method: GET", "Access-Control-Request-Headers: last-event-id"];
    let preflight = ask(&gateway.addr, "OPTIONS", "/o", &[asked[0], asked[1], "Origin: https://app.example"]);
    assert_eq!(
        (preflight.status, preflight.header("access-control-allow-headers").as_deref()),
        (204, Some("last-event-id"))
    );
    for once in ["vary", "access-control-expose-headers"] {
        let times = preflight.headers.iter().filter(|(name, _)| name == once).count();
        assert_eq!(times, 1, "{once}");
    }
    let stranger = ask(&gateway.addr, "OPTIONS", "/o", &[asked[0], "Origin: https://evil.example"]);
    assert_eq!((stranger.status, stranger.header("access-control-allow-origin")), (405, None));
    let lost = ask(&gateway.addr, "GET", "/nowhere", &["Origin: https://app.example"]);
    assert_eq!(
        (lost.status, lost.header("access-control-allow-origin").as_deref()),
        (404, Some("https://app.example"))
    );
}

#[test]
fn the_time_of_the_origin_is_not_told_as_the_gateways() {
    let origin = Origin::start(|talk| {
        std::thread::sleep(Duration::from_millis(1200));
        talk.say(&json("{}"));
    });
    let broken = Origin::start(|talk| {
        std::thread::sleep(Duration::from_millis(300));
        talk.close();
    });
    let gateway = Gateway::start(&routed(&[("/slow", &origin.addr, ""), ("/broken", &broken.addr, "")]));
    let told = |path| {
        let value = get(&gateway.addr, path).header("server-timing").unwrap();
        let own = value.strip_prefix("proxy;dur=").unwrap_or_else(|| panic!("{value}"));
        let (own, rest) = own.split_once(", origin;dur=").unwrap_or((own, "0"));
        (own.parse::<f64>().unwrap(), rest.parse::<f64>().unwrap())
    };
    // The gateway's share is some milliseconds; the limit leaves room for a machine that is busy.
    let (own, rest) = told("/slow");
    assert!(rest >= 1200.0 && own < 600.0, "{own} {rest}");
    let (own, rest) = told("/broken");
    assert!(rest >= 300.0 && own < 300.0, "{own} {rest}");
    assert_eq!(told("/nowhere").1, 0.0);
}

#[test]
fn a_cached_answer_is_asked_for_once_and_shared_only_when_it_may_be() {
    let origin = Origin::start(|talk| {
        let more = match &talk.request {
            r if r.contains("/cookie") => "Set-Cookie: a=b\r\n",
            r if r.contains("/store") => "Cache-Control: no-store\r\n",
            r if r.contains("/private") => "Cache-Control: private, max-age=60\r\n",
            r if r.contains("/vary") => "Vary: X-Tongue\r\n",
            _ => "",
        };
        talk.say(&json("{\"n\":1}").replace("Content-Length", &format!("{more}Content-Length")));
    });
    let gateway = Gateway::start(&routed(&[("/api", &origin.addr, "cache = { ttl_s = 30 }")]));
    let cost = |path: &str, headers: &[&str]| {
        let before = origin.count();
        let answer = ask(&gateway.addr, "GET", path, headers);
        let mark = answer.header("x-cache");
        assert_eq!(answer.json()["n"], 1);
        (origin.count() - before, mark)
    };
    let (hit, miss) = ((0, Some("HIT".to_string())), (1, Some("MISS".to_string())));
    assert_eq!(cost("/api/x", &[]), miss);
    assert_eq!(cost("/api/x", &[]), hit);
    assert!(get(&gateway.addr, "/api/x").header("age").is_some());
    assert_eq!(cost("/api/x?page=2", &[]), miss);
    for own in ["Authorization: Bearer x", "Cookie: a=b", "Cache-Control: no-cache", "Accept: text/event-stream"] {
        assert_eq!(cost("/api/x", &[own]), (1, None), "{own}");
    }
    for path in ["/api/cookie", "/api/store", "/api/private"] {
        assert_eq!([cost(path, &[]).0, cost(path, &[]).0], [1, 1], "{path}");
    }
    assert_eq!(cost("/api/vary", &["X-Tongue: a"]), miss);
    assert_eq!(cost("/api/vary", &["X-Tongue: b"]), miss);
    assert_eq!(cost("/api/vary", &["X-Tongue: a"]), hit);
    let packed = ask(&gateway.addr, "GET", "/api/vary", &["X-Tongue: a", "Accept-Encoding: br"]);
    assert_eq!(packed.header("x-cache").as_deref(), Some("HIT"));
}

#[test]
fn a_stream_is_never_cached() {
    let origin = Origin::start(|talk| {
        talk.say(&EVENTS.replace("\r\n\r\n", "\r\nCache-Control: public, max-age=600\r\n\r\n"));
        talk.event("1");
        talk.end();
    });
    let gateway = Gateway::start(&routed(&[("/api", &origin.addr, "cache = { ttl_s = 30 }")]));
    for round in 1..=3 {
        let answer = get(&gateway.addr, "/api/stream");
        assert_eq!((answer.header("x-cache"), answer.header("age")), (None, None));
        assert_eq!(answer.text(), "data: 1\n\n");
        assert_eq!(origin.count(), round);
    }
}

#[test]
fn its_own_pages_give_way_to_a_route_or_have_a_listener() {
    let origin = Origin::start(|talk| talk.say(&json("\"origin\"")));
    let gateway = Gateway::start(&all_to(&[&origin.addr]));
    assert_eq!(get(&gateway.addr, "/health").json()["status"], "ok");
    assert!(get(&gateway.addr, "/metrics").text().contains("# TYPE holdfast_gateway_streams_open gauge"));
    let gateway = Gateway::start(&routed(&[("/", &origin.addr, "")]));
    assert_eq!(get(&gateway.addr, "/health").json(), "origin");
    let admin = format!("127.0.0.1:{}", support::free_port());
    let gateway = Gateway::with(&format!("admin = \"{admin}\""), &all_to(&[&origin.addr]));
    assert_eq!(get(&gateway.addr, "/metrics").status, 404);
    support::until("the pages are there", || std::net::TcpStream::connect(&admin).ok());
    assert_eq!(get(&admin, "/health").json()["status"], "ok");
    assert_eq!(get(&admin, "/o").status, 404);
}
