//! A place for the latest value of something heavy: the writer never waits for a reader, the reader draws the newest.

use std::sync::{Arc, Mutex, PoisonError};

/// The latest value and its number.
pub struct Slot<T>(Mutex<(u64, Option<Arc<T>>)>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Mutex::new((0, None)))
    }
}

impl<T> Slot<T> {
    /// Replaces the value.
    pub fn put(&self, value: T) {
        let value = Some(Arc::new(value));
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = (slot.0 + 1, value);
    }

    /// Takes the value away.
    pub fn clear(&self) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.1.is_some() {
            *slot = (slot.0 + 1, None);
        }
    }

    /// The value itself, where there is one and nobody else holds it; then it is gone from here.
    pub fn take(&self) -> Option<T> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.1.take().and_then(Arc::into_inner)
    }

    /// The latest value, if there was one.
    #[must_use]
    pub fn get(&self) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// How often the value was replaced: another number means another value.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }
}
