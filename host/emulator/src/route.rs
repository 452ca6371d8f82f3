//! Which resource a path names (zpa-scim.md 1 and 2).

use crate::query::decoded;

/// A resource of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Users,
    Groups,
}

/// An endpoint of discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Discovery {
    Schemas,
    ResourceTypes,
    ServiceProviderConfig,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    List(Resource),
    One(Resource, String),
    /// What RFC 7644 4 has for discovery, the whole or one by its id. ZPA is not known to (section 2).
    Discovery(Discovery, Option<String>),
    /// `/Bulk`, `/.search` and `/Me`, which ZPA's table of operations lacks (section 2).
    Absent,
    /// Below another tenant's endpoint.
    OtherIdp,
    /// Nothing there.
    Nowhere,
}

impl Route {
    /// The route and the path below the endpoint, which is the whole path outside of it.
    pub(crate) fn of<'a>(path: &'a str, idp: &str) -> (Self, &'a str) {
        let below = path.strip_prefix("/scim/1/").and_then(|rest| rest.split_once('/'));
        let Some((tenant, below)) = below else {
            return (Self::Nowhere, path);
        };
        let Some(below) = below.strip_prefix("v2").filter(|rest| rest.starts_with('/')) else {
            return (Self::Nowhere, path);
        };
        if tenant != idp {
            return (Self::OtherIdp, below);
        }
        (Self::below(below), below)
    }

    fn below(path: &str) -> Self {
        let mut segments = path.split('/').skip(1);
        let (first, second) = (segments.next().unwrap_or_default(), segments.next());
        if segments.next().is_some() {
            return Self::Nowhere;
        }
        let second = match second.map(decoded) {
            None => None,
            Some(Some(id)) => Some(id),
            Some(None) => return Self::Nowhere,
        };
        let resource = match (first, second.as_deref()) {
            (_, Some(".search")) | ("Bulk" | ".search" | "Me", None) => return Self::Absent,
            ("Users", _) => Resource::Users,
            ("Groups", _) => Resource::Groups,
            ("Schemas", _) => return Self::Discovery(Discovery::Schemas, second),
            ("ResourceTypes", _) => return Self::Discovery(Discovery::ResourceTypes, second),
            ("ServiceProviderConfig", None) => return Self::Discovery(Discovery::ServiceProviderConfig, None),
            _ => return Self::Nowhere,
        };
        second.map_or(Self::List(resource), |id| Self::One(resource, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_list_to_one_or_nowhere() {
        let to = |path| Route::of(path, "42").0;
        assert_eq!(to("/scim/1/42/v2/Users"), Route::List(Resource::Users));
        assert_eq!(to("/scim/1/42/v2/Groups/a%20b"), Route::One(Resource::Groups, "a b".to_owned()));
        assert_eq!(to("/scim/1/43/v2/Users"), Route::OtherIdp);
        for path in [
            "/",
            "/Users",
            "/scim/2/42/v2/Users",
            "/scim/1/42/v2",
            "/scim/1/42/v20/Users",
            "/scim/1/42/v2/users",
            "/scim/1/42/v2/Users/5/6",
            "/scim/1/42/v2/Users/%zz",
        ] {
            assert_eq!(to(path), Route::Nowhere, "{path}");
        }
    }

    #[test]
    fn what_zpa_lacks_has_routes_of_its_own() {
        let to = |path: &str| Route::of(&format!("/scim/1/42/v2{path}"), "42").0;
        assert_eq!(to("/Schemas"), Route::Discovery(Discovery::Schemas, None));
        assert_eq!(to("/ResourceTypes/User"), Route::Discovery(Discovery::ResourceTypes, Some("User".to_owned())));
        assert_eq!(to("/ServiceProviderConfig"), Route::Discovery(Discovery::ServiceProviderConfig, None));
        assert_eq!(to("/ServiceProviderConfig/x"), Route::Nowhere);
        for path in ["/Bulk", "/Me", "/.search", "/Users/.search"] {
            assert_eq!(to(path), Route::Absent, "{path}");
        }
    }

    #[test]
    fn faults_see_the_path_below_the_endpoint() {
        assert_eq!(Route::of("/scim/1/42/v2/Users/5", "42").1, "/Users/5");
        assert_eq!(Route::of("/elsewhere", "42").1, "/elsewhere");
    }
}
