//! What ZPA may do and what nobody has confirmed on a live tenant, each with a default and a way to choose otherwise.
//! Owns the names and the two presets; a switch is read where the behaviour is.

mod choice;
mod setting;

use std::str::FromStr;

pub use self::choice::*;
use self::setting::Setting as _;

/// A switch, for people: see [`Switches::list`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name on the command line: that of the field, with hyphens.
    pub name: String,
    /// What it turns, and how that is known.
    pub what: String,
    /// What it can be turned to.
    pub allowed: String,
    /// What it is turned to in [`Switches::zpa`].
    pub zpa: String,
    /// What it is turned to in [`Switches::strict`].
    pub strict: String,
}

/// One switch turned, as in `deactivation=deletes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    name: String,
    value: String,
}

/// Why a text turns no switch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SwitchError(String);

impl FromStr for Turn {
    type Err = SwitchError;

    fn from_str(text: &str) -> Result<Self, SwitchError> {
        let pair = text.split_once('=');
        let (name, value) = pair.ok_or_else(|| SwitchError(format!("`{text}` is not of the form NAME=VALUE")))?;
        let turn = Self { name: name.to_owned(), value: value.to_owned() };
        Switches::default().turn(&turn)?;
        Ok(turn)
    }
}

macro_rules! switches {
    ($($(#[doc = $doc:literal])* $name:ident: $kind:ty = $zpa:expr, $strict:expr;)*) => {
        /// One field for each behaviour that can be chosen; sections are those of `zpa-scim.md`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
        pub struct Switches {
            $($(#[doc = $doc])* pub $name: $kind,)*
        }

        impl Switches {
            /// What ZPA does as far as it is known, and the safest guess for the rest.
            pub fn zpa() -> Self {
                Self { $($name: $zpa,)* }
            }

            /// RFC 7643 and RFC 7644, for judges that know nothing of ZPA.
            pub fn strict() -> Self {
                Self { $($name: $strict,)* }
            }

            /// Every switch.
            pub fn list() -> Vec<Listed> {
                let (zpa, strict) = (Self::zpa(), Self::strict());
                vec![$(Listed {
                    name: spelling(stringify!($name)),
                    what: [$($doc),*].map(str::trim).join(" "),
                    allowed: <$kind>::allowed(),
                    zpa: zpa.$name.text(),
                    strict: strict.$name.text(),
                },)*]
            }

            /// Turns a switch.
            pub fn turn(&mut self, turn: &Turn) -> Result<(), SwitchError> {
                let Turn { name, value } = turn;
                $(if *name == spelling(stringify!($name)) {
                    self.$name = <$kind>::read(value).ok_or_else(|| {
                        SwitchError(format!("{name} `{value}` is not one of {}", <$kind>::allowed()))
                    })?;
                    return Ok(());
                })*
                let names = [$(spelling(stringify!($name)),)*].join(", ");
                Err(SwitchError(format!("unknown switch `{name}`, expected one of {names}")))
            }
        }
    };
}

switches! {
    /// `userName eq` on users. Section 6: INFERRED (strong), so on.
    user_name_filter: bool = true, true;
    /// `displayName eq` on groups. Section 6: INFERRED (strong), so on.
    display_name_filter: bool = true, true;
    /// `externalId eq` on both resources. Section 6: UNKNOWN, so off.
    external_id_filter: bool = false, true;
    /// `id eq` on both resources. Section 6: UNKNOWN, so off.
    id_filter: bool = false, true;
    /// `emails.value eq` on users. Section 6: UNKNOWN, so off.
    email_filter: bool = false, true;
    /// `active eq` on users. Section 6: UNKNOWN, so off.
    active_filter: bool = false, true;
    /// `meta.lastModified` compared in any way on both resources. Section 6: UNKNOWN, so off.
    last_modified_filter: bool = false, true;
    /// `members.value eq` on groups. Section 6: UNKNOWN, so off.
    member_filter: bool = false, true;
    /// What any other filter does. Section 6: UNKNOWN.
    unknown_filter: UnknownFilter = UnknownFilter::Refused, UnknownFilter::Evaluated;
    /// Rows of a page without `count`. Section 5: CONFIRMED for users.
    default_count: u32 = 10, 100;
    /// A `count` above 100. Section 5: UNKNOWN.
    count_above_maximum: OverMaximum = OverMaximum::Clamped, OverMaximum::Clamped;
    /// A `startIndex` below 1. Section 5: UNKNOWN.
    start_index_zero: AtZero = AtZero::IsOne, AtZero::IsOne;
    /// A `startIndex` behind the last row. Section 5: UNKNOWN.
    past_the_end: PastTheEnd = PastTheEnd::Empty, PastTheEnd::Empty;
    /// `Resources` on a page without rows. Section 5: UNKNOWN.
    empty_resources: EmptyResources = EmptyResources::Omitted, EmptyResources::Present;
    /// What `itemsPerPage` counts. Section 5: CONFIRMED.
    items_per_page: ItemsPerPage = ItemsPerPage::PageSize, ItemsPerPage::Rows;
    /// `members` in `GET /Groups/{id}`. Section 4: text and sample disagree.
    members_in_group: GroupMembers = GroupMembers::OmittedWhenEmpty, GroupMembers::OmittedWhenEmpty;
    /// `members` in `GET /Groups`. Section 4: CONFIRMED never.
    members_in_list: bool = false, true;
    /// `$ref` in `members`. Section 4: CONFIRMED absent.
    member_reference: bool = false, true;
    /// The JSON type of `active`. Section 3.4: both are shown.
    active: ActiveForm = ActiveForm::Mixed, ActiveForm::Boolean;
    /// When `schemas` lists the enterprise extension. Section 3.2: CONFIRMED always.
    extension_urn: ExtensionUrn = ExtensionUrn::Always, ExtensionUrn::WhenPresent;
    /// The host in `meta.location` and `groups[].$ref`. Sections 1 and 3.2.
    locations: Locations = Locations::Vendor, Locations::Own;
    /// Where inactive users are seen. Section 10: UNKNOWN.
    inactive_users: InactiveUsers = InactiveUsers::Listed, InactiveUsers::Listed;
    /// The body of an error. Section 9: UNKNOWN.
    error_body: ErrorBody = ErrorBody::Scim, ErrorBody::Scim;
    /// The answer to another tenant's path with a good token. Section 9: UNKNOWN what raises 403.
    wrong_idp: WrongIdp = WrongIdp::Forbidden, WrongIdp::Forbidden;
    /// `scimType` `uniqueness` in a 409. Section 8: UNKNOWN.
    conflict_type: bool = true, true;
    /// `/Schemas`, `/ResourceTypes` and `/ServiceProviderConfig`. Section 2: UNKNOWN, so off.
    discovery: bool = false, true;
    /// `meta.version`, `ETag` and `If-Match`. Section 8: INFERRED absent.
    etag: bool = false, true;
    /// Which attributes the projection parameters choose. Section 6: UNKNOWN.
    projection: Projection = Projection::Members, Projection::Every;
    /// The header `Location` of a 201. Section 2: nothing is said of it, so off.
    location_header: bool = false, true;
    /// `department` and the like at the top level of a user. Section 3.3: CONFIRMED.
    enterprise_at_root: EnterpriseAtRoot = EnterpriseAtRoot::Moved, EnterpriseAtRoot::Unknown;
    /// Attributes that ZPA does not have. Section 3.1: UNKNOWN.
    unknown_attributes: UnknownAttributes = UnknownAttributes::Dropped, UnknownAttributes::Dropped;
    /// The most characters of a text; 0 for any number. Section 3.1: UNKNOWN.
    longest_value: u32 = 0, 0;
    /// A text with more characters than `longest-value`. Section 13: UNKNOWN.
    over_long: OverLong = OverLong::Refused, OverLong::Refused;
    /// What PUT does to what a user request leaves out. Section 8: UNKNOWN.
    put_user: Put = Put::Merges, Put::Replaces;
    /// What PUT does to what a group request leaves out. Section 8: CONFIRMED in a sample.
    put_group: Put = Put::Merges, Put::Replaces;
    /// Whether `userName` can be changed. Section 8: documented, and doubted by a client.
    user_name_change: Permission = Permission::Allowed, Permission::Allowed;
    /// What `active=false` in PUT or PATCH does. Section 10: sources disagree.
    deactivation: Deactivation = Deactivation::Keeps, Deactivation::Keeps;
    /// `Add`, `Replace` and `Remove` with a capital. Section 7: INFERRED.
    capital_operators: bool = true, true;
    /// Operations without `path`. Section 7: INFERRED.
    patch_without_path: bool = true, true;
    /// `"False"` for `false` in what is sent. Section 7: INFERRED.
    active_as_text: bool = true, true;
    /// What `replace emails[type eq "work"].value` does. Section 7: INFERRED that it is accepted.
    email_replacement: EmailReplacement = EmailReplacement::All, EmailReplacement::All;
    /// What `remove emails` and then `add emails…` in one PATCH do. Section 7: UNKNOWN together.
    email_pair: EmailPair = EmailPair::InOrder, EmailPair::InOrder;
    /// Whether an accepted PATCH does anything. Seen of other servers (scim-peers.md 1).
    patch_effect: Effect = Effect::Applied, Effect::Applied;
    /// What a PATCH of a group answers. Section 2: CONFIRMED.
    group_patch_answer: GroupPatchAnswer = GroupPatchAnswer::NoContent, GroupPatchAnswer::Body;
    /// What `remove members[value eq "id"]` does. Section 7: INFERRED.
    filtered_removal: MemberRemoval = MemberRemoval::Removes, MemberRemoval::Removes;
    /// What `remove members` with an array of values does. Section 7: UNKNOWN.
    listed_removal: MemberRemoval = MemberRemoval::Removes, MemberRemoval::Removes;
    /// What adding a member again does. Section 7: UNKNOWN.
    duplicate_member: DuplicateMember = DuplicateMember::Tolerated, DuplicateMember::Tolerated;
    /// What removing one who is no member does. Section 7: UNKNOWN.
    absent_member: AbsentMember = AbsentMember::Tolerated, AbsentMember::Tolerated;
    /// What an id that no user has does in `members`. Section 7: UNKNOWN.
    unknown_member: UnknownMember = UnknownMember::Refused, UnknownMember::Ignored;
    /// The most operations of a PATCH; 0 for any number. Section 7: UNKNOWN.
    most_operations: u32 = 0, 0;
    /// The most members in a request; 0 for any number. Section 7: UNKNOWN.
    most_members: u32 = 0, 0;
    /// Two groups of one `displayName`. Section 8: UNKNOWN.
    duplicate_group_name: Duplicate = Duplicate::Allowed, Duplicate::Allowed;
    /// Two users of one `externalId`. Section 3.1: UNKNOWN.
    duplicate_external_id: Duplicate = Duplicate::Allowed, Duplicate::Allowed;
    /// Whether a membership changes `lastModified` of the user. Section 13: UNKNOWN.
    membership_touches_user: bool = false, false;
    /// What deleting something that is not there answers. Section 8: UNKNOWN.
    second_delete: SecondDelete = SecondDelete::NotFound, SecondDelete::NotFound;
    /// What creating again under the name of something deleted does. Section 8: UNKNOWN.
    recreation: Recreation = Recreation::NewId, Recreation::NewId;
    /// Writes in a second of the clock before they are 429; 0 for any number. Section 9: 50 are CONFIRMED, for whom and
    /// in which form is UNKNOWN, so off.
    updates_per_second: u32 = 0, 0;
    /// From how many reads a write is hidden. Section 10: UNKNOWN how soon it is seen.
    visibility_delay: u32 = 0, 0;
    /// Which reads `visibility-delay` hides from.
    delayed_reads: DelayedReads = DelayedReads::All, DelayedReads::All;
}

impl Default for Switches {
    fn default() -> Self {
        Self::zpa()
    }
}

fn spelling(field: &str) -> String {
    field.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_can_be_turned_to_everything_that_it_lists() {
        let turned = |name: &str, value: &str| {
            let mut switches = Switches::zpa();
            switches.turn(&format!("{name}={value}").parse().unwrap()).unwrap();
            switches
        };
        for Listed { name, allowed, zpa, .. } in Switches::list() {
            assert_eq!(turned(&name, &zpa), Switches::zpa());
            let mut others =
                allowed.split(", ").flat_map(|value| value.split(" to ")).map(|value| turned(&name, value));
            assert!(others.any(|switches| switches != Switches::zpa()), "{name}");
        }
    }

    #[test]
    fn the_strict_preset_is_reached_switch_by_switch() {
        let mut switches = Switches::zpa();
        for Listed { name, strict, .. } in Switches::list() {
            switches.turn(&format!("{name}={strict}").parse().unwrap()).unwrap();
        }
        assert_eq!(switches, Switches::strict());
    }

    #[test]
    fn what_turns_nothing_says_why() {
        let refusal = |text: &str| text.parse::<Turn>().unwrap_err().to_string();
        assert_eq!(refusal("etag"), "`etag` is not of the form NAME=VALUE");
        assert_eq!(refusal("etag=yes"), "etag `yes` is not one of on, off");
        assert_eq!(refusal("put-user=x"), "put-user `x` is not one of merges, replaces");
        assert_eq!(refusal("visibility-delay=+1"), "visibility-delay `+1` is not one of 0 to 4294967295");
        let unknown = refusal("nonsense=1");
        let names: Vec<String> = Switches::list().into_iter().map(|listed| listed.name).collect();
        assert_eq!(unknown, format!("unknown switch `nonsense`, expected one of {}", names.join(", ")));
    }
}
