//! Which service a message about a throttled call speaks of.

/// What the AWS SDK for Python writes before the name of an operation.
const OPERATION: &str = "when calling the ";

/// What the AWS SDK for Java writes before the name of a service.
const SERVICE: &str = "(Service: ";

/// Operations that are throttled often, by service.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("Lambda", &["Invoke", "InvokeAsync"]),
    (
        "DynamoDB",
        &[
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem",
        ],
    ),
    ("Secrets Manager", &["BatchGetSecretValue", "GetSecretValue"]),
    (
        "Systems Manager",
        &[
            "GetParameter",
            "GetParameters",
            "GetParametersByPath",
            "PutParameter",
        ],
    ),
    ("KMS", &["Decrypt", "Encrypt", "GenerateDataKey", "Sign"]),
    (
        "S3",
        &[
            "CopyObject",
            "DeleteObject",
            "GetObject",
            "HeadObject",
            "ListObjectsV2",
            "PutObject",
            "UploadPart",
        ],
    ),
    ("SQS", &["ReceiveMessage", "SendMessage", "SendMessageBatch"]),
    ("SNS", &["Publish", "PublishBatch"]),
    ("EventBridge", &["PutEvents"]),
    ("Kinesis", &["GetRecords", "PutRecords"]),
    (
        "Step Functions",
        &["SendTaskSuccess", "StartExecution", "StartSyncExecution"],
    ),
    ("STS", &["AssumeRole", "GetCallerIdentity"]),
    ("CloudWatch", &["GetMetricData", "PutMetricData"]),
    ("CloudWatch Logs", &["CreateLogStream", "PutLogEvents"]),
    (
        "Bedrock",
        &["Converse", "InvokeModel", "InvokeModelWithResponseStream"],
    ),
];

/// Exceptions that only one service has.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("KMSThrottlingException", "KMS"),
    ("EC2ThrottledException", "EC2"),
    ("ENILimitReachedException", "EC2"),
    ("ProvisionedThroughputExceeded", "DynamoDB"),
    ("ConcurrentInvocationLimitExceeded", "Lambda"),
    ("FunctionInvocationRateLimitExceeded", "Lambda"),
    ("SlowDown", "S3"),
];

/// The service by name, or the operation where it is none that is known; empty where the message does not tell.
pub(super) fn service_of(message: &str) -> &str {
    if let Some(operation) = word_after(message, OPERATION) {
        let known = OPERATIONS
            .iter()
            .find(|(_, operations)| operations.contains(&operation));
        return known.map_or(operation, |(service, _)| service);
    }
    if let Some(service) = word_after(message, SERVICE) {
        return service;
    }
    let known = EXCEPTIONS
        .iter()
        .find(|(exception, _)| message.contains(exception));
    known.map_or("", |(_, service)| service)
}

/// The letters and digits that follow `text`.
fn word_after<'a>(message: &'a str, text: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(text)?;
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_lead_to_services() {
        let message =
            |operation: &str| format!("An error occurred (X) when calling the {operation} operation: Y");
        assert_eq!(service_of(&message("PutItem")), "DynamoDB");
        assert_eq!(service_of(&message("DescribeThings")), "DescribeThings");
        assert_eq!(service_of("when calling the "), "");
        assert_eq!(service_of("SlowDown: Please reduce your request rate."), "S3");
    }
}
