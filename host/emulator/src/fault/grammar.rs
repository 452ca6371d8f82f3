//! The text form of a fault, both ways. What one prints the other reads.

use std::fmt::{self, Display};
use std::str::FromStr;

use http::Method;

use super::{Cut, Fault, Kind, ListMember, Replacement, ResetPoint, Retry, RetryAfter, RowFault, Selector, Total};
use crate::ErrorBody;
use crate::directory::At;

const KINDS: &str = "status, effect, delay-ms, truncate, body, pad, total, row, remove-users, add-users, start-index, \
    echo-start-index, cap, omit, redirect, echo-token, reset";

impl Fault {
    /// Every kind as it is written, with what it does, for people.
    pub const KINDS: &[(&str, &str)] = &[
        (
            "status=503",
            "an error instead of the answer; with `effect=applied` after a write took effect all the same. \
            `retry-after=` 13, 13s or date+13; `x-ratelimit-reset=` seconds; `body=` scim, management, html, text, empty",
        ),
        ("effect=none", "PUT, PATCH and DELETE are answered as if they were done, and nothing changes"),
        ("delay-ms=250", "the first byte comes so much later"),
        ("truncate=half", "the body ends before its announced length; or after so many bytes"),
        ("body=html", "another body under the same status: html, text or empty"),
        ("pad=1000000", "so much white space behind the body"),
        ("total=+5", "a lying `totalResults`: +N, -N or N"),
        ("row=duplicate at=2", "damage to a row of a page: duplicate, skip, no-id, number, null"),
        ("remove-users=3 at=front", "so many users are gone once the page was read; front or end"),
        ("add-users=3 at=front", "so many users appear once the page was read"),
        ("start-index=ignore", "every page is the first"),
        ("echo-start-index=7", "the page is right, the `startIndex` in it is not"),
        ("cap=7", "no page has more rows"),
        ("omit=totalResults", "a list without that member"),
        ("redirect=/elsewhere code=302", "a redirect"),
        ("echo-token=500", "an error that repeats the token"),
        (
            "reset=before",
            "the connection is reset: before anything is read, `after` the request is read and before it \
            has any effect, or once it was `applied`",
        ),
    ];
}

/// Why a text is not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultError(String);

const ERROR_BODIES: &[(&str, ErrorBody)] = &[
    ("scim", ErrorBody::Scim),
    ("management", ErrorBody::Management),
    ("html", ErrorBody::Html),
    ("text", ErrorBody::Text),
    ("empty", ErrorBody::Empty),
];
const REPLACEMENTS: &[(&str, Replacement)] =
    &[("html", Replacement::Html), ("text", Replacement::Text), ("empty", Replacement::Empty)];
const ROW_FAULTS: &[(&str, RowFault)] = &[
    ("duplicate", RowFault::Duplicate),
    ("skip", RowFault::Skip),
    ("no-id", RowFault::NoId),
    ("number", RowFault::Number),
    ("null", RowFault::Null),
];
const ENDS: &[(&str, At)] = &[("front", At::Front), ("end", At::End)];
const LIST_MEMBERS: &[(&str, ListMember)] = &[
    ("schemas", ListMember::Schemas),
    ("startIndex", ListMember::StartIndex),
    ("totalResults", ListMember::TotalResults),
    ("itemsPerPage", ListMember::ItemsPerPage),
    ("Resources", ListMember::Resources),
];
const RESET_POINTS: &[(&str, ResetPoint)] =
    &[("before", ResetPoint::Before), ("after", ResetPoint::After), ("applied", ResetPoint::Applied)];

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut pairs = Pairs::read(text)?;
        let kind = pairs.kind()?;
        let selector = pairs.selector()?;
        if let Some((key, _)) = pairs.rest.first() {
            return Err(FaultError(format!(
                "`{key}` is not a setting of `{}`; selectors are path, method, nth, times and every",
                pairs.kind
            )));
        }
        if kind == Kind::Reset(ResetPoint::Before) && (selector.path.is_some() || selector.method.is_some()) {
            let message = "`reset=before` counts connections: it takes neither path nor method";
            return Err(FaultError(message.to_owned()));
        }
        Ok(Self { kind, selector })
    }
}

