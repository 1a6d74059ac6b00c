//! The way of one request through the gateway, in the order in which Pingora calls. Each step asks the file that knows.

use crate::access_log::Record;
use crate::gateway::{Gateway, NAME, Request};
use crate::timing::Timing;
use crate::{balance, cache, errors, retry, stream};
use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HOST};
use pingora::cache::key::HashBinary;
use pingora::cache::{CacheKey, CacheMeta, CachePhase, RespCacheable};
use pingora::http::{Method, RequestHeader, ResponseHeader, StatusCode};
use pingora::modules::http::HttpModules;
use pingora::modules::http::compression::ResponseCompressionBuilder;
use pingora::prelude::*;
use pingora::proxy::{FailToProxy, ProxyHttp, ProxyWarnLogContext, Session};
use std::time::Duration;

/// Without a `timeout` of the route. Not where a stream is awaited, nor while a body may still be on its way up: nothing
/// is read from upstream until it is there.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// The usual trade between size and time.
const COMPRESSION: u32 = 6;

fn wants_stream(request: &RequestHeader) -> bool {
    let accepted = request.headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|value| value.contains("text/event-stream"))
}

/// How it ended, in the words of the access line.
fn end_of(error: Option<&Error>) -> &'static str {
    match error.map(|error| (error.esource(), error.etype())) {
        None => "complete",
        Some((ErrorSource::Downstream, _)) => "client-gone",
        Some((ErrorSource::Upstream, ReadTimedout)) => "read-timeout",
        Some((ErrorSource::Upstream, _)) => "upstream-cut",
        Some(_) => "gateway-error",
    }
}

#[async_trait]
impl ProxyHttp for Gateway {
    type CTX = Request;

    fn new_ctx(&self) -> Request {
        Request {
            route: None,
            tried: Vec::new(),
            host: String::new(),
            timing: Timing::default(),
            secure: false,
            record: Record::begin(&self.log, &self.metrics),
        }
    }

    fn init_downstream_modules(&self, modules: &mut HttpModules) {
        modules.add_module(ResponseCompressionBuilder::enable(COMPRESSION));
    }

    async fn request_filter(&self, session: &mut Session, known: &mut Request) -> Result<bool> {
        known.secure = session.digest().is_some_and(|digest| digest.ssl_digest.is_some());
        let client = session.client_addr().and_then(|addr| addr.as_inet()).map(|addr| addr.ip().to_string());
        let request = session.req_header();
        known.record.client = client.unwrap_or_default();
        known.record.method = request.method.to_string();
        known.record.path = request.uri.path().into();
        known.record.protocol = if session.is_http2() { "h2" } else { "http/1.1" };
        known.route = self.routes.find(request.uri.path()).cloned();
        let Some(route) = &known.route else {
            self.unrouted(session, known).await?;
            return Ok(true);
        };
        known.record.upstream = Some(route.pool.name.clone());
        if let Some(header) = self.cors.preflight(request)? {
            self.answer(session, known, header, Bytes::new()).await?;
            return Ok(true);
        }
        Ok(false)
    }

    fn request_cache_filter(&self, session: &mut Session, known: &mut Request) -> Result<()> {
        if known.route()?.cache.is_some() {
            cache::enable(session);
        }
        Ok(())
    }

    fn cache_key_callback(&self, session: &Session, _: &mut Request) -> Result<CacheKey> {
        Ok(cache::key(session.req_header()))
    }

    fn cache_vary_filter(&self, meta: &CacheMeta, _: &mut Request, request: &RequestHeader) -> Option<HashBinary> {
        cache::variance(meta, request)
    }

    fn response_cache_filter(
        &self,
        _: &Session,
        answer: &ResponseHeader,
        known: &mut Request,
    ) -> Result<RespCacheable> {
        let ttl_s = known.route()?.cache.map_or(0, |cache| cache.ttl_s);
        Ok(cache::verdict(answer, ttl_s))
    }

    async fn upstream_peer(&self, session: &mut Session, known: &mut Request) -> Result<Box<HttpPeer>> {
        let route = known.route()?;
        let timeout = match route.timeout_s {
            Some(0) => None,
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => (session.is_body_empty() && !wants_stream(session.req_header())).then_some(READ_TIMEOUT),
        };
        let Some(backend) = route.pool.next(&known.tried) else {
            return Err(Error::explain(ConnectNoRoute, "no server left to try").into_up());
        };
        let (peer, host) = balance::peer(&backend, timeout);
        known.tried.push(backend.addr.clone());
        known.host = host;
        Ok(Box::new(peer))
    }

    fn fail_to_connect(&self, _: &mut Session, _: &HttpPeer, known: &mut Request, error: Box<Error>) -> Box<Error> {
        retry::unconnected(&self.metrics, known, error)
    }

