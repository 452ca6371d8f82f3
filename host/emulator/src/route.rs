//! Which resource a path names (zpa-scim.md 1 and 2).

use crate::query::decoded;

/// A resource of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Users,
    Groups,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    List(Resource),
    One(Resource, String),
    /// Below another tenant's endpoint.
    OtherIdp,
    /// Nothing there: discovery endpoints, `/Bulk`, `/.search` and `/Me` included (section 2).
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
        let mut segments = below.split('/').skip(1);
        let resource = match segments.next() {
            Some("Users") => Resource::Users,
            Some("Groups") => Resource::Groups,
            _ => return (Self::Nowhere, below),
        };
        let route = match (segments.next(), segments.next()) {
            (None, _) => Self::List(resource),
            (Some(id), None) => decoded(id).map_or(Self::Nowhere, |id| Self::One(resource, id)),
            (Some(_), Some(_)) => Self::Nowhere,
        };
        (route, below)
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
            "/scim/1/42/v2/Schemas",
            "/scim/1/42/v2/.search",
        ] {
            assert_eq!(to(path), Route::Nowhere, "{path}");
        }
    }

    #[test]
    fn faults_see_the_path_below_the_endpoint() {
        assert_eq!(Route::of("/scim/1/42/v2/Users/5", "42").1, "/Users/5");
        assert_eq!(Route::of("/elsewhere", "42").1, "/elsewhere");
    }
}
