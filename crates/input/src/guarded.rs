//! Decoders that panic at some damaged bytes: the file is damaged, and the program goes on.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static IS_DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics of the decoders of Parquet and Arrow from being written to standard error. A file that leads a decoder astray is
/// damaged, which the run tells in its own words; for programs that want no other words.
///
/// # Examples
/// ```
/// insq_input::hide_decoder_panics();
/// ```
pub fn hide_decoder_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_DECODING.get() {
                others(panic);
            }
        }));
    });
}

/// Calls a decoder. Damaged bytes are an error of the file, even where the decoder takes them for a defect of its own.
pub(crate) fn guarded<T, E>(
    decode: impl FnOnce() -> Result<T, E>,
    impossible: impl FnOnce(&'static str) -> E,
) -> Result<T, E> {
    let outer = IS_DECODING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(decode));
    IS_DECODING.set(outer);
    result.unwrap_or_else(|_| Err(impossible("the decoder met something impossible")))
}
