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
            c if turns_direction(c) => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

/// True for characters that have what follows them shown from right to left: a name could make a number of the page
/// read as another one.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
            c if turns_direction(c) => out.push(char::REPLACEMENT_CHARACTER),
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
    shown: Shown,
    key: Option<f64>,
}

enum Shown {
    Text(String),
    Picture(String),
    Link { href: String, text: String },
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self {
            shown: Shown::Text(text),
            key: None,
        }
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
        shown: Shown::Text(text),
        key: Some(value).filter(|value| value.is_finite()),
    }
}

/// A number that leads to an element of the page.
pub(super) fn link(value: f64, text: String, href: String) -> Cell {
    Cell {
        shown: Shown::Link { href, text },
        key: Some(value).filter(|value| value.is_finite()),
    }
}

/// A picture that was drawn here: markup, in which every text is escaped already.
pub(super) fn picture(svg: String, key: f64) -> Cell {
    Cell {
        shown: Shown::Picture(svg),
        key: Some(key).filter(|key| key.is_finite()),
    }
}

/// A table that scrolls by itself where the page is narrow.
pub(super) struct Table<'a> {
    /// What it tells.
    pub(super) label: &'a str,
    pub(super) columns: &'a [Column<'a>],
    pub(super) rows: &'a [Vec<Cell>],
    /// Below the rows, whatever these are sorted by.
    pub(super) total: Option<&'a [Cell]>,
    /// Of some rows, names that links lead to.
    pub(super) anchors: &'a [(usize, String)],
}

impl Table<'_> {
    pub(super) fn html(&self) -> String {
        let mut out = format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table><thead><tr>",
            escaped(self.label)
        );
        for column in self.columns {
            let (Column::Text(name) | Column::Number(name)) = column;
            out.push_str(&format!(
                "<th scope=\"col\"{}>{}</th>",
                class(*column),
                escaped(name)
            ));
        }
        out.push_str("</tr></thead><tbody>");
        for (idx, row) in self.rows.iter().enumerate() {
            let anchor = self.anchors.iter().find(|(known, _)| *known == idx);
            let id = anchor.map_or_else(String::new, |(_, id)| format!(" id=\"{}\"", escaped(id)));
            out.push_str(&format!("<tr{id}>{}</tr>", self.cells(row)));
        }
        out.push_str("</tbody>");
        if let Some(total) = self.total {
            out.push_str(&format!("<tfoot><tr>{}</tr></tfoot>", self.cells(total)));
        }
        out.push_str("</table></div>");
        out
    }

    fn cells(&self, cells: &[Cell]) -> String {
        let mut out = String::new();
        for (cell, column) in cells.iter().zip(self.columns) {
            let class = class(*column);
            let key = cell
                .key
                .map_or_else(String::new, |key| format!(" data-k=\"{key}\""));
            let shown = match &cell.shown {
                Shown::Text(text) => escaped(text),
                Shown::Picture(svg) => svg.clone(),
                Shown::Link { href, text } => {
                    format!("<a href=\"#{}\">{}</a>", escaped(href), escaped(text))
                }
            };
            out.push_str(&format!("<td{class}{key}>{shown}</td>"));
        }
        out
    }
}

fn class(column: Column<'_>) -> &'static str {
    match column {
        Column::Text(_) => "",
        Column::Number(_) => " class=\"n\"",
    }
}

/// A plain table.
pub(super) fn table(label: &str, columns: &[Column<'_>], rows: &[Vec<Cell>]) -> String {
    let table = Table {
        label,
        columns,
        rows,
        total: None,
        anchors: &[],
    };
    table.html()
}

/// Facts: what, and how much.
pub(super) fn facts(facts: &[(&str, String)]) -> String {
    let entries = facts
        .iter()
        .map(|(what, fact)| format!("<div><dt>{}</dt><dd>{}</dd></div>", escaped(what), escaped(fact)));
    format!("<dl class=\"facts\">{}</dl>", entries.collect::<String>())
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
        assert_eq!(escaped("a\u{202e}b"), "a\u{fffd}b");
        let table = table(hostile, &[Column::Text(hostile)], &[vec![Cell::from(hostile)]]);
        assert!(!table.contains("<b") && !table.contains("</script"));
    }
}
