//! The pass-through to the vendor's own API. Mirrors `vendor-api` of `wit/`; carries no credential.

/// One request to the vendor's own API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorRequest {
    /// One of `GET`, `HEAD`, `POST`, `PUT`, `PATCH` and `DELETE`.
    pub method: String,
    /// Path relative to the account's endpoint, such as `Users/301188`.
    pub path: String,
    /// Query parameters in order, not encoded.
    pub query: Vec<(String, String)>,
    /// Headers in order; those that belong to the host (`authorization`, `host`, `cookie` …) are refused.
    pub headers: Vec<(String, String)>,
    /// The body; `None` for none.
    pub body: Option<Vec<u8>>,
}

/// The vendor's answer, whatever its status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, and values, in the order of the answer (a repeated one with its first), without
    /// those that the host withholds.
    pub headers: Vec<(String, String)>,
    /// The body, decoded from any transfer encoding; empty when there was none.
    pub body: Vec<u8>,
}
