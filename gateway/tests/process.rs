//! The program: its configuration, its lines, its signals.

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use support::client::{ask, get, try_ask};
use support::origin::{EVENTS, Origin, json};
use support::{Gateway, all_to, check, launch, signal, until};

const GOOD: &str = "[server]\nlisten = \"127.0.0.1:8080\"\n[upstream.u]\nservers = [{ addr = \"127.0.0.1:1\" }]\n[[routes]]\npath_prefix = \"/a\"\nupstream = \"u\"\n";

#[test]
fn the_example_configuration_is_good() {
    let (output, said) = check(include_str!("../pingora.toml"));
    assert_eq!(output.status.code(), Some(0), "{said}");
}

#[test]
fn a_wrong_configuration_is_told_by_file_line_and_key() {
    for (from, to, complaint) in [
        ("listen =", "lisen =", "gateway.toml:2: lisen: unknown field"),
        ("\"127.0.0.1:8080\"", "8080", "gateway.toml:2: listen: invalid type"),
        ("127.0.0.1:8080", "localhost", "gateway.toml:2: listen: give an address and a port"),
        ("listen =", "threads = 0\nlisten =", "gateway.toml:2: threads: give a number from 1"),
        ("listen =", "cors_origins = [\"*\"]\nlisten =", "gateway.toml:2: cors_origins: name one origin"),
        ("listen =", "access_log = \"no/such/folder\"\nlisten =", "gateway.toml:2: access_log: its folder"),
        ("listen =", "listen_tls = \"127.0.0.1:1\"\nlisten =", "gateway.toml:2: listen_tls: needs certificate"),
        ("127.0.0.1:1\"", "127.0.0.1\"", "gateway.toml:4: addr: give host and port"),
        (":1\" }", ":1\", weight = 0 }", "gateway.toml:4: weight: give a number from 1"),
        (":1\" }", ":1\", ca = \"x\" }", "gateway.toml:4: ca: needs tls = true"),
        (":1\" }", ":1\", tls = true, ca = \"x\" }", "gateway.toml:4: ca: holds no certificate"),
        ("[{ addr = \"127.0.0.1:1\" }]", "[]", "gateway.toml:4: servers: name at least one"),
        (
            "[[routes]]",
            "health_check = { path = \"x\", interval_s = 1 }\n[[routes]]",
            "gateway.toml:5: path: begin it with a /",
        ),
        ("\"/a\"", "\"a\"", "gateway.toml:6: path_prefix: begin it with a /"),
        ("upstream = \"u\"", "upstream = \"v\"", "gateway.toml:7: upstream: no such upstream; take one of u"),
        (
            "upstream = \"u\"",
            "upstream = \"u\"\nset_headers = { \"Content-Length\" = \"1\" }",
            "gateway.toml:8: Content-Length: frames the answer",
        ),
        ("upstream = \"u\"", "upstream = \"u\"\ntimeout = -1", "gateway.toml:8: timeout: invalid value"),
        ("upstream = \"u\"", "upstream = \"u\"\ncache = { ttl = 1 }", "gateway.toml:8: ttl: unknown field"),
        (
            "upstream = \"u\"",
            "upstream = \"u\"\n[[routes]]\npath_prefix = \"/a/\"\nupstream = \"u\"",
            "gateway.toml:9: path_prefix: another route",
        ),
        ("path_prefix = \"/a\"\n", "", "gateway.toml:5: missing field `path_prefix`; add it"),
        ("[server]", "[server", "gateway.toml:1: "),
    ] {
        let (output, said) = check(&GOOD.replacen(from, to, 1));
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(said.starts_with(complaint), "wanted: {complaint}\ngot: {said}");
    }
    assert_eq!(check(GOOD).0.status.code(), Some(0));
}

