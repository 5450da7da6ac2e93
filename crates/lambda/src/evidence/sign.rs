//! What a message is a sign of.

use super::service::service_of;

/// What a message tells of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// A service that was called, Lambda among them, said: too many requests.
    Throttled,
    /// An invocation was killed for want of memory.
    OutOfMemory,
    /// An invocation ran into its timeout.
    Timeout,
    /// The runtime gave an invocation up.
    Crash,
    /// A message of the level ERROR, or a function error.
    Error,
}

impl Sign {
    /// All, in the order in which a message is tried.
    pub const ALL: [Self; 5] = [
        Self::Throttled,
        Self::OutOfMemory,
        Self::Timeout,
        Self::Crash,
        Self::Error,
    ];

    fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Throttled => THROTTLED,
            Self::OutOfMemory => OUT_OF_MEMORY,
            Self::Timeout => TIMEOUT,
            Self::Crash => CRASH,
            Self::Error => ERROR,
        }
    }
}

const THROTTLED: &[&str] = &[
    "TooManyRequestsException",
    "ThrottlingException",
    "ThrottledException",
    "ThrottlingError",
    "Error: Throttling",
    "(Throttling)",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "LimitExceededException",
    "ConcurrentInvocationLimitExceeded",
    "ReservedFunctionConcurrentInvocationLimitExceeded",
    "InvocationRateLimitExceeded",
    "CallerRateLimitExceeded",
    "ConcurrentSnapshotCreateLimitExceeded",
    "ENILimitReachedException",
    "SlowDown",
    "Rate exceeded",
    "Rate Exceeded",
    "Too Many Requests",
];

const OUT_OF_MEMORY: &[&str] = &[
    "Runtime.OutOfMemory",
    "signal: killed",
    "heap out of memory",
    "java.lang.OutOfMemoryError",
    "MemoryError",
    "runtime: out of memory",
];

const TIMEOUT: &[&str] = &[
    "Task timed out after",
    "Status: timeout",
    "\"status\":\"timeout\"",
    "\"status\": \"timeout\"",
    "Sandbox.Timedout",
];

const CRASH: &[&str] = &[
    "Status: error",
    "\"status\":\"error\"",
    "\"status\": \"error\"",
    "\"status\":\"failure\"",
    "\"status\": \"failure\"",
    "Runtime exited with",
    "Runtime.ExitError",
];

const ERROR: &[&str] = &[
    "ERROR",
    "\"errorMessage\"",
    "\"level\":\"error\"",
    "\"level\": \"error\"",
];

/// Every text that [`sign_of`] looks for, by sign: a message without any of them is no sign of anything.
pub const SIGN_TEXTS: [&[&str]; 5] = [THROTTLED, OUT_OF_MEMORY, TIMEOUT, CRASH, ERROR];

/// What `message` is a sign of, and for throttled calls which service it was that throttled them; empty where the
/// message does not tell.
///
/// # Examples
/// ```
/// use insq_lambda::{Sign, sign_of};
///
/// let message = "An error occurred (ThrottlingException) when calling the GetSecretValue operation: Rate exceeded";
/// assert_eq!(sign_of(message), Some((Sign::Throttled, "Secrets Manager")));
/// assert_eq!(sign_of("hello"), None);
/// ```
pub fn sign_of(message: &str) -> Option<(Sign, &str)> {
    let holds = |sign: &Sign| sign.texts().iter().any(|text| message.contains(text));
    let sign = Sign::ALL.into_iter().find(holds)?;
    let service = if sign == Sign::Throttled {
        service_of(message)
    } else {
        ""
    };
    Some((sign, service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_what_they_are_signs_of() {
        for (message, expected) in [
            (
                "botocore.errorfactory.TooManyRequestsException: An error occurred (TooManyRequestsException) when \
                 calling the Invoke operation (reached max retries: 4): Rate Exceeded.",
                Some((Sign::Throttled, "Lambda")),
            ),
            (
                "com.amazonaws.services.dynamodbv2.model.ProvisionedThroughputExceededException: … (Service: \
                 AmazonDynamoDBv2; Status Code: 400; Error Code: ProvisionedThroughputExceededException)",
                Some((Sign::Throttled, "AmazonDynamoDBv2")),
            ),
            ("ThrottlingException: Rate exceeded", Some((Sign::Throttled, ""))),
            ("KMSThrottlingException: …", Some((Sign::Throttled, "KMS"))),
            (
                "2024-01-01T00:00:00Z id Task timed out after 3.00 seconds",
                Some((Sign::Timeout, "")),
            ),
            (
                "REPORT RequestId: x\tDuration: 3000.00 ms\tStatus: timeout",
                Some((Sign::Timeout, "")),
            ),
            (
                "RequestId: x Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
                Some((Sign::OutOfMemory, "")),
            ),
            (
                "RequestId: x Error: Runtime exited with error: exit status 1\nRuntime.ExitError",
                Some((Sign::Crash, "")),
            ),
            (
                "2024-01-01T00:00:00.000Z\tid\tERROR\tno such user",
                Some((Sign::Error, "")),
            ),
            ("REPORT RequestId: x\tDuration: 3.00 ms", None),
        ] {
            assert_eq!(sign_of(message), expected, "{message}");
        }
    }

    #[test]
    fn every_sign_has_its_texts() {
        for (sign, texts) in Sign::ALL.into_iter().zip(SIGN_TEXTS) {
            assert_eq!(sign.texts(), texts);
            assert!(texts.iter().all(|text| !text.is_empty()));
        }
    }
}
