//! Fields that some messages hold by their place in the line, without naming them.

/// Names that VPC Flow Logs and Route 53 query logs give the columns of their lines. A message may hold such a field
/// and not its name; every other field of a message is a key that stands in it.
pub const UNNAMED_FIELDS: [&str; 22] = [
    "accountId",
    "action",
    "bytes",
    "dstAddr",
    "dstPort",
    "edgeLocation",
    "ednsClientSubnet",
    "endTime",
    "hostZoneId",
    "interfaceId",
    "logStatus",
    "packets",
    "protocol",
    "queryName",
    "queryTimestamp",
    "queryType",
    "resolverIp",
    "responseCode",
    "srcAddr",
    "srcPort",
    "startTime",
    "version",
];
