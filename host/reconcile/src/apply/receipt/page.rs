//! A receipt for people.

use super::{Counts, Receipt, Step};
use crate::apply::outcome::Verdict;
use crate::html::{Bar, Body, Card, Page, Tone};

pub(super) fn page(receipt: &Receipt) -> String {
    let Counts { done, unchanged, skipped, failed, to_retry } = receipt.counts;
    let mut body = Body::new();
    if receipt.is_dry_run {
        body.notice(Tone::Notice, "This was a dry run: nothing was sent, and the outcomes are made up.");
    }
    if let Some(halted) = &receipt.halted {
        body.notice(Tone::Bad, &format!("The run ended before it came through: {halted}."));
    }
    for trip in &receipt.overridden {
        body.notice(Tone::Notice, &format!("A limit was overridden by naming this plan: {}", trip.message));
    }
    let good = if receipt.is_complete() { Tone::Good } else { Tone::Plain };
    let bad = |count: u64| if count == 0 { Tone::Plain } else { Tone::Bad };
    let card = |value: u64, label, note, tone| Card { value: value.to_string(), label, note, tone };
    body.cards(&[
        card(done, "done", "were made", good),
        card(unchanged, "unchanged", "were so already", good),
        card(skipped, "skipped", "were not tried", Tone::Plain),
        card(failed, "failed", "were refused, or met what the plan does not say", bad(failed)),
        card(to_retry, "to be retried", "had no answer, or were asked to wait", bad(to_retry)),
    ]);
    let bar = |label, value, tone| Bar { label, value, tone };
    body.parts(
        "What came of the actions of the plan",
        &[
            bar("done", done, Tone::Good),
            bar("unchanged", unchanged, Tone::Good),
            bar("skipped", skipped, Tone::Plain),
            bar("failed", failed, Tone::Bad),
            bar("to be retried", to_retry, Tone::Notice),
        ],
    );
    for (verdict, heading) in [
        (Verdict::Failed, "Failed"),
        (Verdict::ToRetry, "To be retried"),
        (Verdict::Done, "Done"),
        (Verdict::Unchanged, "Unchanged"),
        (Verdict::Skipped, "Skipped"),
    ] {
        let steps: Vec<_> = receipt.actions.iter().filter(|step| step.outcome.result == verdict).collect();
        if !steps.is_empty() {
            body.heading(heading);
            body.table(&["Number", "Action", "About", "Id", "What came of it"], steps.into_iter().map(row));
        }
    }
    let mut facts = vec![
        ("Directory", receipt.target.endpoint.clone()),
        ("Connector", receipt.target.connector.clone()),
        ("Plan", receipt.plan.to_string()),
        ("Source", receipt.source.name.clone()),
        ("Started", receipt.started_at.clone()),
        ("Ended", receipt.ended_at.clone()),
    ];
    if receipt.is_resumed {
        facts.push(("Run", "goes on where an earlier one ended".to_owned()));
    }
    let lead = "What was done to a user directory by one plan that somebody reviewed. Each line is one action of that plan, \
                with what came of it; nothing else was done.";
    Page { title: "Receipt of an applied plan", lead, facts: &facts, body }.render()
}

fn row(step: &Step) -> [String; 5] {
    let outcome = &step.outcome;
    let mut told = outcome.why().unwrap_or_else(|| outcome.result.name().to_owned());
    if outcome.is_settled {
        told.push_str(" (found out by reading)");
    }
    [
        step.action.number.to_string(),
        step.action.operation.name().to_owned(),
        step.action.label.clone(),
        outcome.id.clone().unwrap_or_default(),
        told,
    ]
}
