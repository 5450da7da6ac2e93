//! The lines that the functions' own code writes.

use std::io::Write;

use super::invocation::{Invocation, Line, Outcome};
use super::text::{push_iso, push_uuid};
use crate::Prng;
use crate::model::{Function, Style};

/// What the texts of one line are made of.
struct Words<'a> {
    at_ms: i64,
    call: &'a Invocation,
    function: &'a Function,
    prng: Prng,
}

const SKUS: [&str; 6] = ["A-12", "A-77", "B-03", "C-41", "K-9", "Z-100"];
const PLANS: [&str; 3] = ["free", "plus", "pro"];
const ACTIONS: [&str; 6] = ["login", "search", "view", "add-to-cart", "logout", "pay"];

/// Writes an application line; most end with a line feed.
pub(super) fn push_line(out: &mut Vec<u8>, line: Line, at_ms: i64, call: &Invocation, function: &Function) {
    let salt = match line {
        Line::App(idx) => 16 + u64::from(idx),
        Line::Throttled => 2,
        _ => 3,
    };
    let words = Words {
        at_ms,
        call,
        function,
        prng: Prng::new(call.text_seed ^ (salt << 32)),
    };
    // Writing into a vector cannot fail.
    let _ = match line {
        Line::App(idx) => words.push_app(out, idx),
        Line::Throttled => words.push_throttled(out),
        _ => words.push_error(out),
    };
}

type Written = std::io::Result<()>;

