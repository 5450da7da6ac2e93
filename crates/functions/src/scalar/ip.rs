//! Functions of IP addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use arrow_array::ArrayRef;
use insq_event::ColumnType::{Bool, Number};

use super::{Kernel, ScalarFunction};
use crate::argument::Texts;
use crate::ip_block::IpBlock;
use crate::kernel::{bools, numbers, test_text};
use crate::{Family, FunctionError, Operand, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<ScalarFunction> {
    let function =
        |name, params: &'static [Param], result, summary, example, kernel: Kernel| ScalarFunction {
            name,
            aliases: &[],
            family: Family::Ip,
            signature: Signature {
                params,
                required: params.len(),
                variadic: &[],
            },
            result: ResultType::Fixed(result),
            summary,
            example,
            kernel,
        };
    let text: &'static [Param] = &[Param::Text];
    let pair: &'static [Param] = &[Param::Text, Param::Text];
    vec![
        function(
            "isValidIp",
            text,
            Bool,
            "True for an address of either version.",
            ("isValidIp(\"10.0.0.1\")", "1"),
            |a, rows, _| test_text(a, rows, |ip| ip.parse::<IpAddr>().is_ok()),
        ),
        function(
            "isValidIpV4",
            text,
            Bool,
            "True for an address of version 4.",
            ("isValidIpV4(\"::1\")", "0"),
            |a, rows, _| test_text(a, rows, |ip| ip.parse::<Ipv4Addr>().is_ok()),
        ),
        function(
            "isValidIpV6",
            text,
            Bool,
            "True for an address of version 6.",
            ("isValidIpV6(\"::1\")", "1"),
            |a, rows, _| test_text(a, rows, |ip| ip.parse::<Ipv6Addr>().is_ok()),
        ),
        function(
            "isIpInSubnet",
            pair,
            Bool,
            "True where the address lies in the block.",
            ("isIpInSubnet(\"2001:db8::1\", \"2001:db8::/32\")", "1"),
            |a, rows, _| in_subnet(a, rows, |_| true),
        ),
        function(
            "isIpv4InSubnet",
            pair,
            Bool,
            "True where the address of version 4 lies in the block.",
            ("isIpv4InSubnet(\"192.0.2.77\", \"192.0.2.0/24\")", "1"),
            |a, rows, _| in_subnet(a, rows, |ip| ip.is_ipv4()),
        ),
        function(
            "isIpv6InSubnet",
            pair,
            Bool,
            "True where the address of version 6 lies in the block.",
            ("isIpv6InSubnet(\"192.0.2.77\", \"192.0.2.0/24\")", "0"),
            |a, rows, _| in_subnet(a, rows, |ip| ip.is_ipv6()),
        ),
        function(
            "ipv4ToNumber",
            text,
            Number,
            "The address of version 4 as a number.",
            ("ipv4ToNumber(\"10.0.0.1\")", "167772161"),
            |a, rows, _| {
                let ip = Texts::of(&a[0])?;
                Ok(numbers(rows, |row| {
                    Some(f64::from(u32::from(ip.get(row)?.parse::<Ipv4Addr>().ok()?)))
                }))
            },
        ),
        function(
            "isPrivateIP",
            text,
            Bool,
            "True for an address of the private blocks.",
            ("isPrivateIP(\"172.32.0.1\")", "0"),
            |a, rows, _| test_text(a, rows, |ip| ip.parse().is_ok_and(is_private)),
        ),
        function(
            "isPublicIP",
            text,
            Bool,
            "True for an address that is neither private nor reserved.",
            ("isPublicIP(\"8.8.8.8\")", "1"),
            |a, rows, _| {
                test_text(a, rows, |ip| {
                    ip.parse()
                        .is_ok_and(|ip: IpAddr| !is_private(ip) && !is_reserved(ip))
                })
            },
        ),
        function(
            "isReservedIP",
            text,
            Bool,
            "True for an address of the blocks kept for special purposes.",
            ("isReservedIP(\"127.0.0.1\")", "1"),
            |a, rows, _| test_text(a, rows, |ip| ip.parse().is_ok_and(is_reserved)),
        ),
    ]
}

fn in_subnet(
    arguments: &[Operand],
    rows: usize,
    is_of_version: fn(IpAddr) -> bool,
) -> Result<ArrayRef, FunctionError> {
    let (ip, block) = (Texts::of(&arguments[0])?, Texts::of(&arguments[1])?);
    Ok(bools(rows, |row| {
        let (ip, block) = (ip.get(row)?, block.get(row)?);
        Some(
            ip.parse()
                .is_ok_and(|ip: IpAddr| is_of_version(ip) && lies_in(ip, block)),
        )
    }))
}

/// True when the address lies in a block such as `10.0.0.0/8`.
fn lies_in(ip: IpAddr, block: &str) -> bool {
    IpBlock::parse(block).is_some_and(|block| block.contains(ip))
}

const PRIVATE: &[&str] = &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// The registries of special-purpose addresses, less the private blocks.
const RESERVED: &[&str] = &[
    "0.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "::ffff:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fe80::/10",
    "ff00::/8",
];

fn is_private(ip: IpAddr) -> bool {
    PRIVATE.iter().any(|block| lies_in(ip, block))
}

fn is_reserved(ip: IpAddr) -> bool {
    RESERVED.iter().any(|block| lies_in(ip, block))
}
