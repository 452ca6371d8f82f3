//! What ZPA answers to a request: a function of the request, the directory and the switches.
//! Never touches the network or the clock.

use std::borrow::Cow;

use http::{HeaderMap, Method, header};

use crate::Auth;
use crate::directory::Directory;
use crate::error_body::Problem;
use crate::fault::Kind;
use crate::filter::{Attribute, Equality};
use crate::page::{Page, Selection, Window};
use crate::query::Query;
use crate::reply::Reply;
use crate::route::{Resource, Route};
use crate::switches::{Switches, UnknownFilter, WrongIdp};
use crate::wire::{Places, Wire};

/// The tenant that answers.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) auth: Auth,
    pub(crate) switches: Switches,
    pub(crate) places: Places,
}

/// What is asked.
pub(crate) struct Question<'a> {
    pub(crate) method: &'a Method,
    pub(crate) route: &'a Route,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

impl Tenant {
    /// The answer, with the damage done to its page where it is a list.
    pub(crate) fn answer(&self, directory: &Directory, question: &Question<'_>, damage: &[Kind]) -> Reply {
        let answer = self.body(directory, question, damage);
        answer.map_or_else(|problem| self.refusal(&problem), Reply::scim)
    }

    fn refusal(&self, problem: &Problem) -> Reply {
        let reply = problem.reply(self.switches.error_body);
        match problem.status {
            401 => reply.with("www-authenticate", "Bearer"),
            405 => reply.with("allow", "GET"),
            _ => reply,
        }
    }

    fn body(&self, directory: &Directory, question: &Question<'_>, damage: &[Kind]) -> Result<Vec<u8>, Problem> {
        self.admit(question.headers)?;
        let resource = match question.route {
            Route::List(resource) | Route::One(resource, _) => *resource,
            Route::OtherIdp => return Err(self.wrong_idp()),
            Route::Nowhere => return Err(Problem::new(404, "no such resource")),
        };
        read_only(question.method, matches!(question.route, Route::List(_)))?;
        let query = Query::parse(question.query)?;
        let wire = Wire { directory, switches: &self.switches, places: &self.places };
        match question.route {
            Route::One(_, id) => one(wire, resource, id, &query),
            _ => self.list(wire, resource, &query, damage),
        }
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Auth::Token(token) = &self.auth else {
            return Ok(());
        };
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, credential) = sent.and_then(|sent| sent.split_once(' ')).unwrap_or_default();
        if scheme.eq_ignore_ascii_case("bearer") && credential == token {
            return Ok(());
        }
        Err(Problem::new(401, "the bearer token is missing or wrong"))
    }

    fn wrong_idp(&self) -> Problem {
        match self.switches.wrong_idp {
            WrongIdp::Forbidden => Problem::new(403, "the token is not for this identity provider"),
            WrongIdp::NotFound => Problem::new(404, "no such identity provider"),
        }
    }

    fn list(&self, wire: Wire<'_>, resource: Resource, query: &Query, damage: &[Kind]) -> Result<Vec<u8>, Problem> {
        let window = Window::of(query, &self.switches)?;
        let slots = match query.value("filter") {
            Some(filter) => self.filtered(wire.directory, resource, filter)?,
            None => None,
        };
        let (slots, is_reversed) = match slots {
            Some(slots) => (Cow::Owned(slots), false),
            None => every(wire.directory, resource, query),
        };
        let selection = Selection { slots: &slots, is_reversed };
        let page = Page::cut(&selection, window, self.switches.past_the_end, damage);
        Ok(wire.list(resource, &page))
    }

    /// The slots that a filter lets through; `None` for all of them.
    fn filtered(&self, directory: &Directory, resource: Resource, filter: &str) -> Result<Option<Vec<u32>>, Problem> {
        let switches = &self.switches;
        if let Some(Equality { attribute, value }) = Equality::parse(filter) {
            match (resource, attribute) {
                (Resource::Users, Attribute::UserName) if switches.user_name_filter => {
                    return Ok(Some(directory.user_slot_named(&value).into_iter().collect()));
                }
                (Resource::Groups, Attribute::DisplayName) if switches.display_name_filter => {
                    return Ok(Some(directory.group_slots_named(&value)));
                }
                (Resource::Users, Attribute::ExternalId) if switches.external_id_filter => {
                    return Ok(Some(directory.user_slots_with_external_id(&value)));
                }
                (Resource::Groups, Attribute::ExternalId) if switches.external_id_filter => {
                    return Ok(Some(directory.group_slots_with_external_id(&value)));
                }
                _ => {}
            }
        }
        match switches.unknown_filter {
            UnknownFilter::Refused => {
                let problem = Problem::new(400, format!("filter `{filter}` is not supported"));
                Err(problem.of_type("invalidFilter"))
            }
            UnknownFilter::Ignored => Ok(None),
            UnknownFilter::MatchesNothing => Ok(Some(Vec::new())),
        }
    }
}

/// Every row, and whether to read them from the end. Groups sort by `displayName` (zpa-scim.md 6); any other
/// `sortBy` is UNKNOWN and changes nothing.
fn every<'a>(directory: &'a Directory, resource: Resource, query: &Query) -> (Cow<'a, [u32]>, bool) {
    let is_sorted = query.value("sortBy").is_some_and(|by| by.eq_ignore_ascii_case("displayName"));
    match resource {
        Resource::Users => (directory.user_order().into(), false),
        Resource::Groups if is_sorted => {
            let order = query.value("sortOrder");
            let is_reversed = order.is_some_and(|order| order.eq_ignore_ascii_case("descending"));
            (directory.groups_by_name().into(), is_reversed)
        }
        Resource::Groups => (directory.group_order().into(), false),
    }
}

/// One row by its id. Either spelling of the projection parameter leaves members out (zpa-scim.md 6).
fn one(wire: Wire<'_>, resource: Resource, id: &str, query: &Query) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    let found = match resource {
        Resource::Users => wire.directory.user_row(id).map(|user| wire.user(&mut out, user, true)),
        Resource::Groups => wire.directory.group_row(id).map(|group| {
            let excluded = ["excludeAttributes", "excludedAttributes"]
                .iter()
                .filter_map(|name| query.value(name))
                .flat_map(|names| names.split(','))
                .any(|name| name.trim().eq_ignore_ascii_case("members"));
            wire.group(&mut out, group, !excluded);
        }),
    };
    found.map(|()| out).ok_or_else(|| Problem::new(404, format!("no resource has id `{id}`")))
}

/// 501 for what ZPA can do and this cannot yet, 405 for what neither can.
fn read_only(method: &Method, is_list: bool) -> Result<(), Problem> {
    let is_write = match *method {
        Method::GET => return Ok(()),
        Method::POST => is_list,
        Method::PUT | Method::PATCH | Method::DELETE => !is_list,
        _ => false,
    };
    Err(if is_write {
        Problem::new(501, format!("{method} is not emulated"))
    } else {
        Problem::new(405, format!("{method} is not allowed here"))
    })
}
