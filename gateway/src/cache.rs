//! The edge cache of routes that ask for one: what may be kept, under which key, for how long. In memory, bounded, shared by
//! all clients; so whatever was said to one client alone never gets in.

use crate::stream;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, COOKIE, EXPIRES, HOST, SET_COOKIE, VARY};
use pingora::cache::cache_control::{CacheControl, InterpretCacheControl};
use pingora::cache::eviction::simple_lru;
use pingora::cache::filters::resp_cacheable;
use pingora::cache::key::HashBinary;
use pingora::cache::lock::CacheLock;
use pingora::cache::{CacheKey, CacheMeta, CacheMetaDefaults, MemCache, NoCacheReason, RespCacheable, VarianceBuilder};
use pingora::http::{RequestHeader, ResponseHeader, StatusCode};
use pingora::proxy::Session;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

/// All answers together; the least recently used go first.
const TOTAL: usize = 64 << 20;
/// A longer answer is passed on and not kept.
const LONGEST: usize = 4 << 20;

static STORE: LazyLock<MemCache> = LazyLock::new(MemCache::new);
static EVICTION: LazyLock<simple_lru::Manager> = LazyLock::new(|| simple_lru::Manager::new(TOTAL));
/// Clients that ask for the same at the same time wait this long for the first one's answer.
static LOCK: LazyLock<CacheLock> = LazyLock::new(|| CacheLock::new(Duration::from_secs(2)));
/// Only a plain success is kept; the second stands for the route's own time, which a `fn` cannot know.
const DEFAULTS: CacheMetaDefaults =
    CacheMetaDefaults::new(|status| (status == StatusCode::OK).then_some(Duration::from_secs(1)), 0, 0);

/// Looks this request up and keeps its answer, if the request allows that.
pub fn enable(session: &mut Session) {
    if !may_share(session.req_header()) {
        return;
    }
    session.cache.enable(&*STORE, Some(&*EVICTION), None, Some(&*LOCK), None);
    session.cache.set_max_file_size_bytes(LONGEST);
}

/// A request that tells who asks, wants a fresh answer or a stream, has its own.
fn may_share(request: &RequestHeader) -> bool {
    let says = |name, word: &str| {
        request
            .headers
            .get_all(name)
            .iter()
            .any(|value| value.to_str().is_ok_and(|value| value.to_ascii_lowercase().contains(word)))
    };
    request.method == Method::GET
        && !request.headers.contains_key(AUTHORIZATION)
        && !request.headers.contains_key(COOKIE)
        && !says(CACHE_CONTROL, "no-")
        && !says(ACCEPT, "text/event-stream")
}

/// Host and target; the length in front keeps one from running into the other.
pub fn key(request: &RequestHeader) -> CacheKey {
    let host = request.headers.get(HOST).map(|host| host.as_bytes());
    let host = host.or(request.uri.authority().map(|all| all.as_str().as_bytes()));
    let host = host.unwrap_or_default();
    let target = request.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut primary = format!("{}:", host.len()).into_bytes();
    primary.extend_from_slice(host);
    primary.extend_from_slice(target.as_bytes());
    CacheKey::new(primary, "")
}

/// Whether an answer may be kept. The origin's own word on freshness comes first, the route's `ttl_s` after it.
pub fn verdict(answer: &ResponseHeader, ttl_s: u32) -> RespCacheable {
    let everything = answer.headers.get_all(VARY).iter().any(|value| value.as_bytes().contains(&b'*'));
    if stream::comes_in_pieces(answer) || answer.headers.contains_key(SET_COOKIE) || everything {
        return RespCacheable::Uncacheable(NoCacheReason::Custom("for one client alone"));
    }
    let control = CacheControl::from_resp_headers(answer);
    let own = control.as_ref().is_some_and(|one| one.fresh_duration().is_some());
    let verdict = resp_cacheable(control.as_ref(), answer.clone(), false, &DEFAULTS);
    if own || answer.headers.contains_key(EXPIRES) {
        return verdict;
    }
    match verdict {
        RespCacheable::Cacheable(_) => {
            let now = SystemTime::now();
            let until = now + Duration::from_secs(ttl_s.into());
            RespCacheable::Cacheable(CacheMeta::new(until, now, 0, 0, answer.clone()))
        }
        no => no,
    }
}

/// Answers that differ by a header of the request are kept apart by its values.
pub fn variance(meta: &CacheMeta, request: &RequestHeader) -> Option<HashBinary> {
    let mut variance = VarianceBuilder::new();
    for name in meta.headers().get_all(VARY).iter().filter_map(|value| value.to_str().ok()) {
        for name in name.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let values: Vec<_> = request.headers.get_all(name).iter().map(|value| value.as_bytes()).collect();
            variance.add_owned_name_value(name.to_ascii_lowercase(), values.join(&b','));
        }
    }
    variance.finalize()
}
