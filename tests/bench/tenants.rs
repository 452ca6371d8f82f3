//! Ten thousand accounts in one process, 256 calls under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portcullis_directory::{Directory as _, PageQuery};
use portcullis_runtime::{Account, Anonymous, Limits, Pace, Runtime};
use serde_json::{Value, json};

use crate::contender::{own_memory, own_peak};
use crate::responder::Responder;
use crate::row::{self, Table};
use crate::{Scale, block_on};

const ACCOUNTS: usize = 10_000;
const UNDER_WAY: usize = 256;

/// Starts the process and reads what it tells.
pub(crate) fn measure(table: &mut Table, scale: Scale) {
    let responder = Responder::start();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let calls = (200_000 / scale.divisor).to_string();
    let output = command.args(["tenants", &responder.endpoint(50), &calls]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let figure = |name: &str| told[name].as_f64().unwrap();
    table.add("memory of 10,000 accounts at rest", figure("rest") / 1e6, "MB", row::Target::None);
    table.add("memory with 256 calls under way, at most", figure("peak") / 1e6, "MB", row::at_most(300.0));
    table.add("calls a second, 10,000 accounts", figure("calls_a_second"), "calls/s", row::Target::None);
    table.add("p99 of a call, of its median", figure("p99") / figure("p50"), "times", row::at_most(3.0));
}

/// The process: `tenants ENDPOINT CALLS`.
pub(crate) fn run(arguments: &[String]) {
    let (endpoint, calls) = (&arguments[0], arguments[1].parse::<usize>().unwrap());
    block_on(async {
        let limits = Limits::default();
        let runtime = Runtime::builder().allow_loopback(true).limits(limits).build().unwrap();
        let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
        let account = || {
            let account = Account::new(endpoint).unwrap().with_pace(Pace::unlimited());
            connector.directory(account, Anonymous).unwrap()
        };
        let accounts: Arc<Vec<_>> = Arc::new((0..ACCOUNTS).map(|_| account()).collect());
        let rest = own_memory();
        let next = Arc::new(AtomicUsize::new(0));
        let start = Instant::now();
        let workers: Vec<_> = (0..UNDER_WAY)
            .map(|_| {
                let (accounts, next) = (Arc::clone(&accounts), Arc::clone(&next));
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    loop {
                        let call = next.fetch_add(1, Ordering::Relaxed);
                        if call >= calls {
                            return times;
                        }
                        // A stride that comes past every account before it comes past one again.
                        let account = &accounts[call.wrapping_mul(7919) % ACCOUNTS];
                        let start = Instant::now();
                        let page = account.list_users(PageQuery::default()).await.unwrap();
                        times.push(start.elapsed());
                        assert_eq!(page.items.len(), 50);
                    }
                })
            })
            .collect();
        let mut times = Vec::new();
        for worker in workers {
            times.extend(worker.await.unwrap());
        }
        let seconds = start.elapsed().as_secs_f64();
        times.sort_unstable();
        let quantile = |part: usize| Duration::as_secs_f64(&times[(times.len() - 1) * part / 100]);
        let told = json!({"rest": rest, "peak": own_peak(), "p50": quantile(50), "p99": quantile(99),
            "calls_a_second": calls as f64 / seconds});
        println!("{told}");
    });
}
