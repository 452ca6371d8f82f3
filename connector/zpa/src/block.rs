//! What stands for itself in a JSON text, found a block at a time: sixteen bytes in the component, eight elsewhere.

/// How many bytes at the beginning of a block are neither a quote, a backslash nor a control character.
#[cfg(target_feature = "simd128")]
#[inline(always)]
#[allow(clippy::inline_always, reason = "it is asked for every block, and the guest's compiler inlines little")]
pub(crate) fn plain(block: [u8; 16]) -> usize {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u64x2, v128_or};
    let half = |half: Option<&[u8; 8]>| half.map_or(0, |half| u64::from_le_bytes(*half));
    let bytes = u64x2(half(block.first_chunk()), half(block.last_chunk()));
    let quotes = u8x16_eq(bytes, u8x16_splat(b'"'));
    let backslashes = u8x16_eq(bytes, u8x16_splat(b'\\'));
    let controls = u8x16_lt(bytes, u8x16_splat(b' '));
    u8x16_bitmask(v128_or(v128_or(quotes, backslashes), controls)).trailing_zeros() as usize
}

/// How many bytes at the beginning of a block are neither a quote, a backslash nor a control character.
#[cfg(not(target_feature = "simd128"))]
pub(crate) fn plain(block: [u8; 8]) -> usize {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let word = u64::from_le_bytes(block);
    let (quote, backslash) = (word ^ (LOW * u64::from(b'"')), word ^ (LOW * u64::from(b'\\')));
    let quotes = quote.wrapping_sub(LOW) & !quote;
    let backslashes = backslash.wrapping_sub(LOW) & !backslash;
    let controls = word.wrapping_sub(LOW * u64::from(b' ')) & !word;
    // The highest bit of each byte that was found. Behind the first there may be too many of them.
    let found = (quotes | backslashes | controls) & HIGH;
    found.trailing_zeros() as usize / 8
}
