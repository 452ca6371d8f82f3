//! What the curves must look like.

use super::point::Outcome;
use super::{ACCOUNTS, Curves, LATENCIES, PACE, SIZES, UNDER_WAY};
use crate::row::{Table, Target, at_least, at_most};

pub(super) fn judge(table: &mut Table, curves: &Curves) {
    // A term that grows with the list for each page would show a hundredfold between these two. The smallest list is
    // left out: it has ten pages, and the first of a walk are read one after another.
    let [_, ten_thousand, hundred_thousand, million] = &curves.sizes[..] else {
        unreachable!("as many as there are sizes")
    };
    table.add("users/s, 10^6 users", million.rate, "users/s", Target::None);
    table.add("users/s, 10^6 users of 10^4", million.rate / ten_thousand.rate, "times", at_least(0.8));
    // The ids that were met are all that a walk keeps, at most 16 bytes each (`Walk`); how many pages wait for their turn
    // differs by a few megabytes from run to run. The shortest walks never have as many pages ready as they may.
    let grown = (million.peak - hundred_thousand.peak) / f64::from(SIZES[3] - SIZES[2]);
    table.add("memory a user, from 10^5 to 10^6 users", grown, "bytes", at_most(20.0));

    // Were there anything that is searched for one of all accounts, or that all wait on for longer the more they are, ten
    // and a hundred times as many would be slower by far more than this. At 10^4 each call also opens a connection and
    // closes another, as the runtime keeps 1000 (`Limits::connections`), which is what the last of the three allows for.
    let [one, _, hundred, thousand, many] = &curves.accounts[..] else { unreachable!("as many as there are numbers") };
    table.add("calls/s, 10^4 accounts", many.rate, "calls/s", Target::None);
    table.add("calls/s, 1 account of 10^2", one.rate / hundred.rate, "times", at_least(0.8));
    table.add("calls/s, 10^3 accounts of 10^2", thousand.rate / hundred.rate, "times", at_least(0.8));
    table.add("calls/s, 10^4 accounts of 10^2", many.rate / hundred.rate, "times", at_least(0.6));
    let an_account = |more: f64, less: f64, accounts: u32| (more - less) / f64::from(accounts) / 1e3;
    let few = an_account(thousand.rest, hundred.rest, ACCOUNTS[3] - ACCOUNTS[2]);
    let rest = an_account(many.rest, thousand.rest, ACCOUNTS[4] - ACCOUNTS[3]);
    table.add("memory an account, at rest", rest, "KB", at_most(4.0));
    // The same for each of them, however many: ten times as many would make it ten times as much if it were not.
    table.add("memory an account, from 10^3 on, of that before", rest / few, "times", at_most(2.0));
    // Up to 1000 accounts each keeps a connection, with a buffer as large as its replies were. Beyond that there are no
    // more of them, and an account takes little more than at rest.
    let connection = an_account(thousand.peak, hundred.peak, ACCOUNTS[3] - ACCOUNTS[2]);
    let called = an_account(many.peak, thousand.peak, ACCOUNTS[4] - ACCOUNTS[3]);
    table.add("memory an account with its connection", connection, "KB", at_most(128.0));
    table.add("memory an account without one", called, "KB", at_most(8.0));

    // So many requests under way, each for so long, are the most that a walk can reach. Its first pages are read one after
    // another and its last ones find fewer to go beside, of 200 in all.
    let [_, side_by_side, held] = &curves.latencies;
    let (near, far) = (side_by_side[0], side_by_side[LATENCIES.len() - 1]);
    let bound = f64::from(UNDER_WAY) * 100.0 * 1000.0 / f64::from(LATENCIES[LATENCIES.len() - 1]);
    table.add("users/s, 200 ms away, of what 16 under way allow", far.rate / bound, "times", at_least(0.7));
    table.add("memory of a walk, 200 ms away, of 0 ms", far.peak / near.peak, "times", at_most(1.3));
    // A page is a request, and a walk has 200. It is as fast as the pace as long as 16 under way allow much more than
    // that, and nowhere faster but for the burst of 20, which is a tenth of them.
    let of_the_pace = |outcome: &Outcome| outcome.rate / 100.0 / f64::from(PACE);
    let most = held.iter().map(of_the_pace).fold(0.0, f64::max);
    let least = held[..LATENCIES.len() - 2].iter().map(of_the_pace).fold(f64::INFINITY, f64::min);
    table.add("requests/s of the pace, at most", most, "times", at_most(1.12));
    table.add("requests/s of the pace, at least, up to 50 ms away", least, "times", at_least(0.8));
}
