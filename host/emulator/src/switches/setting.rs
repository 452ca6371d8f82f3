//! The text form of what a switch is turned to.

use super::choice::{
    AbsentMember, ActiveForm, AtZero, Deactivation, DelayedReads, Duplicate, DuplicateMember, Effect, EmailPair,
    EmailReplacement, EmptyResources, EnterpriseAtRoot, ErrorBody, ExtensionUrn, GroupMembers, GroupPatchAnswer,
    InactiveUsers, ItemsPerPage, Locations, MemberRemoval, OverLong, OverMaximum, PastTheEnd, Permission, Projection,
    Put, Recreation, SecondDelete, UnknownAttributes, UnknownFilter, UnknownMember, WrongIdp,
};

/// A value that has a text form, both ways.
pub(super) trait Setting: Sized {
    /// `None` where the text is no value of this switch.
    fn read(text: &str) -> Option<Self>;

    fn text(&self) -> String;

    /// What may be written, for people.
    fn allowed() -> String;
}

impl Setting for bool {
    fn read(text: &str) -> Option<Self> {
        match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        }
    }

    fn text(&self) -> String {
        if *self { "on".to_owned() } else { "off".to_owned() }
    }

    fn allowed() -> String {
        "on, off".to_owned()
    }
}

impl Setting for u32 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn text(&self) -> String {
        self.to_string()
    }

    fn allowed() -> String {
        format!("0 to {}", u32::MAX)
    }
}

macro_rules! words {
    ($choice:ident { $($word:literal => $case:ident),* }) => {
        impl Setting for $choice {
            fn read(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$case),)*
                    _ => None,
                }
            }

            fn text(&self) -> String {
                match self {
                    $(Self::$case => $word.to_owned(),)*
                }
            }

            fn allowed() -> String {
                [$($word),*].join(", ")
            }
        }
    };
}

words!(UnknownFilter { "refused" => Refused, "ignored" => Ignored, "matches-nothing" => MatchesNothing, "evaluated" => Evaluated });
words!(OverMaximum { "clamped" => Clamped, "refused" => Refused });
words!(AtZero { "is-one" => IsOne, "refused" => Refused });
words!(PastTheEnd { "empty" => Empty, "first-page" => FirstPage });
words!(EmptyResources { "omitted" => Omitted, "present" => Present });
words!(GroupMembers { "omitted-when-empty" => OmittedWhenEmpty, "present" => Present, "omitted-always" => OmittedAlways });
words!(ActiveForm { "mixed" => Mixed, "boolean" => Boolean, "text" => Text });
words!(Locations { "vendor" => Vendor, "own" => Own });
words!(ErrorBody { "scim" => Scim, "management" => Management, "html" => Html, "text" => Text, "empty" => Empty });
words!(WrongIdp { "forbidden" => Forbidden, "not-found" => NotFound });
words!(ItemsPerPage { "page-size" => PageSize, "rows" => Rows });
words!(ExtensionUrn { "always" => Always, "when-present" => WhenPresent });
words!(InactiveUsers { "listed" => Listed, "unlisted" => Unlisted, "hidden" => Hidden });
words!(Projection { "members" => Members, "every" => Every });
words!(EnterpriseAtRoot { "moved" => Moved, "unknown" => Unknown });
words!(UnknownAttributes { "dropped" => Dropped, "refused" => Refused });
words!(Put { "merges" => Merges, "replaces" => Replaces });
words!(Permission { "allowed" => Allowed, "refused" => Refused });
words!(Deactivation { "keeps" => Keeps, "deletes" => Deletes });
words!(EmailReplacement { "all" => All, "first" => First, "appends" => Appends, "refused" => Refused });
words!(EmailPair { "in-order" => InOrder, "remove-ignored" => RemoveIgnored, "add-ignored" => AddIgnored, "refused" => Refused });
words!(GroupPatchAnswer { "no-content" => NoContent, "body" => Body });
words!(MemberRemoval { "removes" => Removes, "ignored" => Ignored, "refused" => Refused, "empties" => Empties });
words!(DuplicateMember { "tolerated" => Tolerated, "conflict" => Conflict, "refused" => Refused });
words!(UnknownMember { "refused" => Refused, "not-found" => NotFound, "ignored" => Ignored });
words!(AbsentMember { "tolerated" => Tolerated, "not-found" => NotFound, "refused" => Refused });
words!(Duplicate { "allowed" => Allowed, "conflict" => Conflict });
words!(Effect { "applied" => Applied, "ignored" => Ignored });
words!(SecondDelete { "not-found" => NotFound, "no-content" => NoContent, "server-error" => ServerError });
words!(Recreation { "new-id" => NewId, "same-id" => SameId, "restored" => Restored, "conflict" => Conflict });
words!(DelayedReads { "all" => All, "lists" => Lists });
words!(OverLong { "refused" => Refused, "truncated" => Truncated });
