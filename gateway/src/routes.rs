//! Which route a path takes. Knows paths and nothing else of HTTP.

use crate::balance::Pool;
use crate::config::Cache;
use std::sync::Arc;

/// A route, ready to be taken.
pub struct Route {
    /// Without the slash at its end.
    pub prefix: String,
    pub pool: Arc<Pool>,
    pub preserve_host: bool,
    /// As configured: seconds between reads, 0 for none.
    pub timeout_s: Option<u64>,
    pub set_headers: Vec<(String, String)>,
    pub cache: Option<Cache>,
}

/// All routes, the longest prefix first.
pub struct Routes(Vec<Arc<Route>>);

impl Routes {
    pub fn new(mut routes: Vec<Route>) -> Routes {
        routes.sort_by_key(|route| std::cmp::Reverse(route.prefix.len()));
        Routes(routes.into_iter().map(Arc::new).collect())
    }

    /// The longest prefix that ends where a segment of the path ends.
    pub fn find(&self, path: &str) -> Option<&Arc<Route>> {
        if climbs(path) {
            return None;
        }
        self.0.iter().find(|route| covers(&route.prefix, path))
    }
}

/// A prefix as it is compared: `/events/` is `/events`, and `/` is nothing at all.
pub fn bare(prefix: &str) -> &str {
    prefix.trim_end_matches('/')
}

fn covers(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `/events/../admin` looks like /events here and is /admin at an origin that resolves it.
fn climbs(path: &str) -> bool {
    path.split('/').any(|segment| segment.to_ascii_lowercase().replace("%2e", ".") == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_segment() {
        assert!(covers("/events", "/events") && covers("/events", "/events/1"));
        assert!(!covers("/events", "/eventsfoo") && !covers("/events", "/event"));
        assert!(covers("", "/") && covers("", "/anything"));
    }

    #[test]
    fn a_path_that_climbs_has_no_route() {
        assert!(climbs("/events/../admin") && climbs("/events/%2E./admin"));
        assert!(!climbs("/events/..hidden") && !climbs("/a.b/c"));
    }
}
