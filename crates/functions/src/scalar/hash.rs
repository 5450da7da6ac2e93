//! Hashes of text: small hexadecimal digits over its UTF-8 bytes.

use insq_event::ColumnType::Text;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::{Kernel, ScalarFunction};
use crate::kernel::map_text;
use crate::{Family, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<ScalarFunction> {
    let function = |name, summary, example, kernel: Kernel| ScalarFunction {
        name,
        aliases: &[],
        family: Family::Hash,
        signature: Signature {
            params: &[Param::Text],
            required: 1,
            variadic: &[],
        },
        result: ResultType::Fixed(Text),
        summary,
        example,
        kernel,
    };
    vec![
        function(
            "md5",
            "The MD5 hash of the text.",
            ("md5(\"abc\")", "900150983cd24fb0d6963f7d28e17f72"),
            |a, rows, _| map_text(a, rows, |text| Some(hex(&Md5::digest(text)))),
        ),
        function(
            "sha256",
            "The SHA-256 hash of the text.",
            (
                "sha256(\"abc\")",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            |a, rows, _| map_text(a, rows, |text| Some(hex(&Sha256::digest(text)))),
        ),
    ]
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves.map(|half| DIGITS[usize::from(half)]).collect()
}
