//! Discovery (RFC 7644 4), for the strict mode alone: what ZPA has of it is UNKNOWN (zpa-scim.md 2).

use crate::error_body::Problem;
use crate::route::Discovery;

pub(crate) fn answer(_endpoint: Discovery, _id: Option<&str>, _own: &str) -> Result<Vec<u8>, Problem> {
    Err(Problem::new(404, "no such resource"))
}
