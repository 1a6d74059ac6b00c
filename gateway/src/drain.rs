//! The end of the process: SIGTERM drains, SIGQUIT hands the sockets to a successor and drains, SIGINT ends at once.
//! Draining ends when the grace period does, or as soon as nothing is open.

use crate::metrics::Metrics;
use async_trait::async_trait;
use pingora::server::{ShutdownSignal, ShutdownSignalWatch, ShutdownWatch};
use pingora::services::background::BackgroundService;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

/// Ends the process early. Pingora itself would sleep through the whole grace period.
pub struct Drain(pub Arc<Metrics>);

#[async_trait]
impl BackgroundService for Drain {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        ready();
        while !*shutdown.borrow_and_update() {
            if shutdown.changed().await.is_err() {
                return;
            }
        }
        let mut calm = 0;
        // Half a second without a request: one that was just accepted has been seen by then.
        while calm < 10 {
            sleep(Duration::from_millis(50)).await;
            calm = if self.0.in_flight.load(Relaxed) == 0 { calm + 1 } else { 0 };
        }
        std::process::exit(0);
    }
}

/// Tells systemd (Type=notify) that this process serves now; after a hand-over it is another one than before.
fn ready() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let Ok(path) = std::env::var("NOTIFY_SOCKET") else {
        return;
    };
    let address = match path.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&path),
    };
    let text = format!("READY=1\nMAINPID={}", std::process::id());
    let sent = UnixDatagram::unbound().and_then(|socket| socket.send_to_addr(text.as_bytes(), &address?));
    if let Err(error) = sent {
        log::warn!("NOTIFY_SOCKET: {error}");
    }
}

/// Pingora's signals, but SIGQUIT without a successor is refused: Pingora would end, and nobody would serve.
pub struct Signals {
    pub upgrade_socket: PathBuf,
}

#[async_trait]
impl ShutdownSignalWatch for Signals {
    async fn recv(&self) -> ShutdownSignal {
        let listen = |kind| signal(kind).expect("these signals can be handled");
        let mut quit = listen(SignalKind::quit());
        let mut terminate = listen(SignalKind::terminate());
        let mut interrupt = listen(SignalKind::interrupt());
        loop {
            tokio::select! {
                _ = terminate.recv() => return ShutdownSignal::GracefulTerminate,
                _ = interrupt.recv() => return ShutdownSignal::FastShutdown,
                _ = quit.recv() => if self.has_successor().await { return ShutdownSignal::GracefulUpgrade },
            }
        }
    }
}

impl Signals {
    /// A successor may be a moment behind the signal.
    async fn has_successor(&self) -> bool {
        for _ in 0..50 {
            if listens(&self.upgrade_socket) {
                return true;
            }
            sleep(Duration::from_millis(100)).await;
        }
        let at = self.upgrade_socket.display();
        log::error!("SIGQUIT, but no successor waits at {at}; serving on. Start one with --upgrade first.");
        false
    }
}

/// True when a process listens at this path. The file alone says nothing: a successor that died leaves it behind. To connect
/// would be the surest, but a successor takes exactly one connection, and that has to be Pingora's.
fn listens(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else {
        return false;
    };
    // Linux (proc_pid_net(5)): Num RefCount Protocol Flags Type St Inode Path; only Linux hands sockets over at all.
    let table = std::fs::read_to_string("/proc/net/unix").unwrap_or_default();
    table.lines().filter_map(listening_at).any(|at| at.canonicalize().is_ok_and(|at| at == path))
}

/// The path of a line of the table, if it is of a socket that listens.
fn listening_at(line: &str) -> Option<&Path> {
    let mut rest = line;
    let mut flags = "";
    for field in 0..7 {
        let (word, more) = rest.trim_start().split_once(' ')?;
        if field == 3 {
            flags = word;
        }
        rest = more;
    }
    // __SO_ACCEPTCON of linux/net.h; the kernel prints the path behind one space, whatever it holds.
    (flags == "00010000").then_some(Path::new(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_tells_who_listens() {
        let line = "0000000000000000: 00000002 00000000 00010000 0001 01 4302611 /run/with a space/upgrade.sock";
        assert_eq!(listening_at(line), Some(Path::new("/run/with a space/upgrade.sock")));
        assert_eq!(listening_at(&line.replace(" 00010000 ", " 00000000 ")), None);
        assert_eq!(listening_at("Num       RefCount Protocol Flags    Type St Inode Path"), None);
        assert_eq!(listening_at("0000000000000000: 00000002 00000000 00010000 0001 01 4302611"), None);
    }
}
