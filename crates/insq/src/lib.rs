//! CloudWatch Logs Insights queries over local AWS Lambda logs, as a library.
