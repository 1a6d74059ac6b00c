//! A panic of a library as a plain answer: it is no message for a user.

use std::panic::{self, AssertUnwindSafe};

/// What `ask` returns; none when it panics, and nothing is printed then. The hook belongs to the whole process: only for
/// the start, while one thread runs.
pub fn caught<T>(ask: impl FnOnce() -> T) -> Option<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let answer = panic::catch_unwind(AssertUnwindSafe(ask));
    panic::set_hook(hook);
    answer.ok()
}
