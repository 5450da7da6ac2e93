//! The exit codes: what a script can rely on.

use std::process::ExitCode;

/// How the program ended. The numbers are part of the contract with scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All went well, also when the reader of a pipe had enough.
    Success = 0,
    /// Something failed while it ran: a missing file, too little memory, a full disk.
    Failure = 1,
    /// The command line or the query makes no sense; nothing was read.
    Usage = 2,
    /// The answer is there, but some input was damaged.
    Damaged = 3,
    /// `insq check` found a query that would be refused, or that the service would refuse or read otherwise.
    Unsound = 4,
    /// `insq batch`: a query failed; the results of the others are in their files.
    Incomplete = 5,
    /// Stopped by Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// Every way to end, with one sentence for the help text.
    pub(crate) const ALL: [(Self, &'static str); 7] = [
        (Self::Success, "all went well"),
        (Self::Failure, "something failed while it ran"),
        (Self::Usage, "the command line or the query makes no sense"),
        (Self::Damaged, "finished, but some input was damaged"),
        (Self::Unsound, "`check` found a query to look at again"),
        (
            Self::Incomplete,
            "a query of `batch` failed; the others have their results",
        ),
        (Self::Interrupted, "interrupted"),
    ];

    pub(crate) const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stay_as_they_are() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|(exit, _)| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 130]);
    }
}
