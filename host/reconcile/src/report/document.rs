//! The access report as a document: for somebody who has never seen the tool, on a screen or on paper.

use super::access::{AccessReport, Summary, counted};
use super::finding::FindingCode;
use crate::census::Seat;
use crate::html::{Bar, Body, Card, Page, Tone};
use crate::snapshot::{ChangeKind, Difference, Header, Snapshot, group_name, user_name};

impl AccessReport<'_> {
    /// The report as one HTML file. In a directory with more than 20,000 memberships, of each group the first 100 members
    /// are named and the others counted; of each kind of finding and of changes, the first 200 are listed.
    pub fn to_html(&self) -> String {
        let mut body = Body::new();
        if !self.is_complete() {
            body.notice(
                Tone::Bad,
                "Not everything could be read, or a list changed while it was read. What is in this report was there; \
                 who or what is missing from it may only not have been seen.",
            );
        }
        self.overview(&mut body);
        self.attention(&mut body);
        if let Some((since, difference)) = &self.since {
            changes(since, difference, &mut body);
        }
        self.groups(&mut body);
        body.heading("What the words mean");
        body.definitions(FindingCode::ALL.map(|code| (code.title(), code.meaning())));
        let facts = self.facts();
        let facts: Vec<_> = facts.iter().map(|(name, value)| (*name, value.clone())).collect();
        Page {
            title: "Access report",
            lead: "Who is in which group of a user directory, and what somebody should look at. Groups decide what their \
                   members may reach, so this is who can reach what, as far as the directory says.",
            facts: &facts,
            body,
        }
        .render()
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let Header { target, taken_at, content, .. } = &self.snapshot.header;
        let mut facts = vec![("Directory", target.endpoint.clone())];
        facts.extend(target.account.clone().map(|account| ("Account", account)));
        facts.push(("Read at", taken_at.clone()));
        facts.push(("Memberships from", self.sources()));
        facts.push(("Read through", format!("{}, {}", target.connector, target.component)));
        facts.push(("Field mapping", target.mapping.to_string()));
        facts.push(("Digest of the data", content.to_string()));
        if let Some((since, _)) = &self.since {
            let Header { taken_at, content, .. } = &since.header;
            facts.push(("Compared with", format!("the directory at {taken_at}, {content}")));
        }
        facts
    }

    fn sources(&self) -> String {
        match self.snapshot.rosters.len() {
            0 => "the users' records".to_owned(),
            rosters => format!("the users' records and the own records of {}", counted(rosters, "group")),
        }
    }

    fn overview(&self, body: &mut Body) {
        let Summary { users, groups, memberships, .. } = self.summary;
        let plain = |value: u64, label, note| Card { value: value.to_string(), label, note, tone: Tone::Plain };
        let mut cards = vec![
            plain(users, "users", "in the directory"),
            plain(groups, "groups", "in the directory"),
            plain(memberships, "memberships", "a user in a group, each counted once"),
        ];
        for code in FindingCode::ALL {
            let count = self.of(code).count();
            if count > 0 {
                cards.push(Card { value: count.to_string(), label: code.title(), note: "", tone: code.tone() });
            }
        }
        if self.findings.is_empty() {
            cards.push(Card { value: "0".to_owned(), label: "findings", note: "nothing to look at", tone: Tone::Good });
        }
        body.heading("At a glance");
        body.cards(&cards);
        let Summary {
            active_with_access, active_without_access, inactive_with_access, inactive_without_access, ..
        } = self.summary;
        let bar = |label, value, tone| Bar { label, value, tone };
        body.parts(
            "Users, by whether they are active and in a group",
            &[
                bar("Active, in a group", active_with_access, Tone::Good),
                bar("Active, in no group", active_without_access, Tone::Notice),
                bar("Inactive, still in a group", inactive_with_access, Tone::Bad),
                bar("Inactive, in no group", inactive_without_access, Tone::Plain),
            ],
        );
        let mut sizes: Vec<_> = self
            .snapshot
            .groups
            .iter()
            .map(|group| (self.census.members(&group.id).len() as u64, group_name(group)))
            .collect();
        sizes.sort_by_key(|(size, name)| (std::cmp::Reverse(*size), *name));
        sizes.truncate(LARGEST);
        let largest: Vec<_> = sizes.iter().map(|(size, name)| bar(name, *size, Tone::Plain)).collect();
        if !largest.is_empty() {
            body.bars("The largest groups, by members", &largest);
        }
    }

    fn attention(&self, body: &mut Body) {
        if self.findings.is_empty() {
            return;
        }
        body.heading("What to look at");
        for code in FindingCode::ALL {
            let found: Vec<_> = self.of(code).collect();
            if found.is_empty() {
                continue;
            }
            body.subheading(code.title(), &found.len().to_string());
            body.paragraph(code.meaning());
            let rows = found.iter().take(LISTED);
            body.table(
                &["Name", "Id", "About it"],
                rows.map(|finding| [finding.name.as_str(), &finding.id, &finding.detail]),
            );
            rest(found.len(), LISTED, body);
        }
    }

    fn groups(&self, body: &mut Body) {
        body.heading("Who is in which group");
        let most = if self.census.len() > ALL_NAMED { NAMED } else { usize::MAX };
        let mut groups: Vec<_> = self.snapshot.groups.iter().collect();
        groups.sort_by_key(|group| (group_name(group), &group.id));
        for group in groups {
            let seats = self.census.members(&group.id);
            body.subheading(group_name(group), &format!("{}, id {}", counted(seats.len(), "member"), group.id));
            let mut names: Vec<_> = seats.iter().map(|seat| self.member_name(seat)).collect();
            names.sort_unstable();
            if !names.is_empty() {
                body.names(names.iter().take(most).map(String::as_str));
            }
            rest(names.len(), most, body);
        }
        let nobody = self.summary.active_without_access + self.summary.inactive_without_access;
        if nobody > 0 {
            body.paragraph(&format!("Users in no group: {nobody}. The CSV form of this report has each of them."));
        }
    }

    /// What a reader needs to know of a member: the name, and the status where it is not `active`.
    fn member_name(&self, seat: &Seat<'_>) -> String {
        let Some(user) = self.snapshot.user(seat.member) else {
            let group = self.snapshot.group(seat.member).map(|group| format!("{} (group)", group_name(group)));
            return group.unwrap_or_else(|| format!("{} (not in the directory)", seat.member));
        };
        match user.status.as_deref() {
            None | Some("active") => user_name(user).to_owned(),
            Some(status) => format!("{} ({status})", user_name(user)),
        }
    }
}