/// The `key=value` pairs that nobody has taken yet.
struct Pairs<'a> {
    kind: &'a str,
    value: &'a str,
    rest: Vec<(&'a str, &'a str)>,
}

impl<'a> Pairs<'a> {
    fn read(text: &'a str) -> Result<Self, FaultError> {
        let mut rest: Vec<(&str, &str)> = Vec::new();
        for token in text.split([' ', ',']).filter(|token| !token.is_empty()) {
            let pair = token.split_once('=');
            let pair = pair.ok_or_else(|| FaultError(format!("`{token}` is not of the form key=value")))?;
            if rest.iter().any(|(key, _)| *key == pair.0) {
                return Err(FaultError(format!("`{}` is given twice", pair.0)));
            }
            rest.push(pair);
        }
        if rest.is_empty() {
            return Err(FaultError(format!("empty rule, expected one of {KINDS}")));
        }
        let (kind, value) = rest.remove(0);
        Ok(Self { kind, value, rest })
    }

    fn take(&mut self, key: &str) -> Option<&'a str> {
        let place = self.rest.iter().position(|(other, _)| *other == key)?;
        Some(self.rest.remove(place).1)
    }

    fn kind(&mut self) -> Result<Kind, FaultError> {
        let (kind, value) = (self.kind, self.value);
        Ok(match kind {
            "status" => Kind::Status {
                code: status(kind, value)?,
                retry: Retry {
                    after: self.take("retry-after").map(retry_after).transpose()?,
                    reset: self.number("x-ratelimit-reset", 0)?,
                },
                body: self.take("body").map(|value| word("body", value, ERROR_BODIES)).transpose()?,
                is_applied: match self.take("effect") {
                    None => false,
                    Some(value) => word("effect", value, &[("none", false), ("applied", true)])?,
                },
            },
            "effect" => word(kind, value, &[("none", Kind::NoEffect)])?,
            "delay-ms" => Kind::Delay(number(kind, value, 0)?),
            "truncate" if value == "half" => Kind::Truncate(Cut::Half),
            "truncate" => Kind::Truncate(Cut::Bytes(number(kind, value, 0)?)),
            "body" => Kind::Body(word(kind, value, REPLACEMENTS)?),
            "pad" => Kind::Pad(number(kind, value, 0)?),
            "total" => Kind::Total(match value.split_at_checked(1) {
                Some(("+", more)) => Total::More(number(kind, more, 0)?),
                Some(("-", fewer)) => Total::Fewer(number(kind, fewer, 0)?),
                _ => Total::Exactly(number(kind, value, 0)?),
            }),
            "row" => Kind::Row { damage: word(kind, value, ROW_FAULTS)?, at: self.number("at", 1)?.unwrap_or(1) },
            "remove-users" => Kind::RemoveUsers { users: number(kind, value, 1)?, at: self.end()? },
            "add-users" => Kind::AddUsers { users: number(kind, value, 1)?, at: self.end()? },
            "start-index" => word(kind, value, &[("ignore", Kind::IgnoreStartIndex)])?,
            "echo-start-index" => Kind::EchoStartIndex(number(kind, value, 0)?),
            "cap" => Kind::Cap(number(kind, value, 0)?),
            "omit" => Kind::Omit(word(kind, value, LIST_MEMBERS)?),
            "redirect" => Kind::Redirect { to: location(value)?, code: self.redirect_code()? },
            "echo-token" => Kind::EchoToken(status(kind, value)?),
            "reset" => Kind::Reset(word(kind, value, RESET_POINTS)?),
            _ => {
                return Err(FaultError(format!("unknown fault `{kind}`, expected one of {KINDS}")));
            }
        })
    }

    fn selector(&mut self) -> Result<Selector, FaultError> {
        let path = self.take("path").map(|path| {
            let starts = path.starts_with('/');
            starts
                .then(|| path.to_owned())
                .ok_or_else(|| FaultError(format!("path `{path}` does not start with a slash, as in `path=/Users`")))
        });
        let method = self.take("method").map(|method| {
            let upper = method.to_ascii_uppercase();
            Method::from_str(&upper).map_err(|_| FaultError(format!("`{method}` is not a method")))
        });
        Ok(Selector {
            path: path.transpose()?,
            method: method.transpose()?,
            nth: self.number("nth", 1)?,
            times: self.number("times", 1)?,
            every: self.number("every", 1)?,
        })
    }

    fn number(&mut self, key: &str, least: u32) -> Result<Option<u32>, FaultError> {
        self.take(key).map(|value| number(key, value, least)).transpose()
    }

    /// The front by default: what happens there moves every later row.
    fn end(&mut self) -> Result<At, FaultError> {
        self.take("at").map_or(Ok(At::Front), |value| word("at", value, ENDS))
    }

    fn redirect_code(&mut self) -> Result<u16, FaultError> {
        match self.take("code") {
            None => Ok(302),
            Some(code) => match code.parse() {
                Ok(code @ (301 | 302 | 303 | 307 | 308)) => Ok(code),
                _ => Err(FaultError(format!("code `{code}` is not one of 301, 302, 303, 307, 308"))),
            },
        }
    }
}

