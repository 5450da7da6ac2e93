//! The same events in what the engine reads: each form has its own ways to leave unread what a query does not need.

use std::cell::OnceCell;
use std::fs::File;
use std::path::PathBuf;

use insq::{
    ConversionOptions, Engine, EngineBuilder, FolderConversionOptions, MemoryEvent, PartitionBy, ReadOptions,
    RunControl,
};
use insq_testkit::random::{NETWORKS, NETWORKS_NAME, TABLE, TABLE_NAME};
use insq_testkit::reference::LogEvent;
use insq_testkit::write::{Container, LoggedEvent, gzip, input_in};
use tempfile::TempDir;

/// What the engine reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Lines of JSON in memory.
    Memory,
    /// An export: lines of text, a file per stream.
    Export,
    /// The same in parts of so many bytes, read by so many at a time, or mapped.
    CutExport {
        part_bytes: u64,
        block_bytes: usize,
        mmap: bool,
    },
    /// The same in files of gzip, of which so many bytes are taken at a time.
    Gzip { block_bytes: usize },
    /// What a conversion makes of the export.
    Parquet,
    /// The same in stretches of few events, with fewer columns than fields.
    ParquetStretches,
    /// A folder of such files.
    ParquetFolder,
    /// The container of the case.
    Container,
}

/// Events, written in every form that was asked for.
pub(crate) struct Inputs<'a> {
    events: &'a [LogEvent],
    container: &'static Container,
    folder: TempDir,
    contained: OnceCell<PathBuf>,
    export: OnceCell<PathBuf>,
    gzip: OnceCell<PathBuf>,
    parquet: OnceCell<PathBuf>,
    stretches: OnceCell<PathBuf>,
    parquet_folder: OnceCell<PathBuf>,
    tables: OnceCell<PathBuf>,
}

impl<'a> Inputs<'a> {
    /// `events` stand in the order of their streams, as the files of an export do.
    pub(crate) fn new(events: &'a [LogEvent], container: &'static Container) -> Self {
        Self {
            events,
            container,
            contained: OnceCell::new(),
            folder: tempfile::tempdir().unwrap(),
            export: OnceCell::new(),
            gzip: OnceCell::new(),
            parquet: OnceCell::new(),
            stretches: OnceCell::new(),
            parquet_folder: OnceCell::new(),
            tables: OnceCell::new(),
        }
    }

    /// An engine that reads them.
    pub(crate) fn engine(&self, form: Form) -> EngineBuilder {
        let builder = Engine::builder().lookups(self.tables());
        match form {
            Form::Memory => builder.events(self.events.iter().map(|event| MemoryEvent {
                timestamp_ms: event.timestamp_ms,
                message: event.message.clone(),
                log_stream: Some(event.log_stream.clone()),
            })),
            Form::Export => builder.path(self.export()),
            Form::CutExport {
                part_bytes,
                block_bytes,
                mmap,
            } => builder.path(self.export()).read_options(ReadOptions {
                split_bytes: part_bytes,
                block_bytes,
                // So short a file that is in no order may look as if it were.
                trust_order: self.is_in_order(),
                mmap,
                ..ReadOptions::default()
            }),
            Form::Gzip { block_bytes } => builder.path(self.gzip()).read_options(ReadOptions {
                block_bytes,
                ..ReadOptions::default()
            }),
            Form::Parquet => builder.path(self.parquet()),
            Form::ParquetStretches => builder.path(self.stretches()),
            Form::ParquetFolder => builder.path(self.parquet_folder()),
            Form::Container => builder.path(self.contained()),
        }
    }

    /// The folder of the tables.
    fn tables(&self) -> &PathBuf {
        self.tables.get_or_init(|| {
            let folder = self.folder.path().join("tables");
            std::fs::create_dir(&folder).unwrap();
            for (name, table) in [(TABLE_NAME, TABLE), (NETWORKS_NAME, NETWORKS)] {
                std::fs::write(folder.join(format!("{name}.csv")), table).unwrap();
            }
            folder
        })
    }

    fn is_in_order(&self) -> bool {
        let mut streams = self.events.chunk_by(|a, b| a.log_stream == b.log_stream);
        streams.all(|events| events.is_sorted_by_key(|event| event.timestamp_ms))
    }

    fn export(&self) -> &PathBuf {
        self.export
            .get_or_init(|| self.exported("exportedlogs", "000000", str::to_owned))
    }

    fn gzip(&self) -> &PathBuf {
        self.gzip.get_or_init(|| {
            let compressed = |text: &str| gzip(text.as_bytes()).unwrap();
            self.exported("compressed", "000000.gz", compressed)
        })
    }

    /// An export whose files have this name, and what this makes of the lines.
    fn exported<B: AsRef<[u8]>>(&self, folder: &str, name: &str, made: impl Fn(&str) -> B) -> PathBuf {
        let export = self.folder.path().join(folder);
        // What is not there has no events, which is no error of a folder with something in it.
        std::fs::create_dir_all(export.join("task/none")).unwrap();
        std::fs::write(export.join("task/none").join(name), made("")).unwrap();
        for events in self.events.chunk_by(|a, b| a.log_stream == b.log_stream) {
            let lines = events.iter().map(|event| {
                let time = insq::format_time(event.timestamp_ms).replace(' ', "T");
                format!("{time}Z {}\n", event.message)
            });
            let folder = export.join("task").join(&events[0].log_stream);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(name), made(&lines.collect::<String>())).unwrap();
        }
        export
    }

    fn contained(&self) -> &PathBuf {
        self.contained.get_or_init(|| {
            let folder = self.folder.path().join("container");
            std::fs::create_dir(&folder).unwrap();
            let logged = self.events.iter().map(|event| LoggedEvent {
                timestamp_ms: event.timestamp_ms,
                ingestion_ms: event.timestamp_ms,
                group: "/aws/lambda/orders".to_owned(),
                stream: event.log_stream.clone(),
                message: format!("{}\n", event.message),
            });
            let logged: Vec<LoggedEvent> = logged.collect();
            self.container.write(&logged, &folder).unwrap();
            let input = input_in(&folder);
            if logged.is_empty() && input != folder {
                // An archive without a log is refused, as a folder is.
                std::fs::write(&input, "").unwrap();
            }
            input
        })
    }

    fn parquet(&self) -> &PathBuf {
        self.parquet
            .get_or_init(|| self.converted("logs.parquet", &ConversionOptions::default()))
    }

    fn stretches(&self) -> &PathBuf {
        self.stretches
            .get_or_init(|| self.converted("stretches.parquet", &SMALL))
    }

    fn converted(&self, name: &str, options: &ConversionOptions) -> PathBuf {
        let path = self.folder.path().join(name);
        let engine = self.engine(Form::Export).build().unwrap();
        let file = File::create(&path).unwrap();
        let control = RunControl::default();
        engine
            .convert(&file, self.folder.path(), options, &control)
            .unwrap();
        path
    }

    fn parquet_folder(&self) -> &PathBuf {
        self.parquet_folder.get_or_init(|| {
            let folder = self.folder.path().join("parquet");
            let engine = self.engine(Form::Export).build().unwrap();
            let options = FolderConversionOptions {
                files: SMALL,
                partition_by: vec![PartitionBy::Date, PartitionBy::Function],
                group_bytes: Some(1),
            };
            engine
                .convert_folder(&folder, &options, &RunControl::default())
                .unwrap();
            folder
        })
    }
}

/// Row groups of few events, and most fields left in the messages.
const SMALL: ConversionOptions = ConversionOptions {
    strict: false,
    field_columns_max: 1,
    stretch_rows: 3,
};
