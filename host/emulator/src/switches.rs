//! What the reference marks INFERRED or UNKNOWN, each with a default and a way to choose otherwise.
//! Data alone: a switch is read where the behaviour is.

/// One field for each behaviour that nobody has confirmed on a live tenant; sections are those of `zpa-scim.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switches {
    /// `userName eq` on users. Section 6: INFERRED (strong), so on.
    pub user_name_filter: bool,
    /// `displayName eq` on groups. Section 6: INFERRED (strong), so on.
    pub display_name_filter: bool,
    /// `externalId eq` on both resources. Section 6: UNKNOWN, so off.
    pub external_id_filter: bool,
    /// What any other filter does. Section 6: UNKNOWN.
    pub unknown_filter: UnknownFilter,
    /// A `count` above 100. Section 5: UNKNOWN.
    pub count_above_maximum: OverMaximum,
    /// A `startIndex` below 1. Section 5: UNKNOWN.
    pub start_index_zero: AtZero,
    /// A `startIndex` behind the last row. Section 5: UNKNOWN.
    pub past_the_end: PastTheEnd,
    /// `Resources` on a page without rows. Section 5: UNKNOWN.
    pub empty_resources: EmptyResources,
    /// `members` in `GET /Groups/{id}`. Section 4: text and sample disagree.
    pub members_in_group: GroupMembers,
    /// The JSON type of `active`. Section 3.4: both are shown.
    pub active: ActiveForm,
    /// The host in `meta.location` and `groups[].$ref`. Sections 1 and 3.2.
    pub locations: Locations,
    /// The body of an error. Section 9: UNKNOWN.
    pub error_body: ErrorBody,
    /// The answer to another tenant's path with a good token. Section 9: UNKNOWN what raises 403.
    pub wrong_idp: WrongIdp,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            user_name_filter: true,
            display_name_filter: true,
            external_id_filter: false,
            unknown_filter: UnknownFilter::default(),
            count_above_maximum: OverMaximum::default(),
            start_index_zero: AtZero::default(),
            past_the_end: PastTheEnd::default(),
            empty_resources: EmptyResources::default(),
            members_in_group: GroupMembers::default(),
            active: ActiveForm::default(),
            locations: Locations::default(),
            error_body: ErrorBody::default(),
            wrong_idp: WrongIdp::default(),
        }
    }
}

/// What a filter does that the server does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownFilter {
    /// 400 with `invalidFilter` (RFC 7644 3.12). The default, because it is the one answer that cannot be taken
    /// for data: no wrong row to edit, no absence to create a duplicate from.
    #[default]
    Refused,
    /// The filter is dropped and every row matches.
    Ignored,
    /// No row matches.
    MatchesNothing,
}

/// What a `count` above the maximum does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverMaximum {
    /// The page has the maximum, and `itemsPerPage` says so.
    #[default]
    Clamped,
    /// 400 with `invalidValue`.
    Refused,
}

/// What a `startIndex` below one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtZero {
    /// It is one (RFC 7644 3.4.2.4).
    #[default]
    IsOne,
    /// 400 with `invalidValue`, as some servers do (scim-peers.md 1).
    Refused,
}

/// What a page behind the last row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PastTheEnd {
    /// A page without rows, the total unchanged.
    #[default]
    Empty,
    /// The first page again, as some servers do (scim-peers.md 1).
    FirstPage,
}

/// How a page without rows is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmptyResources {
    /// Without `Resources`, as ZPA omits other empty arrays (section 3.2).
    #[default]
    Omitted,
    /// With `"Resources":[]`.
    Present,
}

/// When a group fetched by id has `members`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupMembers {
    /// When there are any, as ZPA omits other empty arrays (section 3.2).
    #[default]
    OmittedWhenEmpty,
    /// Always.
    Present,
    /// Never, as in the documented sample.
    OmittedAlways,
}

/// How `active` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActiveForm {
    /// As text in records from before 2022-08-29, as boolean in later ones: both shapes of section 3.2.
    #[default]
    Mixed,
    /// Boolean everywhere.
    Boolean,
    /// Text everywhere.
    Text,
}

/// Whose URLs stand in the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locations {
    /// Hosts of the vendor, as in the samples, `http://` included: the bytes do not depend on the port,
    /// and a client that follows such a URL is found out.
    #[default]
    Vendor,
    /// The emulator's own endpoint.
    Own,
}

/// The candidates for the body of an error (section 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorBody {
    /// RFC 7644 3.12.
    #[default]
    Scim,
    /// `{"id","reason"}`, as the management API has it; `exception` as well for 429.
    Management,
    /// A page, under its own content type.
    Html,
    /// A line of text.
    Text,
    /// Nothing.
    Empty,
}

/// The status of a path that names another tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WrongIdp {
    /// 403: a token belongs to one identity provider (section 1), so it has no rights at another.
    #[default]
    Forbidden,
    /// 404.
    NotFound,
}
