//! What one call costs before it does anything: a fresh instance with every limit on, against the same function
//! natively.

use std::hint::black_box;
use std::time::{Duration, Instant};

use portcullis_directory::{Directory as _, PageQuery};
use portcullis_zpa::{account, list, wit};

use crate::responder::Responder;
use crate::row::{self, Table};
use crate::walk::directory;
use crate::{Scale, block_on};

pub(crate) fn measure(table: &mut Table, scale: Scale) {
    let responder = Responder::start();
    let endpoint = responder.endpoint(1000);
    block_on(async {
        let directory = directory(&endpoint).await;
        let next = directory.list_users(PageQuery::default()).await.unwrap().next_cursor.unwrap();
        let account = wit::Account { endpoint, settings: None };
        let native = || {
            let account = account::Account::parse(&account).unwrap();
            list::cursors_ahead(&account, black_box(&next), 1).unwrap()
        };
        assert_eq!(directory.page_cursors(&next, 1).await.unwrap(), native());
        let (mut sandboxed, mut natively) = (Vec::new(), Vec::new());
        for _ in 0..10_000 * scale.rounds {
            let start = Instant::now();
            directory.page_cursors(&next, 1).await.unwrap();
            sandboxed.push(start.elapsed());
            let start = Instant::now();
            native();
            natively.push(start.elapsed());
        }
        let above = median(sandboxed).saturating_sub(median(natively));
        table.add(
            "a call on a fresh instance, above a native one",
            above.as_secs_f64() * 1e6,
            "µs",
            row::at_most(20.0),
        );
    });
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
