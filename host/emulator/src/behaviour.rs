//! What the emulator does and how it is known: one row a promise, each with a test of that name.

/// How a behaviour is known. Sections are those of `zpa-scim.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The vendor says or shows it: CONFIRMED.
    Documented,
    /// Deduced from clients, metadata or neighbouring facts: INFERRED.
    Inferred,
    /// UNKNOWN; a choice of this emulator, turned by a switch where a client could depend on it.
    Assumed,
}

/// One behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Also the name of the test that holds the emulator to it.
    pub id: &'static str,
    /// What it does, and the switch that turns it where there is one.
    pub what: &'static str,
    /// How that is known.
    pub mark: Mark,
    /// Where it comes from.
    pub section: &'static str,
}

/// Every behaviour of the reading half.
pub const BEHAVIOUR: &[Behaviour] = &[
    Behaviour {
        id: "a_bearer_token_is_required",
        what: "Every path needs `Authorization: Bearer` and the token; else 401",
        mark: Mark::Documented,
        section: "1, 9",
    },
    Behaviour {
        id: "an_error_has_the_body_of_the_switch",
        what: "Errors are RFC 7644 bodies; switch `error_body`",
        mark: Mark::Assumed,
        section: "9",
    },
    Behaviour {
        id: "another_idp_is_forbidden",
        what: "A path of another tenant is 403; switch `wrong_idp`",
        mark: Mark::Assumed,
        section: "9",
    },
    Behaviour {
        id: "a_default_page_has_ten_rows",
        what: "Without `count` a page has 10 rows",
        mark: Mark::Documented,
        section: "5",
    },
    Behaviour {
        id: "a_page_has_at_most_a_hundred_rows",
        what: "A `count` above 100 is clamped; switch `count_above_maximum`",
        mark: Mark::Assumed,
        section: "5",
    },
    Behaviour {
        id: "items_per_page_echoes_the_page_size",
        what: "`itemsPerPage` is the page size and not the number of rows",
        mark: Mark::Documented,
        section: "5",
    },
    Behaviour {
        id: "a_start_index_counts_items",
        what: "`startIndex` counts items from 1",
        mark: Mark::Documented,
        section: "5",
    },
    Behaviour {
        id: "a_start_index_below_one_is_one",
        what: "`startIndex=0` is 1; switch `start_index_zero`",
        mark: Mark::Assumed,
        section: "5",
    },
    Behaviour {
        id: "a_page_past_the_end_is_empty",
        what: "Behind the last row there are no rows; switch `past_the_end`",
        mark: Mark::Assumed,
        section: "5",
    },
    Behaviour {
        id: "an_empty_page_has_no_resources",
        what: "`Resources` is omitted on a page without rows; switch `empty_resources`",
        mark: Mark::Assumed,
        section: "5",
    },
    Behaviour {
        id: "a_count_of_zero_or_less_asks_for_the_total",
        what: "A `count` of 0 or less gives no rows and the total",
        mark: Mark::Assumed,
        section: "5",
    },
    Behaviour {
        id: "a_parameter_that_is_no_integer_is_refused",
        what: "`startIndex` and `count` are integers, else 400",
        mark: Mark::Assumed,
        section: "5",
    },
    Behaviour {
        id: "a_list_answers_scim_json",
        what: "Answers have the content type `application/scim+json`",
        mark: Mark::Assumed,
        section: "1",
    },
    Behaviour {
        id: "legacy_ids_are_numbers_and_later_ones_uuids",
        what: "Rows from before 2022-08-29 have decimal ids, later ones UUIDs, side by side",
        mark: Mark::Documented,
        section: "3.1",
    },
    Behaviour {
        id: "an_id_of_either_kind_opens_its_resource",
        what: "A row is found by its id, whichever kind that is",
        mark: Mark::Documented,
        section: "3.1",
    },
    Behaviour {
        id: "an_unknown_id_is_not_found",
        what: "An id that names nothing is 404",
        mark: Mark::Inferred,
        section: "9",
    },
    Behaviour {
        id: "active_is_text_in_legacy_rows_and_boolean_in_later_ones",
        what: "`active` is text or boolean by the age of the row; switch `active`",
        mark: Mark::Documented,
        section: "3.4",
    },
    Behaviour {
        id: "key_order_depends_on_the_age_of_the_row",
        what: "Older rows end with `userName`, later ones begin with it",
        mark: Mark::Documented,
        section: "3.2",
    },
    Behaviour {
        id: "a_sparse_user_lacks_what_it_has_not",
        what: "Sparse users omit attributes and the extension, whose URN is listed all the same",
        mark: Mark::Documented,
        section: "3.2",
    },
    Behaviour {
        id: "empty_arrays_are_omitted",
        what: "A user without groups or addresses has no such key",
        mark: Mark::Documented,
        section: "3.2",
    },
    Behaviour {
        id: "an_email_is_a_value_and_nothing_else",
        what: "`emails` have `value` alone",
        mark: Mark::Documented,
        section: "3.1",
    },
    Behaviour {
        id: "a_listed_user_has_its_groups",
        what: "`groups` in user lists are `display`, `value` and `$ref`",
        mark: Mark::Documented,
        section: "4",
    },
    Behaviour {
        id: "meta_is_in_whole_seconds_and_has_no_version",
        what: "`meta` has created, lastModified, location and resourceType, and no version",
        mark: Mark::Documented,
        section: "3.1",
    },
    Behaviour {
        id: "locations_name_hosts_of_the_vendor",
        what: "URLs in rows name ZPA's hosts; switch `locations`",
        mark: Mark::Documented,
        section: "1, 3.2",
    },
    Behaviour {
        id: "a_legacy_group_in_a_list_has_an_http_location",
        what: "Older groups in lists have an `http://` location",
        mark: Mark::Documented,
        section: "4",
    },
    Behaviour {
        id: "a_listed_group_has_no_members",
        what: "Group lists never have members",
        mark: Mark::Documented,
        section: "4",
    },
    Behaviour {
        id: "a_group_by_id_has_members_by_value",
        what: "A group by id has members with `value` alone",
        mark: Mark::Documented,
        section: "4",
    },
    Behaviour {
        id: "an_empty_group_has_no_members_key",
        what: "`members` is omitted where there are none; switch `members_in_group`",
        mark: Mark::Inferred,
        section: "4",
    },
    Behaviour {
        id: "excluding_members_in_either_spelling_leaves_them_out",
        what: "`excludeAttributes` and `excludedAttributes` are accepted, and `members` in them counts",
        mark: Mark::Inferred,
        section: "6",
    },
    Behaviour {
        id: "groups_sort_by_display_name_both_ways",
        what: "`sortBy=displayName` and `sortOrder` on groups",
        mark: Mark::Documented,
        section: "5, 6",
    },
    Behaviour {
        id: "any_other_sort_is_ignored",
        what: "`sortBy` on users or by anything else changes nothing",
        mark: Mark::Assumed,
        section: "6",
    },
    Behaviour {
        id: "users_are_found_by_user_name_in_any_case",
        what: "`userName eq` on users, without regard to case; switch `user_name_filter`",
        mark: Mark::Inferred,
        section: "6",
    },
    Behaviour {
        id: "groups_are_found_by_display_name_in_any_case",
        what: "`displayName eq` on groups, without regard to case; switch `display_name_filter`",
        mark: Mark::Inferred,
        section: "6",
    },
    Behaviour {
        id: "external_id_is_no_filter_unless_switched_on",
        what: "`externalId eq` on both is off; switch `external_id_filter`",
        mark: Mark::Assumed,
        section: "6",
    },
    Behaviour {
        id: "any_other_filter_is_refused",
        what: "Any other filter is 400; switch `unknown_filter`",
        mark: Mark::Assumed,
        section: "6",
    },
    Behaviour {
        id: "a_plus_in_a_query_is_a_plus",
        what: "Spaces are `%20`; a `+` is a plus",
        mark: Mark::Inferred,
        section: "6",
    },
    Behaviour {
        id: "discovery_endpoints_are_absent",
        what: "`/Schemas`, `/ResourceTypes`, `/ServiceProviderConfig`, `/Bulk`, `/.search` and `/Me` are 404",
        mark: Mark::Inferred,
        section: "2",
    },
    Behaviour {
        id: "other_methods_are_not_allowed",
        what: "A method that ZPA's table of operations lacks is 405",
        mark: Mark::Assumed,
        section: "2",
    },
];
