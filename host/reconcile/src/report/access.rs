//! The access report: who is in which group, and what somebody should look at. It says what the snapshot shows and
//! decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_directory::{Group, User};
use serde::{Serialize, Serializer};

use super::finding::{Finding, FindingCode};
use super::row::AccessRow;
use crate::census::{Census, Evidence, Seat};
use crate::normal::normal;
use crate::plan::ObjectKind;
use crate::snapshot::{Difference, Header, Snapshot, group_name, user_name};

/// An access report. Its JSON has a version, what it was made from, the meaning of each word, the findings, who is in which
/// group and, where it was compared, what changed.
#[derive(Debug)]
pub struct AccessReport<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) census: Census<'a>,
    pub(super) since: Option<(&'a Snapshot, Difference)>,
    /// The numbers.
    pub summary: Summary,
    /// What somebody should look at, by code and then by name.
    pub findings: Vec<Finding>,
    /// The findings of single users and groups, by id.
    marks: BTreeMap<(ObjectKind, String), BTreeSet<FindingCode>>,
}

/// The numbers of an access report. Users are each in one of the four cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Users.
    pub users: u64,
    /// Users that are not inactive and in a group.
    pub active_with_access: u64,
    /// Users that are not inactive and in no group.
    pub active_without_access: u64,
    /// Users that are inactive or deleted and in a group.
    pub inactive_with_access: u64,
    /// Users that are inactive or deleted and in no group.
    pub inactive_without_access: u64,
    /// Groups.
    pub groups: u64,
    /// Memberships.
    pub memberships: u64,
}

impl<'a> AccessReport<'a> {
    /// The version of the JSON form.
    pub const VERSION: u32 = 1;

