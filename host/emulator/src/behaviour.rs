//! What the emulator does as ZPA and how it is known: one row a promise, each with a test of that name.
//! A row that departs from RFC 7643 or RFC 7644 says from where.

/// How a behaviour is known. Sections are those of `zpa-scim.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The vendor says or shows it: CONFIRMED.
    Documented,
    /// Deduced from clients, metadata or neighbouring facts: INFERRED.
    Inferred,
    /// Nothing is known: a choice of this emulator, turned by a switch where a client could depend on it.
    Unknown,
}

/// One behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Also the name of the test that holds the emulator to it.
    pub id: &'static str,
    /// What it does by default.
    pub what: &'static str,
    /// How that is known.
    pub mark: Mark,
    /// Where it comes from.
    pub section: &'static str,
    /// What turns it: names of [`crate::Switches::list`].
    pub switches: &'static [&'static str],
    /// The place in the RFCs that says otherwise.
    pub against: Option<&'static str>,
}

macro_rules! behaviours {
    ($($mark:ident $section:literal $id:ident [$($switch:literal),*] $(against $rfc:literal)? : $what:literal;)*) => {
        /// Every behaviour, reads first.
        pub const BEHAVIOUR: &[Behaviour] = &[$(Behaviour {
            id: stringify!($id),
            what: $what,
            mark: Mark::$mark,
            section: $section,
            switches: &[$($switch),*],
            against: behaviours!(@ $($rfc)?),
        },)*];
    };
    (@) => { None };
    (@ $rfc:literal) => { Some($rfc) };
}

