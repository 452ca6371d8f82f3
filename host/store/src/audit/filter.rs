//! Which records are asked for. Pure.

use std::fmt;
use std::str::FromStr;

use super::entry::Entry;
use super::record::Record;

/// What a record has to be like; a part that is `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Not before this.
    pub since: Option<Instant>,
    /// Not after this; a day or a minute is meant to its end.
    pub until: Option<Instant>,
    /// The name of the account, whatever the case of its letters, or its endpoint.
    pub account: Option<String>,
    /// The id of the object, or its name whatever the case of its letters; of a membership also a member's.
    pub object: Option<String>,
    /// A part of who asked, whatever the case of its letters.
    pub actor: Option<String>,
}

/// The beginning of an RFC 3339 instant in UTC: a day, or a day and a time to the minute, the second or finer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instant(String);

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Instant, &'static str> {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let bare = shape.strip_suffix('Z').unwrap_or(&shape);
        let whole = "0000-00-00T00:00:00.000";
        let is_cut_well = matches!(bare.len(), 10 | 16 | 19 | 21..=23);
        let is_marked = bare.len() == shape.len() || bare.len() > 10;
        if !is_cut_well || !is_marked || !whole.starts_with(bare) {
            return Err("expected `2026-11-28` or `2026-11-28T05:20:00Z`, in UTC");
        }
        Ok(Instant(text.trim_end_matches('Z').to_owned()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Filter {
    /// What can be said of an intent alone.
    pub(crate) fn may_pass(&self, intent: &Entry) -> bool {
        let is_since = self.since.as_ref().is_none_or(|since| *intent.time >= *since.0);
        let is_until =
            self.until.as_ref().is_none_or(|until| *intent.time <= *until.0 || intent.time.starts_with(&until.0));
        let is_account = self.account.as_ref().is_none_or(|wanted| {
            intent.account.as_ref().is_some_and(|account| {
                account.endpoint == *wanted
                    || account.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
            })
        });
        let is_actor = self.actor.as_ref().is_none_or(|wanted| {
            let actor = intent.actor.as_ref().map(super::Actor::shown).unwrap_or_default();
            actor.to_lowercase().contains(&wanted.to_lowercase())
        });
        is_since && is_until && is_account && is_actor
    }

    /// Whether a whole record passes.
    pub(crate) fn passes(&self, record: &Record) -> bool {
        let Some(wanted) = &self.object else { return true };
        let is = |id: Option<&str>, name: Option<&str>| {
            id == Some(wanted) || name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        };
        let is_object = record.object().is_some_and(|object| is(object.id.as_deref(), object.name.as_deref()));
        let members = record.intent.request.as_ref().and_then(|request| request.get("members")?.as_array());
        let text = |member: &serde_json::Value, name| Some(member.get(name)?.as_str()?.to_owned());
        let is_member = members.is_some_and(|members| {
            members.iter().any(|member| is(text(member, "id").as_deref(), text(member, "username").as_deref()))
        });
        is_object || is_member
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::entry::Event;

    fn at(time: &str) -> Entry {
        Entry { time: time.to_owned(), ..Entry::new(Event::Intent, String::new()) }
    }

    #[test]
    fn a_day_is_meant_to_its_end() {
        let filter = Filter {
            since: Some("2026-11-02".parse().unwrap()),
            until: Some("2026-11-03".parse().unwrap()),
            ..Filter::default()
        };
        let passes = |time| filter.may_pass(&at(time));
        assert!(passes("2026-11-02T00:00:00.000Z") && passes("2026-11-03T23:59:59.999Z"));
        assert!(!passes("2026-11-01T23:59:59.999Z") && !passes("2026-11-04T00:00:00.000Z"));
    }

    #[test]
    fn an_instant_is_a_day_or_a_time_of_one() {
        for text in
            ["2026-11-28", "2026-11-28T05:20", "2026-11-28T05:20Z", "2026-11-28T05:20:00Z", "2026-11-28T05:20:00.123Z"]
        {
            assert!(text.parse::<Instant>().is_ok(), "{text}");
        }
        for text in
            ["", "2026", "2026-11-28Z", "28.11.2026", "2026-11-28T05:20:00+01:00", "2026-11-28T05:2", "yesterday"]
        {
            assert!(text.parse::<Instant>().is_err(), "{text}");
        }
    }
}
