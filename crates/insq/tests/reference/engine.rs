//! The engine under every setting that changes no answer.

use insq::{GATHERED_ROWS, QueryOptions, Spill, TimeRange};
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

pub(crate) fn engine(
    query: &str,
    inputs: &Inputs<'_>,
    time_range: TimeRange,
    setting: Setting,
) -> Option<Result<Answer, insq::Error>> {
    let spill = Spill {
        folder: std::env::temp_dir().into(),
        gathered_bytes: setting.gathered_bytes,
    };
    // Events in memory can be read once.
    let form = match setting.form {
        Form::Memory if query.contains("(SOURCE") => Form::Export,
        form => form,
    };
    let builder = inputs.engine(form).threads(setting.threads);
    let builder = builder.gathered_rows(setting.gathered_rows);
    let engine = builder.spill(spill).build().unwrap();
    let options = QueryOptions {
        batch_rows: setting.batch_rows,
        optimize: setting.optimize,
        time_range,
        ..QueryOptions::default()
    };
    let result = match engine.prepare(query, &options).ok()?.run() {
        Ok(result) => result,
        Err(error) => return Some(Err(error)),
    };
    let value = |value: &insq::Value| match value {
        insq::Value::Number(number) => Value::Number(*number),
        insq::Value::Time(ms) => Value::Time(*ms),
        insq::Value::Bool(value) => Value::Bool(*value),
        insq::Value::Text(text) => Value::Text(text.clone()),
        _ => Value::Null,
    };
    Some(Ok(Answer {
        columns: result
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect(),
        rows: result
            .rows()
            .iter()
            .map(|row| row.values().iter().map(value).collect())
            .collect(),
    }))
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
