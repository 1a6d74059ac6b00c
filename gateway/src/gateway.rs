//! What all requests share, what is known about one, and the answers the gateway gives itself.

use crate::access_log::{AccessLog, Record};
use crate::admin;
use crate::cors::Cors;
use crate::errors::{self, Refusal};
use crate::metrics::Metrics;
use crate::routes::{Route, Routes};
use crate::timing::Timing;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use pingora::http::{Method, RequestHeader, ResponseHeader};
use pingora::prelude::*;
use pingora::protocols::l4::socket::SocketAddr;
use pingora::proxy::Session;
use std::sync::Arc;

/// How the gateway signs what passes through it.
pub const NAME: &str = "1.1 holdfast-gateway";
/// What all requests share.
pub struct Gateway {
    pub routes: Routes,
    pub cors: Cors,
    pub metrics: Arc<Metrics>,
    pub log: Arc<AccessLog>,
    /// False when `/health` and `/metrics` have a listener of their own.
    pub own_pages: bool,
}

/// What is known about one request.
pub struct Request {
    pub route: Option<Arc<Route>>,
    /// Servers that were asked, the present one last.
    pub tried: Vec<SocketAddr>,
    pub host: String,
    pub timing: Timing,
    pub secure: bool,
    pub record: Record,
}

impl Gateway {
    /// What every answer carries, whoever made it.
    pub fn sign(&self, request: &RequestHeader, known: &Request, answer: &mut ResponseHeader) -> Result<()> {
        answer.append_header("Server-Timing", known.timing.header(known.record.started.elapsed()))?;
        answer.append_header("Via", NAME)?;
        self.cors.mark(request, answer)
    }

    /// An answer of our own; a HEAD gets its header.
    pub async fn answer(
        &self,
        session: &mut Session,
        known: &mut Request,
        mut header: ResponseHeader,
        body: Bytes,
    ) -> Result<()> {
        self.sign(session.req_header(), known, &mut header)?;
        known.record.status = header.status.as_u16();
        let empty = session.req_header().method == Method::HEAD || body.is_empty();
        session.downstream_session.write_response_header(Box::new(header)).await?;
        session.downstream_session.write_response_body(if empty { Bytes::new() } else { body }, true).await
    }

    pub async fn refuse(&self, session: &mut Session, known: &mut Request, refusal: &Refusal<'_>) -> Result<()> {
        known.record.end = "gateway-error";
        session.set_keepalive(None);
        let (header, body) = refusal.answer()?;
        self.answer(session, known, header, body).await
    }

    /// An answer for a path without a route: a page of ours, or 404.
    pub async fn unrouted(&self, session: &mut Session, known: &mut Request) -> Result<()> {
        let path = session.req_header().uri.path();
        let Some((kind, text)) = admin::page(path, &self.metrics).filter(|_| self.own_pages) else {
            return self.refuse(session, known, &errors::NO_ROUTE).await;
        };
        let mut header = ResponseHeader::build(200, Some(8))?;
        header.insert_header(CONTENT_TYPE, kind)?;
        header.insert_header(CONTENT_LENGTH, text.len())?;
        header.insert_header("Cache-Control", "no-store")?;
        self.answer(session, known, header, text.into()).await
    }
}

impl Request {
    /// The route; a request without one was answered before anybody asks.
    pub fn route(&self) -> Result<&Arc<Route>> {
        self.route.as_ref().or_err(InternalError, "a request without a route went on")
    }
}
