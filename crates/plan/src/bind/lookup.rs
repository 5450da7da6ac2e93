//! `lookup` and `cidrlookup`: binding.

use std::sync::Arc;

use insq_event::{ColumnType, Relation};
use insq_functions::{IpBlock, scalar_function};
use insq_syntax::ast::{self, LookupMode, LookupOutput, Name};

use super::Binder;
use super::appendcols::first_present;
use super::constant;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;
use crate::logical::{Computed, Step};
use crate::tables::{Lookup, LookupCondition};

impl Binder {
    pub(super) fn bind_lookup(&mut self, command: &ast::Lookup) -> Result<(), PlanError> {
        let table = self.table(&command.table)?;
        let mut pairs = Vec::with_capacity(command.matches.len());
        for pair in &command.matches {
            let column = column_of(&table, &command.table, &pair.column)?;
            let field = pair.field.as_ref().unwrap_or(&pair.column);
            pairs.push((column, self.resolve(field).converted(ColumnType::Any)));
        }
        let condition = LookupCondition::Equal(pairs);
        self.add_lookup(table, &command.table, condition, command.mode, &command.outputs)
    }

    pub(super) fn bind_cidr_lookup(&mut self, command: &ast::CidrLookup) -> Result<(), PlanError> {
        let table = self.table(&command.table)?;
        let column = match &command.column {
            Some(name) => column_of(&table, &command.table, name)?,
            None => first_of_networks(&table).ok_or_else(|| {
                let kind = PlanErrorKind::NoNetworks {
                    table: command.table.text.clone(),
                };
                PlanError::new(kind, command.table.span)
            })?,
        };
        let address = self.resolve(&command.field).converted(ColumnType::Text);
        let condition = LookupCondition::Network(column, address);
        self.add_lookup(table, &command.table, condition, command.mode, &command.outputs)
    }

    fn table(&self, name: &Name) -> Result<Arc<Relation>, PlanError> {
        self.options
            .tables
            .table(&name.text)
            .map_err(|reason| PlanError::new(PlanErrorKind::NoTable { reason }, name.span))
    }

    fn add_lookup(
        &mut self,
        table: Arc<Relation>,
        name: &Name,
        condition: LookupCondition,
        mode: LookupMode,
        wanted: &[LookupOutput],
    ) -> Result<(), PlanError> {
        let mut outputs = Vec::with_capacity(wanted.len());
        let mut made = Vec::with_capacity(wanted.len());
        for output in wanted {
            let position = column_of(&table, name, &output.column)?;
            let target = output.alias.as_ref().unwrap_or(&output.column).text.clone();
            let earlier = match mode {
                LookupMode::Replace => None,
                LookupMode::FillMissing => self.earlier_meaning(&target),
            };
            let id = self.columns.add(&target, Some(ColumnType::Any));
            outputs.push((position, id));
            made.push((target, id, earlier));
        }
        self.steps.push(Step::Lookup(Lookup {
            table,
            name: name.text.clone(),
            condition,
            outputs,
        }));
        for (target, id, earlier) in made {
            let found = Expr::Column(id, ColumnType::Any);
            let id = match earlier {
                Some(earlier) => self.add_filled(&target, earlier, found),
                None => id,
            };
            self.name_made(&target, (id, ColumnType::Any));
        }
        Ok(())
    }

    /// A column that holds `earlier`, and `found` where that is missing or empty.
    fn add_filled(&mut self, name: &str, earlier: Expr, found: Expr) -> crate::ColumnId {
        let id = self.columns.add(name, Some(ColumnType::Any));
        let expr = match (scalar_function("if"), scalar_function("isempty")) {
            (Some(choose), Some(is_empty)) => Expr::Call {
                function: choose,
                arguments: vec![
                    Expr::Call {
                        function: is_empty,
                        arguments: vec![earlier.clone().converted(ColumnType::Text)],
                        column_type: ColumnType::Bool,
                    },
                    first_present(found, earlier.clone()),
                    earlier,
                ],
                column_type: ColumnType::Any,
            },
            _ => constant::text(""),
        };
        self.steps.push(Step::Compute(vec![Computed { id, expr }]));
        id
    }
}

fn column_of(table: &Relation, table_name: &Name, column: &Name) -> Result<usize, PlanError> {
    table.position(&column.text).ok_or_else(|| {
        let kind = PlanErrorKind::NoTableColumn {
            table: table_name.text.clone(),
            column: column.text.clone(),
            known: table.columns.iter().map(|column| column.name.clone()).collect(),
        };
        PlanError::new(kind, column.span)
    })
}

/// The first column that holds nothing but networks.
fn first_of_networks(table: &Relation) -> Option<usize> {
    table.columns.iter().position(|column| {
        let mut texts = insq_functions::texts_of(&column.cells)
            .into_iter()
            .flatten()
            .peekable();
        texts.peek().is_some() && texts.all(|text| IpBlock::parse(text).is_some())
    })
}