    /// Of a snapshot, compared with an older one of the same directory where there is one.
    pub fn new(snapshot: &'a Snapshot, since: Option<&'a Snapshot>) -> AccessReport<'a> {
        let census = Census::of(snapshot);
        let mut report = AccessReport {
            snapshot,
            since: since.map(|since| (since, Difference::between(since, snapshot))),
            summary: Summary {
                users: snapshot.users.len() as u64,
                groups: snapshot.groups.len() as u64,
                memberships: census.len() as u64,
                ..Summary::default()
            },
            census,
            findings: Vec::new(),
            marks: BTreeMap::new(),
        };
        snapshot.users.iter().for_each(|user| report.look_at_user(user));
        snapshot.groups.iter().for_each(|group| report.look_at_group(group));
        report.look_for_duplicates();
        for seat in report.census.seats().to_vec() {
            report.look_at_seat(&seat);
        }
        report.findings.sort_by(|one, other| {
            (one.code, &one.name, &one.id, &one.detail).cmp(&(other.code, &other.name, &other.id, &other.detail))
        });
        report
    }

    /// Findings of a code.
    pub fn of(&self, code: FindingCode) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.code == code)
    }

    /// Whether every list was read whole. Where not, somebody or something may only not have been seen.
    pub fn is_complete(&self) -> bool {
        self.snapshot.is_complete() && self.since.as_ref().is_none_or(|(since, _)| since.is_complete())
    }

    /// Who is in which group, by group; then groups without members, then users in no group.
    pub fn rows(&self) -> impl Iterator<Item = AccessRow> {
        let memberships = self.census.seats().iter().map(|seat| self.row(seat));
        let groups = self.snapshot.groups.iter().filter(|group| self.census.members(&group.id).is_empty());
        let groups = groups.map(|group| AccessRow {
            group_id: Some(group.id.clone()),
            group: group.name.clone(),
            findings: self.marks(ObjectKind::Group, &group.id),
            ..AccessRow::default()
        });
        let users = self.snapshot.users.iter().filter(|user| self.census.groups(&user.id).next().is_none());
        let users = users.map(|user| AccessRow { findings: self.marks(ObjectKind::User, &user.id), ..of_user(user) });
        memberships.chain(groups).chain(users)
    }

    fn row(&self, seat: &Seat<'_>) -> AccessRow {
        let known = self.snapshot.user(seat.member).map(of_user);
        let mut findings = self.marks(ObjectKind::User, seat.member);
        findings.extend(self.marks(ObjectKind::Group, seat.group));
        let codes = [
            (self.is_one_sided(seat), FindingCode::OneSidedMembership),
            (self.is_dangling(seat), FindingCode::DanglingMember),
            (self.snapshot.group(seat.group).is_none(), FindingCode::UnknownGroup),
        ];
        findings.extend(codes.into_iter().filter_map(|(is_so, code)| is_so.then_some(code)));
        findings.sort();
        AccessRow {
            group_id: Some(seat.group.to_owned()),
            group: self.snapshot.group(seat.group).and_then(|group| group.name.clone()),
            user_id: Some(seat.member.to_owned()),
            shown_by: Some(match seat.evidence {
                Evidence::User => "user",
                Evidence::Roster => "roster",
                Evidence::Both => "both",
            }),
            findings,
            ..known.unwrap_or_default()
        }
    }

    fn marks(&self, kind: ObjectKind, id: &str) -> Vec<FindingCode> {
        self.marks.get(&(kind, id.to_owned())).into_iter().flatten().copied().collect()
    }

    fn look_at_user(&mut self, user: &User) {
        let groups = self.census.groups(&user.id).count();
        let count = match (is_inactive(user), groups > 0) {
            (false, true) => &mut self.summary.active_with_access,
            (false, false) => &mut self.summary.active_without_access,
            (true, true) => &mut self.summary.inactive_with_access,
            (true, false) => &mut self.summary.inactive_without_access,
        };
        *count += 1;
        if is_inactive(user) && groups > 0 {
            let status = user.status.as_deref().unwrap_or_default();
            self.mark_user(FindingCode::InactiveWithAccess, user, format!("{status}, in {}", counted(groups, "group")));
        } else if !is_inactive(user) && groups == 0 {
            self.mark_user(FindingCode::OrphanedAccount, user, since(user.created_at.as_deref()));
        }
        if user.external_id.as_deref().unwrap_or_default().is_empty() {
            self.mark_user(FindingCode::WithoutOwner, user, format!("in {}", counted(groups, "group")));
        }
    }

    fn look_at_group(&mut self, group: &Group) {
        if self.census.members(&group.id).is_empty() {
            self.mark_group(FindingCode::EmptyGroup, group, since(group.created_at.as_deref()));
        }
    }

    fn look_for_duplicates(&mut self) {
        let mut by_name: BTreeMap<String, Vec<&Group>> = BTreeMap::new();
        for group in self.snapshot.groups.iter().filter(|group| group.name.is_some()) {
            by_name.entry(normal(group_name(group))).or_default().push(group);
        }
        for group in by_name.values().filter(|groups| groups.len() > 1).flatten() {
            let members = self.census.members(&group.id).len();
            self.mark_group(FindingCode::DuplicateGroup, group, counted(members, "member"));
        }
    }

    fn look_at_seat(&mut self, seat: &Seat<'_>) {
        let group = self.snapshot.group(seat.group);
        let name = group.map_or(seat.group, group_name);
        let finding = |code, kind, id: &str, name: &str, detail| Finding {
            code,
            kind,
            id: id.to_owned(),
            name: name.to_owned(),
            detail,
        };
        if self.is_dangling(seat) {
            let detail = format!("member `{}` is not there", seat.member);
            self.findings.push(finding(FindingCode::DanglingMember, ObjectKind::Group, seat.group, name, detail));
        } else if let Some(user) = self.snapshot.user(seat.member) {
            let of_user = |code, detail| finding(code, ObjectKind::User, &user.id, user_name(user), detail);
            if group.is_none() {
                let detail = format!("group `{}` is not there", seat.group);
                self.findings.push(of_user(FindingCode::UnknownGroup, detail));
            } else if self.is_one_sided(seat) {
                let whose = if seat.evidence == Evidence::User { "the user's" } else { "the group's" };
                let detail = format!("in `{name}` by {whose} record alone");
                self.findings.push(of_user(FindingCode::OneSidedMembership, detail));
            }
        }
    }

    fn is_dangling(&self, seat: &Seat<'_>) -> bool {
        self.snapshot.user(seat.member).is_none() && self.snapshot.group(seat.member).is_none()
    }

    /// Whether the two records that could both show it disagree.
    fn is_one_sided(&self, seat: &Seat<'_>) -> bool {
        let has_both = self.snapshot.user(seat.member).is_some() && self.snapshot.roster(seat.group).is_some();
        has_both && seat.evidence != Evidence::Both
    }

    fn mark_user(&mut self, code: FindingCode, user: &User, detail: String) {
        self.mark(code, ObjectKind::User, &user.id, user_name(user), detail);
    }

    fn mark_group(&mut self, code: FindingCode, group: &Group, detail: String) {
        self.mark(code, ObjectKind::Group, &group.id, group_name(group), detail);
    }

    fn mark(&mut self, code: FindingCode, kind: ObjectKind, id: &str, name: &str, detail: String) {
        self.marks.entry((kind, id.to_owned())).or_default().insert(code);
        self.findings.push(Finding { code, kind, id: id.to_owned(), name: name.to_owned(), detail });
    }
}

