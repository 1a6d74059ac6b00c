//! What the tests are made with: the built gateway on a free port, and its ends. Decides nothing about right or wrong.
#![allow(dead_code)] // each test file uses a part of this

pub mod client;
pub mod origin;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Long enough for a machine that is busy with something else.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A port nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Asks again until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(10));
    }
}

/// A gateway of its own, in a folder of its own; ended with the test.
pub struct Gateway {
    pub addr: String,
    pub folder: PathBuf,
    pub child: Child,
}

impl Gateway {
    /// `toml` is what comes after `[server] listen`.
    pub fn start(toml: &str) -> Gateway {
        Gateway::with("", toml)
    }

    /// `server` is more of the section `[server]`.
    pub fn with(server: &str, toml: &str) -> Gateway {
        let addr = format!("127.0.0.1:{}", free_port());
        let folder = folder();
        let text = format!(
            "[server]\nlisten = \"{addr}\"\nthreads = 2\naccess_log = \"access.log\"\nerror_log = \"error.log\"\n{server}\n{toml}\n"
        );
        fs::write(folder.join("gateway.toml"), text).unwrap();
        let child = launch(&folder, &[]);
        let mut gateway = Gateway { addr, folder, child };
        until("the gateway listens", || {
            if let Some(status) = gateway.child.try_wait().unwrap() {
                panic!("the gateway ended: {status}, {}", gateway.error_log());
            }
            TcpStream::connect(&gateway.addr).ok()
        });
        gateway
    }

    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// The lines of the access log once there are so many.
    pub fn access_lines(&self, count: usize) -> Vec<serde_json::Value> {
        until("the access lines", || {
            let text = fs::read_to_string(self.folder.join("access.log")).unwrap_or_default();
            let lines: Vec<_> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            (lines.len() >= count).then_some(lines)
        })
    }

    pub fn error_log(&self) -> String {
        fs::read_to_string(self.folder.join("error.log")).unwrap_or_default()
    }

    /// A number of `/metrics`, by the start of its line.
    pub fn metric(&self, name: &str) -> u64 {
        let page = client::get(&self.addr, "/metrics").text();
        let line = page.lines().find(|line| line.starts_with(&format!("holdfast_gateway_{name} ")));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Starts the binary in a folder that holds its gateway.toml.
pub fn launch(folder: &Path, arguments: &[&str]) -> Child {
    program(&folder.join("gateway.toml")).args(arguments).spawn().unwrap()
}

pub fn signal(child: &Child, name: &str) {
    let done = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(done.success());
}

/// The gateway over a configuration, not yet started.
pub fn program(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast-gateway"));
    command.arg("--config").arg(config).env_remove("NOTIFY_SOCKET").env_remove("RUNTIME_DIRECTORY");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Runs `--check` over a text and returns how that ended, with what it said.
pub fn check(toml: &str) -> (Output, String) {
    let folder = folder();
    let file = folder.join("gateway.toml");
    fs::write(&file, toml).unwrap();
    let mut command = program(&file);
    let output = command.arg("--check").stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).replace(&format!("{}/", folder.display()), "");
    fs::remove_dir_all(&folder).unwrap();
    (output, said)
}

/// A new folder below the system's for temporary things.
pub fn folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("holdfast-gateway-{}-{number}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    path
}

/// One upstream `u` with these servers, and a route `/` to it.
pub fn all_to(servers: &[&str]) -> String {
    let servers: Vec<_> = servers.iter().map(|addr| format!("{{ addr = \"{addr}\" }}")).collect();
    format!("[upstream.u]\nservers = [{}]\n[[routes]]\npath_prefix = \"/o\"\nupstream = \"u\"\n", servers.join(", "))
}