#[test]
fn a_configuration_is_good_by_its_bare_name_too() {
    let folder = support::folder();
    let logs = "access_log = \"access.log\"\nerror_log = \"error.log\"\nlisten =";
    std::fs::write(folder.join("gateway.toml"), GOOD.replace("listen =", logs)).unwrap();
    let mut command = support::program(std::path::Path::new("gateway.toml"));
    let output = command.arg("--check").current_dir(&folder).stderr(std::process::Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_access_line_holds_no_secret_and_cannot_be_forged() {
    let origin = Origin::start(|talk| talk.say(&json("{\"a\":1}")));
    let gateway = Gateway::start(&all_to(&[&origin.addr]));
    let secrets = ["Authorization: Bearer s3cret", "Cookie: id=s3cret", "Referer: https://x/?s3cret"];
    ask(&gateway.addr, "GET", "/o/%22%0a%22x?token=s3cret", &secrets).text();
    let lines = gateway.access_lines(1);
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert!(!line.to_string().contains("s3cret"), "{line}");
    assert_eq!(line["path"], "/o/%22%0a%22x");
    assert_eq!(
        (line["method"].as_str(), line["status"].as_u64(), line["bytes"].as_u64()),
        (Some("GET"), Some(200), Some(7))
    );
    assert_eq!(
        (line["upstream"].as_str(), line["end"].as_str(), line["client"].as_str()),
        (Some("u"), Some("complete"), Some("127.0.0.1"))
    );
    assert!(line["time"].as_str().unwrap().ends_with('Z') && line["duration_ms"].is_u64());
}

#[test]
fn sigterm_waits_for_a_stream_and_for_nothing_longer() {
    let (end, wait) = std::sync::mpsc::channel();
    let wait = std::sync::Mutex::new(wait);
    let origin = Origin::start(move |talk| {
        talk.say(EVENTS);
        talk.event("1");
        wait.lock().unwrap().recv().unwrap();
        talk.event("2");
        talk.end();
    });
    let mut gateway = Gateway::with("grace_period_s = 300", &all_to(&[&origin.addr]));
    let mut stream = get(&gateway.addr, "/o");
    stream.next();
    gateway.signal("-TERM");
    until("new connections are refused", || std::net::TcpStream::connect(&gateway.addr).is_err().then_some(()));
    assert!(gateway.child.try_wait().unwrap().is_none(), "it left with a stream open");
    end.send(()).unwrap();
    assert_eq!(stream.next(), "data: 2\n\n");
    assert!(stream.body().whole);
    let status = until("the process ends long before its grace period", || gateway.child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
}

#[test]
fn the_grace_period_ends_a_stream_cut_and_with_a_line() {
    let origin = Origin::start(|talk| {
        talk.say(EVENTS);
        talk.event("1");
        talk.wait_for_close();
    });
    let mut gateway = Gateway::with("grace_period_s = 1", &all_to(&[&origin.addr]));
    let mut stream = get(&gateway.addr, "/o");
    stream.next();
    gateway.signal("-TERM");
    assert!(!stream.body().whole);
    until("the process ends", || gateway.child.try_wait().unwrap());
    let line = &gateway.access_lines(1)[0];
    assert_eq!((line["end"].as_str(), line["stream"].as_bool()), (Some("shutdown"), Some(true)));
}

#[test]
fn a_successor_takes_over_without_a_refused_connection() {
    let origin = Origin::start(|talk| talk.say(&json("{}")));
    let mut old = Gateway::with("grace_period_s = 2", &all_to(&[&origin.addr]));
    let (stop, good) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    let answer = try_ask(&old.addr, "GET", "/o", &["Connection: close"])
                        .expect("a connection was refused or cut");
                    assert_eq!(answer.status, 200);
                    good.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(5));
                }
            });
        }
        let mut successor = launch(&old.folder, &["--upgrade"]);
        until("the successor waits", || old.folder.join("upgrade.sock").exists().then_some(()));
        old.signal("-QUIT");
        let start = Instant::now();
        let mut left = None;
        while left.is_none() && start.elapsed() < Duration::from_secs(60) {
            let probe = std::process::Command::new("kill").args(["-0", &old.child.id().to_string()]).output().unwrap();
            // A zombie still takes signals: ask the system what it is.
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", old.child.id())).unwrap_or_default();
            left = (!probe.status.success() || stat.contains(") Z ")).then_some(());
            thread::sleep(Duration::from_millis(20));
        }
        let before = good.load(Ordering::SeqCst);
        let served = start.elapsed() < Duration::from_secs(60);
        thread::sleep(Duration::from_millis(300));
        let after = good.load(Ordering::SeqCst);
        stop.store(true, Ordering::SeqCst);
        signal(&successor, "-INT");
        successor.wait().unwrap();
        assert!(served, "the old process does not leave");
        assert!(after > before, "the successor serves nobody");
    });
    assert_eq!(old.child.wait().unwrap().code(), Some(0));
    assert!(good.load(Ordering::SeqCst) > 100);
}

