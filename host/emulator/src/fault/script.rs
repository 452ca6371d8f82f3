//! The faults in force, with what each has counted.

use http::Method;

use super::{Fault, Kind, ResetPoint};

/// What a fault may know of a request.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a Method,
    /// The path below the endpoint.
    pub(crate) path: &'a str,
    /// True for a GET of a whole resource.
    pub(crate) is_list: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Script(Vec<(Fault, u64)>);

impl Script {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push((fault, 0));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the connection that was just accepted is to be reset unread.
    pub(crate) fn resets_connection(&mut self) -> bool {
        let mut resets = false;
        for (fault, count) in &mut self.0 {
            if fault.kind == Kind::Reset(ResetPoint::Before) {
                *count += 1;
                resets |= fault.selector.fires_on(*count);
            }
        }
        resets
    }

    /// What goes wrong with a request, in the order of the rules.
    pub(crate) fn fire(&mut self, call: &Call<'_>) -> Vec<Kind> {
        let mut fired = Vec::new();
        for (fault, count) in &mut self.0 {
            let concerns = fault.kind != Kind::Reset(ResetPoint::Before)
                && (call.is_list || !fault.kind.wants_list())
                && fault.selector.matches(call.method, call.path);
            if concerns {
                *count += 1;
                if fault.selector.fires_on(*count) {
                    fired.push(fault.kind.clone());
                }
            }
        }
        fired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_to_pages_counts_pages_alone() {
        let mut script = Script::default();
        script.add("cap=7 nth=2".parse().unwrap());
        let mut fire = |path, is_list| {
            let call = Call { method: &Method::GET, path, is_list };
            script.fire(&call)
        };
        assert_eq!(fire("/Users", true), []);
        assert_eq!(fire("/Users/5", false), []);
        assert_eq!(fire("/Users", true), [Kind::Cap(7)]);
        assert_eq!(fire("/Users", true), []);
    }
}
