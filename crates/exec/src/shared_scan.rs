//! Which queries can be answered by one scan, and what that scan asks of the source.
//!
//! A [`ScanRequest`] binds its kinds and its times: filters that say no more than these are gone from the plan. So
//! queries are put together only where both are equal; then no row needs to be tested again. What the hints of a
//! request leave out, filters leave out anyway, so hints may be weakened until they hold for all queries of a group.

use std::sync::Arc;

use insq_event::{EventKind, Literals, ScanColumn, ScanRequest};

use crate::physical::PhysicalPlan;

/// Texts that one search looks for at most: past it the search costs more than it saves.
pub(crate) const SEARCHED_TEXTS_MAX: usize = 64;

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

/// Groups of queries, each query in one.
pub(crate) fn groups(plans: &[&PhysicalPlan]) -> Vec<Group> {
    let requests: Vec<&Arc<ScanRequest>> = plans.iter().map(|plan| plan.request()).collect();
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
    groups.iter().map(|queries| group(queries, &requests)).collect()
}

fn can_share(a: &ScanRequest, b: &ScanRequest) -> bool {
    a.kinds == b.kinds
        && a.time_range == b.time_range
        && a.batch_rows == b.batch_rows
        && is_searched(a) == is_searched(b)
}

/// True when a search for literals decides which events are looked at. Where the kinds alone can be searched for, that is
/// done once for all queries.
fn is_searched(request: &ScanRequest) -> bool {
    request.kinds.contains(EventKind::Other) && best(request).is_some()
}

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
        literals: weakened(queries.iter().map(|query| &**requests[*query])),
        ..(**first).clone()
    };
    if queries
        .iter()
        .any(|query| requests[*query].request_id != request.request_id)
    {
        request.request_id = None;
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

/// A text of which every event that matters to any of the requests holds one; nothing when one of them has none.
fn weakened<'r>(requests: impl Iterator<Item = &'r ScanRequest>) -> Vec<Literals> {
    let mut any_of: Vec<Arc<str>> = Vec::new();
    for request in requests {
        let Some(literals) = best(request) else {
            return Vec::new();
        };
        for text in &literals.any_of {
            if !any_of.contains(text) {
                any_of.push(Arc::clone(text));
            }
        }
    }
    if any_of.len() > SEARCHED_TEXTS_MAX {
        return Vec::new();
    }
    vec![Literals { any_of }]
}

/// The set whose shortest text is longest is met least often, as a rule.
fn best(request: &ScanRequest) -> Option<&Literals> {
    request
        .literals
        .iter()
        .max_by_key(|literals| literals.any_of.iter().map(|text| text.len()).min())
}
