//! CloudWatch Logs Insights query text to AST with spans, and back.
