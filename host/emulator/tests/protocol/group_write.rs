//! One test for each row of the table of behaviour that is about writing groups, under the row's name.

use std::time::{Duration, UNIX_EPOCH};

use crate::behaviour::{plain, switched};
use crate::wire::{Answer, emulator, get};
use crate::write::{made, patch, post, put};
use portcullis_emulator::{
    AbsentMember, Duplicate, DuplicateMember, Emulator, GroupPatchAnswer, MemberRemoval, Put, Switches, UnknownMember,
};
use serde_json::{Value, json};

/// A group of the first three users, and a fourth who is none of them.
struct Club {
    emulator: Emulator,
    path: String,
    users: Vec<String>,
}

impl Club {
    async fn new(change: impl FnOnce(&mut Switches)) -> Self {
        let emulator = switched(change).await;
        let users: Vec<String> = emulator.users().into_iter().take(4).map(|user| user.id).collect();
        let body = json!({"displayName": "Club", "externalId": "club", "members": values(&users[..3])});
        let path = format!("/Groups/{}", made(&emulator, "/Groups", body).await);
        Self { emulator, path, users }
    }

    async fn patch(&self, operations: Value) -> Answer {
        patch(&self.emulator, &self.path, operations).await
    }

    /// Places in `users` of the members.
    async fn members(&self) -> Vec<usize> {
        let row = get(&self.emulator, &self.path).await.json();
        let members = row["members"].as_array().cloned().unwrap_or_default();
        let place = |member: &Value| self.users.iter().position(|id| member["value"] == *id).unwrap();
        members.iter().map(place).collect()
    }

    /// The status of one operation, and the members then.
    async fn after(&self, operation: Value) -> (u16, Vec<usize>) {
        let status = self.patch(json!([operation])).await.status;
        (status, self.members().await)
    }

    fn chosen(&self, user: usize) -> String {
        format!("members[value eq \"{}\"]", self.users[user])
    }
}

fn values(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

#[tokio::test]
async fn the_documented_group_is_created_as_documented() {
    let emulator = plain().await;
    let user = emulator.users()[0].id.clone();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Contractors EU",
        "externalId": "grp-ctr-eu",
        "members": [{"value": user, "type": "User", "$ref": "https://elsewhere.example/Users/1"}],
    });
    let created = post(&emulator, "/Groups", body.clone()).await;
    let mut row = created.json();
    assert_eq!((created.status, row["meta"]["resourceType"].as_str()), (201, Some("Group")));
    row.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "meta");
    let mut expected = body;
    expected["members"] = json!([{"value": user}]);
    assert_eq!(row, expected);
}

