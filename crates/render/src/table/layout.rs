//! How the width of a terminal is shared among columns.

/// A column is never made narrower than this, or than its content.
const TEXT_WIDTH_MIN: usize = 8;

/// What a column would like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// Width of the widest content or of the name.
    pub(super) content_width: usize,
    /// True for numbers and times, which are no longer read at a glance once they are broken.
    pub(super) is_rigid: bool,
}

/// Content widths of all columns, so that they fill no more than `available` if that can be had.
///
/// Rigid columns get what they ask for. The others share the rest evenly; what one does not need goes to
/// those that do. When even the least widths do not fit, the table is wider than the terminal.
pub(super) fn share_width(wishes: &[Wish], available: usize) -> Vec<usize> {
    let wanted: usize = wishes.iter().map(|wish| wish.content_width).sum();
    if wanted <= available {
        return wishes.iter().map(|wish| wish.content_width).collect();
    }
    let rigid: usize = wishes
        .iter()
        .filter(|wish| wish.is_rigid)
        .map(|wish| wish.content_width)
        .sum();
    let mut by_width: Vec<usize> = (0..wishes.len()).filter(|i| !wishes[*i].is_rigid).collect();
    by_width.sort_by_key(|i| wishes[*i].content_width);

    let mut widths: Vec<usize> = wishes.iter().map(|wish| wish.content_width).collect();
    let mut left = available.saturating_sub(rigid);
    for (done, column) in by_width.iter().enumerate() {
        let fair_share = left / (by_width.len() - done);
        let width = wishes[*column].content_width.min(fair_share.max(TEXT_WIDTH_MIN));
        widths[*column] = width;
        left = left.saturating_sub(width);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wishes: &[(usize, bool)], available: usize, expected: &[usize]) {
        let wishes: Vec<Wish> = wishes
            .iter()
            .map(|(content_width, is_rigid)| Wish {
                content_width: *content_width,
                is_rigid: *is_rigid,
            })
            .collect();
        assert_eq!(share_width(&wishes, available), expected);
    }

    #[test]
    fn widths_are_shared() {
        // Everything fits.
        check(&[(23, true), (10, false)], 33, &[23, 10]);
        // One too many: text gives way, times do not.
        check(&[(23, true), (10, false)], 32, &[23, 9]);
        // Short texts leave their share to long ones.
        check(&[(5, false), (100, false), (200, false)], 65, &[5, 30, 30]);
        check(&[(100, false), (23, true), (12, false)], 75, &[40, 23, 12]);
        // Too narrow for all: the least widths hold.
        check(&[(23, true), (100, false), (3, false)], 20, &[23, 8, 3]);
        check(&[], 80, &[]);
    }
}
