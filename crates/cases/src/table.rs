//! Rows as the text that cases expect.

/// What stands for a missing cell.
const MISSING: &str = "(null)";
/// What stands for an empty text, which could not be seen.
const EMPTY: &str = "(empty)";

/// Prints rows as columns of text with two blanks between them, a header line first, each line ended by a
/// line feed, and no blank at the end of a line.
///
/// Missing cells are `(null)`, empty ones `(empty)`; control characters are written `\n`, `\t`, `\u{1b}`,
/// so that a row is a line. Cells beyond the columns are left out; cells that are not there are missing.
///
/// # Examples
/// ```
/// use insq_cases::format_table;
///
/// let columns = ["level".to_owned(), "n".to_owned()];
/// let rows = [vec![None, Some("4".to_owned())], vec![Some("INFO".to_owned()), Some("3".to_owned())]];
/// assert_eq!(format_table(&columns, &rows), "level   n\n(null)  4\nINFO    3\n");
/// ```
pub fn format_table(columns: &[String], rows: &[Vec<Option<String>>]) -> String {
    let header: Vec<String> = columns.iter().map(|name| visible(name)).collect();
    let body = rows.iter().map(|row| {
        let cell = |idx: usize| match row.get(idx) {
            Some(Some(text)) => visible(text.as_str()),
            _ => MISSING.to_owned(),
        };
        (0..columns.len()).map(cell).collect::<Vec<_>>()
    });
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(body).collect();
    let width_of = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| width_of(column).unwrap_or(0))
        .collect();

    let mut table = String::new();
    for line in &lines {
        let start = table.len();
        for (cell, width) in line.iter().zip(&widths) {
            table.push_str(&format!("{cell:<width$}  "));
        }
        table.truncate(start + table[start..].trim_end_matches(' ').len());
        table.push('\n');
    }
    table
}

/// The text on one line.
fn visible(text: &str) -> String {
    if text.is_empty() {
        return EMPTY.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(columns: &[&str], rows: &[&[Option<&str>]], expected: &str) {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let rows: Vec<Vec<Option<String>>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.map(str::to_owned)).collect())
            .collect();
        assert_eq!(format_table(&columns, &rows), expected);
    }

    #[test]
    fn columns_line_up_and_lines_have_no_tail() {
        check(
            &["level", "n"],
            &[
                &[None, Some("4")],
                &[Some("größer"), Some("")],
                &[Some("x"), Some("1 ")],
            ],
            "level   n\n(null)  4\ngrößer  (empty)\nx       1\n",
        );
    }

    #[test]
    fn a_row_is_a_line() {
        check(
            &["@message"],
            &[&[Some("a\tb\nc\x1b[0m\\d")]],
            "@message\na\\tb\\nc\\u{1b}[0m\\d\n",
        );
    }

    #[test]
    fn no_rows_leave_the_header() {
        check(&["a", "b"], &[], "a  b\n");
    }

    #[test]
    fn short_rows_are_filled() {
        check(
            &["a", "b"],
            &[&[Some("1")], &[Some("1"), Some("2"), Some("3")]],
            "a  b\n1  (null)\n1  2\n",
        );
    }
}
