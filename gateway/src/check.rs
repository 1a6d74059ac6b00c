//! What the values of a configuration may be. Finds everything that is wrong at once; changes and starts nothing.

use crate::certificates::{NO_CERTIFICATE, certificates};
use crate::config::{Config, Route, Server, Source, Spanned, Upstream};
use crate::{cors, panics, routes};
use pingora::listeners::tls::TlsSettings;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;

/// All complaints, each `file:line: key: what and what to do`; empty when the file can be served.
pub fn problems(source: &Source, config: &Config) -> Vec<String> {
    let mut found = Found { source, list: Vec::new() };
    found.server(&config.server);
    for upstream in config.upstream.values() {
        found.upstream(upstream);
    }
    let mut prefixes = HashSet::new();
    for route in &config.routes {
        found.route(config, route, &mut prefixes);
    }
    found.list
}

struct Found<'a> {
    source: &'a Source,
    list: Vec<String>,
}

impl Found<'_> {
    fn unless<T>(&mut self, good: bool, at: &Spanned<T>, what: impl AsRef<str>) {
        if !good {
            self.list.push(self.source.complain(&at.span(), what.as_ref()));
        }
    }

    fn server(&mut self, server: &Server) {
        for addr in [&server.listen, &server.listen_tls, &server.admin] {
            let Some(addr) = addr else { continue };
            let good = addr.get_ref().parse::<SocketAddr>().is_ok();
            self.unless(good, addr, "give an address and a port, like \"127.0.0.1:8080\"");
        }
        if server.listen.is_none() && server.listen_tls.is_none() {
            let say = "[server]: listen: say where to listen, like listen = \"127.0.0.1:8080\"";
            self.list.push(self.source.complain(&(0..0), say));
        }
        if let Some(threads) = &server.threads {
            let good = (1..=1024).contains(threads.get_ref());
            self.unless(good, threads, "give a number from 1 to 1024");
        }
        for origin in &server.cors_origins {
            let what = "name one origin, like \"https://app.example\", without a path; \"*\" is not an allow-list";
            self.unless(cors::is_origin(origin.get_ref()), origin, what);
        }
        for log in [&server.access_log, &server.error_log].into_iter().flatten() {
            let path = self.source.resolve(log.get_ref());
            let good = path.parent().is_some_and(Path::is_dir) && !path.is_dir();
            self.unless(good, log, "its folder is not there; create it or name another");
        }
        self.tls(server);
    }

    fn tls(&mut self, server: &Server) {
        let Some(listen) = &server.listen_tls else {
            for lonely in [&server.certificate, &server.key].into_iter().flatten() {
                self.unless(false, lonely, "needs listen_tls; add it or remove this");
            }
            return;
        };
        let (Some(certificate), Some(key)) = (&server.certificate, &server.key) else {
            return self.unless(false, listen, "needs certificate and key; add both, as PEM files");
        };
        let paths = [certificate, key].map(|file| self.source.resolve(file.get_ref()).display().to_string());
        // Pingora panics about files it cannot use.
        let can_build = |settings: TlsSettings| panics::caught(|| settings.build()).is_some();
        let good = TlsSettings::intermediate(&paths[0], &paths[1]).is_ok_and(can_build);
        let what = "this certificate and key cannot be used together; give PEM files that belong together";
        self.unless(good, certificate, what);
    }

    fn upstream(&mut self, upstream: &Upstream) {
        let servers = &upstream.servers;
        self.unless(!servers.get_ref().is_empty(), servers, "name at least one server");
        let mut addresses = HashSet::new();
        for server in servers.get_ref() {
            let addr = server.addr.get_ref();
            let parts = addr.rsplit_once(':');
            let good = parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
            self.unless(good, &server.addr, "give host and port, like \"127.0.0.1:6687\"");
            self.unless(addresses.insert(addr), &server.addr, "stands here twice; give it a weight instead");
            if let Some(weight) = &server.weight {
                self.unless((1..=1000).contains(weight.get_ref()), weight, "give a number from 1 to 1000");
            }
            if let Some(sni) = &server.sni {
                self.unless(server.tls, sni, "needs tls = true; add it or remove this");
            }
            if let Some(ca) = &server.ca {
                self.unless(server.tls, ca, "needs tls = true; add it or remove this");
                let good = certificates(&self.source.resolve(ca.get_ref())).is_some();
                self.unless(good, ca, NO_CERTIFICATE);
            }
        }
        if let Some(check) = &upstream.health_check {
            let good = check.path.get_ref().parse::<http::uri::PathAndQuery>().is_ok();
            self.unless(good && check.path.get_ref().starts_with('/'), &check.path, "begin it with a /");
            self.unless(*check.interval_s.get_ref() > 0, &check.interval_s, "give at least 1");
        }
    }

    fn route<'a>(&mut self, config: &Config, route: &'a Route, prefixes: &mut HashSet<&'a str>) {
        let prefix = &route.path_prefix;
        let good = prefix.get_ref().starts_with('/') && !prefix.get_ref().contains(['?', '#', ' ']);
        self.unless(good, prefix, "begin it with a / and leave out any query");
        let bare = routes::bare(prefix.get_ref());
        self.unless(prefixes.insert(bare), prefix, "another route has it already; remove one");
        let known = config.upstream.contains_key(route.upstream.get_ref());
        let mut names: Vec<_> = config.upstream.keys().map(String::as_str).collect();
        names.sort_unstable();
        let what = format!("no such upstream; take one of {}, or add it", names.join(", "));
        self.unless(known, &route.upstream, what);
        for (name, value) in &route.set_headers {
            let lower = name.get_ref().to_ascii_lowercase();
            let good = http::HeaderName::try_from(&lower).is_ok();
            self.unless(good, name, "is not the name of a header; correct it");
            let framing = ["connection", "content-length", "transfer-encoding"].contains(&lower.as_str());
            self.unless(!framing, name, "frames the answer; leave it to the gateway");
            let good = http::HeaderValue::try_from(value.get_ref()).is_ok();
            self.unless(good, value, "is not the value of a header; leave out line breaks");
        }
    }
}
