//! Blocks of addresses.

use std::net::IpAddr;

/// A block of addresses such as `10.0.0.0/8`.
///
/// # Examples
/// ```
/// use insq_functions::IpBlock;
///
/// let block = IpBlock::parse("10.1.2.3/8").unwrap();
/// assert!(block.contains("10.200.0.1".parse().unwrap()));
/// assert_eq!(block.prefix_length(), 8);
/// assert!(IpBlock::parse("10.0.0.0").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpBlock {
    start: IpAddr,
    prefix_length: u32,
}

impl IpBlock {
    /// The block of a text; `None` when it is none. Bits of the address behind the length do not count.
    pub fn parse(text: &str) -> Option<Self> {
        let (start, length) = text.trim().split_once('/')?;
        let (start, prefix_length) = (start.parse::<IpAddr>().ok()?, length.parse::<u32>().ok()?);
        let longest = if start.is_ipv4() { 32 } else { 128 };
        (prefix_length <= longest).then_some(Self { start, prefix_length })
    }

    /// True when the address is of the same version and lies in the block.
    pub fn contains(self, ip: IpAddr) -> bool {
        match (ip, self.start) {
            (IpAddr::V4(ip), IpAddr::V4(start)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix_length).unwrap_or(0);
                u32::from(ip) & mask == u32::from(start) & mask
            }
            (IpAddr::V6(ip), IpAddr::V6(start)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix_length).unwrap_or(0);
                u128::from(ip) & mask == u128::from(start) & mask
            }
            _ => false,
        }
    }

    /// How many bits all addresses of the block have in common.
    pub fn prefix_length(self) -> u32 {
        self.prefix_length
    }
}
