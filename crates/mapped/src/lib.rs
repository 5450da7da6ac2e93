//! Files mapped into memory: the only unsafe code of the project.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::{Mmap, MmapOptions};

/// A file's bytes, as they lie in the cache of the system.
#[derive(Debug)]
pub struct Mapped(Mmap);

impl Mapped {
    /// Maps the bytes of `range`, of which the file must hold all.
    ///
    /// Whoever calls this vouches that nobody cuts or overwrites the file as long as the result lives: a process that
    /// reads behind the end of a file that was cut is killed, and bytes that were told to be text may be none any more.
    ///
    /// # Errors
    /// What the system says, and [`io::ErrorKind::InvalidInput`] for bytes that the file does not hold.
    pub fn new(file: &File, range: Range<u64>) -> io::Result<Self> {
        let length = usize::try_from(range.end.saturating_sub(range.start));
        match length {
            Ok(length) if range.end <= file.metadata()?.len() => map(file, range.start, length).map(Self),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[allow(unsafe_code)]
fn map(file: &File, offset: u64, length: usize) -> io::Result<Mmap> {
    let mut options = MmapOptions::new();
    options.offset(offset).len(length);
    // SAFETY: the bytes of a mapping must not change, nor the file end before it, while the mapping lives. The system
    // does not see to that; the user does, who asked for mapping and vouched that the files stand still.
    unsafe { options.map(file) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn ranges_are_mapped_and_end_with_the_file() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| n as u8).collect();
        file.write_all(&bytes).unwrap();
        for range in [0..100_000, 0..1, 4_095..4_097, 99_999..100_000, 5_000..70_001] {
            let mapped = Mapped::new(&file, range.clone()).unwrap();
            assert_eq!(
                mapped.as_ref(),
                &bytes[range.start as usize..range.end as usize],
                "{range:?}"
            );
        }
        assert!(Mapped::new(&file, 99_999..100_001).is_err());
        assert!(Mapped::new(&file, 100_001..100_002).is_err());
    }
}
