//! The execution environments of one function: who is busy, who is idle, who is gone.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::invocation::Micros;
use super::text::{push_date, push_hex};
use crate::Prng;
use crate::model::Function;

/// An environment; its log stream bears its id.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) stream: String,
    /// Number of the stream, counted over all functions.
    pub(super) stream_idx: u64,
    /// High-water mark of its memory, MB.
    pub(super) used_mb: u32,
    /// Calls whose lines are not all written yet.
    pub(super) open_calls: u32,
    /// No further call will come.
    pub(super) is_retired: bool,
}

impl Environment {
    pub(super) fn start(function: &Function, at: Micros, stream_idx: u64, prng: &mut Prng) -> Self {
        let mut name = Vec::with_capacity(53);
        push_date(&mut name, at / 1000, b'/');
        name.extend_from_slice(b"/[$LATEST]");
        let id = (u128::from(prng.next_u64()) << 64) | u128::from(prng.next_u64());
        push_hex(&mut name, id, 32);
        Self {
            stream: String::from_utf8_lossy(&name).into_owned(),
            stream_idx,
            used_mb: function.base_used_mb,
            open_calls: 0,
            is_retired: false,
        }
    }
}

/// Which environments of a function are busy and which wait for a call.
#[derive(Debug, Default)]
pub(super) struct Pool {
    busy: BinaryHeap<Reverse<(Micros, usize)>>,
    /// Idle environments with the time of their last call's end, oldest first.
    idle: VecDeque<(Micros, usize)>,
}

impl Pool {
    /// Frees the environments whose calls have ended, and calls `retire` for those that idled too long.
    pub(super) fn settle(&mut self, now: Micros, keep_alive: Micros, mut retire: impl FnMut(usize)) {
        while let Some(&Reverse((end, environment_idx))) = self.busy.peek()
            && end <= now
        {
            self.busy.pop();
            self.idle.push_back((end, environment_idx));
        }
        while let Some(&(end, environment_idx)) = self.idle.front()
            && end + keep_alive < now
        {
            self.idle.pop_front();
            retire(environment_idx);
        }
    }

    /// The warm environment that was used last, if any is idle.
    pub(super) fn take_idle(&mut self) -> Option<usize> {
        self.idle.pop_back().map(|(_, environment_idx)| environment_idx)
    }

    /// Marks an environment as busy until `end`.
    pub(super) fn occupy(&mut self, end: Micros, environment_idx: usize) {
        self.busy.push(Reverse((end, environment_idx)));
    }
}

/// Values with stable indexes; freed places are used again, so that memory follows what is alive.
#[derive(Debug)]
pub(super) struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    pub(super) fn insert(&mut self, value: T) -> usize {
        match self.free.pop() {
            Some(idx) => {
                self.places[idx] = Some(value);
                idx
            }
            None => {
                self.places.push(Some(value));
                self.places.len() - 1
            }
        }
    }

    pub(super) fn get_mut(&mut self, idx: usize) -> Option<&mut T> {
        self.places.get_mut(idx)?.as_mut()
    }

    pub(super) fn remove(&mut self, idx: usize) -> Option<T> {
        let value = self.places.get_mut(idx)?.take();
        if value.is_some() {
            self.free.push(idx);
        }
        value
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }
}
