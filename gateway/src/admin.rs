//! `/health` and `/metrics`: on the main listener for paths that no route has, or alone on the listener called `admin`.

use crate::metrics::Metrics;
use async_trait::async_trait;
use http::{Response, header};
use pingora::apps::http_app::ServeHttp;
use pingora::protocols::http::ServerSession;
use std::sync::Arc;

/// The answer for a path of ours; none for any other.
pub fn page(path: &str, metrics: &Metrics) -> Option<(&'static str, String)> {
    match path {
        "/health" => Some(("application/json", "{\"status\":\"ok\"}".into())),
        "/metrics" => Some(("text/plain; version=0.0.4", metrics.render())),
        _ => None,
    }
}

/// The app of the `admin` listener.
pub struct Admin(pub Arc<Metrics>);

#[async_trait]
impl ServeHttp for Admin {
    async fn response(&self, session: &mut ServerSession) -> Response<Vec<u8>> {
        let page = page(session.req_header().uri.path(), &self.0);
        let status = if page.is_some() { 200 } else { 404 };
        let (kind, text) = page.unwrap_or(("application/json", "{\"error\":\"no-route\"}".into()));
        Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, kind)
            .header(header::CONTENT_LENGTH, text.len())
            .header(header::CACHE_CONTROL, "no-store")
            .body(text.into_bytes())
            .expect("these headers can be built")
    }
}
