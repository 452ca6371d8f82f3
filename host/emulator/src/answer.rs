//! What ZPA answers to a request: a function of the request, the directory and the switches.
//! Never touches the network or the clock. What a write does is in a module of its own.

use http::{HeaderMap, Method, header};

use crate::Auth;
use crate::directory::Directory;
use crate::discovery;
use crate::error_body::Problem;
use crate::fault::Kind;
use crate::page::{Page, Window};
use crate::projection::Projected;
use crate::query::Query;
use crate::reply::Reply;
use crate::route::{Resource, Route};
use crate::selection::Chosen;
use crate::switches::{InactiveUsers, Projection, Switches, WrongIdp};
use crate::wire::{Places, Wire};
use crate::write::{Action, Write};

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
    pub(crate) body: &'a bytes::Bytes,
    /// Seconds after the epoch.
    pub(crate) now: u32,
}

/// What a request is, once it is let in.
pub(crate) enum Demand {
    Read,
    Write(Write),
}

impl Tenant {
    /// Lets a request in, or says why not.
    pub(crate) fn demand(&self, question: &Question<'_>, damage: &[Kind]) -> Result<Demand, Problem> {
        self.admit(question.headers)?;
        let method = question.method;
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let action = match (question.route, method) {
            (Route::OtherIdp, _) => return Err(self.wrong_idp()),
            (Route::Nowhere, _) => return Err(Problem::new(404, "no such resource")),
            (Route::Absent | Route::Discovery(..), _) if !self.switches.discovery => {
                return Err(Problem::new(404, "no such resource"));
            }
            (Route::Absent, _) => return Err(Problem::new(501, "not implemented")),
            (_, _) if is_read => return Ok(Demand::Read),
            (Route::List(resource), &Method::POST) => Action::Create(*resource),
            (Route::One(resource, id), &Method::PUT) => Action::Replace(*resource, id.clone()),
            (Route::One(resource, id), &Method::PATCH) => Action::Patch(*resource, id.clone()),
            (Route::One(resource, id), &Method::DELETE) => Action::Delete(*resource, id.clone()),
            _ => return Err(Problem::new(405, format!("{method} is not allowed here"))),
        };
        let if_match = question.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        Ok(Demand::Write(Write {
            action,
            if_match: if_match.map(str::to_owned),
            body: question.body.clone(),
            now: question.now,
            is_void: damage.contains(&Kind::NoEffect),
        }))
    }

    /// The answer to a read, with the damage done to its page where it is a list.
    pub(crate) fn read(
        &self,
        directory: &Directory,
        question: &Question<'_>,
        damage: &[Kind],
    ) -> Result<Reply, Problem> {
        let query = Query::parse(question.query)?;
        let wire = Wire { directory, switches: &self.switches, places: &self.places };
        match question.route {
            Route::One(resource, id) => self.one(wire, *resource, id, &query, question.headers),
            Route::List(resource) => self.list(wire, *resource, &query, damage).map(Reply::scim),
            Route::Discovery(endpoint, id) => {
                discovery::answer(*endpoint, id.as_deref(), self.places.own()).map(Reply::scim)
            }
            Route::Absent | Route::OtherIdp | Route::Nowhere => Err(Problem::new(404, "no such resource")),
        }
    }

    /// The reply in the form that was asked for.
    pub(crate) fn reply(&self, question: &Question<'_>, answer: Result<Reply, Problem>) -> Reply {
        let is_resource = matches!(question.route, Route::List(_) | Route::One(..));
        let answer = answer.and_then(|mut reply| {
            if is_resource && self.switches.projection == Projection::Every && !reply.body.is_empty() {
                let query = Query::parse(question.query)?;
                if let Some(projected) = Projected::of(&query)? {
                    reply.body = projected.body(&reply.body).into();
                }
            }
            Ok(reply)
        });
        answer.unwrap_or_else(|problem| self.refusal(problem, question.route))
    }

    fn refusal(&self, mut problem: Problem, route: &Route) -> Reply {
        if problem.status == 409 && !self.switches.conflict_type {
            problem.scim_type = None;
        }
        let reply = problem.reply(self.switches.error_body);
        match (problem.status, route) {
            (401, _) => reply.with("www-authenticate", "Bearer"),
            // In the form of the management API, the only one that is known (zpa-scim.md 9).
            (429, _) => reply.with("retry-after", "1s"),
            (405, Route::List(_)) => reply.with("allow", "GET, HEAD, POST"),
            (405, Route::One(..)) => reply.with("allow", "GET, HEAD, PUT, PATCH, DELETE"),
            (405, _) => reply.with("allow", "GET, HEAD"),
            _ => reply,
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
        let chosen = Chosen::by(wire, resource, query)?;
        let page = Page::cut(&chosen.selection(), window, self.switches.past_the_end, damage);
        Ok(wire.list(resource, &page))
    }

    /// One row by its id. Either spelling of the projection parameter leaves members out (zpa-scim.md 6).
    fn one(
        &self,
        wire: Wire<'_>,
        resource: Resource,
        id: &str,
        query: &Query,
        headers: &HeaderMap,
    ) -> Result<Reply, Problem> {
        let mut out = Vec::new();
        let is_shown = |active: bool| active || self.switches.inactive_users != InactiveUsers::Hidden;
        let version = match resource {
            Resource::Users => wire.directory.user_row(id).filter(|user| is_shown(user.active)).map(|user| {
                wire.user(&mut out, user, true);
                self.switches.etag.then(|| wire.version_of_user(user))
            }),
            Resource::Groups => wire.directory.group_row(id).map(|group| {
                let excluded = ["excludeAttributes", "excludedAttributes"]
                    .iter()
                    .filter_map(|name| query.value(name))
                    .flat_map(|names| names.split(','))
                    .any(|name| name.trim().eq_ignore_ascii_case("members"));
                wire.group(&mut out, group, !excluded);
                self.switches.etag.then(|| wire.version_of_group(group))
            }),
        };
        let version = version.ok_or_else(|| Problem::new(404, format!("no resource has id `{id}`")))?;
        let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        Ok(match version {
            Some(version) if known.is_some_and(|known| names(known, &version)) => Reply::new(304, Vec::new()),
            Some(version) => Reply::scim(out).with("etag", &version),
            None => Reply::scim(out),
        })
    }

    /// 412 where the write is for another version than there is. ZPA has none (zpa-scim.md 8).
    pub(crate) fn check_version(&self, directory: &Directory, write: &Write) -> Result<(), Problem> {
        let Some(wanted) = write.if_match.as_deref().filter(|_| self.switches.etag) else {
            return Ok(());
        };
        let wire = Wire { directory, switches: &self.switches, places: &self.places };
        let version = match &write.action {
            Action::Create(_) => return Ok(()),
            Action::Replace(Resource::Users, id)
            | Action::Patch(Resource::Users, id)
            | Action::Delete(Resource::Users, id) => directory.user_row(id).map(|user| wire.version_of_user(user)),
            Action::Replace(Resource::Groups, id)
            | Action::Patch(Resource::Groups, id)
            | Action::Delete(Resource::Groups, id) => directory.group_row(id).map(|group| wire.version_of_group(group)),
        };
        match version {
            Some(version) if !names(wanted, &version) => Err(Problem::new(412, "the version is another one")),
            _ => Ok(()),
        }
    }
}

/// Whether a list of entity tags names this one.
fn names(list: &str, version: &str) -> bool {
    list.split(',').map(str::trim).any(|tag| tag == "*" || tag == version)
}
