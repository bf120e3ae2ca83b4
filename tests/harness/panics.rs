//! Counts panics on the thread of a test, also those that are caught.

use std::cell::Cell;
use std::panic;
use std::sync::Once;

thread_local! {
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// How often this thread has panicked since the first call. Caught panics count too.
pub fn panics_on_this_thread() -> usize {
    static COUNTING: Once = Once::new();
    COUNTING.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            PANICS.set(PANICS.get() + 1);
            earlier(panicked);
        }));
    });
    PANICS.get()
}
