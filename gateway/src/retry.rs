//! Whether a request that failed at one server goes to another: always before it was sent, later only where nothing was
//! answered yet and asking twice does no harm.

use crate::gateway::Request;
use crate::metrics::Metrics;
use pingora::prelude::*;
use pingora::proxy::Session;
use std::sync::atomic::Ordering::Relaxed;

/// No connection: nothing was sent, so any method may go to another server.
pub fn unconnected(metrics: &Metrics, known: &mut Request, error: Box<Error>) -> Box<Error> {
    metrics.upstream_error(error.etype().as_str());
    let other = has_other(known);
    decided(metrics, known, error, other)
}

/// A connection that broke after the request went out.
/// `reused` is one that had served another request before.
pub fn broken(
    metrics: &Metrics,
    session: &Session,
    known: &mut Request,
    mut error: Box<Error>,
    reused: bool,
) -> Box<Error> {
    let upstream = *error.esource() == ErrorSource::Upstream;
    if upstream {
        metrics.upstream_error(error.etype().as_str());
    }
    let repeatable = session.req_header().method.is_idempotent()
        && !session.as_ref().retry_buffer_truncated()
        && session.response_written().is_none();
    error.retry.decide_reuse(reused);
    let was_idle = error.retry();
    let other = has_other(known);
    if was_idle {
        // An idle connection that had just been closed says nothing about its server.
        known.tried.pop();
    }
    let broke = upstream && matches!(error.etype(), ConnectionClosed | ReadError | WriteError);
    decided(metrics, known, error, repeatable && (was_idle || (broke && other)))
}

fn has_other(known: &Request) -> bool {
    known.route.as_ref().is_some_and(|route| route.pool.has_other(&known.tried))
}

fn decided(metrics: &Metrics, known: &mut Request, mut error: Box<Error>, again: bool) -> Box<Error> {
    error.set_retry(again);
    if again {
        known.record.retries += 1;
        metrics.retries.fetch_add(1, Relaxed);
    }
    error
}
