//! zstd frames with raw blocks, whose bytes no change of an encoder can move.

/// Bytes of a frame before its first block: magic, descriptor, window descriptor.
pub(super) const HEADER_BYTES: usize = 6;
/// Bytes before the content of a raw block.
const BLOCK_HEADER_BYTES: usize = 3;
/// Content of a block.
pub(super) const BLOCK_BYTES: usize = 512;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// One frame that holds `content`, without a check sum. Its window is `1 << (10 + window_exponent)` bytes.
pub(super) fn raw_frame(content: &[u8], window_exponent: u8) -> Vec<u8> {
    let mut frame = MAGIC.to_vec();
    // No size, no check sum, no dictionary; five bits of exponent before three of mantissa.
    frame.extend([0, window_exponent << 3]);
    let last = content.len().div_ceil(BLOCK_BYTES).max(1) - 1;
    for idx in 0..=last {
        let end = content.len().min((idx + 1) * BLOCK_BYTES);
        let block = &content[idx * BLOCK_BYTES..end];
        let header = (block.len() as u32) << 3 | u32::from(idx == last);
        frame.extend_from_slice(&header.to_le_bytes()[..BLOCK_HEADER_BYTES]);
        frame.extend_from_slice(block);
    }
    frame
}

/// Where block `idx` begins in a frame.
pub(super) const fn block_at(idx: usize) -> usize {
    HEADER_BYTES + idx * (BLOCK_HEADER_BYTES + BLOCK_BYTES)
}
