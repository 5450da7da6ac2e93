//! HTML that is safe whatever the log says.

/// Text as HTML shows it, in content and in attributes. Control characters, which HTML does not have, become spaces.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Text as a string of JSON inside of a script element, which no `</script>` of a log can end.
pub(super) fn script_string(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// How a column of a table stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Column<'a> {
    Text(&'a str),
    Number(&'a str),
}

/// A cell: what is shown, and by what it is sorted where that is something else.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) key: Option<f64>,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, key: None }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// A number as it is shown, and itself.
pub(super) fn number(value: f64, text: String) -> Cell {
    Cell {
        text,
        key: Some(value).filter(|value| value.is_finite()),
    }
}

/// A table that scrolls by itself where the page is narrow.
pub(super) fn table(columns: &[Column<'_>], rows: &[Vec<Cell>]) -> String {
    let mut out = String::from("<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>");
    for column in columns {
        let (class, name) = match column {
            Column::Text(name) => ("", name),
            Column::Number(name) => (" class=\"n\"", name),
        };
        out.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escaped(name)));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (cell, column) in row.iter().zip(columns) {
            let class = if matches!(column, Column::Number(_)) {
                " class=\"n\""
            } else {
                ""
            };
            let key = cell
                .key
                .map_or_else(String::new, |key| format!(" data-k=\"{key}\""));
            out.push_str(&format!("<td{class}{key}>{}</td>", escaped(&cell.text)));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_log_is_markup() {
        let hostile = "</script><b onclick=\"x\">'&\u{1b}[31m";
        assert_eq!(
            escaped(hostile),
            "&lt;/script&gt;&lt;b onclick=&quot;x&quot;&gt;&#39;&amp; [31m"
        );
        let string = script_string(hostile);
        assert!(!string.contains('<') && !string[1..string.len() - 1].contains('"'));
        let table = table(&[Column::Text(hostile)], &[vec![Cell::from(hostile)]]);
        assert!(!table.contains("<b") && !table.contains("</script"));
    }
}
