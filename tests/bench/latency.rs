//! Pages side by side, against one after another, from a vendor that takes 50 ms to answer.

use std::time::Instant;

use portcullis_directory::{Walk, WalkOptions};
use portcullis_emulator::{Auth, Emulator, Options};

use crate::row::{self, Table};
use crate::walk::directory;
use crate::{Scale, block_on};

const USERS: u32 = 10_000;

pub(crate) fn measure(table: &mut Table, scale: Scale) {
    let users = USERS / scale.divisor;
    block_on(async {
        let faults = vec!["delay-ms=50".parse().unwrap()];
        let options = Options { users, auth: Auth::None, faults, record: 0, ..Options::default() };
        let vendor = Emulator::start(options).await.unwrap();
        let directory = directory(&vendor.endpoint()).await;
        let mut times = Vec::new();
        let mut lists = Vec::new();
        for options in [WalkOptions { concurrency: 1, ..WalkOptions::default() }, WalkOptions::default()] {
            let start = Instant::now();
            let mut walk = Walk::users(&directory, options);
            let mut list = Vec::new();
            while let Some(page) = walk.next_page().await.unwrap() {
                list.extend(page.items);
            }
            times.push(start.elapsed().as_secs_f64());
            lists.push(list);
        }
        assert_eq!(lists[0].len(), users as usize);
        assert!(lists[0] == lists[1], "the two walks differ");
        table.add(
            "50 ms away, pages side by side against one after another",
            times[0] / times[1],
            "times",
            row::at_least(6.0),
        );
    });
}
