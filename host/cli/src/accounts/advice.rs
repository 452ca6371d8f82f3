//! What a failed check probably means at ZPA, and what to do about it (zpa-scim 1 and 9). What is likely is said to be
//! likely: nobody has documented which status ZPA answers to which mistake.

use portcullis_directory::{Error, ErrorKind};

use super::cloud::Cloud;
use crate::account;

/// Why it may have failed, the likeliest first, and what to do next.
pub(super) struct Advice {
    pub(super) likely: Vec<String>,
    pub(super) next: String,
}

/// What to make of an error of the vendor's at this endpoint.
pub(super) fn advice(endpoint: &str, error: &Error) -> Advice {
    let host = account::host(endpoint);
    let cloud = match Cloud::of(&host) {
        Some(cloud) => format!("the tenant is in another cloud than {cloud:?}, whose host {host} is").to_lowercase(),
        None => format!("{host} is not the host of the tenant's cloud"),
    };
    let (likely, next): (Vec<&str>, &str) = match (error.http_status, error.kind) {
        (Some(401), _) | (_, ErrorKind::Unauthorized) => (
            vec![
                "the token is not the one of this identity provider, or somebody generated another one since",
                "the identity provider configuration was not saved after its token was generated",
                &cloud,
                ZIDENTITY,
            ],
            "compare the endpoint with the SCIM Service Provider Endpoint of the configuration, then give the token that \
             its other users have: `portcullis account rotate NAME`",
        ),
        (Some(403), _) | (_, ErrorKind::Forbidden) => (
            vec![
                "SCIM Sync is switched off in the identity provider configuration, or the configuration is disabled",
                "the endpoint names another identity provider than the token belongs to",
                ZIDENTITY,
            ],
            "look at the configuration in the ZPA Admin Portal: SCIM Sync is on, it is for users, and it is saved",
        ),
        (Some(404), _) | (_, ErrorKind::NotFound) => (
            vec![
                "the path of the endpoint is wrong: it ends in `/scim/1/` and the id of the identity provider and `/v2`",
                "the identity provider was removed",
                &cloud,
                ZIDENTITY,
            ],
            "copy the SCIM Service Provider Endpoint again, whole, and add the account anew",
        ),
        (Some(429), _) | (_, ErrorKind::RateLimited) => (
            vec!["the vendor's limit is used up, perhaps by the customer's own sync"],
            "wait a while and check again; endpoint and token are not to blame",
        ),
        (Some(_), ErrorKind::Unavailable) => (
            vec!["the vendor is out of order for the moment"],
            "wait a while and check again; Zscaler shows outages at https://trust.zscaler.com",
        ),
        (None, ErrorKind::Unavailable) => (
            vec![
                "the host of the endpoint is misspelt",
                "a firewall or a proxy of this network keeps the host from being reached",
            ],
            "compare the host with the vendor's page, and try to reach it from this machine",
        ),
        (_, ErrorKind::Protocol) => (
            vec![
                "the endpoint is a page for people, or a proxy that answers in the vendor's place",
                "the path of the endpoint is wrong",
            ],
            "`portcullis vendor GET 'Users?count=1' --account NAME` shows what is really answered",
        ),
        (_, ErrorKind::InvalidInput | ErrorKind::Conflict | ErrorKind::Unsupported) => (
            vec!["settings or limits of the account do not fit this vendor"],
            "`portcullis account show NAME` has the settings; `portcullis mapping check` explains them",
        ),
    };
    Advice { likely: likely.into_iter().map(str::to_owned).collect(), next: next.to_owned() }
}

/// Confirmed of the administrators' pages, inferred of the API (zpa-scim 1).
const ZIDENTITY: &str = "the tenant manages its users in ZIdentity, where ZPA's own SCIM is probably not to be used; its \
                         page of identity providers is then hidden or read-only";
