//! What it costs that every write is recorded before it is made and completed after it: two lines, each forced to the disk
//! and known to the database before the next step.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use portcullis_directory::{Change, Directory, Value, WriteOptions};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, Anonymous, Pace, Runtime};
use portcullis_store::KeySource;
use portcullis_store::audit::{Actor, Audited, AuditedAccount, Auditor};

use crate::row::{self, Table};
use crate::{Scale, block_on};

const WRITES: u32 = 400;

pub(crate) fn measure(table: &mut Table, scale: Scale) {
    let writes = WRITES / scale.divisor;
    block_on(async {
        let options = Options { users: 1, auth: Auth::None, record: 0, ..Options::default() };
        let vendor = Emulator::start(options).await.unwrap();
        let runtime = Runtime::builder().allow_loopback(true).build().unwrap();
        let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
        let account = Account::new(vendor.endpoint()).unwrap().with_pace(Pace::unlimited());
        let plain = connector.directory(account, Anonymous).unwrap();
        let place = std::env::temp_dir().join(format!("portcullis-bench-audit-{}", std::process::id()));
        let auditor = Auditor::new(&place, KeySource::own(), SystemTime::now);
        let at = AuditedAccount { name: None, endpoint: vendor.endpoint() };
        let recorded = Arc::new(Audited::new(plain.clone(), auditor, at, Actor::default()));
        let (plain, id) = (Arc::new(plain), vendor.users()[0].id.clone());
        for at_once in [1, 16] {
            let (mut without, mut with) = (0.0, 0.0);
            for _ in 0..scale.rounds {
                without = f64::max(without, rate(&plain, &id, writes, at_once).await);
                with = f64::max(with, rate(&recorded, &id, writes, at_once).await);
            }
            let name = |what: &str| format!("writes {what}, {at_once} at once");
            table.add(&name("without a record"), without, "writes/s", row::Target::None);
            table.add(&name("recorded"), with, "writes/s", row::Target::None);
            table.add(&name("recorded, of those without"), with / without, "times", row::Target::None);
        }
        std::fs::remove_dir_all(place).unwrap();
    });
}

/// Writes a second.
async fn rate<D: Directory + Send + Sync + 'static>(directory: &Arc<D>, id: &str, writes: u32, at_once: u32) -> f64 {
    let start = Instant::now();
    let workers = (0..at_once).map(|_| {
        let (directory, id) = (Arc::clone(directory), id.to_owned());
        tokio::spawn(async move {
            for number in 0..writes / at_once {
                let title = Value::Text(format!("Counsel {number}"));
                let change = Change { field: "title".to_owned(), value: Some(title) };
                directory.update_user(&id, &[change], WriteOptions::default()).await.unwrap();
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    f64::from(writes / at_once * at_once) / start.elapsed().as_secs_f64()
}
