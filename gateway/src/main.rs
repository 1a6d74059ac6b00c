//! holdfast-gateway: a reverse proxy that carries Server-Sent-Events as they are. Reads the configuration, puts the parts
//! together, starts; decides nothing about requests.

mod access_log;
mod admin;
mod balance;
mod cache;
mod certificates;
mod check;
mod config;
mod cors;
mod drain;
mod error_log;
mod errors;
mod gateway;
mod metrics;
mod panics;
mod proxy;
mod retry;
mod routes;
mod stream;
mod time_text;
mod timing;

use access_log::AccessLog;
use balance::{Pool, Watch};
use config::{Config, Server as ServerConfig, Source};
use metrics::Metrics;
use pingora::apps::http_app::HttpServer;
use pingora::listeners::TcpSocketOptions;
use pingora::listeners::tls::TlsSettings;
use pingora::prelude::*;
use pingora::proxy::http_proxy_service_with_name;
use pingora::server::RunArgs;
use pingora::server::configuration::ServerConf;
use pingora::services::background::background_service;
use pingora::services::listening::Service;
use routes::{Route, Routes};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const USAGE: &str = "usage: holdfast-gateway [--config FILE] [--check] [--upgrade]

  --config FILE  the configuration; pingora.toml without it
  --check        only check it: exit code 0, or 2 and what is wrong
  --upgrade      take the listening sockets of a running gateway, which then gets SIGQUIT
  --version      say which version this is";

struct Arguments {
    config: PathBuf,
    check: bool,
    upgrade: bool,
}

fn main() -> ExitCode {
    let started = match arguments() {
        Ok(Some(arguments)) => start(&arguments),
        Ok(None) => return ExitCode::SUCCESS,
        Err(unknown) => Err(format!("{unknown}\n{USAGE}")),
    };
    match started {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Result<Option<Arguments>, String> {
    let mut found = Arguments { config: "pingora.toml".into(), check: false, upgrade: false };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--config" | "-c" => found.config = given.next().ok_or("--config needs a file")?.into(),
            "--check" => found.check = true,
            "--upgrade" | "-u" => found.upgrade = true,
            "--version" => {
                println!("holdfast-gateway {}", env!("CARGO_PKG_VERSION"));
                return Ok(None);
            }
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(None);
            }
            other => return Err(format!("{other}: no such option")),
        }
    }
    Ok(Some(found))
}

/// Serves until a signal ends it.
fn start(arguments: &Arguments) -> Result<(), String> {
    let source = Source::read(&arguments.config)?;
    let config = source.parse()?;
    let problems = check::problems(&source, &config);
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    if arguments.check {
        println!("{}: good", arguments.config.display());
        return Ok(());
    }
    let server = &config.server;
    let file = |path: &Option<config::Spanned<PathBuf>>| path.as_ref().map(|path| source.resolve(path.get_ref()));
    let (access, error) = (file(&server.access_log), file(&server.error_log));
    error_log::start(error.as_deref()).map_err(|e| format!("error_log: {e}"))?;
    let log = AccessLog::open(access.as_deref()).map_err(|e| format!("access_log: {e}"))?;
    if !arguments.upgrade {
        for addr in [&server.listen, &server.listen_tls, &server.admin].into_iter().flatten() {
            std::net::TcpListener::bind(addr.get_ref()).map_err(|e| source.complain(&addr.span(), &e.to_string()))?;
        }
    }
    serve(&source, &config, log, arguments.upgrade)
}

fn serve(source: &Source, config: &Config, log: AccessLog, upgrade: bool) -> Result<(), String> {
    let upgrade_socket = upgrade_socket(source, &config.server);
    let options = Opt { upgrade, ..Opt::default() };
    let mut server = Server::new_with_opt_and_conf(options, settings(&config.server, &upgrade_socket));
    server.bootstrap();
    let metrics = Arc::new(Metrics::default());
    let (routes, watches) = routes(source, config)?;
    let gateway = gateway::Gateway {
        routes,
        cors: cors::Cors(config.server.cors_origins.iter().map(|one| one.get_ref().clone()).collect()),
        metrics: metrics.clone(),
        log: Arc::new(log),
        own_pages: config.server.admin.is_none(),
    };
    let mut service = http_proxy_service_with_name(&server.configuration, gateway, "gateway");
    listen(&mut service, source, &config.server)?;
    for watch in watches {
        server.add_service(watch);
    }
    if let Some(addr) = &config.server.admin {
        let mut pages = Service::new("admin".into(), HttpServer::new_app(admin::Admin(metrics.clone())));
        pages.threads = Some(1);
        pages.add_tcp(addr.get_ref());
        server.add_service(pages);
    }
    let serving = server.add_service(service);
    let drain = server.add_service(background_service("drain", drain::Drain(metrics)));
    drain.add_dependency(&serving);
    server.run(RunArgs { shutdown_signal: Box::new(drain::Signals { upgrade_socket }) });
    Ok(())
}

fn listen<A>(service: &mut Service<A>, source: &Source, config: &ServerConfig) -> Result<(), String> {
    let mut options = TcpSocketOptions::default();
    options.tcp_keepalive = Some(balance::keepalive());
    if let Some(addr) = &config.listen {
        service.add_tcp_with_settings(addr.get_ref(), options.clone());
    }
    let files = (&config.listen_tls, &config.certificate, &config.key);
    if let (Some(addr), Some(certificate), Some(key)) = files {
        let [certificate, key] = [certificate, key].map(|file| source.resolve(file.get_ref()).display().to_string());
        let mut tls = TlsSettings::intermediate(&certificate, &key).map_err(|e| format!("certificate: {e}"))?;
        tls.enable_h2();
        service.add_tls_with_settings(addr.get_ref(), Some(options), tls);
    }
    Ok(())
}

fn routes(source: &Source, config: &Config) -> Result<(Routes, Vec<Watch>), String> {
    let mut pools = HashMap::new();
    let mut watches = Vec::new();
    for (name, upstream) in &config.upstream {
        let (pool, watch) = Pool::new(name, upstream, source)?;
        pools.insert(name, Arc::new(pool));
        watches.push(watch);
    }
    let routes = config.routes.iter().map(|route| Route {
        prefix: routes::bare(route.path_prefix.get_ref()).into(),
        pool: pools[route.upstream.get_ref()].clone(),
        preserve_host: route.preserve_host,
        timeout_s: route.timeout,
        set_headers: route
            .set_headers
            .iter()
            .map(|(name, value)| (name.get_ref().clone(), value.get_ref().clone()))
            .collect(),
        cache: route.cache,
    });
    Ok((Routes::new(routes.collect()), watches))
}

fn settings(config: &ServerConfig, upgrade_socket: &Path) -> ServerConf {
    ServerConf {
        threads: config.threads.as_ref().map_or(4, |threads| *threads.get_ref()),
        grace_period_seconds: Some(config.grace_period_s),
        graceful_shutdown_timeout_seconds: Some(1),
        upgrade_sock: upgrade_socket.display().to_string(),
        ..ServerConf::default()
    }
}

/// Whoever can write there can serve in our place: systemd's own folder of the service, or the one of the configuration.
fn upgrade_socket(source: &Source, config: &ServerConfig) -> PathBuf {
    match (&config.upgrade_socket, std::env::var_os("RUNTIME_DIRECTORY")) {
        (Some(path), _) => source.resolve(path),
        (None, Some(folder)) => Path::new(&folder).join("upgrade.sock"),
        (None, None) => source.resolve(Path::new("upgrade.sock")),
    }
}