fn changes(since: &Snapshot, difference: &Difference, body: &mut Body) {
    let before = &since.header.taken_at;
    body.heading(&format!("Changes since {before}"));
    if difference.is_empty() {
        body.paragraph("Nothing changed.");
        return;
    }
    let rows: Vec<_> = difference.objects.iter().flat_map(object_rows).chain(membership_rows(difference)).collect();
    body.table(&["Change", "What", "Name", "About it"], rows.iter().take(LISTED));
    rest(rows.len(), LISTED, body);
}

fn object_rows(object: &crate::snapshot::ObjectChange) -> Vec<[String; 4]> {
    let kind = match object.kind {
        crate::plan::ObjectKind::User => "user",
        crate::plan::ObjectKind::Group => "group",
    };
    let row = |about| [object.change.word().to_owned(), kind.to_owned(), object.name.clone(), about];
    if object.change != ChangeKind::Changed {
        return vec![row(String::new())];
    }
    let text = |value: Option<&serde_json::Value>| match value {
        None => "nothing".to_owned(),
        Some(serde_json::Value::String(text)) => format!("“{text}”"),
        Some(other) => other.to_string(),
    };
    let about = |change: &crate::action::FieldChange| {
        format!("{}: {} → {}", change.field, text(change.before.as_ref()), text(change.after.as_ref()))
    };
    object.fields.iter().map(|field| row(about(field))).collect()
}

fn membership_rows(difference: &Difference) -> impl Iterator<Item = [String; 4]> {
    difference.memberships.iter().map(|change| {
        let word = if change.change == ChangeKind::Added { "added to" } else { "removed from" };
        let about = format!("{word} {}", change.group_name);
        [change.change.word().to_owned(), "membership".to_owned(), change.member_name.clone(), about]
    })
}

/// Says how many are not listed.
fn rest(found: usize, listed: usize, body: &mut Body) {
    if found > listed {
        body.paragraph(&format!("And {} more, which the CSV and JSON forms of this report have.", found - listed));
    }
}

/// Groups in the picture.
const LARGEST: usize = 12;
/// Findings of a kind, and changes, that are listed.
const LISTED: usize = 200;
/// Memberships up to which every member is named.
const ALL_NAMED: usize = 20_000;
/// Members of a group that are named where there are more.
const NAMED: usize = 100;

#[cfg(test)]
mod tests {
    use portcullis_directory::{Group, User};

    use super::*;
    use crate::snapshot::tests::{snapshot, user};

    #[test]
    fn hostile_names_become_text_and_the_digest_is_told() {
        let hostile = "<script>alert(1)</script>\u{202e}\"'&";
        let person = User {
            username: Some(hostile.to_owned()),
            status: Some(hostile.to_owned()),
            created_at: Some(hostile.to_owned()),
            ..user(hostile, &["<b>"])
        };
        let group = Group { id: "<b>".to_owned(), name: Some(hostile.to_owned()), ..Group::default() };
        let loner =
            User { username: Some(hostile.to_owned()), created_at: Some(hostile.to_owned()), ..user("u2", &[]) };
        let before = snapshot(vec![], vec![]);
        let after = snapshot(vec![person, loner], vec![group]);
        let html = AccessReport::new(&after, Some(&before)).to_html();
        assert!(!html.contains("<script") && !html.contains("<b>alert") && !html.contains('\u{202e}'));
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;\u{fffd}&quot;&#39;&amp;"));
        assert!(html.contains(after.header.content.as_str()) && html.contains(before.header.content.as_str()));
    }

    #[test]
    fn a_snapshot_that_moved_makes_a_report_that_says_so() {
        let mut moved = snapshot(vec![], vec![]);
        assert!(!AccessReport::new(&moved, None).to_html().contains("Not everything could be read"));
        moved.header.users.moved = true;
        assert!(AccessReport::new(&moved, None).to_html().contains("Not everything could be read"));
    }
}
