//! One upstream: its servers, which of them is next, and whether they are well. Decides nothing about requests.

use crate::certificates::{NO_CERTIFICATE, certificates};
use crate::config::{HealthCheck as CheckConfig, Source, Spanned, Upstream, UpstreamServer};
use async_trait::async_trait;
use http::Extensions;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::lb::discovery::ServiceDiscovery;
use pingora::lb::health_check::{HealthCheck, HttpHealthCheck};
use pingora::lb::selection::RoundRobin;
use pingora::lb::{Backend, Backends, LoadBalancer};
use pingora::prelude::*;
use pingora::protocols::TcpKeepalive;
use pingora::protocols::l4::socket::SocketAddr;
use pingora::protocols::tls::CaType;
use pingora::services::background::{GenBackgroundService, background_service};
use pingora::utils::tls::{WrappedX509, parse_x509};
use std::collections::{BTreeSet, HashMap};
use std::net::ToSocketAddrs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A server that does not take a connection within this time counts as unreachable.
const CONNECT: Duration = Duration::from_secs(3);
/// As above, with the TLS handshake.
const CONNECT_TLS: Duration = Duration::from_secs(6);
/// How often names are looked up again.
const LOOK_UP: Duration = Duration::from_secs(30);
/// An unused connection is kept shorter than the 5 s that Node's http server keeps it.
const IDLE: Duration = Duration::from_secs(4);
/// Steps of a selection; the balancer may come by a server several times before it saw all.
const STEPS: usize = 256;

/// A quiet stream has no timeout; this finds out when its other end is gone.
pub fn keepalive() -> TcpKeepalive {
    TcpKeepalive {
        idle: Duration::from_secs(60),
        interval: Duration::from_secs(10),
        count: 6,
        user_timeout: Duration::ZERO,
    }
}

/// A server as configured.
pub struct Server {
    host: String,
    addr: String,
    weight: usize,
    tls: bool,
    sni: String,
    ca: Option<Arc<CaType>>,
}

/// The servers of one upstream, with the balancer over them.
pub struct Pool {
    pub name: String,
    balancer: Arc<LoadBalancer<RoundRobin>>,
}

/// The service that checks a pool's servers and looks their names up again.
pub type Watch = GenBackgroundService<LoadBalancer<RoundRobin>>;

impl Pool {
    /// Looks up all names once; a name that is not known yet has no server until it is.
    ///
    /// # Errors
    /// A sentence for the user: what was checked is not so any more (a `ca` was exchanged), or the system gives nothing.
    pub fn new(name: &str, config: &Upstream, source: &Source) -> std::result::Result<(Pool, Watch), String> {
        let servers = config.servers.get_ref().iter().map(|server| Server::new(server, source).map(Arc::new));
        let servers = servers.collect::<std::result::Result<Vec<_>, _>>()?;
        let failed = |error: &dyn std::fmt::Display| format!("upstream {name}: {error}");
        let named = servers.iter().any(|server| server.addr.parse::<std::net::SocketAddr>().is_err());
        let names = Box::new(Names(servers.clone()));
        let mut balancer = LoadBalancer::from_backends(Backends::new(names));
        balancer.update_frequency = named.then_some(LOOK_UP);
        if let Some(check) = &config.health_check {
            balancer.health_check_frequency = Some(Duration::from_secs(*check.interval_s.get_ref()));
            balancer.parallel_health_check = true;
            let checks = Checks::new(name, check, &servers).map_err(|error| failed(&error))?;
            balancer.set_health_check(Box::new(checks));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|error| failed(&error))?;
        if let Err(error) = runtime.block_on(balancer.update()) {
            log::error!("{}", failed(&error));
        }
        let watch = background_service(&format!("health of {name}"), balancer);
        let pool = Pool { name: name.into(), balancer: watch.task() };
        Ok((pool, watch))
    }

    /// The next server by weight that was not tried yet: a healthy one, or any when none is healthy, for a check may err.
    pub fn next(&self, tried: &[SocketAddr]) -> Option<Backend> {
        let fresh = |backend: &Backend| !tried.contains(&backend.addr);
        self.balancer
            .select_with(b"", STEPS, |backend, well| well && fresh(backend))
            .or_else(|| self.balancer.select_with(b"", STEPS, |backend, _| fresh(backend)))
    }

    /// True while there is a server that was not tried.
    pub fn has_other(&self, tried: &[SocketAddr]) -> bool {
        self.balancer.backends().get_backend().iter().any(|backend| !tried.contains(&backend.addr))
    }
}

/// How to reach a server, and the Host it is called by.
pub fn peer(backend: &Backend, read_timeout: Option<Duration>) -> (HttpPeer, String) {
    let server = server_of(backend);
    let mut peer = HttpPeer::new(backend.clone(), server.tls, server.sni.clone());
    peer.options.connection_timeout = Some(CONNECT);
    peer.options.total_connection_timeout = Some(CONNECT_TLS);
    peer.options.read_timeout = read_timeout;
    peer.options.idle_timeout = Some(IDLE);
    peer.options.tcp_keepalive = Some(keepalive());
    peer.options.ca = server.ca.clone();
    (peer, server.authority())
}

