//! The arguments that reading users and reading groups have in common.

use clap::Args;
use portcullis_directory::{PageQuery, ReadOptions, WalkOptions};
use portcullis_runtime::Pace;

use crate::finding::FindArguments;
use crate::listing::{ListArguments, OutputArguments};

/// The arguments of `list`.
#[derive(Debug, Default, Args)]
pub(crate) struct RowsArguments {
    #[command(flatten)]
    pub(crate) list: ListArguments,
    #[command(flatten)]
    remote_data: RemoteDataArguments,
}

/// The arguments of `get`, of an object that is named so.
#[derive(Debug, Args)]
pub(crate) struct GetArguments<N: Args> {
    #[command(flatten)]
    pub(crate) named: N,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
    #[command(flatten)]
    remote_data: RemoteDataArguments,
}

/// The arguments of `find`, by a key of this kind.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments<K: Args> {
    #[command(flatten)]
    pub(crate) key: K,
    #[command(flatten)]
    pub(crate) find: FindArguments,
    #[command(flatten)]
    remote_data: RemoteDataArguments,
}

/// The flag of everything that has a record of the vendor's own.
#[derive(Clone, Copy, Debug, Default, Args)]
struct RemoteDataArguments {
    /// Add the vendor's own JSON of each object; a table of many does not show it
    #[arg(long)]
    remote_data: bool,
}

impl RowsArguments {
    /// The page that is asked for.
    pub(crate) fn query(&self) -> PageQuery {
        self.list.query(self.remote_data.options())
    }

    /// The walk that is asked for.
    pub(crate) fn walk(&self, pace: Option<Pace>) -> WalkOptions {
        self.list.walk(self.remote_data.options(), pace)
    }
}

impl<N: Args> GetArguments<N> {
    /// What is asked for.
    pub(crate) fn options(&self) -> ReadOptions {
        self.remote_data.options()
    }
}

impl<K: Args> KeyArguments<K> {
    /// What is asked for.
    pub(crate) fn options(&self) -> ReadOptions {
        self.remote_data.options()
    }

    /// The walk where the vendor cannot search.
    pub(crate) fn walk(&self) -> WalkOptions {
        // A bound that somebody set is kept to the page.
        let concurrency = if self.find.is_bounded() { 1 } else { WalkOptions::default().concurrency };
        WalkOptions { remote_data: self.options().remote_data, concurrency, ..WalkOptions::default() }
    }
}

impl RemoteDataArguments {
    fn options(self) -> ReadOptions {
        ReadOptions { remote_data: self.remote_data }
    }
}