    fn error_while_proxy(
        &self,
        _: &HttpPeer,
        session: &mut Session,
        error: Box<Error>,
        known: &mut Request,
        reused: bool,
    ) -> Box<Error> {
        known.timing.answered();
        retry::broken(&self.metrics, session, known, error, reused)
    }

    async fn upstream_request_filter(
        &self,
        session: &mut Session,
        upstream: &mut RequestHeader,
        known: &mut Request,
    ) -> Result<()> {
        let route = known.route()?;
        let request = session.req_header();
        let host = request.headers.get(HOST).cloned();
        let host = host.or_else(|| request.uri.authority().and_then(|all| all.as_str().parse().ok()));
        if let Some(host) = host {
            upstream.insert_header("X-Forwarded-Host", &host)?;
            upstream.insert_header(HOST, host)?;
        }
        if !route.preserve_host {
            upstream.insert_header(HOST, &known.host)?;
        }
        upstream.append_header("X-Forwarded-For", &known.record.client)?;
        upstream.insert_header("X-Forwarded-Proto", if known.secure { "https" } else { "http" })?;
        upstream.append_header("Via", NAME)?;
        if session.cache.enabled() {
            // Kept once and plain; the compressor serves each client as it likes.
            upstream.remove_header(&ACCEPT_ENCODING);
        }
        known.timing.asked();
        Ok(())
    }

    async fn upstream_response_filter(
        &self,
        _: &mut Session,
        answer: &mut ResponseHeader,
        known: &mut Request,
    ) -> Result<()> {
        if !answer.status.is_informational() {
            known.timing.answered();
        }
        // Of the hop behind us; Pingora writes its own Connection and would pass this on.
        answer.remove_header("Keep-Alive");
        Ok(())
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        answer: &mut ResponseHeader,
        known: &mut Request,
    ) -> Result<()> {
        if answer.status.is_informational() {
            return Ok(());
        }
        known.record.status = answer.status.as_u16();
        let well = answer.status.is_success() || answer.status.is_redirection();
        // 204 tells a reader of events to stop; it stays as it is.
        if well && answer.status != StatusCode::NO_CONTENT {
            let of_origin = stream::is_stream(answer).then(|| stream::control_of(answer));
            for (name, value) in &known.route()?.set_headers {
                answer.insert_header(name.clone(), value)?;
            }
            if let Some(directives) = of_origin {
                stream::keep(answer, directives)?;
            }
        }
        if stream::wants_no_compression(answer) {
            stream::leave_uncompressed(session);
        }
        if stream::is_stream(answer) {
            let is_head = session.req_header().method == Method::HEAD;
            stream::prepare(answer, is_head)?;
            if !is_head {
                known.record.stream_began();
            }
        }
        if session.cache.enabled() {
            let hit = session.cache.phase() == CachePhase::Hit;
            answer.insert_header("X-Cache", if hit { "HIT" } else { "MISS" })?;
            self.metrics.cached(if hit { "hit" } else { "miss" });
        }
        self.sign(session.req_header(), known, answer)
    }

    fn response_body_filter(
        &self,
        _: &mut Session,
        body: &mut Option<Bytes>,
        _: bool,
        known: &mut Request,
    ) -> Result<Option<Duration>> {
        known.record.passed_on(body.as_ref().map_or(0, Bytes::len));
        Ok(None)
    }

    async fn fail_to_proxy(&self, session: &mut Session, error: &Error, known: &mut Request) -> FailToProxy {
        let written = session.response_written().is_some();
        let refusal = errors::refusal(error).filter(|_| !written);
        if let Some(refusal) = &refusal
            && let Err(error) = self.refuse(session, known, refusal).await
        {
            log::debug!("the client left before it had its answer: {error}");
        }
        FailToProxy { error_code: refusal.map_or(0, |refusal| refusal.status), can_reuse_downstream: false }
    }

    async fn logging(&self, session: &mut Session, error: Option<&Error>, known: &mut Request) {
        let record = &mut known.record;
        record.bytes = session.body_bytes_sent();
        record.error = error.map(|error| error.etype().as_str().into());
        if record.end == "shutdown" {
            record.end = end_of(error);
        }
    }

    /// Clients leave all the time; that is in the access line and nowhere else.
    fn suppress_error_log(&self, _: &Session, _: &Request, error: &Error) -> bool {
        *error.esource() == ErrorSource::Downstream
    }

    fn suppress_proxy_warn_log(&self, _: &Session, _: &Request, error: &Error, _: ProxyWarnLogContext) -> bool {
        *error.esource() == ErrorSource::Downstream
    }

    /// Pingora's own would hold the query.
    fn request_summary(&self, _: &Session, known: &Request) -> String {
        format!("{} {}", known.record.method, known.record.path)
    }
}
