//! `fillmissing`: binding, and the option that fills the bins of a `stats`.

use insq_event::ColumnType;
use insq_functions::{Period, Scalar};
use insq_syntax::ast::{self, Name};

use super::Binder;
use super::environment::Rows;
use super::expression::bind_value;
use crate::column::ColumnId;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;
use crate::logical::{Computed, Step};
use crate::series::FillMissing;

/// The time bins of a `stats`.
#[derive(Clone)]
pub(super) struct TimeBins {
    bin: ColumnId,
    period: Period,
    /// The other group keys.
    keys: Vec<ColumnId>,
    /// Columns that count.
    counts: Vec<(ColumnId, ColumnType)>,
}

impl TimeBins {
    /// The bins among the group keys; `None` when there are none.
    pub(super) fn of(keys: &[Computed]) -> Option<Self> {
        let (idx, period) = keys
            .iter()
            .enumerate()
            .find_map(|(idx, key)| Some((idx, period_of(&key.expr)?)))?;
        Some(Self {
            bin: keys[idx].id,
            period,
            keys: keys
                .iter()
                .filter(|key| key.id != keys[idx].id)
                .map(|key| key.id)
                .collect(),
            counts: Vec::new(),
        })
    }

    /// The same bins, with the columns that count.
    pub(super) fn with_counts(self, counts: Vec<(ColumnId, ColumnType)>) -> Self {
        Self { counts, ..self }
    }
}

/// The period of a key that rounds a time.
pub(super) fn period_of(expr: &Expr) -> Option<Period> {
    match expr {
        Expr::Call {
            function, arguments, ..
        } if matches!(function.name, "bin" | "datefloor" | "dateceil") => match arguments.get(1) {
            Some(Expr::Constant(Scalar::Period(period), _)) => Some(*period),
            _ => None,
        },
        _ => None,
    }
}

impl Binder {
    pub(super) fn bind_fill_missing(&mut self, command: &ast::FillMissing) -> Result<(), PlanError> {
        let Some(bins) = self.bins.clone().filter(|_| !self.scope.is_events()) else {
            return Err(PlanError::new(PlanErrorKind::NoBins, command.span));
        };
        let mut constants = Vec::with_capacity(command.values.len());
        for (value, name) in &command.values {
            let constant = bind_value(value, &mut Rows(self))?;
            if !matches!(constant, Expr::Constant(..)) {
                let kind = PlanErrorKind::NotConstant {
                    found: value.to_string(),
                };
                return Err(PlanError::new(kind, value.span));
            }
            let (id, ty) = self.own_column(name)?;
            constants.push((id, constant.converted(ty)));
        }
        self.add_fill_missing(bins, constants);
        Ok(())
    }

    /// Fills the bins of the `stats` that was bound last, if it has any: counts are 0 in the rows that are added.
    pub(super) fn fill_all_bins(&mut self) {
        let Some(bins) = self.bins.clone() else { return };
        let zero = |ty: ColumnType| Expr::Constant(Scalar::Number(0.0), ColumnType::Number).converted(ty);
        let constants = bins.counts.iter().map(|(id, ty)| (*id, zero(*ty))).collect();
        self.add_fill_missing(bins, constants);
    }

    fn add_fill_missing(&mut self, bins: TimeBins, constants: Vec<(ColumnId, Expr)>) {
        bins.keys
            .iter()
            .chain([&bins.bin])
            .for_each(|key| self.give_own_column(*key));
        self.steps.push(Step::FillMissing(FillMissing {
            bin: bins.bin,
            period: bins.period,
            keys: bins.keys,
            constants,
        }));
    }

    /// The column that a name means, and no other name: of two names of one column only one is filled.
    fn own_column(&mut self, name: &Name) -> Result<(ColumnId, ColumnType), PlanError> {
        let column = self.shown_column(name)?;
        let names = self.scope.columns().filter(|(_, known)| known.0 == column.0);
        if names.count() < 2 {
            return Ok(column);
        }
        let copy = self.copied_column(&name.text, column);
        self.show_made(&name.text, copy);
        Ok(copy)
    }

    /// Leaves a key to the name that the `stats` gave it: rows that are added have the values of keys, and nothing of what
    /// was made of keys later.
    fn give_own_column(&mut self, key: ColumnId) {
        let names = self.scope.columns().filter(|(_, column)| column.0 == key);
        // A name may have been given another meaning since.
        let is_current = |name: &str| self.scope.find(name).is_some_and(|column| column.0 == key);
        let later: Vec<(String, (ColumnId, ColumnType))> = names
            .skip(1)
            .filter(|(name, _)| is_current(name))
            .map(|(name, column)| (name.to_owned(), column))
            .collect();
        for (name, column) in later {
            let copy = self.copied_column(&name, column);
            self.name_made(&name, copy);
        }
    }

    /// The column of the result that a name or the text of an expression means.
    fn shown_column(&mut self, name: &Name) -> Result<(ColumnId, ColumnType), PlanError> {
        match self.scope.find(&name.text) {
            Some(column) => Ok(column),
            None => {
                let kind = PlanErrorKind::NoColumn {
                    name: name.text.clone(),
                    known: self.scope.names().map(str::to_owned).collect(),
                };
                Err(PlanError::new(kind, name.span))
            }
        }
    }
}
