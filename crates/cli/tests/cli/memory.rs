//! Queries that need more memory than they may have.

use crate::sample::Sample;

const LIMIT: &[&str] = &["--memory-limit", "5MB", "--threads", "1", "--stats"];

fn users() -> Sample {
    let sample = Sample::new();
    let lines: String = (0..60_000)
        .map(|n| format!("2026-03-04T00:00:{:02}.000Z {{\"user\":\"user-{n}\"}}\n", n % 60))
        .collect();
    sample.write("users.log", &lines);
    sample
}

#[test]
fn groups_that_do_not_fit_go_to_the_folder_that_is_named() {
    let sample = users();
    let query = "stats count(*) as n by user | sort user desc | limit 2";
    let run = sample.insq(&[&[query, "users.log", "--temp-dir", "."], LIMIT].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.stdout, "user,n\nuser-59999,1\nuser-59998,1\n");
    assert!(run.stderr.contains("stats: bytes to files"), "{run:?}");
    let run = sample.insq(&[query, "users.log", "--temp-dir", ".", "--stats"]);
    assert!(!run.stderr.contains("bytes to files"), "{run:?}");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let sample = users();
    let query = "stats count(*) as n by user";
    let run = sample.insq(&[&[query, "users.log", "--temp-dir", "nowhere"], LIMIT].concat());
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.stderr
            .contains("can't keep in `nowhere` what does not fit into memory"),
        "{run:?}"
    );
    assert!(run.stderr.contains("choose another folder"), "{run:?}");
}

#[test]
fn what_stays_in_memory_ends_the_run_at_the_limit() {
    let sample = users();
    let query = "stats values(user) as users";
    let run = sample.insq(&[&[query, "users.log", "--temp-dir", "."], LIMIT].concat());
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("not enough memory for `stats`"), "{run:?}");
    assert!(run.stderr.contains("of 5.0 MB are in use"), "{run:?}");
}
