//! What each switch can be turned to. The first case of each is ZPA's default.
//! Data alone: a switch is read where the behaviour is.

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
    /// The filter is answered as RFC 7644 3.4.2.2 has it, whatever it says.
    Evaluated,
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

/// What `itemsPerPage` counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ItemsPerPage {
    /// The rows that a page could have, as the sample shows (section 5).
    #[default]
    PageSize,
    /// The rows that it has (RFC 7644 3.4.2).
    Rows,
}

/// When the URN of the enterprise extension is in `schemas` of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExtensionUrn {
    /// In every user, as the samples show (section 3.2).
    #[default]
    Always,
    /// In those that have the extension (RFC 7643 3).
    WhenPresent,
}

/// Where inactive users are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InactiveUsers {
    /// Everywhere.
    #[default]
    Listed,
    /// By id, and in no list or filter.
    Unlisted,
    /// Nowhere; they can be written to all the same.
    Hidden,
}

/// Which attributes the projection parameters choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Projection {
    /// `members` of a group alone, in either spelling of the parameter (section 6).
    #[default]
    Members,
    /// Any, by `attributes` and `excludedAttributes` (RFC 7644 3.9).
    Every,
}

/// What becomes of `department` and the like at the top level of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnterpriseAtRoot {
    /// They are moved into the extension, as the documented example shows (section 3.3).
    #[default]
    Moved,
    /// They are attributes that nobody knows.
    Unknown,
}

/// What becomes of an attribute that nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownAttributes {
    /// It is dropped.
    #[default]
    Dropped,
    /// 400.
    Refused,
}

/// What PUT does to an attribute that the request leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Put {
    /// It stays, as the sample of a group shows and the SDK's of a user hints (section 8).
    #[default]
    Merges,
    /// It is cleared (RFC 7644 3.5.1); `active` becomes true.
    Replaces,
}

/// Whether a thing may be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// It is done.
    #[default]
    Allowed,
    /// 400.
    Refused,
}

/// What setting `active` to false does to a user that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deactivation {
    /// It stays, inactive (section 10: INFERRED).
    #[default]
    Keeps,
    /// It is deleted, as the help says (section 3.4), once the answer is made.
    Deletes,
}

/// What `replace emails[type eq "work"].value` does. Every address counts as one for work (section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmailReplacement {
    /// The address is the only one then.
    #[default]
    All,
    /// It takes the place of the first one.
    First,
    /// It is appended, as by `add`.
    Appends,
    /// 400 with `noTarget`, because no address has a type.
    Refused,
}

/// What `remove emails` and then `add emails…` in one PATCH do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmailPair {
    /// One after the other: what was added is all there is.
    #[default]
    InOrder,
    /// The removal is lost: the old addresses stay as well.
    RemoveIgnored,
    /// The addition is lost: there are none.
    AddIgnored,
    /// 400.
    Refused,
}

/// What a PATCH of a group answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupPatchAnswer {
    /// 204 without a body (section 2).
    #[default]
    NoContent,
    /// 200 and the group.
    Body,
}

/// What a dialect of removing one member does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberRemoval {
    /// It removes that member.
    #[default]
    Removes,
    /// It is accepted and does nothing.
    Ignored,
    /// 400.
    Refused,
    /// What names the member is not looked at: everyone is removed (section 7).
    Empties,
}

/// What adding one who is a member already does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuplicateMember {
    /// Nothing.
    #[default]
    Tolerated,
    /// 409.
    Conflict,
    /// 400.
    Refused,
}

/// What an id in `members` does that no user has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownMember {
    /// 400.
    #[default]
    Refused,
    /// 404.
    NotFound,
    /// Nothing: the others are added or removed.
    Ignored,
}

/// What removing one who is no member does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AbsentMember {
    /// Nothing.
    #[default]
    Tolerated,
    /// 404.
    NotFound,
    /// 400.
    Refused,
}

/// Whether two resources may share a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicate {
    /// They may.
    #[default]
    Allowed,
    /// 409.
    Conflict,
}

/// What an accepted PATCH does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// What it says.
    #[default]
    Applied,
    /// Nothing, and the answer looks like success (scim-peers.md 1).
    Ignored,
}

/// What deleting something that is not there answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondDelete {
    /// 404.
    #[default]
    NotFound,
    /// 204.
    NoContent,
    /// 500.
    ServerError,
}

/// What creating a user or group under the name of a deleted one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recreation {
    /// It gets an id of its own.
    #[default]
    NewId,
    /// It gets the old id.
    SameId,
    /// It gets the old id and the old memberships.
    Restored,
    /// 409.
    Conflict,
}

/// Which reads a write is hidden from for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DelayedReads {
    /// All.
    #[default]
    All,
    /// Lists and filters; by id it is seen at once.
    Lists,
}

/// What a text that is too long does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverLong {
    /// 400.
    #[default]
    Refused,
    /// It is cut.
    Truncated,
}
