//! The product: the shipped connector in the runtime, and a walk.

use std::time::Instant;

use portcullis_directory::{Walk, WalkOptions};
use portcullis_runtime::{Account, AccountDirectory, Anonymous, CodeKey, Connector, Pace, Runtime};

use crate::contender::{Contender, Outcome, line};
use crate::responder::Responder;
use crate::row::{self, Table};
use crate::{Scale, block_on};

/// The process: `walk ENDPOINT [--content]`.
pub(crate) fn run(arguments: &[String]) {
    let (endpoint, shows_content) = (&arguments[0], arguments.len() > 1);
    block_on(async {
        let directory = directory(endpoint).await;
        let start = Instant::now();
        let mut walk = Walk::users(&directory, WalkOptions::default());
        let mut users = 0;
        while let Some(page) = walk.next_page().await.unwrap() {
            users += u32::try_from(page.items.len()).unwrap();
            if shows_content {
                for user in &page.items {
                    let text = |text: &Option<String>| text.clone().unwrap();
                    let groups: Vec<_> = user.groups.iter().map(|group| group.id.as_str()).collect();
                    let (username, name) = (text(&user.username), text(&user.name));
                    let line =
                        line(&user.id, &username, &name, &user.emails[0].email, &text(&user.department), &groups);
                    println!("{line}");
                }
            }
        }
        if !shows_content {
            Outcome::print(start.elapsed().as_secs_f64(), users);
        }
    });
}

/// An account in a runtime of its own, without a pace.
pub(crate) async fn directory(endpoint: &str) -> AccountDirectory {
    let account = Account::new(endpoint).unwrap().with_pace(Pace::unlimited());
    connector().await.directory(account, Anonymous).unwrap()
}

/// The shipped connector. As with the command, the first process leaves compiled code for the next: what the compiler
/// takes would be most of the memory.
pub(crate) async fn connector() -> Connector {
    let code = std::env::temp_dir().join("portcullis-bench-code");
    let runtime = Runtime::builder().allow_loopback(true).code_cache(code, CodeKey::new([7; 32])).build().unwrap();
    runtime.load(portcullis_connectors::ZPA).await.unwrap()
}

/// Whether the memory of a walk grows with the list.
pub(crate) fn measure_memory(table: &mut Table, scale: Scale) {
    let responder = Responder::start();
    let walk = Contender::own("portcullis", &["walk"]);
    let peaks = [100_000, 1_000_000].map(|users| {
        let outcome = walk.run(&responder.endpoint(users / scale.divisor));
        assert_eq!(outcome.users, users / scale.divisor);
        outcome.peak_bytes / 1e6
    });
    table.add("memory of a walk of 100,000 users", peaks[0], "MB", row::Target::None);
    table.add("memory of a walk of 1,000,000 users", peaks[1], "MB", row::at_most(64.0));
}
