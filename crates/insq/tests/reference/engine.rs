//! The engine under every setting that changes no answer.

use insq::{
    Engine, GATHERED_ROWS, PreparedQuery, QueryOptions, QueryResult, ResultStream, RunControl, Spill,
    TimeRange,
};
use insq_testkit::reference::{Answer, Value};

use crate::inputs::{Form, Inputs};

/// What never changes an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    form: Form,
    threads: usize,
    batch_rows: usize,
    optimize: bool,
    gathered_bytes: usize,
    gathered_rows: usize,
}

/// A query, and the time that it is about.
pub(crate) type Asked = (String, TimeRange);

/// What the engine answers; `None` for a query that it refuses.
pub(crate) fn alone(
    asked: &Asked,
    inputs: &Inputs<'_>,
    setting: Setting,
) -> Option<Result<Answer, insq::Error>> {
    let engine = engine(std::slice::from_ref(asked), inputs, setting);
    let query = engine.prepare(&asked.0, &options(asked.1, setting)).ok()?;
    Some(query.run().map(|result| answer_of(&result)))
}

/// The same for queries that run in one pass, of which none is refused.
pub(crate) fn together(
    asked: &[Asked],
    inputs: &Inputs<'_>,
    setting: Setting,
) -> Vec<Result<Answer, insq::Error>> {
    let engine = engine(asked, inputs, setting);
    let prepared = asked
        .iter()
        .map(|(query, range)| engine.prepare(query, &options(*range, setting)).unwrap());
    let queries: Vec<PreparedQuery<'_>> = prepared.collect();
    let mut answers: Vec<Option<Result<Answer, insq::Error>>> = asked.iter().map(|_| None).collect();
    match engine.run_many(&queries, &RunControl::default()) {
        Err(error) => return vec![Err(error)],
        Ok(results) => {
            for one in results {
                let result = one.stream.and_then(ResultStream::into_result);
                answers[one.number] = Some(result.map(|result| answer_of(&result)));
            }
        }
    }
    answers.into_iter().map(Option::unwrap).collect()
}

/// True for a query that the engine does not refuse.
pub(crate) fn is_taken(asked: &Asked, inputs: &Inputs<'_>, setting: Setting) -> bool {
    let engine = engine(std::slice::from_ref(asked), inputs, setting);
    engine.prepare(&asked.0, &options(asked.1, setting)).is_ok()
}

fn engine(asked: &[Asked], inputs: &Inputs<'_>, setting: Setting) -> Engine {
    let spill = Spill {
        folder: std::env::temp_dir().into(),
        gathered_bytes: setting.gathered_bytes,
    };
    // Events in memory can be read once.
    let form = match setting.form {
        Form::Memory if asked.iter().any(|(query, _)| query.contains("(SOURCE")) => Form::Export,
        form => form,
    };
    let builder = inputs.engine(form).threads(setting.threads);
    let builder = builder.gathered_rows(setting.gathered_rows);
    builder.spill(spill).build().unwrap()
}

fn options(time_range: TimeRange, setting: Setting) -> QueryOptions {
    QueryOptions {
        batch_rows: setting.batch_rows,
        optimize: setting.optimize,
        time_range,
        ..QueryOptions::default()
    }
}

fn answer_of(result: &QueryResult) -> Answer {
    let value = |value: &insq::Value| match value {
        insq::Value::Number(number) => Value::Number(*number),
        insq::Value::Time(ms) => Value::Time(*ms),
        insq::Value::Bool(value) => Value::Bool(*value),
        insq::Value::Text(text) => Value::Text(text.clone()),
        _ => Value::Null,
    };
    let fields = result.schema().fields().iter();
    let rows = result.rows();
    Answer {
        columns: fields.map(|field| field.name().clone()).collect(),
        rows: rows
            .iter()
            .map(|row| row.values().iter().map(value).collect())
            .collect(),
    }
}

/// Every setting that is tried.
pub(crate) fn settings() -> Vec<Setting> {
    let plain = Setting {
        form: Form::Memory,
        threads: 1,
        batch_rows: 8_192,
        optimize: true,
        gathered_bytes: usize::MAX,
        gathered_rows: GATHERED_ROWS,
    };
    vec![
        plain,
        Setting {
            optimize: false,
            ..plain
        },
        Setting {
            threads: 2,
            batch_rows: 3,
            ..plain
        },
        // Files after every chunk.
        Setting {
            batch_rows: 2,
            gathered_bytes: 0,
            ..plain
        },
        Setting {
            threads: 2,
            batch_rows: 1,
            optimize: false,
            gathered_bytes: 0,
            ..plain
        },
        // Groups put aside after every chunk, and now and then.
        Setting {
            batch_rows: 2,
            gathered_rows: 1,
            ..plain
        },
        Setting {
            threads: 2,
            batch_rows: 1,
            gathered_rows: 3,
            ..plain
        },
        Setting {
            form: Form::Export,
            ..plain
        },
        Setting {
            form: Form::Export,
            optimize: false,
            ..plain
        },
        Setting {
            form: Form::CutExport {
                part_bytes: 150,
                block_bytes: 60,
                mmap: false,
            },
            threads: 2,
            batch_rows: 3,
            ..plain
        },
        Setting {
            form: Form::CutExport {
                part_bytes: 200,
                block_bytes: 100,
                mmap: true,
            },
            threads: 2,
            batch_rows: 5,
            ..plain
        },
        Setting {
            form: Form::Gzip { block_bytes: 1 << 20 },
            ..plain
        },
        Setting {
            form: Form::Gzip { block_bytes: 50 },
            threads: 2,
            batch_rows: 3,
            ..plain
        },
        Setting {
            form: Form::Container,
            ..plain
        },
        Setting {
            form: Form::Container,
            threads: 2,
            batch_rows: 3,
            optimize: false,
            ..plain
        },
        Setting {
            form: Form::Parquet,
            ..plain
        },
        Setting {
            form: Form::Parquet,
            threads: 2,
            batch_rows: 3,
            ..plain
        },
        Setting {
            form: Form::ParquetStretches,
            threads: 2,
            ..plain
        },
        Setting {
            form: Form::ParquetFolder,
            batch_rows: 3,
            ..plain
        },
    ]
}

/// The settings under which several queries run in one pass.
pub(crate) fn settings_together() -> impl Iterator<Item = Setting> {
    settings().into_iter().filter(|setting| setting.threads == 2)
}
