//! What a probe asks, what is assumed, and what it found. An answer that the tenant did not give is none.

use std::borrow::Cow;

use serde::Serialize;

use super::answer::Answer;
use crate::record::{Column, Field, Record};

/// What was found, in the order in which it was.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

/// A finding beside what is assumed.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    name: &'static str,
    asks: &'static str,
    /// Where the behaviour reference of ZPA's SCIM API has it.
    section: &'static str,
    assumed: &'static str,
    found: String,
    /// `None` where it could not be told.
    is_as_assumed: Option<bool>,
}

impl Findings {
    /// Writes down what was found.
    pub(super) fn add(&mut self, name: &'static str, found: impl Into<String>) {
        let found = found.into();
        let question = QUESTIONS.iter().find(|question| question.0 == name);
        let (_, asks, assumed, section) = question.copied().unwrap_or((name, "", "", ""));
        let is_as_assumed = (!found.starts_with(UNCLEAR)).then(|| found == assumed);
        self.0.push(Finding { name, asks, section, assumed, found, is_as_assumed });
    }

    /// Writes down what was found, in place of what was found before with less to go by.
    pub(super) fn replace(&mut self, name: &'static str, found: impl Into<String>) {
        self.0.retain(|finding| finding.name != name);
        self.add(name, found);
    }

    /// Writes down that something is so, or is not.
    pub(super) fn add_switch(&mut self, name: &'static str, is_on: bool) {
        self.add(name, if is_on { "on" } else { "off" });
    }

    /// Writes down whether what was tried was done: a refusal says no, and a failure says nothing.
    pub(super) fn add_tried(&mut self, name: &'static str, answer: &Answer, is_done: bool) {
        if answer.is_ok() || answer.is_unsupported() {
            self.add_switch(name, answer.is_ok() && is_done);
        } else {
            self.add_unclear(name, &answer.doubt());
        }
    }

    /// Writes down of everything that was not found out why it cannot be told.
    pub(super) fn add_missing(&mut self, why: &str) {
        for (name, ..) in QUESTIONS {
            if self.0.iter().all(|finding| finding.name != *name) {
                self.add_unclear(name, why);
            }
        }
    }

    /// Writes down that it cannot be told, and why.
    pub(super) fn add_unclear(&mut self, name: &'static str, why: &str) {
        self.add(name, format!("{UNCLEAR}{why}"));
    }

    /// What was found; `None` where it was not asked, or could not be told.
    pub(super) fn found(&self, name: &str) -> Option<&str> {
        let found = &self.0.iter().find(|finding| finding.name == name)?.found;
        Some(found.as_str()).filter(|found| !found.starts_with(UNCLEAR))
    }

    /// All of them.
    pub(super) fn rows(&self) -> &[Finding] {
        &self.0
    }
}

impl Record for Finding {
    const NOUN: &'static str = "finding";
    const FIELDS: &'static [Field<Finding>] = &[
        Field { name: "name", text: |finding| Cow::Borrowed(finding.name) },
        Field { name: "assumed", text: |finding| Cow::Borrowed(finding.assumed) },
        Field { name: "found", text: |finding| Cow::Borrowed(&finding.found) },
        Field {
            name: "differs",
            text: |finding| Cow::Borrowed(if finding.is_as_assumed == Some(false) { "differs" } else { "" }),
        },
        Field { name: "asks", text: |finding| Cow::Borrowed(finding.asks) },
        Field { name: "section", text: |finding| Cow::Borrowed(finding.section) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "name", least: 12, rank: 9 },
        Column { field: "assumed", least: 8, rank: 5 },
        Column { field: "found", least: 8, rank: 8 },
        Column { field: "differs", least: 7, rank: 7 },
        Column { field: "asks", least: 20, rank: 3 },
        Column { field: "section", least: 5, rank: 1 },
    ];
}

/// What a finding starts with that is none.
pub(super) const UNCLEAR: &str = "unclear: ";