fn number(key: &str, value: &str, least: u32) -> Result<u32, FaultError> {
    let read = value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok());
    let read = read.flatten().filter(|&number| number >= least);
    read.ok_or_else(|| FaultError(format!("{key} `{value}` is not a whole number from {least} to {}", u32::MAX)))
}

fn status(key: &str, value: &str) -> Result<u16, FaultError> {
    let code = number(key, value, 0).ok().and_then(|code| u16::try_from(code).ok());
    let code = code.filter(|code| (200..=599).contains(code));
    code.ok_or_else(|| FaultError(format!("{key} `{value}` is not a status from 200 to 599")))
}

fn retry_after(value: &str) -> Result<RetryAfter, FaultError> {
    let read = if let Some(seconds) = value.strip_prefix("date+") {
        number("retry-after", seconds, 0).map(RetryAfter::Date)
    } else if let Some(seconds) = value.strip_suffix('s') {
        number("retry-after", seconds, 0).map(RetryAfter::Suffixed)
    } else {
        number("retry-after", value, 0).map(RetryAfter::Seconds)
    };
    read.map_err(|_| FaultError(format!("retry-after `{value}` is not of the form 13, 13s or date+13")))
}

fn location(value: &str) -> Result<String, FaultError> {
    let is_fit = value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if is_fit && ["http://", "https://", "/"].iter().any(|start| value.starts_with(start)) {
        return Ok(value.to_owned());
    }
    let wanted = "an ASCII location that starts with http://, https:// or /";
    Err(FaultError(format!("redirect `{value}` is not {wanted}")))
}

fn word<T: Clone>(key: &str, value: &str, words: &[(&str, T)]) -> Result<T, FaultError> {
    let found = words.iter().find(|(word, _)| *word == value);
    found.map(|(_, meaning)| meaning.clone()).ok_or_else(|| {
        let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        FaultError(format!("{key} `{value}` is not one of {}", allowed.join(", ")))
    })
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        let Selector { path, method, nth, times, every } = &self.selector;
        setting(f, "path", path.as_ref())?;
        setting(f, "method", method.as_ref())?;
        setting(f, "nth", nth.as_ref())?;
        setting(f, "times", times.as_ref())?;
        setting(f, "every", every.as_ref())
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code, retry, body, is_applied } => {
                write!(f, "status={code}")?;
                match retry.after {
                    None => {}
                    Some(RetryAfter::Seconds(seconds)) => write!(f, " retry-after={seconds}")?,
                    Some(RetryAfter::Suffixed(seconds)) => write!(f, " retry-after={seconds}s")?,
                    Some(RetryAfter::Date(seconds)) => write!(f, " retry-after=date+{seconds}")?,
                }
                setting(f, "x-ratelimit-reset", retry.reset)?;
                setting(f, "body", body.map(|body| spelling(&body, ERROR_BODIES)))?;
                setting(f, "effect", is_applied.then_some("applied"))
            }
            Self::NoEffect => f.write_str("effect=none"),
            Self::Delay(milliseconds) => write!(f, "delay-ms={milliseconds}"),
            Self::Truncate(Cut::Half) => f.write_str("truncate=half"),
            Self::Truncate(Cut::Bytes(bytes)) => write!(f, "truncate={bytes}"),
            Self::Body(body) => write!(f, "body={}", spelling(body, REPLACEMENTS)),
            Self::Pad(bytes) => write!(f, "pad={bytes}"),
            Self::Total(Total::More(rows)) => write!(f, "total=+{rows}"),
            Self::Total(Total::Fewer(rows)) => write!(f, "total=-{rows}"),
            Self::Total(Total::Exactly(rows)) => write!(f, "total={rows}"),
            Self::Row { damage, at } => write!(f, "row={} at={at}", spelling(damage, ROW_FAULTS)),
            Self::RemoveUsers { users, at } => {
                write!(f, "remove-users={users} at={}", spelling(at, ENDS))
            }
            Self::AddUsers { users, at } => {
                write!(f, "add-users={users} at={}", spelling(at, ENDS))
            }
            Self::IgnoreStartIndex => f.write_str("start-index=ignore"),
            Self::EchoStartIndex(index) => write!(f, "echo-start-index={index}"),
            Self::Cap(rows) => write!(f, "cap={rows}"),
            Self::Omit(member) => write!(f, "omit={}", spelling(member, LIST_MEMBERS)),
            Self::Redirect { to, code } => write!(f, "redirect={to} code={code}"),
            Self::EchoToken(code) => write!(f, "echo-token={code}"),
            Self::Reset(point) => write!(f, "reset={}", spelling(point, RESET_POINTS)),
        }
    }
}