behaviours! {
    Documented "1, 9" a_bearer_token_is_required []:
        "Every path needs `Authorization: Bearer` and the token; else 401";
    Unknown "9" an_error_has_the_body_of_the_switch ["error-body"]:
        "Errors are RFC 7644 bodies";
    Unknown "9" another_idp_is_forbidden ["wrong-idp"]:
        "A path of another tenant is 403";
    Documented "5" a_default_page_has_ten_rows ["default-count"]:
        "Without `count` a page has 10 rows";
    Unknown "5" a_page_has_at_most_a_hundred_rows ["count-above-maximum"]:
        "A `count` above 100 is clamped";
    Documented "5" items_per_page_echoes_the_page_size ["items-per-page"] against "RFC 7644 3.4.2":
        "`itemsPerPage` is the page size and not the number of rows";
    Documented "5" a_start_index_counts_items []:
        "`startIndex` counts items from 1";
    Unknown "5" a_start_index_below_one_is_one ["start-index-zero"]:
        "`startIndex=0` is 1";
    Unknown "5" a_page_past_the_end_is_empty ["past-the-end"]:
        "Behind the last row there are no rows";
    Unknown "5" an_empty_page_has_no_resources ["empty-resources"]:
        "`Resources` is omitted on a page without rows";
    Unknown "5" a_count_of_zero_or_less_asks_for_the_total []:
        "A `count` of 0 or less gives no rows and the total";
    Unknown "5" a_parameter_that_is_no_integer_is_refused []:
        "`startIndex` and `count` are integers, else 400";
    Unknown "1" a_list_answers_scim_json []:
        "Answers have the content type `application/scim+json`";
    Documented "3.1" legacy_ids_are_numbers_and_later_ones_uuids []:
        "Rows from before 2022-08-29 have decimal ids, later ones UUIDs, side by side";
    Documented "3.1" an_id_of_either_kind_opens_its_resource []:
        "A row is found by its id, whichever kind that is";
    Inferred "9" an_unknown_id_is_not_found []:
        "An id that names nothing is 404";
    Documented "3.4" active_is_text_in_legacy_rows_and_boolean_in_later_ones ["active"] against "RFC 7643 4.1.1":
        "`active` is text or boolean by the age of the row";
    Documented "3.2" key_order_depends_on_the_age_of_the_row []:
        "Older rows end with `userName`, later ones begin with it";
    Documented "3.2" a_sparse_user_lacks_what_it_has_not ["extension-urn"] against "RFC 7643 3":
        "Sparse users omit attributes and the extension, whose URN is listed all the same";
    Documented "3.2" empty_arrays_are_omitted []:
        "A user without groups or addresses has no such key";
    Documented "3.1" an_email_is_a_value_and_nothing_else []:
        "`emails` have `value` alone";
    Documented "4" a_listed_user_has_its_groups []:
        "`groups` in user lists are `display`, `value` and `$ref`";
    Documented "3.1" meta_is_in_whole_seconds_and_has_no_version []:
        "`meta` has created, lastModified, location and resourceType, and no version";
    Documented "1, 3.2" locations_name_hosts_of_the_vendor ["locations"] against "RFC 7643 3.1":
        "URLs in rows name ZPA's hosts";
    Documented "4" a_legacy_group_in_a_list_has_an_http_location [] against "RFC 7643 3.1":
        "Older groups in lists have an `http://` location";
    Documented "4" a_listed_group_has_no_members ["members-in-list"] against "RFC 7643 7":
        "Group lists never have members";
    Documented "4" a_group_by_id_has_members_by_value ["member-reference"]:
        "A group by id has members with `value` alone";
    Inferred "4" an_empty_group_has_no_members_key ["members-in-group"]:
        "`members` is omitted where there are none";
    Inferred "6" excluding_members_in_either_spelling_leaves_them_out ["projection"] against "RFC 7644 3.9":
        "`excludeAttributes` and `excludedAttributes` are accepted, and `members` in them counts";
    Documented "5, 6" groups_sort_by_display_name_both_ways []:
        "`sortBy=displayName` and `sortOrder` on groups";
    Unknown "6" any_other_sort_is_ignored [] against "RFC 7644 3.4.2.3":
        "`sortBy` on users or by anything else changes nothing";
    Inferred "6" users_are_found_by_user_name_in_any_case ["user-name-filter"]:
        "`userName eq` on users, without regard to case";
    Inferred "6" groups_are_found_by_display_name_in_any_case ["display-name-filter"]:
        "`displayName eq` on groups, without regard to case";
    Unknown "6" external_id_is_no_filter_unless_switched_on ["external-id-filter"]:
        "`externalId eq` on both is off";
    Unknown "6" any_other_filter_is_refused ["unknown-filter"]:
        "Any other filter is 400";
    Inferred "6" a_plus_in_a_query_is_a_plus []:
        "Spaces are `%20`; a `+` is a plus";
    Inferred "2" discovery_endpoints_are_absent ["discovery"] against "RFC 7644 4":
        "`/Schemas`, `/ResourceTypes`, `/ServiceProviderConfig`, `/Bulk`, `/.search` and `/Me` are 404";
    Unknown "2" other_methods_are_not_allowed []:
        "A method that ZPA's table of operations lacks is 405";
    Unknown "6" other_keys_are_no_filters_unless_switched_on ["id-filter", "email-filter", "active-filter", "last-modified-filter", "member-filter"]:
        "`id`, `emails.value`, `active`, `meta.lastModified` and `members.value` are no filters";
    Unknown "2" head_is_get_without_a_body []:
        "HEAD is answered as GET is, and the body stays away";
    Inferred "8" there_are_no_versions ["etag"]:
        "There is no `ETag`, and `If-Match` is not read";
    Unknown "10" a_write_is_seen_at_once ["visibility-delay", "delayed-reads"]:
        "What a write did is in the next answer";
    Unknown "9" updates_come_as_fast_as_they_like ["updates-per-second"]:
        "Writes are not limited; the documented 50 a second are a switch, and 429 with `Retry-After: 1s` is a guess";
    Inferred "2, 3.1" a_created_user_is_answered_with_201_and_a_uuid []:
        "POST is 201 with the resource, whose id is a UUID";
    Unknown "2" a_created_resource_has_no_location_header ["location-header"] against "RFC 7644 3.3":
        "A 201 has no `Location`";
    Documented "3.3" the_documented_user_is_created_as_documented ["enterprise-at-root"] against "RFC 7643 3.3":
        "Enterprise attributes at the top level of a request are moved into the extension";
    Documented "3.3" groups_in_a_user_write_are_ignored []:
        "`groups` in POST, PUT and PATCH of a user change nothing and refuse nothing";
    Inferred "3.1" a_user_name_is_required []:
        "A user without `userName` is 400, also where PATCH would remove it";
    Inferred "3.1, 8" a_taken_user_name_is_a_conflict ["conflict-type"]:
        "A `userName` that another user has, in whatever case, is 409 in POST, PUT and PATCH";
    Unknown "3.1" a_user_without_active_is_active []:
        "A user created without `active` is active";
    Inferred "7" active_is_accepted_as_text ["active-as-text"] against "RFC 7643 2.3.2":
        "`active` is accepted as text in any case";
    Unknown "3.4" active_cannot_be_removed []:
        "Removing `active` is 400, and `null` leaves it";
    Unknown "3.1" unknown_attributes_are_dropped ["unknown-attributes"]:
        "Attributes that ZPA does not have are dropped, in bodies and in paths";
    Unknown "3.1, 13" a_long_value_is_kept ["longest-value", "over-long"]:
        "A text may have any length";
    Unknown "3.1" two_users_may_share_an_external_id ["duplicate-external-id"]:
        "`externalId` of a user is not unique";
    Inferred "1" either_content_type_is_accepted []:
        "`application/json` and `application/scim+json` are both read";
    Inferred "9" a_body_that_is_no_request_is_refused []:
        "What is no JSON object, or has a value of another type, is 400";
    Inferred "8" put_on_a_user_merges ["put-user"] against "RFC 7644 3.5.1":
        "PUT leaves what the request of a user leaves out";
    Documented "8" put_keeps_created_and_bumps_last_modified []:
        "PUT keeps `created` and sets `lastModified`";
    Unknown "8" a_write_that_changes_nothing_leaves_last_modified []:
        "`lastModified` stays where nothing changed";
    Documented "8" a_user_name_can_be_changed ["user-name-change"]:
        "`userName` can be changed, and the old one is free then";
    Documented "2, 7" patching_a_user_answers_with_it []:
        "PATCH of a user is 200 with the user";
    Documented "7" add_appends_a_work_address []:
        "`add emails[type eq \"work\"].value` appends, and the answer has two addresses";
    Unknown "7" an_address_that_is_there_is_not_added_again []:
        "Adding an address that is there changes nothing";
    Documented "3.2, 7" remove_emails_removes_all_and_the_key []:
        "`remove emails` removes every address, and the key with them";
    Inferred "7" replacing_the_work_address_leaves_it_alone ["email-replacement"]:
        "`replace emails[type eq \"work\"].value` leaves that address alone";
    Unknown "7" removing_and_adding_addresses_in_one_patch_replaces_them ["email-pair"]:
        "`remove emails` and `add emails…` in one PATCH are done in order";
    Inferred "7" operators_may_be_capitalised ["capital-operators"] against "RFC 7644 3.5.2":
        "`Add`, `Replace` and `Remove` are operators";
    Inferred "7" an_operation_may_lack_a_path ["patch-without-path"]:
        "An operation without `path` has an object of attributes or paths as value";
    Inferred "7" the_dialect_of_okta_is_understood []:
        "Every request of Okta's column does what it is meant to";
    Inferred "7" both_dialects_of_entra_are_understood []:
        "Every request of Entra's two columns does what it is meant to";
    Unknown "7" a_whole_resource_is_no_patch []:
        "A PATCH without `Operations` is 400";
    Unknown "7" a_patch_is_done_whole_or_not_at_all []:
        "One operation that is refused undoes those before it";
    Inferred "7" an_accepted_patch_has_its_effect ["patch-effect"]:
        "What PATCH answers is what is there then";
    Inferred "10" deactivation_keeps_the_user ["deactivation"]:
        "`active=false` keeps the user, inactive";
    Unknown "10" inactive_users_are_listed ["inactive-users"]:
        "Inactive users are in lists, filters and by id";
    Inferred "8" a_deleted_user_is_in_no_group []:
        "DELETE of a user is 204 and ends its memberships";
    Unknown "8" deleting_again_is_not_found ["second-delete"]:
        "DELETE of what is not there is 404";
    Unknown "8" creating_again_gives_a_new_id ["recreation"]:
        "A user or group created under the name of a deleted one is a new one";
    Documented "4" the_documented_group_is_created_as_documented []:
        "POST of a group answers with its members, `value` alone";
    Inferred "4" a_group_name_is_required []:
        "A group without `displayName` is 400";
    Unknown "8" two_groups_may_share_a_name ["duplicate-group-name"]:
        "`displayName` of a group is not unique";
    Documented "8" put_on_a_group_merges ["put-group"] against "RFC 7644 3.5.1":
        "PUT leaves what the request of a group leaves out, members included";
    Documented "2" patching_a_group_answers_nothing ["group-patch-answer"]:
        "PATCH of a group is 204 without a body";
    Documented "7" members_are_added_and_replaced []:
        "`add members` adds, `replace members` puts others in their place";
    Documented "7" remove_members_without_a_value_removes_everyone []:
        "`remove members` without a value empties the group";
    Inferred "7" a_filter_removes_one_member ["filtered-removal"]:
        "`remove members[value eq \"id\"]` removes that member";
    Unknown "7" a_list_of_values_removes_those_members ["listed-removal"] against "RFC 7644 3.5.2.2":
        "`remove members` with a list of values removes those members";
    Unknown "7" adding_a_member_again_changes_nothing ["duplicate-member"]:
        "Adding one who is a member is tolerated";
    Unknown "7" removing_one_who_is_no_member_changes_nothing ["absent-member"]:
        "Removing one who is no member is tolerated";
    Unknown "7" an_unknown_member_is_refused ["unknown-member"]:
        "An id in `members` that no user has is 400; those of groups are such ids";
    Unknown "7" any_number_of_operations_and_members_is_taken ["most-operations", "most-members"]:
        "A request may have any number of operations and members";
    Unknown "13" a_membership_leaves_last_modified_of_the_user ["membership-touches-user"]:
        "A membership shows in the user's `groups` and does not set its `lastModified`";
    Inferred "10" renaming_a_group_keeps_id_and_members []:
        "A renamed group keeps its id and its members, whose `groups` show the new name";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Switches;

    #[test]
    fn every_switch_turns_a_behaviour_and_no_other_is_named() {
        let mut named: Vec<&str> = BEHAVIOUR.iter().flat_map(|behaviour| behaviour.switches).copied().collect();
        let listed = Switches::list();
        let mut known: Vec<&str> = listed.iter().map(|listed| listed.name.as_str()).collect();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known);
    }

    /// Departures that the strict preset keeps: nobody is worse off for what is tolerated, and sorting is an option.
    const KEPT: [&str; 5] = [
        "a_legacy_group_in_a_list_has_an_http_location",
        "a_list_of_values_removes_those_members",
        "active_is_accepted_as_text",
        "any_other_sort_is_ignored",
        "operators_may_be_capitalised",
    ];

    #[test]
    fn the_strict_preset_turns_every_departure_from_the_rfcs_but_those_it_keeps() {
        let listed = Switches::list();
        let is_turned = |name: &str| listed.iter().any(|listed| listed.name == name && listed.zpa != listed.strict);
        for behaviour in BEHAVIOUR.iter().filter(|behaviour| behaviour.against.is_some()) {
            let is_kept = !behaviour.switches.iter().any(|name| is_turned(name));
            assert_eq!(is_kept, KEPT.contains(&behaviour.id), "{}", behaviour.id);
        }
    }
}
