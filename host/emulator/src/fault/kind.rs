//! What can go wrong, one case for each thing seen of real servers (scim-peers.md 1, zpa-scim.md 9) or feared.

use crate::ErrorBody;
use crate::directory::At;

/// One kind of damage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `status=429`: an error instead of the answer.
    Status {
        /// 200 to 599.
        code: u16,
        /// When to come back.
        retry: Retry,
        /// `body=`: the shape of the error; the switch decides where absent.
        body: Option<ErrorBody>,
        /// `effect=applied`: the write takes effect, and only its answer is this error.
        is_applied: bool,
    },
    /// `effect=none`: a write is answered like one that was done, and nothing changes. Not for creations.
    NoEffect,
    /// `delay-ms=250`: the first byte comes so much later. Several add up.
    Delay(u32),
    /// `truncate=half`: `Content-Length` announces the whole body, the connection closes before its end.
    Truncate(Cut),
    /// `body=html`: the status and the content type stand, the body does not.
    Body(Replacement),
    /// `pad=1000000`: so many bytes of white space behind the JSON.
    Pad(u32),
    /// `total=+5`: a lying `totalResults`.
    Total(Total),
    /// `row=duplicate at=2`: damage to one row of a page, counted from 1, the last where the page is shorter.
    Row {
        /// The damage.
        damage: RowFault,
        /// The place in the page.
        at: u32,
    },
    /// `remove-users=3`: that many users are gone once the page has been read.
    RemoveUsers {
        /// How many.
        users: u32,
        /// From which end of the list.
        at: At,
    },
    /// `add-users=3`: that many users appear once the page has been read.
    AddUsers {
        /// How many.
        users: u32,
        /// At which end of the list.
        at: At,
    },
    /// `start-index=ignore`: every page is the first.
    IgnoreStartIndex,
    /// `echo-start-index=7`: the page is right, the `startIndex` in it is not.
    EchoStartIndex(u32),
    /// `cap=7`: no page has more rows, whatever `count` says; 0 is a page without rows.
    Cap(u32),
    /// `omit=totalResults`: a list without that member.
    Omit(ListMember),
    /// `redirect=http://other.example/ code=302`.
    Redirect {
        /// The `Location`: visible ASCII without quotes or commas.
        to: String,
        /// 301, 302, 303, 307 or 308.
        code: u16,
    },
    /// `echo-token=500`: an error whose body and `x-echo-authorization` header repeat the `Authorization` header.
    EchoToken(u16),
    /// `reset=after`: the connection is reset.
    Reset(ResetPoint),
}

impl Kind {
    /// True where the damage is to the contents of a page, so that other requests do not count.
    pub(crate) fn wants_list(&self) -> bool {
        match self {
            Self::Total(_)
            | Self::Row { .. }
            | Self::RemoveUsers { .. }
            | Self::AddUsers { .. }
            | Self::IgnoreStartIndex
            | Self::EchoStartIndex(_)
            | Self::Cap(_)
            | Self::Omit(_) => true,
            Self::Status { .. }
            | Self::NoEffect
            | Self::Delay(_)
            | Self::Truncate(_)
            | Self::Body(_)
            | Self::Pad(_)
            | Self::Redirect { .. }
            | Self::EchoToken(_)
            | Self::Reset(_) => false,
        }
    }
}

/// When an error says to come back: each form of zpa-scim.md 9.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    /// `retry-after=`: the header of that name.
    pub after: Option<RetryAfter>,
    /// `x-ratelimit-reset=`: the header of that name, in seconds.
    pub reset: Option<u32>,
}

/// The forms of `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// `13`
    Seconds(u32),
    /// `13s`, as the management API writes it.
    Suffixed(u32),
    /// `date+13`: the HTTP date so many seconds from now.
    Date(u32),
}

/// How much of a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// `half`
    Half,
    /// So many bytes, and always fewer than the body has.
    Bytes(u32),
}

/// What is sent instead of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// `html`: a page.
    Html,
    /// `text`: a line.
    Text,
    /// `empty`: nothing.
    Empty,
}

/// What `totalResults` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// `+5`
    More(u32),
    /// `-5`, never below zero.
    Fewer(u32),
    /// `5`
    Exactly(u32),
}

/// What happens to one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFault {
    /// `duplicate`: the row stands twice.
    Duplicate,
    /// `skip`: the row is left out, and nothing moves up.
    Skip,
    /// `no-id`: the row has no `id`.
    NoId,
    /// `number`: the row is a number.
    Number,
    /// `null`: the row is null.
    Null,
}

/// A member of a list response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is the member of that name")]
pub enum ListMember {
    Schemas,
    StartIndex,
    TotalResults,
    ItemsPerPage,
    Resources,
}

/// When a connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetPoint {
    /// `before` anything is read. Counts connections, so it takes neither `path` nor `method`.
    Before,
    /// `after` the request has been read and recorded. A write has had no effect then.
    After,
    /// `applied`: after a write has taken effect, in place of its answer.
    Applied,
}
