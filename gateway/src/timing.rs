//! Whose time it is until an answer begins: the gateway's own, or the origin's. Tells it in Server-Timing (W3C Server Timing §3).

use std::time::{Duration, Instant};

/// The waits of one request for its origins; several, where one broke off and another was asked.
#[derive(Default)]
pub struct Timing {
    /// Since when the present server is waited for.
    asked: Option<Instant>,
    /// Nothing until a first server was asked: an answer of the cache or of our own has no origin.
    waited: Option<Duration>,
}

impl Timing {
    /// The request goes out now.
    pub fn asked(&mut self) {
        self.asked = Some(Instant::now());
    }

    /// The header is there, or none will come.
    pub fn answered(&mut self) {
        if let Some(asked) = self.asked.take() {
            *self.waited.get_or_insert_default() += asked.elapsed();
        }
    }

    /// The value of the header, in milliseconds: `proxy` is what the gateway took of `total`, with the connecting, which a
    /// client without a gateway would not have waited for; `origin` is the rest, if an origin was asked.
    pub fn header(&self, total: Duration) -> String {
        let Some(waited) = self.waited else {
            return format!("proxy;dur={:.3}", ms(total));
        };
        format!("proxy;dur={:.3}, origin;dur={:.3}", ms(total.saturating_sub(waited)), ms(waited))
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
