//! Random numbers that are the same on every machine and in every version.

/// SplitMix64: small, and good enough for simulated load.
pub struct Random(u64);

impl Random {
    /// A sequence of its own for every triple.
    pub fn new(seed: u64, stream: u64, position: u64) -> Self {
        let mut random = Self(seed);
        for part in [stream, position] {
            random.0 = random.next() ^ part.wrapping_mul(0xa076_1d64_78bd_642f);
        }
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Above 0 and at most 1.
    pub fn share(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// Exponential, of mean 1.
    pub fn gap(&mut self) -> f64 {
        -self.share().ln()
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        (2.0 * self.gap()).sqrt() * (std::f64::consts::TAU * self.share()).cos()
    }
}
