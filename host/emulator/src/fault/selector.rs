//! Which requests a fault meets.

use http::Method;

/// A rule counts the requests that match `path` and `method`, and fires on some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// `path=/Users`: a prefix of the path below the endpoint.
    pub path: Option<String>,
    /// `method=GET`
    pub method: Option<Method>,
    /// `nth=3`: not before the third matching request. Without `times` and `every`, that one alone.
    pub nth: Option<u32>,
    /// `times=2`: at most so often.
    pub times: Option<u32>,
    /// `every=5`: the first that counts and each fifth after it.
    pub every: Option<u32>,
}

impl Selector {
    pub(crate) fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.path.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_str()))
    }

    /// Whether to fire on the matching request of that number, counted from 1.
    pub(crate) fn fires_on(&self, number: u64) -> bool {
        let first = u64::from(self.nth.unwrap_or(1));
        let step = u64::from(self.every.unwrap_or(1).max(1));
        let Some(since) = number.checked_sub(first) else {
            return false;
        };
        let times = match (self.times, self.nth, self.every) {
            (Some(times), _, _) => u64::from(times),
            (None, Some(_), None) => 1,
            (None, _, _) => u64::MAX,
        };
        since % step == 0 && since / step < times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fired(selector: &Selector) -> Vec<u64> {
        (1..=9).filter(|&number| selector.fires_on(number)).collect()
    }

    #[test]
    fn a_bare_rule_fires_always() {
        assert_eq!(fired(&Selector::default()).len(), 9);
    }

    #[test]
    fn nth_alone_fires_once() {
        let nth = Selector { nth: Some(3), ..Selector::default() };
        assert_eq!(fired(&nth), [3]);
        assert_eq!(fired(&Selector { times: Some(2), ..nth.clone() }), [3, 4]);
        assert_eq!(fired(&Selector { every: Some(4), ..nth }), [3, 7]);
    }

    #[test]
    fn times_counts_what_fired() {
        let twice = Selector { every: Some(3), times: Some(2), ..Selector::default() };
        assert_eq!(fired(&twice), [1, 4]);
    }

    #[test]
    fn path_is_a_prefix_below_the_endpoint() {
        let users = Selector { path: Some("/Users".to_owned()), ..Selector::default() };
        assert!(users.matches(&Method::GET, "/Users/5"));
        assert!(!users.matches(&Method::GET, "/Groups"));
    }
}
