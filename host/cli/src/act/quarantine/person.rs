//! What became of somebody who was to be confined, for a program as JSON with stable fields and for an analyst in a few
//! lines.

use std::io::Write as _;
use std::time::Duration;

use portcullis_directory::{Error, User};
use portcullis_reconcile::act::{Confinement, Quarantine};
use serde::Serialize;

use super::super::person::{Who, not_left, reason, seconds, seen};
use super::document;
use crate::exit::Exit;
use crate::output;
use crate::program;
use crate::screen::{Screen, plain};

/// What became of one person.
#[derive(Debug, Serialize)]
pub(super) struct Person {
    /// In a word.
    pub(super) result: Verdict,
    pub(super) user: Who,
    /// Milliseconds from the start of the program to the answer that proves it; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ms: Option<u64>,
    /// What is written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    quarantine: Option<Quarantine>,
    /// What became of each group.
    #[serde(flatten)]
    confinement: Option<Confinement>,
    /// What is not done, in plain words.
    pub(super) not_done: Vec<String>,
    /// The first thing that went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

/// What became of somebody, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// In the restricted group, and out of every other that is known and not kept.
    Confined,
    /// In the restricted group, and a group or more is left.
    ConfinedGroupsLeft,
    /// Not in the restricted group, and so left in the others.
    NotConfined,
}

impl Person {
    /// Somebody of whom nothing is known yet but how long it took.
    pub(super) fn new(user: &User, after: Duration) -> Person {
        Person {
            result: Verdict::NotConfined,
            user: Who::from(user),
            after_ms: u64::try_from(after.as_millis()).ok(),
            quarantine: None,
            confinement: None,
            not_done: Vec::new(),
            error: None,
            exit: Exit::Success,
        }
    }

    /// Draws the conclusions.
    pub(super) fn conclude(mut self, quarantine: Quarantine, confinement: Confinement) -> Person {
        let entered = &confinement.entered;
        if !confinement.is_entered() {
            let what = format!("the user is not known to be in the group `{}`", quarantine.group);
            self.not_done.push(format!("{what}{}; no other group was touched", reason(entered.error.as_ref())));
            self.after_ms = None;
            self.exit = entered.error.as_ref().map_or(Exit::NotFound, |error| error.kind.into());
        } else if confinement.is_complete() {
            self.result = Verdict::Confined;
        } else {
            self.result = Verdict::ConfinedGroupsLeft;
            self.after_ms = None;
            self.exit = Exit::Other;
        }
        self.not_done.extend(not_left(&confinement.left));
        if self.exit == Exit::Success && !self.not_done.is_empty() {
            self.exit = Exit::Other;
        }
        let first = confinement.left.iter().find_map(|change| change.error.clone());
        self.error = entered.error.clone().or(first);
        self.quarantine = Some(quarantine);
        self.confinement = Some(confinement);
        self
    }

    /// Prints it for a person.
    pub(super) fn print(&self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        let word = if self.result == Verdict::NotConfined { "NOT CONFINED" } else { "CONFINED" };
        output::print_heading(&format!("{word}: {}", plain(&self.user.label())), screen)?;
        if let (Some(quarantine), Some(confinement)) = (&self.quarantine, &self.confinement) {
            if let Some(after) = self.after_ms {
                let proven = format!("in `{}`, {}", quarantine.group, out(confinement));
                writeln!(screen.out(), "  proven    {}; {} after the start", plain(&proven), seconds(after))?;
            }
            writeln!(screen.out(), "  written   {}", plain(&document::shown(quarantine)))?;
            for (word, groups) in [("kept", &quarantine.keep), ("since", &quarantine.appeared)] {
                if !groups.is_empty() {
                    let names: Vec<_> = groups.iter().map(ToString::to_string).collect();
                    let names = plain(&names.join(", ")).into_owned();
                    let what = if word == "since" { ": put there by somebody else; not given back" } else { "" };
                    writeln!(screen.out(), "  {word:8}  {names}{what}")?;
                }
            }
            writeln!(screen.out(), "  undo      {}", program::line(&["release", &format!("id:{}", quarantine.user)]))?;
        }
        for what in &self.not_done {
            writeln!(screen.out(), "  NOT DONE  {}", plain(what))?;
        }
        screen.flush()
    }
}

/// `out of 2 others: Ops, VPN; 3 of 3 seen in the group's own record`.
fn out(confinement: &Confinement) -> String {
    let names: Vec<_> = confinement.left.iter().map(|change| change.group.to_string()).collect();
    let seen = seen(confinement.left.iter().chain([&confinement.entered]));
    if names.is_empty() {
        return format!("and in no other that is not kept; {seen}");
    }
    format!("out of {} others: {}; {seen}", names.len(), names.join(", "))
}