#[test]
fn sigquit_without_a_successor_stops_nothing() {
    let origin = Origin::start(|talk| talk.say(&json("{}")));
    let mut gateway = Gateway::start(&all_to(&[&origin.addr]));
    // The second time shows that the first did not begin an end that only comes later.
    for time in 1..=2 {
        gateway.signal("-QUIT");
        until("it says why it stays", || {
            (gateway.error_log().matches("no successor waits").count() == time).then_some(())
        });
    }
    assert_eq!(get(&gateway.addr, "/o").status, 200);
    assert!(gateway.child.try_wait().unwrap().is_none());
}

#[test]
fn sigquit_with_the_socket_of_a_dead_successor_stops_nothing() {
    let origin = Origin::start(|talk| talk.say(&json("{}")));
    let mut gateway = Gateway::start(&all_to(&[&origin.addr]));
    let socket = gateway.folder.join("upgrade.sock");
    let mut successor = launch(&gateway.folder, &["--upgrade"]);
    until("the successor waits", || socket.exists().then_some(()));
    successor.kill().unwrap();
    successor.wait().unwrap();
    assert!(socket.exists(), "a killed successor leaves its socket behind");
    gateway.signal("-QUIT");
    until("it says why it stays", || gateway.error_log().contains("no successor waits").then_some(()));
    assert_eq!(get(&gateway.addr, "/o").status, 200);
    assert!(gateway.child.try_wait().unwrap().is_none());
}

#[test]
fn tells_systemd_which_process_serves() {
    let folder = support::folder();
    let at = folder.join("notify");
    let systemd = std::os::unix::net::UnixDatagram::bind(&at).unwrap();
    systemd.set_read_timeout(Some(support::PATIENCE)).unwrap();
    std::fs::write(folder.join("gateway.toml"), GOOD.replace("8080", &support::free_port().to_string())).unwrap();
    let mut child = support::program(&folder.join("gateway.toml")).env("NOTIFY_SOCKET", &at).spawn().unwrap();
    let mut said = [0; 100];
    let length = systemd.recv(&mut said).unwrap();
    assert_eq!(String::from_utf8_lossy(&said[..length]), format!("READY=1\nMAINPID={}", child.id()));
    signal(&child, "-INT");
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_taken_port_and_files_that_do_not_belong_together_are_told_like_the_rest() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = support::folder();
    let file = folder.join("gateway.toml");
    let port = taken.local_addr().unwrap().port().to_string();
    std::fs::write(&file, GOOD.replace("8080", &port)).unwrap();
    let output = support::program(&file).stderr(std::process::Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("gateway.toml:2: listen: ") && said.contains("in use"), "{said}");
    let make = || rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let [certificate, key] = ["certificate", "key"].map(|name| folder.join(name).display().to_string());
    std::fs::write(&certificate, make().cert.pem()).unwrap();
    std::fs::write(&key, make().signing_key.serialize_pem()).unwrap();
    let tls = format!("listen_tls = \"127.0.0.1:1\"\ncertificate = \"{certificate}\"\nkey = \"{key}\"\nlisten =");
    let (output, said) = check(&GOOD.replace("listen =", &tls));
    assert_eq!(output.status.code(), Some(2));
    assert!(said.starts_with("gateway.toml:3: certificate: this certificate and key cannot"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}