fn of_user(user: &User) -> AccessRow {
    AccessRow {
        user_id: Some(user.id.clone()),
        username: user.username.clone(),
        name: user.name.clone(),
        status: user.status.clone(),
        external_id: user.external_id.clone(),
        department: user.department.clone(),
        ..AccessRow::default()
    }
}

fn is_inactive(user: &User) -> bool {
    matches!(user.status.as_deref(), Some("inactive" | "deleted"))
}

/// `3 groups`, `1 group`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `made 2024-05-01`: the day of an instant, or the vendor's text where it is none.
fn since(created_at: Option<&str>) -> String {
    let day = created_at.map(|at| at.split_once('T').map_or(at, |(day, _)| day));
    day.map(|day| format!("made {day}")).unwrap_or_default()
}

#[derive(Serialize)]
struct Json<'r> {
    report: u32,
    snapshot: &'r Header,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'r Header>,
    is_partial_response: bool,
    summary: Summary,
    terms: BTreeMap<&'static str, &'static str>,
    findings: &'r [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'r Difference>,
    access: Rows<'r>,
}

/// Written row by row, and never all at once in memory.
struct Rows<'r>(&'r AccessReport<'r>);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows())
    }
}

impl Serialize for AccessReport<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let terms = FindingCode::ALL.into_iter().map(|code| (code.code(), code.meaning())).collect();
        Json {
            report: AccessReport::VERSION,
            snapshot: &self.snapshot.header,
            since: self.since.as_ref().map(|(since, _)| &since.header),
            is_partial_response: !self.is_complete(),
            summary: self.summary,
            terms,
            findings: &self.findings,
            changes: self.since.as_ref().map(|(_, difference)| difference),
            access: Rows(self),
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::snapshot::tests::{group, roster, snapshot, user};

    fn owned(id: &str, status: &str, groups: &[&str]) -> User {
        User { external_id: Some(format!("x-{id}")), status: Some(status.to_owned()), ..user(id, groups) }
    }

    fn named(id: &str, name: &str) -> Group {
        Group { name: Some(name.to_owned()), ..group(id) }
    }

    /// A directory with one of each finding.
    fn untidy() -> Snapshot {
        let users = vec![
            owned("u1", "active", &["g1"]),
            owned("u2", "inactive", &["g1"]),
            owned("u3", "active", &[]),
            owned("u4", "deleted", &[]),
            User { external_id: None, ..owned("u5", "active", &["g2", "g9"]) },
            owned("u6", "active", &["g4"]),
        ];
        let groups = vec![named("g1", "Ops"), named("g2", "Qualité"), named("g3", "QUALITÉ "), named("g4", "Dev")];
        let mut snapshot = snapshot(users, groups);
        snapshot.rosters = vec![roster("g4", &["u1", "u8"])];
        snapshot
    }

    #[test]
    fn each_finding_is_found_and_nothing_else() {
        let snapshot = untidy();
        let report = AccessReport::new(&snapshot, None);
        let told: Vec<_> = report
            .findings
            .iter()
            .map(|finding| format!("{} {} {}: {}", finding.code, finding.id, finding.name, finding.detail))
            .collect();
        expect![[r#"
            inactive-with-access u2 u2: inactive, in 1 group
            dangling-member g4 Dev: member `u8` is not there
            unknown-group u5 u5: group `g9` is not there
            one-sided-membership u1 u1: in `Dev` by the group's record alone
            one-sided-membership u6 u6: in `Dev` by the user's record alone
            orphaned-account u3 u3: 
            without-owner u5 u5: in 2 groups
            duplicate-group g3 QUALITÉ : 0 members
            duplicate-group g2 Qualité: 1 member
            empty-group g3 QUALITÉ : "#]]
        .assert_eq(&told.join("\n"));
    }

    #[test]
    fn every_user_is_in_one_of_four_cases() {
        let snapshot = untidy();
        let summary = AccessReport::new(&snapshot, None).summary;
        expect![[r#"{"users":6,"active_with_access":3,"active_without_access":1,"inactive_with_access":1,"inactive_without_access":1,"groups":4,"memberships":7}"#]].assert_eq(&serde_json::to_string(&summary).unwrap());
        let cases = summary.active_with_access + summary.active_without_access;
        assert_eq!(cases + summary.inactive_with_access + summary.inactive_without_access, summary.users);
    }

    #[test]
    fn nobody_and_no_group_is_without_a_row() {
        let snapshot = untidy();
        let report = AccessReport::new(&snapshot, None);
        let rows: Vec<_> = report.rows().map(|row| serde_json::to_string(&row).unwrap()).collect();
        expect![[r#"
            {"group_id":"g1","group":"Ops","user_id":"u1","status":"active","external_id":"x-u1","shown_by":"user","findings":[]}
            {"group_id":"g1","group":"Ops","user_id":"u2","status":"inactive","external_id":"x-u2","shown_by":"user","findings":["inactive-with-access"]}
            {"group_id":"g2","group":"Qualité","user_id":"u5","status":"active","shown_by":"user","findings":["without-owner","duplicate-group"]}
            {"group_id":"g4","group":"Dev","user_id":"u1","status":"active","external_id":"x-u1","shown_by":"roster","findings":["one-sided-membership"]}
            {"group_id":"g4","group":"Dev","user_id":"u6","status":"active","external_id":"x-u6","shown_by":"user","findings":["one-sided-membership"]}
            {"group_id":"g4","group":"Dev","user_id":"u8","shown_by":"roster","findings":["dangling-member"]}
            {"group_id":"g9","user_id":"u5","status":"active","shown_by":"user","findings":["unknown-group","without-owner"]}
            {"group_id":"g3","group":"QUALITÉ ","findings":["duplicate-group","empty-group"]}
            {"user_id":"u3","status":"active","external_id":"x-u3","findings":["orphaned-account"]}
            {"user_id":"u4","status":"deleted","external_id":"x-u4","findings":[]}"#]].assert_eq(&rows.join("\n"));
    }

    #[test]
    fn a_directory_in_order_has_no_findings() {
        let snapshot = snapshot(vec![owned("u1", "active", &["g1"])], vec![named("g1", "Ops")]);
        let report = AccessReport::new(&snapshot, Some(&snapshot));
        assert_eq!(report.findings, []);
        assert!(report.is_complete());
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["snapshot"]["content"], snapshot.header.content.as_str());
        assert_eq!((&json["is_partial_response"], json["terms"].as_object().unwrap().len()), (&false.into(), 8));
        assert_eq!(json["changes"]["objects"], serde_json::json!([]));
    }
}
