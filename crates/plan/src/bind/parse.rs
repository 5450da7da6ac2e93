//! `parse`: binding.

use std::sync::Arc;

use insq_event::{ColumnType, ScanField, SystemField};
use insq_functions::{CompiledRegex, InternalFunction};
use insq_syntax::Span;
use insq_syntax::ast::{self, Name, ParsePattern};

use super::Binder;
use super::appendcols::first_present;
use super::environment::Rows;
use super::expression::{bind_value, compile};
use crate::column::ColumnId;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;
use crate::logical::{Capture, Extract, ExtractPattern, Step};

impl Binder {
    pub(super) fn bind_parse(&mut self, command: &ast::Parse) -> Result<(), PlanError> {
        let source = match &command.source {
            Some(expr) => bind_value(expr, &mut Rows(self))?,
            None => self.resolve(&Name {
                text: SystemField::Message.name().to_owned(),
                span: command.span,
            }),
        };
        if let ParsePattern::Logfmt { name } = &command.pattern {
            self.bind_logfmt(source, name);
            return Ok(());
        }
        let source = if source.column_type().is_textual() {
            source
        } else {
            source.converted(ColumnType::Text)
        };
        let (pattern, names) = match &command.pattern {
            ParsePattern::Glob { pattern, span, names } => {
                self.hint_glob(pattern, *span);
                let literals: Arc<[String]> = pattern.split('*').map(str::to_owned).collect();
                (
                    ExtractPattern::Glob(literals),
                    names.iter().map(|name| name.text.clone()).enumerate().collect(),
                )
            }
            ParsePattern::Csv { names } => (
                ExtractPattern::Csv,
                names.iter().map(|name| name.text.clone()).enumerate().collect(),
            ),
            ParsePattern::Regex { regex, names, .. } => {
                self.hint_class(&regex.pattern, regex.span);
                let compiled = compile(&regex.pattern, regex.span)?;
                let wanted = regex_captures(&compiled, names, regex.span)?;
                (ExtractPattern::Regex(Arc::new(compiled)), wanted)
            }
            _ => {
                let what = "this form of `parse`".to_owned();
                return Err(PlanError::new(PlanErrorKind::NotBuiltYet { what }, command.span));
            }
        };
        let captures: Vec<Capture> = names
            .into_iter()
            .map(|(group, name)| self.capture(group, &name))
            .collect();
        self.steps.push(Step::Extract(Extract {
            source,
            pattern,
            captures,
            is_multi: matches!(command.pattern, ParsePattern::Regex { multi: true, .. }),
        }));
        Ok(())
    }

    /// The pairs of a text as a map. Where there is none, the name keeps what it meant.
    fn bind_logfmt(&mut self, source: Expr, name: &Name) {
        let map = Expr::internal(InternalFunction::Logfmt, vec![source.converted(ColumnType::Text)]);
        // Of the log, a map is meant as it is.
        let of_log = self.structure(name);
        let earlier = of_log.or_else(|| self.earlier_meaning_whole(&name.text));
        let value = match earlier {
            Some(earlier) => first_present(map, earlier),
            None => map,
        };
        let column = self.as_column(value, &name.text);
        self.name_made(&name.text, column);
    }

    /// The column that a capture fills. Where the pattern does not match, the name keeps what it meant.
    fn capture(&mut self, group: usize, name: &str) -> Capture {
        let otherwise = self.earlier_meaning(name);
        let id: ColumnId = self.columns.add(name, Some(ColumnType::Any));
        self.name_made(name, (id, ColumnType::Any));
        Capture { group, id, otherwise }
    }

    /// What a name means so far, as a value of any type; `None` when it surely means nothing.
    pub(super) fn earlier_meaning(&mut self, name: &str) -> Option<Expr> {
        let earlier = self.earlier_meaning_whole(name)?;
        Some(match earlier.column_type() {
            // A map goes on as what is shown of it.
            ColumnType::Json => Expr::internal(InternalFunction::Shown, vec![earlier]),
            _ => earlier.converted(ColumnType::Any),
        })
    }

    /// The same in the type that it has.
    fn earlier_meaning_whole(&mut self, name: &str) -> Option<Expr> {
        if let Some((id, ty)) = self.scope.find(name) {
            return Some(Expr::Column(id, ty));
        }
        if !self.scope.is_events() {
            return None;
        }
        if let Some(field) = SystemField::from_name(name) {
            let id = self.scan_column(ScanField::System(field));
            return Some(Expr::Column(id, field.column_type()));
        }
        // Names that begin with `@` are the system's or the query's, never the log's.
        if name.starts_with('@') && !name.starts_with("@@") {
            return None;
        }
        let id = self.scan_column(ScanField::Discovered(insq_event::FieldPath::new(name)));
        Some(Expr::Column(id, ColumnType::Any))
    }
}

/// Groups of the expression and the names they fill: named groups their own, others those after `as`.
fn regex_captures(
    compiled: &CompiledRegex,
    names: &[Name],
    span: Span,
) -> Result<Vec<(usize, String)>, PlanError> {
    let mut unnamed = names.iter();
    let mut captures = Vec::new();
    let mut unnamed_count = 0;
    for (group, own) in compiled.group_names().iter().enumerate().skip(1) {
        match own {
            Some(name) => captures.push((group, name.clone())),
            None => {
                unnamed_count += 1;
                captures.extend(unnamed.next().map(|name| (group, name.text.clone())));
            }
        }
    }
    if !names.is_empty() && unnamed_count != names.len() {
        let kind = PlanErrorKind::GroupCount {
            groups: unnamed_count,
            names: names.len(),
        };
        return Err(PlanError::new(
            kind,
            names.get(unnamed_count).map_or(span, |surplus| surplus.span),
        ));
    }
    if captures.is_empty() {
        return Err(PlanError::new(PlanErrorKind::NoGroups, span));
    }
    Ok(captures)
}
