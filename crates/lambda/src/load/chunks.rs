//! A list that grows without moving what it holds.

/// Elements of the first chunk.
const FIRST_LEN: usize = 64;

/// Elements of a chunk at most: a whole one is some pages, and an unfinished one wastes little.
const CHUNK_LEN_MAX: usize = 4_096;

/// Values in the order in which they came, in chunks. A vector of millions of calls would be copied again and again as it
/// grows, and would take up to twice the memory meanwhile.
#[derive(Debug)]
pub(crate) struct Chunks<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Chunks<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn push(&mut self, value: T) {
        self.len += 1;
        if let Some(last) = self.chunks.last_mut()
            && last.len() < last.capacity()
        {
            last.push(value);
            return;
        }
        let mut chunk = Vec::with_capacity((self.len - 1).clamp(FIRST_LEN, CHUNK_LEN_MAX));
        chunk.push(value);
        self.chunks.push(chunk);
    }

    /// Takes over all of `other`, behind what is there.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.len += other.len;
        self.chunks.append(&mut other.chunks);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let chunks = self.chunks.iter().map(|chunk| chunk.capacity() * size_of::<T>());
        chunks.sum::<usize>() + self.chunks.capacity() * size_of::<Vec<T>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_order_on_both_sides_of_every_border() {
        for count in [0, 1, 63, 64, 65, 128, 4_096, 8_192, 20_000] {
            let (mut first, mut second) = (Chunks::default(), Chunks::default());
            (0..count).for_each(|value| first.push(value));
            (count..count + 3).for_each(|value| second.push(value));
            first.append(second);
            first.push(count + 3);
            assert_eq!(first.len(), count + 4);
            assert!(first.iter().copied().eq(0..count + 4), "{count}");
            let needed = (count + 4) * size_of::<usize>();
            let bytes = first.memory_bytes();
            assert!(bytes >= needed, "{count}: {bytes}");
            assert!(
                bytes <= needed * 2 + 3 * CHUNK_LEN_MAX * size_of::<usize>(),
                "{count}: {bytes}"
            );
        }
    }
}
