//! `join`: binding.
//!
//! Which fields of the other side are needed shows only when the commands behind the join have been bound. So the
//! other side is kept open until then, and the step gets its columns at last.

use insq_event::ColumnType;
use insq_syntax::ast::{self, JoinKind, Name};

use super::Binder;
use super::subquery::column_type;
use crate::column::ColumnId;
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::{OutputColumn, Step};
use crate::tables::Join;

/// The open other side of a join.
pub(super) struct JoinState {
    left: String,
    right: String,
    inner: Box<Binder>,
    /// Where the step stands.
    step_idx: usize,
    /// Names of the other side that are needed, and their columns here.
    columns: Vec<(String, ColumnId, ColumnType)>,
}

/// A name of one side of a join, without its alias.
pub(super) enum Side {
    Left(Name),
    Right(Name),
}

impl Binder {
    pub(super) fn bind_join(&mut self, command: &ast::Join) -> Result<(), PlanError> {
        // The service takes one join; a second one would need the sides of the first to be settled.
        if self.join.is_some() {
            let kind = crate::PlanErrorKind::SecondJoin;
            return Err(PlanError::new(kind, command.span));
        }
        if command.left.text == command.right.text {
            let name = command.right.text.clone();
            return Err(PlanError::new(
                crate::PlanErrorKind::DuplicateName { name },
                command.right.span,
            ));
        }
        let left_key = self.resolve(&command.left_key).converted(ColumnType::Any);
        let mut inner = Self::new(self.options.clone());
        for source in &command.sources {
            inner.bind_source(source)?;
        }
        inner.show_as(&command.right_key);
        self.join = Some(JoinState {
            left: command.left.text.clone(),
            right: command.right.text.clone(),
            inner: Box::new(inner),
            step_idx: self.steps.len(),
            columns: Vec::new(),
        });
        self.steps.push(Step::Join(Join {
            left_key,
            keeps_left: command.kind == JoinKind::Left,
            subplan: 0,
            outputs: Vec::new(),
            right: None,
        }));
        Ok(())
    }

    /// Adds a field to what this query shows; its position there.
    fn show_as(&mut self, name: &Name) -> (usize, ColumnType) {
        let expr = self.resolve(name).into_key();
        let (id, ty) = self.as_column(expr, &name.text);
        self.output.listed.push(OutputColumn {
            name: name.text.clone(),
            id,
        });
        (self.output.listed.len() - 1, ty)
    }

    /// The side of a join that a dotted name is of.
    pub(super) fn join_side(&self, name: &Name) -> Option<Side> {
        let join = self.join.as_ref()?;
        let of = |alias: &str| {
            let text = name.text.strip_prefix(alias)?.strip_prefix('.')?.to_owned();
            Some(Name {
                text,
                span: name.span,
            })
        };
        of(&join.right)
            .map(Side::Right)
            .or_else(|| of(&join.left).map(Side::Left))
    }

    pub(super) fn resolve_side(&mut self, side: &Side) -> Expr {
        match side {
            Side::Left(name) => self.resolve(name),
            Side::Right(name) => self.resolve_right(name),
        }
    }

    fn resolve_right(&mut self, name: &Name) -> Expr {
        let Some(join) = &mut self.join else {
            return Expr::Constant(insq_functions::Scalar::Null, ColumnType::Any);
        };
        if let Some((_, id, ty)) = join.columns.iter().find(|(known, ..)| *known == name.text) {
            return Expr::Column(*id, *ty);
        }
        let (_, ty) = join.inner.show_as(name);
        let full = format!("{}.{}", join.right, name.text);
        let id = self.columns.add(&full, Some(ty));
        join.columns.push((name.text.clone(), id, ty));
        Expr::Column(id, ty)
    }

    /// Closes the other side and gives the step its columns.
    pub(super) fn finish_join(&mut self) -> Result<(), PlanError> {
        let Some(join) = self.join.take() else {
            return Ok(());
        };
        let bound = join.inner.finish()?;
        self.warnings.extend(bound.warnings);
        let plan = bound.plan;
        // The key is the first column; the others follow in the order in which they were needed.
        let outputs = join
            .columns
            .iter()
            .enumerate()
            .map(|(idx, (_, id, _))| (idx + 1, *id))
            .collect();
        debug_assert!(
            join.columns
                .iter()
                .enumerate()
                .all(|(idx, (_, _, ty))| column_type(&plan, idx + 1) == *ty)
        );
        let subplan = self.add_subplan(plan, "join");
        if let Some(Step::Join(step)) = self.steps.get_mut(join.step_idx) {
            step.subplan = subplan;
            step.outputs = outputs;
        }
        Ok(())
    }
}