fn setting(f: &mut fmt::Formatter<'_>, key: &str, value: Option<impl Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(f, " {key}={value}"))
}

fn spelling<T: PartialEq>(meaning: &T, words: &'static [(&'static str, T)]) -> &'static str {
    let found = words.iter().find(|(_, other)| other == meaning);
    found.map_or("", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(text: &str) -> String {
        text.parse::<Fault>().unwrap_err().to_string()
    }

    #[test]
    fn every_kind_reads_back_as_itself() {
        let rules = [
            "status=429 retry-after=13s x-ratelimit-reset=4 body=management path=/Users nth=3 times=2",
            "status=503 retry-after=13",
            "status=503 retry-after=date+13 method=GET every=2",
            "delay-ms=250",
            "truncate=half",
            "truncate=40",
            "body=html",
            "pad=1000000",
            "total=+5",
            "total=-5",
            "total=0",
            "row=duplicate at=2",
            "row=no-id at=1",
            "remove-users=3 at=front nth=2",
            "add-users=3 at=end",
            "start-index=ignore",
            "echo-start-index=7",
            "cap=7",
            "omit=totalResults",
            "redirect=http://127.0.0.1:9/x?y=z code=307",
            "echo-token=500",
            "reset=before nth=1",
            "reset=after path=/Groups/",
            "reset=applied method=POST",
            "status=503 effect=applied",
            "effect=none method=PATCH nth=2",
        ];
        for rule in rules {
            assert_eq!(rule.parse::<Fault>().unwrap().to_string(), rule);
        }
    }

    #[test]
    fn every_kind_is_told_to_people() {
        let told: Vec<&str> = Fault::KINDS.iter().map(|(form, _)| form.split('=').next().unwrap()).collect();
        assert_eq!(told.join(", "), KINDS);
        for (form, _) in Fault::KINDS {
            assert_eq!(form.parse::<Fault>().unwrap().to_string(), *form);
        }
    }

    #[test]
    fn what_may_be_left_out_has_a_default() {
        let full = |rule: &str| rule.parse::<Fault>().unwrap().to_string();
        assert_eq!(full("row=skip,nth=2"), "row=skip at=1 nth=2");
        assert_eq!(full("remove-users=1"), "remove-users=1 at=front");
        assert_eq!(full("redirect=/x"), "redirect=/x code=302");
        assert_eq!(full("status=500 method=get"), "status=500 method=GET");
    }

    #[test]
    fn a_refusal_quotes_the_value_and_says_what_is_allowed() {
        assert_eq!(refusal("status"), "`status` is not of the form key=value");
        assert_eq!(refusal("status=99"), "status `99` is not a status from 200 to 599");
        assert_eq!(refusal("status=429 retry-after=soon"), "retry-after `soon` is not of the form 13, 13s or date+13");
        assert_eq!(refusal("row=missing"), "row `missing` is not one of duplicate, skip, no-id, number, null");
        assert_eq!(refusal("cap=+7"), "cap `+7` is not a whole number from 0 to 4294967295");
        assert_eq!(refusal("cap=7 nth=0"), "nth `0` is not a whole number from 1 to 4294967295");
        assert_eq!(refusal("cap=7 nth=1 nth=2"), "`nth` is given twice");
        assert_eq!(
            refusal("cap=7 retry-after=3"),
            "`retry-after` is not a setting of `cap`; selectors are path, method, nth, times and every"
        );
        assert_eq!(refusal("cap=7 path=Users"), "path `Users` does not start with a slash, as in `path=/Users`");
        assert_eq!(
            refusal("reset=before path=/Users"),
            "`reset=before` counts connections: it takes neither path nor method"
        );
        assert_eq!(refusal("explode=1"), format!("unknown fault `explode`, expected one of {KINDS}"));
        assert_eq!(refusal(" "), format!("empty rule, expected one of {KINDS}"));
        assert_eq!(
            refusal("redirect=ftp://x"),
            "redirect `ftp://x` is not an ASCII location that starts with http://, https:// or /"
        );
    }

    fn one_of<T: Clone + std::fmt::Debug>(words: &'static [(&'static str, T)]) -> impl Strategy<Value = T> {
        (0..words.len()).prop_map(|index| words[index].1.clone())
    }

    fn any_retry() -> impl Strategy<Value = Retry> {
        let after = prop_oneof![
            any::<u32>().prop_map(RetryAfter::Seconds),
            any::<u32>().prop_map(RetryAfter::Suffixed),
            any::<u32>().prop_map(RetryAfter::Date),
        ];
        (proptest::option::of(after), any::<Option<u32>>()).prop_map(|(after, reset)| Retry { after, reset })
    }

    fn any_kind() -> impl Strategy<Value = Kind> {
        prop_oneof![
            (200..600_u16, any_retry(), proptest::option::of(one_of(ERROR_BODIES)), any::<bool>())
                .prop_map(|(code, retry, body, is_applied)| Kind::Status { code, retry, body, is_applied }),
            Just(Kind::NoEffect),
            any::<u32>().prop_map(Kind::Delay),
            any::<u32>().prop_map(|bytes| Kind::Truncate(Cut::Bytes(bytes))),
            one_of(REPLACEMENTS).prop_map(Kind::Body),
            any::<u32>().prop_map(|rows| Kind::Total(Total::More(rows))),
            any::<u32>().prop_map(|rows| Kind::Total(Total::Fewer(rows))),
            any::<u32>().prop_map(|rows| Kind::Total(Total::Exactly(rows))),
            (one_of(ROW_FAULTS), 1..=u32::MAX).prop_map(|(damage, at)| Kind::Row { damage, at }),
            (1..=u32::MAX, one_of(ENDS)).prop_map(|(users, at)| Kind::RemoveUsers { users, at }),
            (1..=u32::MAX, one_of(ENDS)).prop_map(|(users, at)| Kind::AddUsers { users, at }),
            one_of(LIST_MEMBERS).prop_map(Kind::Omit),
            "/[a-z0-9/?=&%.-]{0,20}".prop_map(|to| Kind::Redirect { to, code: 308 }),
            (200..600_u16).prop_map(Kind::EchoToken),
            Just(Kind::Reset(ResetPoint::After)),
        ]
    }

    proptest! {
        #[test]
        fn any_fault_reads_back_as_itself(
            kind in any_kind(),
            path in proptest::option::of("/[A-Za-z/=-]{0,12}"),
            nth in proptest::option::of(1..=u32::MAX),
            times in proptest::option::of(1..=u32::MAX),
            every in proptest::option::of(1..=u32::MAX),
        ) {
            let selector = Selector { path, method: None, nth, times, every };
            let fault = Fault { kind, selector };
            prop_assert_eq!(fault.to_string().parse(), Ok(fault));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = text.parse::<Fault>();
        }
    }
}
