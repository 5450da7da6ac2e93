//! gzip members with stored blocks, whose bytes no change of an encoder can move.

use flate2::Crc;

/// Bytes of a member before its first block.
pub(super) const HEADER_BYTES: usize = 10;
/// Bytes before the content of a stored block.
const BLOCK_HEADER_BYTES: usize = 5;
/// Content of a block: small, so that damage falls between and inside blocks.
const BLOCK_BYTES: usize = 512;

/// One member that holds `content`.
pub(super) fn stored_member(content: &[u8]) -> Vec<u8> {
    // Magic, method deflate, no flags, no time, unknown system.
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let last = content.len().div_ceil(BLOCK_BYTES).max(1) - 1;
    for idx in 0..=last {
        let end = content.len().min((idx + 1) * BLOCK_BYTES);
        let block = &content[idx * BLOCK_BYTES..end];
        let length = block.len() as u16;
        member.push(u8::from(idx == last));
        member.extend_from_slice(&length.to_le_bytes());
        member.extend_from_slice(&(!length).to_le_bytes());
        member.extend_from_slice(block);
    }
    let mut crc = Crc::new();
    crc.update(content);
    member.extend_from_slice(&crc.sum().to_le_bytes());
    member.extend_from_slice(&(content.len() as u32).to_le_bytes());
    member
}

/// Where the first `content_bytes` of the content end in the member.
pub(super) fn offset_of(content_bytes: usize) -> usize {
    let blocks = content_bytes.div_ceil(BLOCK_BYTES).max(1);
    HEADER_BYTES + blocks * BLOCK_HEADER_BYTES + content_bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn members_inflate_to_their_content() {
        for size in [0, 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES] {
            let content: Vec<u8> = (0..size).map(|i| i as u8).collect();
            let member = stored_member(&content);
            let mut inflated = Vec::new();
            flate2::read::GzDecoder::new(&member[..])
                .read_to_end(&mut inflated)
                .unwrap();
            assert_eq!(inflated, content);
            assert_eq!(offset_of(size) + 8, member.len());
        }
    }
}
