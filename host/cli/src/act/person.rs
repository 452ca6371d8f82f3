//! What became of one person, for a program as JSON with stable fields and for an analyst in a few lines.

use std::io::Write as _;

use portcullis_directory::{Error, User};
use portcullis_reconcile::act::{CutOff, MembershipChange, State, Witness};
use serde::Serialize;

use crate::exit::Exit;
use crate::output::{self, Format};
use crate::program;
use crate::screen::{Screen, plain};

/// What became of one person.
#[derive(Debug, Serialize)]
pub(super) struct Person {
    /// What was asked for.
    pub(super) asked: String,
    /// In a word.
    pub(super) result: Verdict,
    /// Who it is, where that could be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<Who>,
    /// What the directory shows of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cut_off: Option<Shown>,
    /// Each group that the user was in.
    pub(super) memberships: Vec<MembershipChange>,
    /// Where it is written down what was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) undo_file: Option<String>,
    /// What is not done, in plain words.
    pub(super) not_done: Vec<String>,
    /// The first thing that went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Error>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

/// What became of somebody, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// Proven, and out of every group that is known.
    CutOff,
    /// Proven, and a group or more is left.
    CutOffGroupsLeft,
    /// Not proven.
    NotCutOff,
    /// It could not be told who is meant, so nothing was done.
    NobodyNamed,
}

/// Who somebody is.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Who {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

/// What the directory shows.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Shown {
    /// Whether it was read that the user is cut off.
    pub(super) is_proven: bool,
    /// The state that was read last.
    pub(super) state: State,
    /// Whether it was so before this run.
    pub(super) was_already: bool,
    /// Milliseconds from the start of the program to the answer that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after_ms: Option<u64>,
}

impl From<&User> for Who {
    fn from(user: &User) -> Who {
        Who { id: user.id.clone(), username: user.username.clone(), name: user.name.clone() }
    }
}

impl Who {
    /// For a heading.
    pub(super) fn label(&self) -> String {
        match self.username.as_ref().or(self.name.as_ref()) {
            Some(name) => format!("{name} ({})", self.id),
            None => self.id.clone(),
        }
    }
}

impl Person {
    /// Somebody of whom it could not be told who it is.
    pub(super) fn unnamed(asked: String, message: &str, exit: Exit) -> Person {
        Person {
            asked,
            result: Verdict::NobodyNamed,
            user: None,
            cut_off: None,
            memberships: Vec::new(),
            undo_file: None,
            not_done: vec![format!("nothing was done: {message}")],
            error: None,
            exit,
        }
    }

    /// Draws the conclusions.
    pub(super) fn conclude(&mut self, cut_off: &CutOff) {
        let is_out = self.memberships.iter().all(MembershipChange::is_out);
        if cut_off.is_proven {
            self.result = if is_out { Verdict::CutOff } else { Verdict::CutOffGroupsLeft };
            self.exit = if is_out { Exit::Success } else { Exit::Other };
        } else {
            self.result = Verdict::NotCutOff;
            let kind = cut_off.error.as_ref().map(|error| error.kind);
            self.exit = kind.map_or(Exit::Incomplete, Exit::from);
            let what = match cut_off.state {
                State::Active => "the user is NOT cut off and may still get in",
                State::Inactive => "the user is inactive and NOT deleted",
                State::Gone | State::Unknown => "it is NOT KNOWN whether the user is cut off; take it for no",
            };
            self.not_done.push(format!("{what}{}", reason(cut_off.error.as_ref())));
        }
        self.not_done.extend(not_left(&self.memberships));
        // Also where something was not looked into.
        if self.exit == Exit::Success && !self.not_done.is_empty() {
            self.exit = Exit::Other;
        }
        let first = self.memberships.iter().find_map(|change| change.error.clone());
        self.error = cut_off.error.clone().or(first);
    }

    /// Prints it for a person.
    pub(super) fn print(&self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        let who = self.user.as_ref().map_or_else(|| self.asked.clone(), Who::label);
        let word = match self.result {
            Verdict::CutOff | Verdict::CutOffGroupsLeft => "CUT OFF",
            Verdict::NotCutOff => "NOT CUT OFF",
            Verdict::NobodyNamed => "NOTHING DONE",
        };
        output::print_heading(&format!("{word}: {}", plain(&who)), screen)?;
        if let Some(shown) = self.cut_off.as_ref().filter(|shown| shown.is_proven) {
            let state = if shown.state == State::Gone { "the user is gone" } else { "the user is inactive" };
            let already = if shown.was_already { ", and was before" } else { "" };
            let seconds = shown.after_ms.map(seconds).unwrap_or_default();
            writeln!(screen.out(), "  proven    {state}{already}; read by id {seconds} after the start")?;
        }
        if self.cut_off.is_some() {
            writeln!(screen.out(), "  groups    {}", plain(&self.groups()))?;
        }
        if let Some(file) = &self.undo_file {
            writeln!(screen.out(), "  undo      {}", program::line(&["restore", file]))?;
        }
        for what in &self.not_done {
            writeln!(screen.out(), "  NOT DONE  {}", plain(what))?;
        }
        screen.flush()
    }

    fn groups(&self) -> String {
        let out: Vec<_> = self.memberships.iter().filter(|change| change.is_out()).collect();
        if self.memberships.is_empty() {
            return "in none, by the user's own record".to_owned();
        }
        let names: Vec<_> = out.iter().map(|change| change.group.to_string()).collect();
        let by_group = out.iter().filter(|change| change.shown_by == Some(Witness::GroupRecord)).count();
        let count = format!("out of {} of {}", out.len(), self.memberships.len());
        if names.is_empty() {
            return count;
        }
        format!("{count}: {}; {by_group} of them seen in the group's own record", names.join(", "))
    }
}

/// What is not done about groups that somebody was to leave, in plain words.
pub(super) fn not_left(changes: &[MembershipChange]) -> impl Iterator<Item = String> {
    let (out, left): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.is_out());
    let told = |what: &str, change: &MembershipChange| {
        format!("{what} the group `{}`{}", change.group, reason(change.error.as_ref()))
    };
    let left = left.into_iter().map(move |change| told("the user may still be in", change));
    // Somebody else's loss is told even of a change that was done.
    let alarming = out.into_iter().filter(|change| change.error.is_some());
    left.chain(alarming.map(move |change| told("look at", change)))
}

/// `: the vendor does not answer`, where there is an error.
pub(super) fn reason(error: Option<&Error>) -> String {
    error.map(|error| format!(": {error}")).unwrap_or_default()
}

/// Prints who was last, where people are printed as they come.
pub(super) fn print_last<P: Serialize>(
    people: &[P],
    format: Format,
    screen: &mut Screen<'_>,
    print: impl FnOnce(&P, &mut Screen<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(person) = people.last() else { return Ok(()) };
    match format {
        Format::Json => Ok(()),
        Format::Ndjson | Format::Csv => {
            output::print_line(person, screen)?;
            screen.flush()
        }
        Format::Table => print(person, screen),
    }
}

/// `2 of 3 seen in the group's own record, the others in the user's`.
pub(super) fn seen<'a>(changes: impl IntoIterator<Item = &'a MembershipChange>) -> String {
    let (mut all, mut by_group) = (0, 0);
    for change in changes {
        all += 1;
        by_group += usize::from(change.shown_by == Some(Witness::GroupRecord));
    }
    let others = if by_group < all { ", the others in the user's" } else { "" };
    format!("{by_group} of {all} seen in the group's own record{others}")
}

/// `0.4 s`.
pub(super) fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}
