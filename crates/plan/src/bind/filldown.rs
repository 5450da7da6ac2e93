//! `filldown`: binding.

use insq_syntax::ast::{self, Name};

use super::Binder;
use crate::error::PlanError;
use crate::logical::Step;
use crate::series::FillDown;

impl Binder {
    pub(super) fn bind_fill_down(&mut self, command: &ast::FillDown) -> Result<(), PlanError> {
        self.fix_order();
        self.list_defaults();
        let mut names: Vec<Name> = Vec::new();
        let listed: Vec<String> = self
            .output
            .listed
            .iter()
            .map(|column| column.name.clone())
            .collect();
        let made: Vec<String> = self.scope.names().map(str::to_owned).collect();
        let span = command.span;
        let mut add = |text: &str| {
            if !names.iter().any(|known| known.text == text) {
                names.push(Name {
                    text: text.to_owned(),
                    span,
                });
            }
        };
        if command.patterns.is_empty() {
            listed.iter().for_each(|name| add(name));
        }
        let mut idle = Vec::new();
        for pattern in &command.patterns {
            if !pattern.text.contains('*') {
                add(&pattern.text);
                continue;
            }
            let visible = listed.iter().chain(&made);
            let mut matching = visible
                .filter(|name| matches_wildcard(&pattern.text, name))
                .peekable();
            if matching.peek().is_none() {
                idle.push(pattern);
            }
            matching.for_each(|name| add(name));
        }
        for pattern in idle {
            let message = format!("`{}` matches no column of the result", pattern.text);
            self.warn(pattern.span, message);
        }
        self.add_fill_down(&names);
        Ok(())
    }

    fn add_fill_down(&mut self, names: &[Name]) {
        let mut columns = Vec::with_capacity(names.len());
        let mut made = Vec::with_capacity(names.len());
        for name in names {
            let shown = self.output.listed.iter().find(|column| column.name == name.text);
            // A listed column may be an expression that only its text names.
            let source = match shown.map(|column| column.id) {
                Some(id) => id,
                None => {
                    let expr = self.resolve(name);
                    self.as_column(expr, &name.text).0
                }
            };
            let Some(ty) = self.columns.info(source).column_type else {
                continue;
            };
            let id = self.columns.add(&name.text, Some(ty));
            columns.push((source, id));
            made.push((name.text.clone(), (id, ty)));
        }
        self.steps.push(Step::FillDown(FillDown { columns }));
        for (name, column) in made {
            self.show_made(&name, column);
        }
    }
}

/// True when `name` is `pattern` with some text for every star. The parts between the stars are found one after
/// another, so the time is linear in the length of the name for each of them.
fn matches_wildcard(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches_wildcard;

    #[test]
    fn wildcards() {
        for (pattern, name, expected) in [
            ("cpu*", "cpu_user", true),
            ("cpu*", "mem", false),
            ("*", "", true),
            ("*_user", "cpu_user", true),
            ("c*u*r", "cpu_user", true),
            ("a*a", "a", false),
            ("cpu", "cpu", true),
            ("cpu", "cpux", false),
        ] {
            assert_eq!(matches_wildcard(pattern, name), expected, "{pattern} {name}");
        }
    }
}