#[tokio::test]
async fn a_group_name_is_required() {
    let club = Club::new(|_| {}).await;
    for body in [json!({}), json!({"displayName": ""}), json!({"displayName": null}), json!({"displayName": 5})] {
        assert_eq!(post(&club.emulator, "/Groups", body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(club.patch(json!([{"op": "remove", "path": "displayName"}])).await.status, 400);
    assert_eq!(club.emulator.directory().group_count(), 9);
}

#[tokio::test]
async fn two_groups_may_share_a_name() {
    let statuses = async |switch| {
        let club = Club::new(|switches| switches.duplicate_group_name = switch).await;
        let again = put(&club.emulator, &club.path, json!({"displayName": "CLUB"})).await.status;
        let twin = post(&club.emulator, "/Groups", json!({"displayName": "club"})).await.status;
        let other = made(&club.emulator, "/Groups", json!({"displayName": "Other"})).await;
        let rename = json!([{"op": "replace", "path": "displayName", "value": "Club"}]);
        let renamed = patch(&club.emulator, &format!("/Groups/{other}"), rename).await.status;
        (again, twin, renamed)
    };
    assert_eq!(statuses(Duplicate::Allowed).await, (200, 201, 204));
    assert_eq!(statuses(Duplicate::Conflict).await, (200, 409, 409));
}

#[tokio::test]
async fn put_on_a_group_merges() {
    let answer = async |switch, body: Value| {
        let club = Club::new(|switches| switches.put_group = switch).await;
        let answer = put(&club.emulator, &club.path, body).await;
        let row = answer.json();
        (answer.status, row["displayName"].clone(), row["externalId"].clone(), club.members().await)
    };
    let documented = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "externalId": "new"});
    let merged = (200, json!("Club"), json!("new"), vec![0, 1, 2]);
    assert_eq!(answer(Put::Merges, documented.clone()).await, merged);
    assert_eq!(answer(Put::Merges, json!({"members": []})).await, (200, json!("Club"), json!("club"), vec![]));
    assert_eq!(answer(Put::Replaces, documented).await.0, 400);
    let bare = (200, json!("New"), Value::Null, vec![]);
    assert_eq!(answer(Put::Replaces, json!({"displayName": "New"})).await, bare);
}

#[tokio::test]
async fn patching_a_group_answers_nothing() {
    let answer = async |switch| {
        let club = Club::new(|switches| switches.group_patch_answer = switch).await;
        let answer = club.patch(json!([{"op": "replace", "path": "displayName", "value": "New"}])).await;
        (answer.status, answer.text().to_owned(), get(&club.emulator, &club.path).await.text().to_owned())
    };
    let (status, body, _) = answer(GroupPatchAnswer::NoContent).await;
    assert_eq!((status, body.as_str()), (204, ""));
    let (status, body, row) = answer(GroupPatchAnswer::Body).await;
    assert_eq!((status, body), (200, row));
}

#[tokio::test]
async fn members_are_added_and_replaced() {
    let club = Club::new(|_| {}).await;
    let one = &club.users[3..];
    assert_eq!(
        club.after(json!({"op": "add", "path": "members", "value": values(one)})).await,
        (204, vec![0, 1, 2, 3])
    );
    assert_eq!(club.after(json!({"op": "replace", "path": "members", "value": values(one)})).await, (204, vec![3]));
    let mixed = json!({"op": "replace", "value": {"members": values(&club.users[1..3])}});
    assert_eq!(club.after(mixed).await, (204, vec![1, 2]));
    assert_eq!(club.after(json!({"op": "add", "path": "members", "value": [5]})).await, (400, vec![1, 2]));
    assert_eq!(club.after(json!({"op": "replace", "path": "members", "value": []})).await, (204, vec![]));
    assert_eq!(club.patch(json!([{"op": "add", "path": "members[value eq \"5\"]", "value": 1}])).await.status, 400);
}

#[tokio::test]
async fn remove_members_without_a_value_removes_everyone() {
    for operation in
        [json!({"op": "remove", "path": "members"}), json!({"op": "remove", "path": "members", "value": null})]
    {
        assert_eq!(Club::new(|_| {}).await.after(operation).await, (204, vec![]));
    }
}

#[tokio::test]
async fn a_filter_removes_one_member() {
    let after = async |switch| {
        let club = Club::new(|switches| switches.filtered_removal = switch).await;
        club.after(json!({"op": "remove", "path": club.chosen(1)})).await
    };
    assert_eq!(after(MemberRemoval::Removes).await, (204, vec![0, 2]));
    assert_eq!(after(MemberRemoval::Ignored).await, (204, vec![0, 1, 2]));
    assert_eq!(after(MemberRemoval::Refused).await, (400, vec![0, 1, 2]));
    assert_eq!(after(MemberRemoval::Empties).await, (204, vec![]));
    let club = Club::new(|_| {}).await;
    let either = format!("members[value eq \"{}\" or value eq \"{}\"]", club.users[0], club.users[2]);
    assert_eq!(club.after(json!({"op": "remove", "path": either})).await, (204, vec![1]));
    assert_eq!(club.after(json!({"op": "remove", "path": "members[type eq \"User\"]"})).await, (400, vec![1]));
}

#[tokio::test]
async fn a_list_of_values_removes_those_members() {
    let after = async |switch| {
        let club = Club::new(|switches| switches.listed_removal = switch).await;
        club.after(json!({"op": "remove", "path": "members", "value": values(&club.users[1..3])})).await
    };
    assert_eq!(after(MemberRemoval::Removes).await, (204, vec![0]));
    assert_eq!(after(MemberRemoval::Ignored).await, (204, vec![0, 1, 2]));
    assert_eq!(after(MemberRemoval::Refused).await, (400, vec![0, 1, 2]));
    assert_eq!(after(MemberRemoval::Empties).await, (204, vec![]));
    let nobody = json!({"op": "remove", "path": "members", "value": []});
    assert_eq!(Club::new(|_| {}).await.after(nobody).await, (204, vec![0, 1, 2]));
}

#[tokio::test]
async fn adding_a_member_again_changes_nothing() {
    let after = async |switch| {
        let club = Club::new(|switches| switches.duplicate_member = switch).await;
        club.after(json!({"op": "add", "path": "members", "value": values(&club.users[2..])})).await
    };
    assert_eq!(after(DuplicateMember::Tolerated).await, (204, vec![0, 1, 2, 3]));
    assert_eq!(after(DuplicateMember::Conflict).await, (409, vec![0, 1, 2]));
    assert_eq!(after(DuplicateMember::Refused).await, (400, vec![0, 1, 2]));
}

#[tokio::test]
async fn removing_one_who_is_no_member_changes_nothing() {
    let after = async |switch| {
        let club = Club::new(|switches| switches.absent_member = switch).await;
        club.after(json!({"op": "remove", "path": "members", "value": values(&club.users[2..])})).await
    };
    assert_eq!(after(AbsentMember::Tolerated).await, (204, vec![0, 1]));
    assert_eq!(after(AbsentMember::NotFound).await, (404, vec![0, 1, 2]));
    assert_eq!(after(AbsentMember::Refused).await, (400, vec![0, 1, 2]));
}

#[tokio::test]
async fn an_unknown_member_is_refused() {
    let after = async |switch| {
        let club = Club::new(|switches| switches.unknown_member = switch).await;
        let group = club.path.strip_prefix("/Groups/").unwrap();
        let value = json!([{"value": group}, {"value": club.users[3]}, {"value": "nobody"}]);
        let created = json!({"displayName": "New", "members": value});
        let status = post(&club.emulator, "/Groups", created).await.status;
        assert_eq!(club.emulator.directory().group_count(), if status == 201 { 10 } else { 9 });
        (status, club.after(json!({"op": "add", "path": "members", "value": value})).await)
    };
    assert_eq!(after(UnknownMember::Refused).await, (400, (400, vec![0, 1, 2])));
    assert_eq!(after(UnknownMember::NotFound).await, (404, (404, vec![0, 1, 2])));
    assert_eq!(after(UnknownMember::Ignored).await, (201, (204, vec![0, 1, 2, 3])));
}

#[tokio::test]
async fn any_number_of_operations_and_members_is_taken() {
    let statuses = async |change: fn(&mut Switches)| {
        let club = Club::new(change).await;
        let each = club.users.iter().map(|id| json!({"op": "add", "path": "members", "value": {"value": id}}));
        let many = json!({"op": "add", "path": "members", "value": values(&club.users)});
        (club.patch(each.collect()).await.status, club.patch(json!([many])).await.status)
    };
    assert_eq!(statuses(|_| {}).await, (204, 204));
    assert_eq!(statuses(|switches| switches.most_operations = 3).await, (400, 204));
    assert_eq!(statuses(|switches| switches.most_members = 3).await, (204, 400));
    assert_eq!(statuses(|switches| (switches.most_members, switches.most_operations) = (4, 4)).await, (204, 204));
}

#[tokio::test]
async fn a_membership_leaves_last_modified_of_the_user() {
    let times = async |switch| {
        let emulator = emulator(|options| {
            options.clock = || UNIX_EPOCH + Duration::from_secs(1_800_000_005);
            options.switches.membership_touches_user = switch;
        });
        let emulator = emulator.await;
        let user = emulator.users().into_iter().find(|user| user.groups.is_empty()).unwrap();
        let group = format!("/Groups/{}", emulator.directory().groups().next().unwrap().id);
        let add = json!([{"op": "add", "path": "members", "value": [{"value": user.id}]}]);
        patch(&emulator, &group, add).await;
        let row = get(&emulator, &format!("/Users/{}", user.id)).await.json();
        assert_eq!(row["groups"][0]["value"], group.strip_prefix("/Groups/").unwrap());
        let group = get(&emulator, &group).await.json();
        [row, group].map(|row| row["meta"]["lastModified"] == "2027-01-15T08:00:05Z")
    };
    assert_eq!(times(false).await, [false, true]);
    assert_eq!(times(true).await, [true, true]);
}

#[tokio::test]
async fn renaming_a_group_keeps_id_and_members() {
    let club = Club::new(|_| {}).await;
    let renamed = club.after(json!({"op": "replace", "path": "displayName", "value": "Society"})).await;
    assert_eq!(renamed, (204, vec![0, 1, 2]));
    let id = club.path.strip_prefix("/Groups/").unwrap();
    let row = get(&club.emulator, &format!("/Users/{}", club.users[0])).await.json();
    let groups = row["groups"].as_array().unwrap();
    let own = groups.iter().find(|group| group["value"] == id).unwrap();
    assert_eq!(own["display"], "Society");
    let sorted = get(&club.emulator, "/Groups?sortBy=displayName&sortOrder=descending").await.json();
    let names = sorted["Resources"].as_array().unwrap().iter().map(|row| row["displayName"].as_str().unwrap());
    assert!(names.map(str::to_lowercase).is_sorted_by(|one, other| one >= other));
}