/// Name, question, what is assumed, and the section of the behaviour reference (`zpa-scim`) that leaves it open.
const QUESTIONS: &[(&str, &str, &str, &str)] = &[
    ("discovery", "whether the pages that describe the server are served", "off", "2"),
    ("error-body", "the form of an error", "scim", "9"),
    ("default-page", "rows of a page when `count` is not said", "10", "5"),
    ("count-above-maximum", "what `count=101` does", "clamped", "5"),
    ("start-index-zero", "what `startIndex=0` does", "is-one", "5"),
    ("past-the-end", "what a page behind the last row has", "empty", "5"),
    ("empty-resources", "`Resources` of a page without rows", "omitted", "5"),
    ("items-per-page", "what `itemsPerPage` counts", "page-size", "5"),
    ("active", "how `active` is written", "mixed", "3.4"),
    ("extension-urn", "when `schemas` names the enterprise extension", "always", "3.2"),
    ("locations", "whose URLs the records have", "vendor", "1, 3.2"),
    ("etag", "whether records have versions", "off", "8"),
    ("user-name-filter", "whether `userName eq` finds users", "on", "6"),
    ("external-id-filter", "whether `externalId eq` finds users", "off", "6"),
    ("id-filter", "whether `id eq` finds users", "off", "6"),
    ("email-filter", "whether `emails.value eq` finds users", "off", "6"),
    ("active-filter", "whether `active eq` finds users", "off", "6"),
    ("last-modified-filter", "whether `meta.lastModified` can be filtered by", "off", "6"),
    ("unknown-filter", "what a filter does that is not one of these", "refused", "6"),
    ("display-name-filter", "whether `displayName eq` finds groups", "on", "6"),
    ("member-filter", "whether `members.value eq` finds groups", "off", "6"),
    ("group-sort", "whether `sortBy=displayName` sorts groups", "on", "5"),
    ("projection", "which attributes can be left out", "members", "6"),
    ("members-in-list", "whether the list of groups has members", "off", "4"),
    ("members-of-full-group", "whether a group with members shows them", "on", "4"),
    ("members-in-group", "when a group has `members`", "omitted-when-empty", "4"),
    ("visibility-delay", "reads from which a write is hidden", "0", "10"),
    ("delayed-reads", "which reads a write is hidden from", "none", "10"),
    ("location-header", "whether what is made comes with its URL", "off", "2"),
    ("conflict-type", "whether a conflict says `uniqueness`", "on", "8"),
    ("duplicate-external-id", "two users of one `externalId`", "allowed", "3.1"),
    ("unknown-attributes", "attributes that nobody knows", "dropped", "3.1"),
    ("enterprise-at-root", "`department` at the top of a user", "moved", "3.3"),
    ("over-long", "a text of 1,000 characters", "accepted", "3.1"),
    ("patch-effect", "whether an accepted PATCH does anything", "applied", "7"),
    ("capital-operators", "whether `Replace` is `replace`", "on", "7"),
    ("patch-without-path", "whether operations do without `path`", "on", "7"),
    ("active-as-text", "whether `\"False\"` switches off", "on", "7"),
    ("email-replacement", "`replace` of the address for work", "all", "7"),
    ("email-list-replacement", "`replace` of all addresses", "all", "7"),
    ("email-pair", "`remove` and `add` of addresses in one PATCH", "in-order", "7"),
    ("put-user", "what PUT does to what a user leaves out", "merges", "8"),
    ("user-name-change", "whether a username can be changed", "allowed", "8"),
    ("deactivation", "what `active=false` does", "keeps", "10"),
    ("inactive-users", "where inactive users are seen", "listed", "10"),
    ("group-patch-answer", "what a PATCH of a group answers", "no-content", "2"),
    ("duplicate-group-name", "two groups of one name", "allowed", "8"),
    ("put-group", "what PUT does to what a group leaves out", "merges", "8"),
    ("duplicate-member", "adding a member again", "tolerated", "7"),
    ("absent-member", "removing who is no member", "tolerated", "7"),
    ("unknown-member", "adding an id that nobody has", "refused", "7"),
    ("filtered-removal", "`remove` at `members[value eq …]`", "removes", "7"),
    ("listed-removal", "`remove` at `members` with a list", "removes", "7"),
    ("second-delete", "deleting what is gone", "not-found", "8"),
    ("recreation", "making again who was deleted", "new-id", "8"),
];