impl Words<'_> {
    /// A user; few users make most of the calls.
    fn user(&mut self) -> u32 {
        1000 + self
            .prng
            .below(200)
            .min(self.prng.below(200))
            .min(self.prng.below(200))
    }

    fn number(&mut self, low: u32, high: u32) -> u32 {
        self.prng.between(low, high)
    }

    fn id(&mut self) -> u32 {
        self.prng.between(100_000, 999_999)
    }

    fn push_app(mut self, out: &mut Vec<u8>, idx: u8) -> Written {
        match self.function.style {
            Style::NodeText => self.push_node(out, idx),
            Style::PythonText => self.push_python(out, idx),
            Style::JavaText => self.push_java(out, idx),
            Style::JsonLines => self.push_json(out, idx),
            Style::KeyValue => self.push_key_value(out, idx),
            Style::LambdaJson => self.push_lambda_json(out, idx),
        }
    }

    fn node_head(&self, out: &mut Vec<u8>, level: &str) {
        push_iso(out, self.at_ms);
        out.push(b'\t');
        push_uuid(out, self.call.request_id);
        out.push(b'\t');
        out.extend_from_slice(level.as_bytes());
        out.push(b'\t');
    }

    fn python_head(&self, out: &mut Vec<u8>, level: &str) {
        out.push(b'[');
        out.extend_from_slice(level.as_bytes());
        out.extend_from_slice(b"]\t");
        push_iso(out, self.at_ms);
        out.push(b'\t');
        push_uuid(out, self.call.request_id);
        out.push(b'\t');
    }

    fn java_head(&self, out: &mut Vec<u8>, level: &str) {
        let start = out.len();
        push_iso(out, self.at_ms);
        // `2026-03-10 09:00:00.123`, as a logging pattern prints it.
        out[start + 10] = b' ';
        out.pop();
        out.push(b' ');
        push_uuid(out, self.call.request_id);
        out.push(b' ');
        out.extend_from_slice(level.as_bytes());
    }

    fn json_head(&self, out: &mut Vec<u8>, level: &str) -> Written {
        write!(out, "{{\"level\":\"{level}\",\"timestamp\":\"")?;
        push_iso(out, self.at_ms);
        write!(out, "\",\"service\":\"{}\",\"requestId\":\"", self.function.name)?;
        push_uuid(out, self.call.request_id);
        out.push(b'"');
        Ok(())
    }

    fn lambda_json_head(&self, out: &mut Vec<u8>, level: &str) -> Written {
        out.extend_from_slice(b"{\"timestamp\":\"");
        push_iso(out, self.at_ms);
        write!(out, "\",\"level\":\"{level}\",\"requestId\":\"")?;
        push_uuid(out, self.call.request_id);
        out.push(b'"');
        Ok(())
    }

    fn push_node(&mut self, out: &mut Vec<u8>, idx: u8) -> Written {
        let (order, small) = (self.id(), self.number(1, 9));
        match (idx, self.prng.below(10)) {
            (0, _) => {
                self.node_head(out, "INFO");
                writeln!(
                    out,
                    "received order o-{order} of user u{} with {small} items",
                    self.user()
                )
            }
            (_, 0) => {
                self.node_head(out, "WARN");
                writeln!(
                    out,
                    "slow answer from inventory for order o-{order}: {} ms",
                    self.number(200, 900)
                )
            }
            (_, 1..=3) => {
                self.node_head(out, "INFO");
                let cents = self.number(199, 25_000);
                let (euros, rest) = (cents / 100, cents % 100);
                writeln!(
                    out,
                    "{{\"event\":\"priced\",\"orderId\":\"o-{order}\",\"amount\":{euros}.{rest:02},\"currency\":\"EUR\",\"customer\":{{\"id\":\"u{}\"}}}}",
                    self.user()
                )
            }
            (_, 4..=6) => {
                self.node_head(out, "INFO");
                writeln!(
                    out,
                    "reserved stock for order o-{order} in {} ms",
                    self.number(3, 60)
                )
            }
            _ => {
                self.node_head(out, "DEBUG");
                writeln!(out, "cache hit for price list {small} of order o-{order}")
            }
        }
    }

    fn push_python(&mut self, out: &mut Vec<u8>, idx: u8) -> Written {
        let picture = self.id();
        match (idx, self.prng.below(10)) {
            (0, _) => {
                self.python_head(out, "INFO");
                writeln!(
                    out,
                    "downloaded s3://pictures/{picture}.jpg, {} bytes",
                    self.number(40_000, 9_000_000)
                )
            }
            (_, 0) => {
                self.python_head(out, "WARNING");
                writeln!(out, "picture {picture} has no colour profile, assuming sRGB")
            }
            (_, 1) => {
                // Output of `print` has no prefix.
                writeln!(
                    out,
                    "größe: {}x{} px",
                    self.number(400, 6000),
                    self.number(400, 6000)
                )
            }
            _ => {
                self.python_head(out, "INFO");
                writeln!(
                    out,
                    "resized picture {picture} to {0}x{0} in {1} ms",
                    self.number(1, 8) * 80,
                    self.number(20, 700)
                )
            }
        }
    }

    fn push_java(&mut self, out: &mut Vec<u8>, _idx: u8) -> Written {
        let sku = self.prng.pick(&SKUS);
        match self.prng.below(8) {
            0 => {
                self.java_head(out, "WARN ");
                writeln!(
                    out,
                    " StockTable - stock of {sku} is low: {} left",
                    self.number(0, 5)
                )
            }
            1..=4 => {
                self.java_head(out, "INFO ");
                writeln!(
                    out,
                    " StockTable - read {} rows for {sku} in {} ms",
                    self.number(1, 40),
                    self.number(2, 90)
                )
            }
            _ => {
                self.java_head(out, "INFO ");
                writeln!(
                    out,
                    " Reservation - reserved {} of {sku} for order o-{}",
                    self.number(1, 9),
                    self.id()
                )
            }
        }
    }

    fn push_json(&mut self, out: &mut Vec<u8>, idx: u8) -> Written {
        let level = match self.prng.below(20) {
            0 => "WARN",
            1..=3 => "DEBUG",
            _ => "INFO",
        };
        self.json_head(out, level)?;
        let (user, plan) = (self.user(), self.prng.pick(&PLANS));
        match idx % 3 {
            0 => {
                write!(
                    out,
                    ",\"message\":\"order received\",\"user\":{{\"id\":\"u{user}\",\"plan\":\"{plan}\"}},\"items\":["
                )?;
                for i in 0..self.number(1, 3) {
                    let comma = if i == 0 { "" } else { "," };
                    let sku = self.prng.pick(&SKUS);
                    write!(out, "{comma}{{\"sku\":\"{sku}\",\"qty\":{}}}", self.number(1, 5))?;
                }
                writeln!(out, "],\"coldStart\":{}}}", self.call.fresh.is_some())
            }
            1 => {
                let tenths = self.number(8, 900);
                writeln!(
                    out,
                    ",\"message\":\"order stored\",\"user\":{{\"id\":\"u{user}\"}},\"latencyMs\":{}.{},\"attempt\":{}}}",
                    tenths / 10,
                    tenths % 10,
                    1 + self.prng.below(20) / 19
                )
            }
            _ => {
                let cents = self.number(199, 25_000);
                let tag = if plan == "pro" {
                    "[\"priority\",\"invoice\"]"
                } else {
                    "[]"
                };
                writeln!(
                    out,
                    ",\"message\":\"answer sent\",\"user\":{{\"id\":\"u{user}\"}},\"http\":{{\"status\":{},\"path\":\"/orders\"}},\"amount\":{}.{:02},\"tags\":{tag}}}",
                    if level == "WARN" { 409 } else { 201 },
                    cents / 100,
                    cents % 100
                )
            }
        }
    }

    fn push_key_value(&mut self, out: &mut Vec<u8>, _idx: u8) -> Written {
        let action = self.prng.pick(&ACTIONS);
        let result = if self.prng.chance(0.04) { "denied" } else { "ok" };
        let (user, ms) = (self.user(), self.number(1, 80));
        let (a, b) = (self.number(0, 3), self.number(1, 254));
        writeln!(
            out,
            "user=u{user} action={action} result={result} ms={ms} ip=10.20.{a}.{b} session={:08x}",
            self.prng.next_u64() as u32
        )
    }

    fn push_lambda_json(&mut self, out: &mut Vec<u8>, idx: u8) -> Written {
        let level = if self.prng.chance(0.06) { "WARN" } else { "INFO" };
        self.lambda_json_head(out, level)?;
        let (order, cents) = (self.id(), self.number(199, 25_000));
        match (level, idx % 2) {
            ("WARN", _) => writeln!(
                out,
                ",\"message\":\"card network answered late for order o-{order}\"}}"
            ),
            (_, 0) => writeln!(
                out,
                ",\"message\":{{\"event\":\"charge\",\"orderId\":\"o-{order}\",\"amount\":{}.{:02},\"currency\":\"EUR\"}}}}",
                cents / 100,
                cents % 100
            ),
            _ => writeln!(out, ",\"message\":\"charged order o-{order}\"}}"),
        }
    }

    fn push_throttled(mut self, out: &mut Vec<u8>) -> Written {
        let attempt = self.number(1, 4);
        match self.function.style {
            Style::NodeText => {
                self.node_head(out, "WARN");
                writeln!(
                    out,
                    "ThrottlingException: Rate exceeded (GetItem, attempt {attempt})"
                )
            }
            Style::JavaText => {
                self.java_head(out, "WARN ");
                writeln!(
                    out,
                    " StockTable - ProvisionedThroughputExceededException: the table's throughput is used up (Query, attempt {attempt})"
                )
            }
            Style::JsonLines => {
                self.json_head(out, "WARN")?;
                writeln!(
                    out,
                    ",\"message\":\"TooManyRequestsException: Rate Exceeded.\",\"reason\":\"ReservedFunctionConcurrentInvocationLimitExceeded\",\"attempt\":{attempt}}}"
                )
            }
            Style::LambdaJson => {
                self.lambda_json_head(out, "WARN")?;
                writeln!(
                    out,
                    ",\"message\":\"ThrottlingException: Rate exceeded\",\"attempt\":{attempt}}}"
                )
            }
            Style::PythonText | Style::KeyValue => {
                self.python_head(out, "WARNING");
                writeln!(
                    out,
                    "An error occurred (ThrottlingException) when calling the PutItem operation (reached max retries: 4): Rate exceeded"
                )
            }
        }
    }

    fn push_error(mut self, out: &mut Vec<u8>) -> Written {
        let order = self.id();
        let is_crash = self.call.outcome == Outcome::Crash;
        match self.function.style {
            Style::NodeText => {
                self.node_head(out, "ERROR");
                let reason = self
                    .prng
                    .pick(&["card declined", "card expired", "address not found"]);
                writeln!(
                    out,
                    "Invoke Error \t{{\"errorType\":\"OrderError\",\"errorMessage\":\"{reason}\",\"stack\":[\"OrderError: {reason}\",\"    at charge (/var/task/pay.js:41:11)\",\"    at async Runtime.handler (/var/task/index.js:18:5)\"]}}"
                )
            }
            Style::PythonText | Style::KeyValue if is_crash => {
                writeln!(
                    out,
                    "Fatal Python error: Segmentation fault\n\nThread 0x00007f1c (most recent call first):\n  File \"/var/task/picture.py\", line 88 in decode"
                )
            }
            // The runtime indents with no-break spaces, and ends without a line feed.
            Style::PythonText | Style::KeyValue => write!(
                out,
                "[ERROR] ValueError: cannot read picture {order}.jpg\nTraceback (most recent call last):\n\u{a0}\u{a0}File \"/var/task/app.py\", line 57, in handler\n\u{a0}\u{a0}\u{a0}\u{a0}thumbnail = resize(picture)\n\u{a0}\u{a0}File \"/var/task/picture.py\", line 21, in resize\n\u{a0}\u{a0}\u{a0}\u{a0}raise ValueError(f\"cannot read picture {{name}}\")"
            ),
            Style::JavaText => {
                let sku = self.prng.pick(&SKUS);
                self.java_head(out, "ERROR");
                writeln!(
                    out,
                    " Reservation - order o-{order} failed\njava.lang.IllegalStateException: no stock row for {sku}\n\tat com.example.inventory.StockTable.find(StockTable.java:88)\n\tat com.example.inventory.Reservation.reserve(Reservation.java:41)\n\tat com.example.inventory.Handler.handleRequest(Handler.java:27)\nCaused by: java.util.NoSuchElementException: {sku}\n\tat java.base/java.util.Optional.orElseThrow(Optional.java:403)\n\t... 3 more"
                )
            }
            Style::JsonLines => {
                let kind = self
                    .prng
                    .pick(&["ValidationError", "ConflictError", "DownstreamError"]);
                let user = self.user();
                self.json_head(out, "ERROR")?;
                writeln!(
                    out,
                    ",\"message\":\"order refused\",\"user\":{{\"id\":\"u{user}\"}},\"error\":{{\"type\":\"{kind}\",\"stack\":[\"{kind}: order o-{order}\",\"    at store (/var/task/store.js:12:9)\"]}}}}"
                )
            }
            Style::LambdaJson => {
                self.lambda_json_head(out, "ERROR")?;
                let kind = if is_crash {
                    "OutOfFileHandles"
                } else {
                    "CardDeclined"
                };
                writeln!(
                    out,
                    ",\"message\":\"charge failed for order o-{order}\",\"errorType\":\"{kind}\",\"stackTrace\":[\"    at charge (/var/task/pay.js:41:11)\"]}}"
                )
            }
        }
    }
}

/// The text of `INIT_START` and its kin.
pub(super) fn runtime_version(style: Style) -> &'static str {
    match style {
        Style::NodeText | Style::JsonLines | Style::LambdaJson => "nodejs:24.v11",
        Style::PythonText | Style::KeyValue => "python:3.13.v42",
        Style::JavaText => "java:21.v39",
    }
}