impl Server {
    fn new(config: &UpstreamServer, source: &Source) -> std::result::Result<Server, String> {
        let addr = config.addr.get_ref().clone();
        let host = addr.rsplit_once(':').map_or("", |(host, _)| host);
        let host = host.trim_matches(['[', ']']).to_string();
        let ca = config.ca.as_ref().map(|ca| authorities(ca, source)).transpose()?;
        let sni = config.sni.as_ref().map_or(host.clone(), |sni| sni.get_ref().clone());
        let weight = config.weight.as_ref().map_or(1, |weight| *weight.get_ref());
        Ok(Server { weight, tls: config.tls, sni, ca, host, addr })
    }

    fn authority(&self) -> String {
        if self.sni == self.host { self.addr.clone() } else { self.sni.clone() }
    }
}

fn server_of(backend: &Backend) -> &Arc<Server> {
    backend.ext.get().expect("every backend is made with its server")
}

/// Fails rather than trust the system's authorities where another one was asked for.
fn authorities(ca: &Spanned<PathBuf>, source: &Source) -> std::result::Result<Arc<CaType>, String> {
    let list = certificates(&source.resolve(ca.get_ref()));
    let list = list.ok_or_else(|| source.complain(&ca.span(), NO_CERTIFICATE))?;
    Ok(list.into_iter().map(|der| WrappedX509::new(der, parse_x509)).collect())
}

struct Names(Vec<Arc<Server>>);

#[async_trait]
impl ServiceDiscovery for Names {
    /// Runs on a thread of its own, so the look-up may block.
    async fn discover(&self) -> Result<(BTreeSet<Backend>, HashMap<u64, bool>)> {
        let mut found = BTreeSet::new();
        for server in &self.0 {
            match server.addr.to_socket_addrs() {
                Ok(addresses) => found.extend(addresses.map(|addr| {
                    let mut ext = Extensions::new();
                    ext.insert(server.clone());
                    Backend { addr: SocketAddr::Inet(addr), weight: server.weight, ext }
                })),
                Err(error) => log::warn!("{}: {error}", server.addr),
            }
        }
        if found.is_empty() {
            return Error::e_explain(ConnectNoRoute, "no server has an address");
        }
        Ok((found, HashMap::new()))
    }
}

/// Asks each server in its own way: with or without TLS, by its own name.
struct Checks {
    upstream: String,
    by_addr: HashMap<String, HttpHealthCheck>,
}

impl Checks {
    fn new(upstream: &str, config: &CheckConfig, servers: &[Arc<Server>]) -> Result<Checks> {
        let limit = Duration::from_secs((*config.interval_s.get_ref()).min(5));
        let mut by_addr = HashMap::new();
        for server in servers {
            let mut check = HttpHealthCheck::new(&server.sni, server.tls);
            check.peer_template.options.connection_timeout = Some(limit);
            check.peer_template.options.read_timeout = Some(limit);
            check.peer_template.options.ca = server.ca.clone();
            check.req = RequestHeader::build("GET", config.path.get_ref().as_bytes(), None)?;
            check.req.insert_header("Host", server.authority())?;
            check.validator = Some(Box::new(wants_success));
            by_addr.insert(server.addr.clone(), check);
        }
        let upstream = upstream.into();
        Ok(Checks { upstream, by_addr })
    }
}

fn wants_success(answer: &ResponseHeader) -> Result<()> {
    if answer.status.is_success() {
        return Ok(());
    }
    let status = HTTPStatus(answer.status.as_u16());
    Error::e_explain(status, "the health check wants a 2xx")
}

#[async_trait]
impl HealthCheck for Checks {
    async fn check(&self, target: &Backend) -> Result<()> {
        match self.by_addr.get(&server_of(target).addr) {
            Some(check) => check.check(target).await,
            None => Ok(()),
        }
    }

    fn backend_summary(&self, target: &Backend) -> String {
        format!("upstream {}, server {}", self.upstream, target.addr)
    }

    /// One slow answer is no illness; one good answer is health.
    fn health_threshold(&self, success: bool) -> usize {
        if success { 1 } else { 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_authority_is_not_replaced_by_those_of_the_system() {
        let folder = std::env::temp_dir().join(format!("holdfast-gateway-{}-authority", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("gateway.toml");
        let text =
            "routes = []\n[server]\n[upstream.u]\nservers = [{ addr = \"a:1\", tls = true, ca = \"lost.pem\" }]\n";
        std::fs::write(&file, text).unwrap();
        let source = Source::read(&file).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        let config = source.parse().unwrap();
        let said = Pool::new("u", &config.upstream["u"], &source).err().unwrap();
        assert!(said.ends_with("gateway.toml:4: ca: holds no certificate; give a PEM file with one"), "{said}");
    }
}
