//! Which queries can be answered by one scan, and what that scan asks of the source.
//!
//! A [`ScanRequest`] binds its kinds and its times: filters that say no more than these are gone from the plan. So
//! queries are put together only where both are equal; then no row needs to be tested again. What the hints of a
//! request leave out, filters leave out anyway, so a hint that does not hold for all queries of a group is dropped.

use std::sync::Arc;

use insq_event::{EventKind, Literals, ScanColumn, ScanRequest};

use crate::physical::PhysicalPlan;

/// Queries that one scan answers.
pub(crate) struct Group {
    pub(crate) request: Arc<ScanRequest>,
    pub(crate) members: Vec<Member>,
}

/// A query of a group.
pub(crate) struct Member {
    /// Its place among the queries of the run.
    pub(crate) query: usize,
    /// Where the columns of its own request stand in those of the group; `None` when they are the same.
    pub(crate) projection: Option<Vec<usize>>,
}

/// Which of some plans are answered by one scan: their places, group by group.
pub fn shared_groups(plans: &[&PhysicalPlan]) -> Vec<Vec<usize>> {
    let places = |group: Group| group.members.into_iter().map(|member| member.query).collect();
    groups(plans).into_iter().map(places).collect()
}

/// Groups of queries, each query in one.
pub(crate) fn groups(plans: &[&PhysicalPlan]) -> Vec<Group> {
    groups_of(&plans.iter().map(|plan| plan.request()).collect::<Vec<_>>())
}

fn groups_of(requests: &[&Arc<ScanRequest>]) -> Vec<Group> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for query in 0..requests.len() {
        let fits = |group: &&mut Vec<usize>| {
            group
                .first()
                .is_some_and(|first| can_share(requests[*first], requests[query]))
        };
        match groups.iter_mut().find(fits) {
            Some(group) => group.push(query),
            None => groups.push(vec![query]),
        }
    }
    groups.iter().map(|queries| group(queries, requests)).collect()
}

fn can_share(a: &ScanRequest, b: &ScanRequest) -> bool {
    a.kinds == b.kinds
        && a.time_range == b.time_range
        && a.batch_rows == b.batch_rows
        && searched(a) == searched(b)
}

/// The literals whose search decides which events are looked at. Queries that search for different texts stay apart, so
/// that none looks at the hits of others. Where all events of some kinds are found by their marks, only texts that are
/// rarer than those part queries.
fn searched(request: &ScanRequest) -> Option<&Literals> {
    let has_marks = !request.kinds.contains(EventKind::Other);
    best(request).filter(|literals| !has_marks || literals.shortest_bytes() > Some(MARK_BYTES_MAX))
}

/// Length of `INIT_START`, the longest word that begins a line of some kind.
const MARK_BYTES_MAX: usize = 10;

fn group(queries: &[usize], requests: &[&Arc<ScanRequest>]) -> Group {
    if let [only] = queries {
        let member = Member {
            query: *only,
            projection: None,
        };
        return Group {
            request: Arc::clone(requests[*only]),
            members: vec![member],
        };
    }
    let first = requests[queries[0]];
    let mut request = ScanRequest {
        columns: Vec::new(),
        // What is not the search of all is no hint for all.
        literals: searched(first).cloned().into_iter().collect(),
        ..(**first).clone()
    };
    if queries
        .iter()
        .any(|query| requests[*query].request_id != request.request_id)
    {
        request.request_id = None;
    }
    if queries
        .iter()
        .any(|query| requests[*query].function != request.function)
    {
        request.function = None;
    }
    let mut members = Vec::with_capacity(queries.len());
    for query in queries {
        let places = requests[*query]
            .columns
            .iter()
            .map(|column| place(column, &mut request.columns))
            .collect();
        members.push((*query, places));
    }
    let count = request.columns.len();
    let member = |(query, places): (usize, Vec<usize>)| Member {
        query,
        projection: (!places.iter().copied().eq(0..count)).then_some(places),
    };
    Group {
        request: Arc::new(request),
        members: members.into_iter().map(member).collect(),
    }
}

/// The place of what fills `column`, which is added when it is not there yet.
fn place(column: &ScanColumn, columns: &mut Vec<ScanColumn>) -> usize {
    let known = columns.iter().position(|known| known.field == column.field);
    known.unwrap_or_else(|| {
        columns.push(column.clone());
        columns.len() - 1
    })
}

/// The set whose shortest text is longest is met least often, as a rule.
fn best(request: &ScanRequest) -> Option<&Literals> {
    request
        .literals
        .iter()
        .max_by_key(|literals| literals.shortest_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use insq_event::{EventKinds, FieldPath, ScanField, SystemField, TimeRange};

    fn request(fields: &[&str], kinds: EventKinds, literals: &[&[&str]]) -> Arc<ScanRequest> {
        let column = |name: &&str| ScanColumn {
            name: (*name).into(),
            field: SystemField::from_name(name)
                .map_or_else(|| ScanField::Discovered(FieldPath::new(name)), ScanField::System),
        };
        let set = |texts: &&[&str]| Literals::texts(texts.iter().map(|text| Arc::from(*text)));
        Arc::new(ScanRequest {
            columns: fields.iter().map(column).collect(),
            kinds,
            time_range: TimeRange::ALL,
            literals: literals.iter().map(set).collect(),
            request_id: Some("id".into()),
            function: Some("f".into()),
            batch_rows: 10,
            bar: None,
        })
    }

    fn grouped(requests: &[Arc<ScanRequest>]) -> Vec<Group> {
        groups_of(&requests.iter().collect::<Vec<_>>())
    }

    #[test]
    fn columns_are_asked_for_once_and_found_again() {
        let all = EventKinds::ALL;
        let groups = grouped(&[
            request(&["@duration", "a"], all, &[]),
            request(&["a", "b", "@duration"], all, &[]),
            request(&["@duration", "a", "b"], all, &[]),
        ]);
        assert_eq!(groups.len(), 1);
        let names: Vec<&str> = groups[0]
            .request
            .columns
            .iter()
            .map(|column| &*column.name)
            .collect();
        assert_eq!(names, ["@duration", "a", "b"]);
        let places: Vec<_> = groups[0]
            .members
            .iter()
            .map(|member| member.projection.clone())
            .collect();
        assert_eq!(places, [Some(vec![0, 1]), Some(vec![1, 2, 0]), None]);
    }

    #[test]
    fn kinds_and_times_part_queries_and_a_query_alone_keeps_its_request() {
        let later = Arc::new(ScanRequest {
            time_range: TimeRange {
                start_ms: Some(1),
                end_ms: None,
            },
            ..(*request(&[], EventKinds::ALL, &[])).clone()
        });
        let alone = request(&["a"], EventKinds::REPORT, &[&["x"], &["yz"]]);
        let groups = grouped(&[request(&[], EventKinds::ALL, &[]), Arc::clone(&alone), later]);
        assert_eq!(groups.len(), 3);
        assert!(Arc::ptr_eq(&groups[1].request, &alone));
    }

    #[test]
    fn hints_hold_for_every_query_of_a_group() {
        let (all, report) = (EventKinds::ALL, EventKinds::REPORT);
        let groups = grouped(&[
            request(&[], all, &[&["aa"], &["bbb", "cccc"]]),
            request(&[], all, &[]),
            request(&[], all, &[&["dd"], &["bbb"]]),
            request(&[], report, &[&["dd"]]),
            request(&["a"], all, &[&["bbb", "cccc"]]),
            request(&[], report, &[]),
            request(&[], report, &[&["a".repeat(MARK_BYTES_MAX).as_str()]]),
            request(&[], report, &[&["a".repeat(MARK_BYTES_MAX + 1).as_str()]]),
        ]);
        // Where the kinds are searched for, only long literals part queries.
        let members: Vec<Vec<usize>> = groups
            .iter()
            .map(|group| group.members.iter().map(|member| member.query).collect())
            .collect();
        assert_eq!(members, [vec![0, 4], vec![1], vec![2], vec![3, 5, 6], vec![7]]);
        let searched: Vec<&str> = groups[0].request.literals[0]
            .any_of
            .iter()
            .map(|text| &**text)
            .collect();
        assert_eq!(
            (groups[0].request.literals.len(), searched),
            (1, vec!["bbb", "cccc"])
        );
        assert!(groups[3].request.literals.is_empty());
        assert_eq!(groups[0].request.request_id.as_deref(), Some("id"));
    }

    #[test]
    fn requests_of_several_ids_ask_for_none() {
        let other = Arc::new(ScanRequest {
            request_id: None,
            function: None,
            ..(*request(&[], EventKinds::ALL, &[])).clone()
        });
        for requests in [
            [request(&[], EventKinds::ALL, &[]), Arc::clone(&other)],
            [other, request(&[], EventKinds::ALL, &[])],
        ] {
            let request = &grouped(&requests)[0].request;
            assert_eq!((&request.request_id, &request.function), (&None, &None));
        }
    }
}
